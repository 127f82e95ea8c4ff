"""One JSON line on stderr for each thing that happened. Every field is a word, a number or an id of
our own: no path, no header, no name and no text of a client or of the destination gets in.
"""

from __future__ import annotations

import datetime
import json
import logging
import sys
from typing import TextIO

LOUD = ("asyncio", "uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi", "gatekeeper")


class Log:
    """Where the lines go."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr

    def say(self, event: str, **facts: str | int | float | bool | None) -> None:
        """One line; what is None or empty is left out."""
        now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds")
        kept = {k: v for k, v in facts.items() if v is not None and v != ""}
        self._stream.write(json.dumps({"time": now, "event": event, **kept}) + "\n")
        self._stream.flush()


def silence_libraries() -> None:
    """What libraries would log may quote a request; what matters of it is said by us."""
    for name in LOUD:
        logger = logging.getLogger(name)
        logger.handlers[:] = [logging.NullHandler()]
        logger.propagate = False
        logger.setLevel(logging.CRITICAL + 1)


def kind_of(error: BaseException) -> str:
    """Type and place of an error that should not be, never its message."""
    place, trace = "", error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if "gatekeeper" in code.co_filename:
            place = f" at {code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}"
        trace = trace.tb_next
    return f"{type(error).__name__}{place}"
