"""One store in a process of its own: `python -m tests.vault.store_once ROOT NAME…`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tests.vault.kit import Place, digest


def main(root: str, *names: str) -> int:
    place = Place(Path(root))
    paths = [place.root / "data" / name for name in names]
    os.write(1, b"ready\n")
    place.store([(path, digest(path.read_bytes())) for path in paths])
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
