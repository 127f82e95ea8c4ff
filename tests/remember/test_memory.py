"""What is remembered is what would be counted: byte for byte, under any name, or not at all."""

import datetime
import gzip
import hashlib
import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from gatekeeper import gate
from gatekeeper.errors import DetectorError
from gatekeeper.model import Attestation, Route, Unscanned
from gatekeeper.policy import load_config
from gatekeeper.read import Limits, Source, open_sources, source_from_bytes
from gatekeeper.remember import ATTESTED_S, Memory, clear_memory, memory, open_memory
from tests.hooks.repo import CLEAN, SECRET, write_rules

BROKEN = CLEAN + '{"text": "no end\n' + '{"a": 1}\n'
CONTENTS = {
    "clean.jsonl": CLEAN,
    "secret.jsonl": SECRET * 3,
    "broken.jsonl": BROKEN,
    "both.jsonl": SECRET + BROKEN,
    "notes.txt": "the key AKIAQ3EGRIPL7N2WXYZA\n" * 4,
    "table.csv": "name,key\nbuild,AKIAQ3EGRIPL7N2WXYZA\n",
    "packed.jsonl.gz": gzip.compress(SECRET.encode() * 5, mtime=0),
    "cut.jsonl.gz": gzip.compress(SECRET.encode() * 500, mtime=0)[:-9],
    "image.jsonl": '{"image": {"bytes": "iVBORw0KGgo="}, "text": "sky"}\n',
    "strange.xyz": "what is this\n",
    "wrong.parquet": "no parquet\n",
    "empty.jsonl": "",
}


@pytest.fixture
def setup(tmp_path: Path) -> gate.Setup:
    write_rules(tmp_path)
    return gate.prepare(load_config(start=tmp_path))


@pytest.fixture
def remembered(tmp_path: Path) -> Memory:
    made = open_memory(tmp_path / "home", tmp_path / "cache")
    assert made is not None
    return made


def today() -> datetime.date:
    return datetime.datetime.now(datetime.timezone.utc).date()


def source(name: str, **options: object) -> Source:
    content = CONTENTS[name]
    data = content.encode() if isinstance(content, str) else content
    return source_from_bytes(name, data, **options)  # type: ignore[arg-type]


def counted(source: Source, setup: gate.Setup, held: Memory | None) -> bytes:
    """The evidence of `source` beside a clean one, so that there always is a decision."""
    sources = [source_from_bytes("beside.jsonl", CLEAN.encode()), source]
    verdict = gate.check(sources, setup, today=today(), memory=held)
    return json.dumps([verdict.evidence.to_json(), verdict.decision.to_json()]).encode()


def recalled(source: Source, setup: gate.Setup, held: Memory) -> bool:
    fingerprint = gate.fingerprint_for(setup, setup.entities)
    return held.recall([source], fingerprint).is_all


@pytest.mark.parametrize("name", CONTENTS)
def test_remembered_and_fresh_are_the_same_bytes(
    name: str, setup: gate.Setup, remembered: Memory
) -> None:
    fresh = counted(source(name), setup, None)
    assert not recalled(source(name), setup, remembered)
    assert counted(source(name), setup, remembered) == fresh
    assert recalled(source(name), setup, remembered)
    assert counted(source(name), setup, remembered) == fresh


@pytest.mark.parametrize("name", CONTENTS)
def test_one_content_under_two_names(name: str, setup: gate.Setup, remembered: Memory) -> None:
    counted(source(name), setup, remembered)
    other = f"folder/another-{name}"
    CONTENTS[other] = CONTENTS[name]
    try:
        assert recalled(source(other), setup, remembered)
        fresh = counted(source(other), setup, None)
        assert counted(source(other), setup, remembered) == fresh
        assert other in fresh.decode()
    finally:
        del CONTENTS[other]


