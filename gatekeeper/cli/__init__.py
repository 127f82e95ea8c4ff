"""The command line: parse, call, print, exit. Nothing is decided here.

Machine output goes to stdout, words for people to stderr. Exit codes are DESIGN section 6; the one
error boundary below maps every exception to one of them, and shows type and place of an unexpected
one, never its message: Python's own exceptions carry record text (DESIGN law 6).
"""

from __future__ import annotations

import gc
import importlib
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

import click

from gatekeeper import __version__
from gatekeeper.cli import show
from gatekeeper.errors import GatekeeperError
from gatekeeper.model.display import escaped

GC_THRESHOLDS = (50_000, 20, 100)
"""The collector of cycles walks all that was loaded, again and again, and finds next to nothing."""

_COMMANDS = {
    "scan": "dataset",
    "check": "dataset",
    "gate": "dataset",
    "upload": "uploads",
    "uploads": "uploads",
    "train": "onprem",
    "policy": "policies",
    "destinations": "destinations",
    "quarantine": "quarantine",
    "people": "people",
    "keys": "keys",
    "lists": "lists",
    "audit": "audit",
    "cache": "cache",
    "hook": "hook",
    "explain": "receipts",
    "verify": "receipts",
    "replay": "replay",
    "doctor": "doctor",
}
"""Command → the module of this package that holds it; only that module is imported."""


class _Lazy(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        module = _COMMANDS.get(cmd_name)
        if module is None:
            return None
        command = getattr(importlib.import_module(f"gatekeeper.cli.{module}"), cmd_name)
        return command if isinstance(command, click.Command) else None


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "-V", "--version", prog_name="gatekeeper")
@click.option(
    "--log-level",
    type=click.Choice(["debug", "info", "warning", "error"]),
    default="warning",
    help="What Gatekeeper logs on stderr; never a value of a record.",
)
def gatekeeper(log_level: str) -> None:
    r"""Find out where a training dataset may go, before a byte of it leaves.

    \b
    Exit codes: 0 allow, 10 on_prem, 20 quarantine; 1 internal error,
    2 usage or policy error, 3 input or detector error, 130 interrupted.
    """
    import logging

    logger = logging.getLogger("gatekeeper")
    logger.setLevel(log_level.upper())
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("gatekeeper: %(levelname)s: %(message)s"))
    logger.handlers[:] = [handler]
    logger.propagate = False


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code; never raises."""
    _no_core_dumps()
    try:
        result = gatekeeper.main(
            args=argv,
            prog_name="gatekeeper",
            standalone_mode=False,
            # Completion is asked for by a variable, without arguments, and ends with 0: with
            # arguments it would have a command that decides end with 0 and no decision.
            complete_var="" if (sys.argv[1:] if argv is None else argv) else None,
        )
    except GatekeeperError as error:
        show.error(error)
        return error.exit_code
    except click.exceptions.Exit as exit_:
        return exit_.exit_code
    except click.Abort:
        return 130
    except KeyboardInterrupt:
        return 130
    except click.ClickException as error:
        show.line("error", escaped(error.format_message().rstrip(".")))
        show.line("hint", "`gatekeeper --help` lists the commands and options")
        return 2
    except BrokenPipeError:
        _silence_stdout()
        return 1
    except RecursionError as error:
        return _unexpected(error)
    except Exception as error:  # noqa: BLE001  (the boundary: named, counted as no decision)
        return _unexpected(error)
    return result if isinstance(result, int) else 0


def run() -> None:
    """The console script: the process is ours alone, and to be told to end is to be interrupted."""
    import os
    import signal

    from gatekeeper.cli.options import Process

    Process.is_ours = True
    gc.set_threshold(*GC_THRESHOLDS)
    # Plugins of other packages would be looked for, loaded, and shown every policy.
    os.environ["PYDANTIC_DISABLE_PLUGINS"] = "__all__"
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main())


def _unexpected(error: BaseException) -> int:
    show.line("error", f"internal error: {type(error).__name__} at {_place(error.__traceback__)}")
    show.line("hint", "no decision was made; the dataset was left as it is")
    return 1


def _place(traceback: TracebackType | None) -> str:
    """`file:line` of the innermost frame of this package."""
    place = "an unknown place"
    while traceback is not None:
        path = Path(traceback.tb_frame.f_code.co_filename)
        if "gatekeeper" in path.parts:
            place = f"{'/'.join(path.parts[-2:])}:{traceback.tb_lineno}"
        traceback = traceback.tb_next
    return place


def _no_core_dumps() -> None:
    """A crash must not write the memory of a scan to a file."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (ImportError, ValueError, OSError):
        return


def _silence_stdout() -> None:
    """The reader of stdout is gone: keep the interpreter from complaining at exit."""
    import os

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
