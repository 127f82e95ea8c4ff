"""The process under test: one operation, run as the product runs it.

    python -m bench.faults.child OPERATION ROOT

Exit codes are the product's; an error that the product did not turn into its own word ends in a
traceback and 1.
"""

from __future__ import annotations

import sys
from pathlib import Path

from bench.faults.operations import OPERATIONS
from bench.faults.place import Place
from gatekeeper.errors import GatekeeperError


def command(operation: str, root: Path) -> list[str]:
    """The command of a process of its own that does `operation`."""
    return [sys.executable, "-m", "bench.faults.child", operation, str(root)]


def main(operation: str, root: str) -> int:
    try:
        OPERATIONS[operation].run(Place(Path(root)))
    except GatekeeperError as e:
        print(f"{type(e).__name__}: {e}", file=sys.stderr)
        return e.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
