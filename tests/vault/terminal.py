"""A command as somebody types it: in a terminal of its own, each question answered in turn."""

from __future__ import annotations

import os
import pty
import select
import signal
import time
from collections.abc import Mapping, Sequence
from pathlib import Path


def run_in_terminal(
    argv: Sequence[str | Path],
    answers: Sequence[tuple[str, str]] = (),
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    timeout_s: float = 120.0,
) -> tuple[int, str]:
    """The exit code and all that was shown; `answers` are pairs of a question's end and what is
    typed then.
    """
    pid, fd = pty.fork()
    if not pid:
        try:
            signal.signal(signal.SIGINT, signal.SIG_DFL)  # a shell in the background ignores it
            os.chdir(cwd or ".")
            words, settings = [str(word) for word in argv], {**os.environ, **(env or {})}
            os.execvpe(words[0], words, settings)  # noqa: S606
        finally:
            os._exit(127)
    shown, looked, left = b"", 0, list(answers)
    deadline = time.monotonic() + timeout_s
    try:
        while select.select([fd], [], [], max(0.0, deadline - time.monotonic()))[0]:
            try:
                chunk = os.read(fd, 4096)
            except OSError:  # the other side has closed the terminal
                break
            if not chunk:
                break
            shown += chunk
            while left and (place := shown.find(left[0][0].encode(), looked)) >= 0:
                looked = place + len(left[0][0])
                os.write(fd, left.pop(0)[1].encode())
        else:
            os.kill(pid, 9)
    finally:
        os.close(fd)
        _, status = os.waitpid(pid, 0)
    assert not left, f"never asked {left[0][0]!r}: {shown!r}"
    return os.waitstatus_to_exitcode(status), shown.decode("utf-8", "replace")