@pytest.mark.parametrize(
    "differently",
    [
        lambda: source_from_bytes("secret.txt", SECRET.encode() * 3),
        lambda: source_from_bytes("secret.json", SECRET.encode() * 3),
        lambda: source_from_bytes("secret.xyz", SECRET.encode() * 3),
        lambda: source_from_bytes("secret.jsonl", SECRET.encode() * 3, input_format="text"),
        lambda: source_from_bytes(
            "secret.jsonl", SECRET.encode() * 3, limits=Limits(max_record_bytes=10)
        ),
        lambda: source_from_bytes("secret.jsonl", SECRET.encode() * 2),
    ],
)
def test_read_differently_it_is_not_the_same(
    differently: Callable[[], Source], setup: gate.Setup, remembered: Memory
) -> None:
    counted(source("secret.jsonl"), setup, remembered)
    assert not recalled(differently(), setup, remembered)
    assert counted(differently(), setup, remembered) == counted(differently(), setup, None)


def test_another_detector_counts_anew(
    tmp_path: Path, setup: gate.Setup, remembered: Memory
) -> None:
    counted(source("secret.jsonl"), setup, remembered)
    policy = tmp_path / "rules/secrets.yaml"
    policy.write_text(policy.read_text().replace("AWS_ACCESS_KEY", "AWS_ACCESS_KEY, US_SSN"))
    more = gate.prepare(load_config(start=tmp_path))
    assert recalled(source("secret.jsonl"), setup, remembered)
    assert not recalled(source("secret.jsonl"), more, remembered)


def test_other_rules_over_the_same_entities_need_no_new_count(
    tmp_path: Path, setup: gate.Setup, remembered: Memory
) -> None:
    counted(source("secret.jsonl"), setup, remembered)
    policy = tmp_path / "rules/secrets.yaml"
    policy.write_text(policy.read_text().replace("quarantine", "on_prem"))
    softer = gate.prepare(load_config(start=tmp_path))
    verdict = gate.check([source("secret.jsonl")], softer, today=today(), memory=remembered)
    assert verdict.decision.route is Route.ON_PREM
    assert recalled(source("secret.jsonl"), softer, remembered)


