"""Work on the pieces of a stream in two threads, given in order.

System calls, digests and ciphers let go of the interpreter lock, so that a second thread takes
about half of the time of reading and opening a large file.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

AT_MOST = 8
"""Pieces that are worked on or wait to be given, and those that make no second thread."""
_KEPT_BYTES = 16 << 20
T = TypeVar("T")
R = TypeVar("R")


def in_order(pieces: Iterator[T], work: Callable[[T], R]) -> Generator[R, None, None]:
    """`work` of every piece, in their order; what a piece or its work raises is raised in its turn.

    The caller's thread works too, and alone on the first `AT_MOST` pieces, so that a short stream
    makes no thread, or where the system has none to give. Close the iterator
    (`contextlib.closing`) before what `pieces` reads is closed: only then does nobody read from it
    any more.
    """
    line = _Line(pieces, work)
    helper = threading.Thread(target=line.help, daemon=True)  # one left alone delays no exit
    try:
        given = 0
        while (got := line.next()) is not None:
            yield got.value
            given += 1
            if given == AT_MOST:
                _keep_memory()
                with suppress(RuntimeError):  # no thread is to be had: the caller works alone
                    helper.start()
    finally:
        line.stop()
        if helper.ident is not None:
            helper.join()


def _keep_memory() -> None:
    """Let glibc keep what is freed between two pieces, which costs a page fault for each 4 KiB
    where it is given back and taken anew: it keeps twice the largest block that was ever freed
    (mallopt(3), M_TRIM_THRESHOLD), and this one is never touched.
    """
    bytes(_KEPT_BYTES // 2)


@dataclass(frozen=True, slots=True)
class _Got(Generic[T]):
    value: T


def _tried(call: Callable[[], T]) -> _Got[T] | BaseException:
    try:
        return _Got(call())
    except BaseException as e:  # noqa: BLE001  (raised in its turn, in the caller's thread)
        return e


class _Line(Generic[T, R]):
    """Pieces that are taken one after the other by whoever has time."""

    def __init__(self, pieces: Iterator[T], work: Callable[[T], R]) -> None:
        self._pieces, self._work = pieces, work
        self._taking = threading.Lock()
        self._changed = threading.Condition()
        self._outcomes: dict[int, _Got[R] | BaseException | None] = {}
        self._taken = self._given = 0
        self._over = False

    def next(self) -> _Got[R] | None:
        """The next result, None after the last; raises what came in its place."""
        while self._given not in self._outcomes and self._step():
            pass
        with self._changed:
            self._changed.wait_for(lambda: self._given in self._outcomes)
            outcome = self._outcomes.pop(self._given)
            self._given += 1
            self._changed.notify_all()
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    def help(self) -> None:
        """Work until the pieces end, one fails to come, or `stop`."""
        while not self._over:
            if not self._step():
                with self._changed:
                    self._changed.wait_for(lambda: self._over or self._room())

    def stop(self) -> None:
        """No further piece is taken."""
        with self._changed:
            self._over = True
            self._changed.notify_all()

    def _room(self) -> bool:
        return self._taken - self._given < AT_MOST

    def _step(self) -> bool:
        """Take a piece and work on it; False where none may be taken now."""
        with self._taking:
            if self._over or not self._room():
                return False
            number = self._taken
            self._taken += 1
            piece = _tried(partial(next, self._pieces))
            if not isinstance(piece, _Got):  # never back to False: `stop` may have come meanwhile
                self._over = True
        outcome: _Got[R] | BaseException | None
        if isinstance(piece, _Got):
            outcome = _tried(partial(self._work, piece.value))
        else:
            outcome = None if isinstance(piece, StopIteration) else piece
        with self._changed:
            self._outcomes[number] = outcome
            self._changed.notify_all()
        return True
