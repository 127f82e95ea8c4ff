"""A large payload is read and opened by two threads: what holds for a small one holds for it."""

from __future__ import annotations

import io
import itertools
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from typing import TypeVar

import pytest

from gatekeeper.errors import VaultError
from gatekeeper.vault import age
from gatekeeper.vault.age.ahead import AT_MOST, in_order
from tests.vault.age_kit import Reads, noise

T = TypeVar("T")
CHUNK, SEALED = 65536, 65552
HELPED = 8 * AT_MOST
"""So many chunks are read by the caller's thread alone."""
CHUNKS = 3 * HELPED
DATA = noise(CHUNKS * CHUNK - 5)


@pytest.fixture(scope="module")
def payload() -> bytes:
    out = io.BytesIO()
    writer = age.PayloadWriter(out, bytes(16))
    writer.write(DATA)
    writer.close()
    return out.getvalue()


@pytest.fixture(autouse=True)
def nobody_is_left() -> Iterator[None]:
    before = threading.active_count()
    yield
    assert threading.active_count() == before


def drained(results: Iterator[T]) -> tuple[list[T], BaseException | None]:
    """What was given out, and what ended it."""
    given = []
    try:
        for result in results:
            given.append(result)  # noqa: PERF402 -- what came before it fails counts
    except BaseException as error:
        return given, error
    return given, None


def opened(payload: bytes) -> tuple[bytes, str]:
    chunks, error = drained(age.decrypt_chunks(Reads(payload), bytes(16)))
    assert error is None or isinstance(error, VaultError)
    return b"".join(chunks), str(error or "")


def test_a_large_payload_opens(payload: bytes) -> None:
    assert opened(payload) == (DATA, "")


@pytest.mark.parametrize("at", [0, HELPED - 1, HELPED, HELPED + 1, CHUNKS - 2])
def test_a_chunk_that_is_changed_dropped_doubled_or_moved_ends_it(payload: bytes, at: int) -> None:
    place = 16 + at * SEALED
    chunk, after = payload[place : place + SEALED], payload[place + SEALED :]
    says = f"age payload: chunk {at} was changed, moved or cut off"
    before = payload[:place]
    for broken in (
        before + bytes([chunk[0] ^ 1]) + chunk[1:] + after,
        before + after,
        before + after[:SEALED] + chunk + after[SEALED:],
        before + chunk[:-1],
    ):
        assert opened(broken) == (DATA[: at * CHUNK], says)
    doubled = before + chunk + chunk + after
    assert opened(doubled) == (DATA[: (at + 1) * CHUNK], says.replace(str(at), str(at + 1)))
    cut = f"age payload: chunk {at} is not the last one: the rest is cut off"
    assert opened(before + chunk) == (DATA[: (at + 1) * CHUNK], cut)


def test_a_stream_is_read_no_further_once_it_is_closed(payload: bytes) -> None:
    stream = Reads(payload)
    with closing(age.decrypt_chunks(stream, bytes(16))) as chunks:
        for _ in range(HELPED + 1):
            next(chunks)
    read = stream.tell()
    stream.close()
    assert read <= 16 + (2 * HELPED + 16) * SEALED


def test_a_reader_that_is_closed_reads_no_further_and_leaves_the_stream_open(
    payload: bytes,
) -> None:
    stream = Reads(payload)
    with io.BufferedReader(age.PayloadReader(stream, bytes(16)), CHUNK) as reader:
        assert reader.read(5 << 20) == DATA[: 5 << 20]
    assert not stream.closed
    with pytest.raises(ValueError, match="closed"):
        reader.read(1)


def test_an_error_of_the_stream_is_raised_where_it_came(payload: bytes) -> None:
    class Fails(Reads):
        def read(self, size: int | None = None, /) -> bytes:
            if len(self.blocks) == 2 * AT_MOST:
                raise OSError(5, "broken disk")
            return super().read(size)

    chunks, error = drained(age.decrypt_chunks(Fails(payload), bytes(16)))
    assert str(error) == "[Errno 5] broken disk"
    assert b"".join(chunks) == DATA[: (2 * AT_MOST - 2) * 8 * CHUNK]


# --- the order of the pieces ----------------------------------------------------------------------


@pytest.mark.parametrize("count", [0, 1, AT_MOST - 1, AT_MOST, AT_MOST + 1, 500])
def test_results_come_in_order(count: int) -> None:
    assert list(in_order(iter(range(count)), str)) == [str(n) for n in range(count)]


def test_few_pieces_make_no_thread() -> None:
    threads = set()
    list(in_order(iter(range(AT_MOST)), lambda _: threads.add(threading.get_ident())))
    assert threads == {threading.get_ident()}