def test_a_file_is_known_by_its_bytes(
    tmp_path: Path, setup: gate.Setup, remembered: Memory
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(CLEAN)
    verdict = gate.check(open_sources([path]), setup, today=today(), memory=remembered)
    assert verdict.decision.route is Route.ALLOW
    stamp = path.stat()
    path.write_text(SECRET)
    import os

    os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    verdict = gate.check(open_sources([path]), setup, today=today(), memory=remembered)
    assert verdict.decision.route is Route.QUARANTINE
    path.write_text(CLEAN)
    again = gate.check(open_sources([path]), setup, today=today(), memory=remembered)
    assert again.decision.route is Route.ALLOW
    assert [digest for _, digest in again.contents] == list(again.decision.subjects)


class Restless:
    """Gives another content each time it is opened."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self):
        import io

        self.times += 1
        return io.BytesIO(CLEAN.encode() * self.times)


def test_what_changes_between_hash_and_reading_stands_under_the_bytes_that_were_read(
    setup: gate.Setup, remembered: Memory
) -> None:
    from gatekeeper.read import source_from_stream

    content = Restless()
    restless = source_from_stream("restless.jsonl", content)
    for _ in range(2):
        verdict = gate.check([restless], setup, today=today(), memory=remembered)
        read = hashlib.sha256(CLEAN.encode() * content.times).hexdigest()
        assert [digest for digest, _ in verdict.evidence] == [f"sha256:{read}"]
        assert [t.records for _, t in verdict.evidence] == [content.times * CLEAN.count("\n")]


def test_a_file_that_grows_while_it_is_hashed_is_not_recalled(
    tmp_path: Path, setup: gate.Setup, remembered: Memory
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(CLEAN * 100_000)
    (grown,) = open_sources([path])
    assert isinstance(grown, Source)
    opened = grown.open()

    class Growing:
        """The file, to which somebody writes at the first read."""

        def __getattr__(self, name: str) -> object:
            return getattr(opened, name)

        def read(self, size: int) -> bytes:
            with path.open("a") as file:
                file.write(SECRET)
            return opened.read(size)

    assert grown.stored() is not None
    grown._opener = Growing  # type: ignore[assignment]
    assert grown.stored() is None


def test_what_names_another_source_is_not_kept(setup: gate.Setup, remembered: Memory) -> None:
    import dataclasses

    one = source("broken.jsonl")
    verdict = gate.check([one], setup, today=today())
    ((digest, tally),) = verdict.evidence
    held = remembered.recall([one], "sha256:detector")
    held.keep(one, digest, dataclasses.replace(tally, sources=frozenset({"a", "b"})))
    strange = Unscanned("elsewhere", "line 1", "broken-json", "no", 1)
    held.keep(one, digest, dataclasses.replace(tally, unscanned=tally.unscanned | {strange}))
    for reason in memory.PASSING:
        passing = Unscanned(one.name, "whole file", reason, "now", 1)
        held.keep(one, digest, dataclasses.replace(tally, unscanned=frozenset({passing})))
    assert remembered.store.size() == (0, 0)
    held.keep(one, digest, tally)
    assert remembered.store.size()[0] == 1


def test_nobody_is_observed_from_memory(setup: gate.Setup, remembered: Memory) -> None:
    counted(source("secret.jsonl"), setup, remembered)
    seen: list[int] = []
    gate.check(
        [source("secret.jsonl")],
        setup,
        today=today(),
        observe=lambda _, found: seen.append(len(found)),
        memory=remembered,
    )
    assert sum(seen) == 3


# --- the known-answer test ---------------------------------------------------------------------


def test_the_test_is_remembered_for_a_day_and_for_this_detector_alone(
    remembered: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time()
    proved = Attestation("sha256:one", frozenset({"US_SSN", "PERSON"}))
    remembered.recall([], "sha256:one").under(proved)
    held = remembered.recall([], "sha256:one")
    assert held.attestation(frozenset({"US_SSN", "PERSON"})) == proved
    assert held.attestation(frozenset({"US_SSN"})) == Attestation(
        "sha256:one", frozenset({"US_SSN"})
    )
    assert held.attestation(frozenset({"US_SSN", "EMAIL_ADDRESS"})) is None
    assert remembered.recall([], "sha256:two").attestation(frozenset({"US_SSN"})) is None
    for later in (ATTESTED_S + 1, -60.0):
        monkeypatch.setattr(time, "time", lambda later=later: now + later)
        assert held.attestation(frozenset({"US_SSN"})) is None


def test_an_old_test_is_run_again_though_every_tally_is_known(
    setup: gate.Setup, remembered: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted(source("secret.jsonl"), setup, remembered)
    monkeypatch.setattr(gate, "load_detector_for", refused)
    counted(source("secret.jsonl"), setup, remembered)
    soon = time.time() + ATTESTED_S + 1
    monkeypatch.setattr(time, "time", lambda: soon)
    with pytest.raises(DetectorError, match="asked for"):
        counted(source("secret.jsonl"), setup, remembered)


def test_one_unknown_source_and_the_detector_is_asked(
    setup: gate.Setup, remembered: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted(source("secret.jsonl"), setup, remembered)
    monkeypatch.setattr(gate, "load_detector_for", refused)
    with pytest.raises(DetectorError, match="asked for"):
        counted(source("notes.txt"), setup, remembered)


def refused(*_: object) -> None:
    raise DetectorError("the detector was asked for")


def test_a_detector_that_turns_out_another_has_nothing_recalled(
    setup: gate.Setup, remembered: Memory
) -> None:
    counted(source("secret.jsonl"), setup, remembered)
    held = remembered.recall([source("secret.jsonl")], gate.fingerprint_for(setup, setup.entities))
    assert held.is_all
    other = held.under(Attestation("sha256:other", setup.entities))
    assert not other.known
    assert not other.is_all
    assert other.detector == "sha256:other"


def test_clear_forgets_entries_and_key(setup: gate.Setup) -> None:
    held = open_memory()
    assert held is not None
    counted(source("secret.jsonl"), setup, held)
    stolen = {p.name: p.read_bytes() for p in held.store.folder.iterdir()}
    assert clear_memory() >= 3
    assert list(held.store.folder.iterdir()) == []
    for name, body in stolen.items():
        (held.store.folder / name).write_bytes(body)
    anew = open_memory()
    assert anew is not None
    assert not recalled(source("secret.jsonl"), setup, anew)
    clear_memory()
