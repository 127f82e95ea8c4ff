"""Every fixture gives the route, the rules and the exit code of its expect.yaml."""

from __future__ import annotations

import dataclasses
import datetime
import gzip
import io
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from gatekeeper import gate
from gatekeeper.errors import GatekeeperError
from gatekeeper.model import Agreement, Finding, Record
from gatekeeper.policy import Config, shipped_policies
from gatekeeper.read import open_sources

FIXTURES = Path(__file__).parent.parent / "fixtures"
FOLDERS = sorted(path.parent for path in FIXTURES.glob("*/*/expect.yaml"))
FORMATS = (
    "chat", "tools", "part lists", "prompt and completion", "preference", "reinforcement", "vision",
    "text", "Alpaca", "ShareGPT", "chosen and rejected", "csv with header", "csv without header",
    "semicolons", "tsv", "parquet", "arrow file", "arrow stream", "plain text", "markdown",
    "json array", "json object", ".gz", ".zst", "folder",
)  # fmt: skip


def name_of(folder: Path) -> str:
    return f"{folder.parent.name}/{folder.name}"


def expectation(folder: Path) -> dict[str, Any]:
    expected = yaml.safe_load((folder / "expect.yaml").read_text(encoding="utf-8"))
    assert isinstance(expected, dict)
    return expected


def dataset(folder: Path) -> Path:
    (path,) = folder.glob("data*")
    return path


@dataclass(frozen=True)
class Outcome:
    exit_code: int
    route: str
    rules: tuple[str, ...]
    findings: tuple[tuple[str, int, str], ...]


def papers(expected: dict[str, Any]) -> tuple[Agreement, ...]:
    """The agreements of an expectation, as gatekeeper.yaml writes them."""
    return tuple(
        Agreement(a["party"], a["kind"], tuple(a["covers"]), day(a["from"]), day(a["until"]))
        for a in expected.get("agreements", ())
    )


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


def run(folder: Path) -> Outcome:
    """The fixture through the gate, as the command line does it."""
    expected = expectation(folder)
    policies = [str(folder / p) if p.endswith(".yaml") else p for p in expected["policies"]]
    made: list[tuple[str, int, str]] = []

    def observe(_: Record, findings: tuple[Finding, ...]) -> None:
        made.extend((f.entity, f.record, f.pointer) for f in findings)

    try:
        setup = gate.prepare(
            dataclasses.replace(Config.default(), agreements=papers(expected)),
            policies=policies,
            destination=expected["destination"],
        )
        verdict = gate.check(
            open_sources([dataset(folder)]),
            setup,
            today=datetime.date.fromisoformat(expected["date"]),
            observe=observe,
        )
    except GatekeeperError as error:
        return Outcome(error.exit_code, "error", (), ())
    decision = verdict.decision
    rules = sorted(f"{r.policy}/{r.rule}" for r in decision.reasons if not r.waived_by)
    return Outcome(int(decision.route), decision.route.word, tuple(rules), tuple(made))


@pytest.mark.parametrize("folder", FOLDERS, ids=name_of)
def test_fixture_gives_what_it_expects(folder: Path) -> None:
    expected, outcome = expectation(folder), run(folder)
    assert (outcome.route, list(outcome.rules), outcome.exit_code) == (
        expected["route"],
        expected["rules"],
        expected["exit_code"],
    )
    for wanted in expected.get("findings", ()):
        assert (wanted["entity"], wanted["record"], wanted["pointer"]) in outcome.findings


def test_every_route_has_ten_scenarios() -> None:
    routes = Counter(expectation(folder)["route"] for folder in FOLDERS)
    assert {"allow", "on_prem", "quarantine", "error"} == set(routes)
    assert min(routes.values()) >= 10
    assert all(folder.parent.name == expectation(folder)["route"] for folder in FOLDERS)


def test_every_format_has_a_scenario() -> None:
    formats = [expectation(folder)["format"] for folder in FOLDERS]
    assert [f for f in FORMATS if not any(f in each for each in formats)] == []


def test_clean_data_is_held_against_every_shipped_policy() -> None:
    for folder in FOLDERS:
        if folder.parent.name == "allow":
            assert sorted(expectation(folder)["policies"]) == sorted(shipped_policies())


NEEDS_A_LIST = {"internal/listed-names"}
"""Trips only where gatekeeper.yaml names a list: `tests/cli/test_lists.py` takes it to the end."""


def test_every_rule_of_the_shipped_policies_has_a_scenario() -> None:
    tripped = {rule for folder in FOLDERS for rule in expectation(folder)["rules"]}
    setup = gate.prepare(Config.default(), policies=list(shipped_policies()))
    rules = {f"{p.id}/{r.id}" for p in setup.policies for r in p.rules}
    assert rules - tripped == NEEDS_A_LIST


def test_fixtures_are_small() -> None:
    sizes = [p.stat().st_size for folder in FOLDERS for p in folder.rglob("*") if p.is_file()]
    assert sum(sizes) < 1_000_000


@pytest.fixture(scope="module")
def regenerated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("fixtures")
    generator = [sys.executable, str(FIXTURES / "generate.py"), "--out", str(out)]
    subprocess.run(generator, check=True)
    return out


def tree(root: Path) -> dict[str, Path]:
    routes = ("allow", "on_prem", "quarantine", "error")
    return {
        str(p.relative_to(root)): p
        for route in routes
        for p in (root / route).rglob("*")
        if p.is_file()
    }


def test_generator_writes_the_same_fixtures(regenerated: Path) -> None:
    before, after = tree(FIXTURES), tree(regenerated)
    assert sorted(before) == sorted(after)
    changed = [n for n in before if content(before[n]) != content(after[n])]
    assert changed == []


def content(path: Path) -> Any:
    """Bytes, or rows where the bytes depend on the version of the library that wrote them."""
    data = path.read_bytes()
    if path.parent.parent.name == "error" or "truncated" in str(path):
        return len(data) if path.suffix == ".gz" else data
    if path.suffix == ".gz":
        return gzip.decompress(data)
    if path.suffix == ".zst":
        import zstandard

        return zstandard.ZstdDecompressor().decompress(data)
    return rows(path.suffix, data)


def rows(suffix: str, data: bytes) -> Any:
    if suffix == ".parquet":
        import pyarrow.parquet

        return pyarrow.parquet.read_table(io.BytesIO(data)).to_pylist()
    if suffix in {".arrow", ".arrows"}:
        import pyarrow

        opening = pyarrow.ipc.open_file if suffix == ".arrow" else pyarrow.ipc.open_stream
        return opening(io.BytesIO(data)).read_all().to_pylist()
    return data