def both(number: int, here: threading.Barrier) -> int:
    """Waits, past the first pieces, until a second thread works as well."""
    if number >= AT_MOST:
        here.wait(timeout=10)
    return number


def test_many_pieces_are_worked_on_by_two_threads_at_once() -> None:
    here = threading.Barrier(2)
    count = AT_MOST + 20
    assert list(in_order(iter(range(count)), lambda n: both(n, here))) == list(range(count))


def test_no_more_pieces_are_taken_than_may_wait() -> None:
    taken = 0

    def pieces() -> Iterator[int]:
        nonlocal taken
        for number in range(1, 1000):
            taken = number
            yield number

    full, beyond = threading.Event(), threading.Event()

    def work(number: int) -> int:
        {2 * AT_MOST + 1: full, 2 * AT_MOST + 2: beyond}.get(number, threading.Event()).set()
        return number

    with closing(in_order(pieces(), work)) as results:
        for given in range(1, AT_MOST + 2):
            assert next(results) == given
            assert taken <= given + AT_MOST
        assert full.wait(timeout=10)  # the second thread fills the room that there is
        assert not beyond.wait(timeout=0.1)
    assert taken == given + AT_MOST


def test_one_that_is_closed_while_a_piece_is_read_takes_no_other() -> None:
    inside, go = threading.Event(), threading.Event()
    here, taken = threading.get_ident(), 0

    def pieces() -> Iterator[int]:
        nonlocal taken
        for number in itertools.count():
            taken = number
            if number > AT_MOST + 3 and threading.get_ident() != here:
                inside.set()
                go.wait(timeout=10)
            yield number

    results = in_order(pieces(), int)
    assert [next(results) for _ in range(AT_MOST + 1)] == list(range(AT_MOST + 1))
    assert inside.wait(timeout=10)
    reading = taken
    closing_ = threading.Thread(target=results.close, daemon=True)
    closing_.start()
    closing_.join(timeout=0.1)
    assert closing_.is_alive()  # it waits for the piece that is being read
    go.set()
    closing_.join(timeout=10)
    assert (closing_.is_alive(), taken) == (False, reading)


def test_pieces_that_ended_are_not_asked_again() -> None:
    count, ended = 3 * AT_MOST, threading.Event()

    class Pieces:
        asked = 0

        def __iter__(self) -> Iterator[int]:
            return self

        def __next__(self) -> int:
            self.asked += 1
            if self.asked > count:
                ended.set()
                raise StopIteration
            return self.asked

    pieces = Pieces()
    results = in_order(iter(pieces), int)
    given = [next(results) for _ in range(count - 2)]
    assert ended.wait(timeout=10)  # the second thread comes to the end, and has room for more
    assert [*given, *results] == list(range(1, count + 1))
    assert pieces.asked == count + 1


def test_where_no_thread_is_to_be_had_one_does_all(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    assert list(in_order(iter(range(3 * AT_MOST)), str)) == [str(n) for n in range(3 * AT_MOST)]


def test_one_that_is_left_open_delays_no_exit() -> None:
    script = (
        "import itertools; from gatekeeper.vault.age.ahead import AT_MOST, in_order\n"
        "left = in_order(itertools.count(), int)\n"
        "print([next(left) for _ in range(AT_MOST + 1)][-1], flush=True)\n"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, timeout=30)
    assert (ran.returncode, ran.stdout) == (0, b"%d\n" % AT_MOST)


@pytest.mark.parametrize("at", [0, AT_MOST - 1, AT_MOST, 2 * AT_MOST])
@pytest.mark.parametrize("error", [ValueError("x"), KeyboardInterrupt("x"), StopIteration("x")])
def test_what_work_raises_comes_in_its_turn(at: int, error: BaseException) -> None:
    def work(number: int) -> int:
        if number == at:
            raise error
        return number

    given, raised = drained(in_order(iter(range(500)), work))
    assert given == list(range(at))
    assert raised is not None  # an end that `work` feigns is none
    assert error in (raised, raised.__cause__)


@pytest.mark.parametrize("at", [0, AT_MOST - 1, AT_MOST, 2 * AT_MOST])
@pytest.mark.parametrize("error", [ValueError("x"), KeyboardInterrupt("x")])
def test_what_the_pieces_raise_comes_in_its_turn(at: int, error: BaseException) -> None:
    def pieces() -> Iterator[int]:
        yield from range(at)
        raise error

    assert drained(in_order(pieces(), int)) == (list(range(at)), error)
