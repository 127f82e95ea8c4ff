"""What a worker says: answers, signs and findings, and never a character of a record."""

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from gatekeeper.detect import Detector
from gatekeeper.read import Limits
from gatekeeper.read.opening import source_of_file
from gatekeeper.read.parts import Cut
from gatekeeper.shards.frames import packed
from gatekeeper.shards.messages import (
    Beat,
    Failed,
    File,
    Forget,
    LookAt,
    Looked,
    Reported,
    ReportOn,
    Tallied,
    TallyFile,
    Told,
)
from gatekeeper.shards.pool import Pool, Worker
from tests.laws.test_leaks import SSN, TOKEN, WORD, assert_silent

KEY = bytes(32)
ROW = {"text": f"SSN {SSN}, mail {WORD}@example.com, token {TOKEN}, Mr. {WORD.title()}"}


def said(pool: Pool, worker: Worker, message: object) -> list[Any]:
    """Everything up to the answer, which is the last; nothing of it leaks."""
    worker.ask(message)
    heard: list[Any] = []
    while worker.busy:
        heard += [message for _, message in pool.events()]
    for one in heard:
        assert_silent(packed(one), f"a {type(one).__name__}")
    return heard


@pytest.fixture
def worker(pool: Pool) -> Worker:
    if pool.workers:
        return pool.workers[0]
    made = pool.start()
    while made.busy:
        for _, message in pool.events():
            assert not isinstance(message, Failed)
    return made


@pytest.fixture
def file(tmp_path: Path) -> File:
    path = tmp_path / "rows.jsonl"
    good = json.dumps(ROW) + "\n"
    path.write_text(good * 30 + good[:-20] + "\n" + good * 10)
    return File(path, None, Limits())


def test_a_whole_file(pool: Pool, worker: Worker, file: File) -> None:
    *before, answer = said(pool, worker, TallyFile(file, told=True))
    assert isinstance(answer, Tallied)
    assert answer.tally.records == 40
    told = [record for one in before if isinstance(one, Told) for record in one.records]
    assert [index for index, _ in told] == list(range(41))
    beats = sum(one.size_bytes for one in before if isinstance(one, Beat))
    assert beats + answer.tally.bytes_unscanned == file.path.stat().st_size


def test_parts_of_a_file(detector: Detector, pool: Pool, worker: Worker, file: File) -> None:
    source = source_of_file(file.path, None, file.limits)
    with closing(Cut(source, 500)) as cut:
        parts = list(cut)
    survey = detector.survey(KEY)
    for part in parts:
        answer = said(pool, worker, LookAt(7, file, part, KEY))[-1]
        assert isinstance(answer, Looked)
        assert answer.same
        survey.whole.merge(answer.whole)
    for n in range(len(parts)):
        whole = None if n else survey.whole
        answer = said(pool, worker, ReportOn(7, n, whole, told=True))[-1]
        assert isinstance(answer, Reported)
        assert answer.same
    worker.tell(Forget(7))
    failed = said(pool, worker, ReportOn(7, 0, None, told=False))[-1]
    assert isinstance(failed, Failed)
    assert (failed.kind, failed.message) == ("", "KeyError")


def test_what_is_no_task_fails_and_the_next_is_done(pool: Pool, worker: Worker, file: File) -> None:
    assert said(pool, worker, "?")[-1] == Failed("", "TypeError")
    assert isinstance(said(pool, worker, TallyFile(file, told=False))[-1], Tallied)


def test_a_file_that_is_not_there_is_refused(pool: Pool, worker: Worker, tmp_path: Path) -> None:
    gone = File(tmp_path / "gone.jsonl", None, Limits())
    answer = said(pool, worker, TallyFile(gone, told=False))[-1]
    assert {u.reason for u in answer.tally.unscanned} == {"unreadable"}
