"""`check`, `guard` and `gated` on what pipelines hold, with a policy that needs no names."""

import asyncio
import datetime
import json
import subprocess
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import gatekeeper
from gatekeeper import InputError, PolicyViolation, Route, UsageError, check, gated, guard
from tests.hooks.repo import ROOT, write_rules

KEY = "AKIAQ3EGRIPL7N2WXYZA"
CLEAN = [{"text": "the sky is blue today"}, {"text": "the grass is green"}]
LEAKY = [*CLEAN, {"text": f"key {KEY} of the build"}]


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a configuration, as the working directory."""
    write_rules(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def on_prem(project: Path) -> None:
    policy = project / "rules/secrets.yaml"
    policy.write_text(policy.read_text().replace("quarantine", "on_prem"))


def forms(rows: list[dict[str, str]], folder: Path) -> Iterator[Any]:
    """The same rows as everything that a pipeline may hold them in."""
    file = folder / "rows.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    yield from (file, str(file), [file], rows, tuple(rows), iter(rows), (r for r in rows))
    yield [r["text"] for r in rows]
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    pyarrow = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    yield from (pandas.DataFrame(rows), pandas.DataFrame(rows)["text"])
    yield from (pyarrow.Table.from_pylist(rows), pyarrow.RecordBatch.from_pylist(rows))
    yield {"train": pandas.DataFrame(CLEAN), "test": pandas.DataFrame(rows)}


def test_every_form_gets_the_same_decision(project: Path) -> None:
    for clean in forms(CLEAN, project):
        assert check(clean).decision.route is Route.ALLOW, type(clean)
    for leaky in forms(LEAKY, project):
        decision = check(leaky).decision
        assert decision.route is Route.QUARANTINE, type(leaky)
        assert [r.rule for r in decision.reasons] == ["keys"]
        assert decision.reasons[0].where[0].place.record == 2


@pytest.mark.parametrize("package", ["polars", "datasets"])
def test_forms_of_packages_that_may_be_missing(package: str) -> None:
    module = pytest.importorskip(package, reason=f"{package} is not installed")
    held = (
        [module.DataFrame(LEAKY)]
        if package == "polars"
        else [
            module.Dataset.from_list(LEAKY),
            module.Dataset.from_list(LEAKY).to_iterable_dataset(),
            module.DatasetDict(train=module.Dataset.from_list(LEAKY)),
        ]
    )
    for leaky in held:
        assert check(leaky).decision.route is Route.QUARANTINE
        with pytest.raises(PolicyViolation):
            guard(leaky)


def test_a_check_writes_a_receipt_and_counts_what_it_saw(project: Path) -> None:
    verdict = check(CLEAN)
    assert verdict.receipt is not None
    assert verdict.receipt.is_relative_to(project / ".gatekeeper")
    assert verdict.decision.coverage.records == 2
    assert verdict.decision.coverage.unscanned_count == 0
    assert verdict.decision.digests
    assert check(CLEAN).decision.subjects == verdict.decision.subjects
    assert check(LEAKY).decision.subjects != verdict.decision.subjects


def test_policies_destination_and_day_can_be_given(project: Path) -> None:
    policy = Path("rules/secrets.yaml")
    for given in (policy, str(policy), [policy], ["rules/secrets.yaml"]):
        assert check(CLEAN, policies=given).decision.policies == check(CLEAN).decision.policies
    door = project / "rules/door.yaml"
    assert check(CLEAN, destination=door).decision.destination == "door"
    late = datetime.date(2099, 1, 1)
    assert check(CLEAN, today=late).decision.route is Route.ON_PREM
    with pytest.raises(UsageError, match="unknown policy"):
        check(CLEAN, policies="no-such")
    other = project / "other"
    other.mkdir()
    write_rules(other)
    verdict = check(CLEAN, config=other / "gatekeeper.yaml")
    assert verdict.receipt is not None
    assert verdict.receipt.is_relative_to(other)


def test_the_number_of_jobs_changes_no_decision(project: Path) -> None:
    for name, rows in (("a", CLEAN), ("b", LEAKY)):
        (project / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    files = [project / "a.jsonl", project / "b.jsonl"]
    assert check(files, jobs=2).decision == check(files).decision
    with pytest.raises(PolicyViolation):
        guard(files, jobs=2)
    assert guard(files[:1], jobs=0) == files[:1]
    with pytest.raises(UsageError):
        check(files, jobs=-1)


def test_guard_gives_back_the_very_object(project: Path) -> None:
    assert guard(CLEAN) is CLEAN
    with pytest.raises(PolicyViolation) as caught:
        guard(LEAKY)
    assert caught.value.decision.route is Route.QUARANTINE
    assert caught.value.exit_code == 20
    assert "secrets/keys" in str(caught.value)


def test_guard_gives_an_iterator_over_the_rows_that_were_checked() -> None:
    rows = ({"text": f"row {i}"} for i in range(5))
    assert list(guard(rows)) == [{"text": f"row {i}"} for i in range(5)]
    taken: list[int] = []

    def leaky() -> Iterator[dict[str, str]]:
        for row in LEAKY:
            taken.append(1)
            yield row

    with pytest.raises(PolicyViolation):
        guard(leaky())
    assert len(taken) == len(LEAKY)  # decided on the whole, before a row is given out


def test_a_consumer_in_the_house_takes_on_prem_but_never_quarantine(project: Path) -> None:
    with pytest.raises(PolicyViolation):
        guard(LEAKY, accept=Route.ON_PREM)
    on_prem(project)
    assert guard(LEAKY, accept=Route.ON_PREM) is LEAKY
    with pytest.raises(PolicyViolation) as caught:
        guard(LEAKY)
    assert caught.value.exit_code == 10
    for wrong in (Route.QUARANTINE, 20, None, "on_prem", True):
        with pytest.raises(UsageError, match="accepted by nobody"):
            guard(LEAKY, accept=wrong)  # type: ignore[arg-type]
        with pytest.raises(UsageError, match="accepted by nobody"):
            gated(accept=wrong)  # type: ignore[arg-type]


def test_what_is_opaque_stays_in_the_house() -> None:
    rows = [*CLEAN, {"image": b"\x89PNG\r\n\x1a\n\x00\x00"}]
    with pytest.raises(PolicyViolation) as caught:
        guard(rows)
    assert caught.value.decision.route is Route.ON_PREM
    assert guard(rows, accept=Route.ON_PREM) is rows


@pytest.mark.parametrize("nothing", [[], iter([]), ()])
def test_nothing_is_never_clean(nothing: Any) -> None:
    with pytest.raises((InputError, PolicyViolation)):
        guard(nothing)


def test_gated_runs_the_body_only_on_what_may_go() -> None:
    ran: list[object] = []

    @gated()
    def train(model: str, dataset: list[dict[str, str]], *, epochs: int = 1) -> str:
        """Train."""
        ran.append(dataset)
        return f"{model} {epochs}"

    assert train("m", CLEAN, epochs=2) == "m 2"
    assert train(dataset=CLEAN, model="m") == "m 1"
    assert ran == [CLEAN, CLEAN]
    for call in (lambda: train("m", LEAKY), lambda: train("m", dataset=LEAKY)):
        with pytest.raises(PolicyViolation):
            call()
    assert len(ran) == 2
    assert train.__name__ == "train"
    with pytest.raises(TypeError):
        train("m")  # type: ignore[call-arg]


def test_gated_takes_iterators_defaults_and_coroutines() -> None:
    @gated("rows")
    def count(rows: Any = tuple(LEAKY)) -> int:
        return sum(1 for _ in rows)

    assert count(iter(CLEAN)) == 2
    with pytest.raises(PolicyViolation):
        count()
    with pytest.raises(UsageError, match="no dataset"):
        count(None)

    @gated("rows")
    async def later(rows: Any) -> int:
        return len(rows)

    assert asyncio.run(later(CLEAN)) == 2


def test_gated_needs_a_parameter_that_is_there() -> None:
    def train(model: str, **rest: object) -> None:
        """Takes no dataset by name."""

    for name in ("dataset", "rest"):
        with pytest.raises(UsageError, match=f"no parameter named '{name}'"):
            gated(name)(train)
    with pytest.raises(UsageError, match="name of an argument"):
        gated(train)  # type: ignore[arg-type]


def test_no_value_of_a_row_is_in_what_is_raised() -> None:
    class Failing:
        def __iter__(self) -> Iterator[dict[str, str]]:
            yield CLEAN[0]
            raise ValueError(f"bad row {KEY}")

    raised: list[BaseException] = []
    for bad in (LEAKY, iter(LEAKY), Failing(), (x for x in Failing())):
        with pytest.raises((PolicyViolation, InputError)) as caught:
            guard(bad)
        raised.append(caught.value)
    for error in raised:
        assert error.__cause__ is None
        assert error.__context__ is None
        said = "".join(traceback.format_exception(error)) + repr(error) + repr(vars(error))
        assert not any(KEY[i : i + 4] in said for i in range(len(KEY) - 3))


def test_a_verdict_shows_no_row() -> None:
    verdict = check(LEAKY)
    assert KEY not in repr(verdict) + str(verdict)
    assert KEY not in json.dumps(verdict.decision.to_json())


def test_the_package_stays_light_until_it_is_used() -> None:
    script = "import gatekeeper, sys; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert not {"pydantic", "yaml", "orjson", "presidio_analyzer", "spacy", "click"} & {
        m.split(".")[0] for m in done.stdout.split()
    }
    assert len(gatekeeper.__all__) <= 12
    assert all(hasattr(gatekeeper, name) for name in gatekeeper.__all__)
    assert set(gatekeeper.__all__) <= set(dir(gatekeeper))
    with pytest.raises(AttributeError, match="nothing_such"):
        gatekeeper.nothing_such  # noqa: B018
