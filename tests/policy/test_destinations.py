"""Destinations as law: templates that one completes, endpoints, dated facts, what is missing."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import pytest

from gatekeeper.cli import main, options
from gatekeeper.decide import reach, why_all_closed, why_closed, why_not_met
from gatekeeper.errors import PolicyError
from gatekeeper.model import Agreement, AnyOf, Destination, Requirement
from gatekeeper.policy import load_destination, load_policy, shipped_destinations
from gatekeeper.policy.destination import compile_destination
from tests.policy.words import WORDS

DAY = datetime.timedelta(days=1)
CHECKED = datetime.date(2026, 11, 26)
"""The day on which the facts of Azure's templates were read."""

AZURE = """\
destination: our-azure
extends: {template}
base_url: https://our-resource.openai.azure.com/openai/v1
as_of: 2026-11-26
"""
OURS = "destination: ours\nparty: acme\nbase_url: https://llm.example.com/v1\nas_of: 2026-11-24\n"
ENDPOINT = "{paths: [/files], source: their pages, as_of: 2026-11-20"
TEMPLATES = [
    "azure-openai-data-zone",
    "azure-openai-global",
    "azure-openai-regional",
    "openai-compatible",
]


def completed(folder: Path, text: str) -> Destination:
    path = folder / "own.yaml"
    path.write_text(text)
    return load_destination(path)


def asked(kind: str, **more: tuple[str, ...]) -> Requirement:
    return Requirement(kind, ("personal",), AnyOf(()), "the clause", "p.yaml:1:1", **more)


def paper(kind: str, party: str = "microsoft", **more: Any) -> Agreement:
    first, last = datetime.date(2026, 1, 1), datetime.date(2027, 12, 31)
    return Agreement(party, kind, ("personal",), first, last, **more)


# --- the shipped ones ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(shipped_destinations()))
def test_every_shipped_fact_has_a_source_and_a_day_that_has_been(name: str) -> None:
    loaded = load_destination(name)
    assert all(fact["source"] for fact in loaded.facts.values())
    assert all(fact.source and fact.as_of <= CHECKED for fact in loaded.stated)
    assert loaded.purposes == ("fine-tune",)
    assert set(loaded.leaks) == {"file_name", "metadata", "suffix", "grader", "wandb"}
    assert loaded.integrations == ()


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_is_closed_until_somebody_completes_it(name: str) -> None:
    loaded = load_destination(name)
    assert (loaded.base_url, loaded.host) == ("", "")
    assert "is a template without a base_url" in why_closed(loaded, CHECKED)
    assert f"`extends: {name}`" in why_closed(loaded, CHECKED)


def test_openai_is_all_three_endpoints_none_of_which_can_have_zero_retention() -> None:
    openai = load_destination("openai")
    assert set(openai.endpoints) == {"files", "uploads", "fine_tuning"}
    assert not any(e.zdr_eligible or e.regions for e in openai.endpoints.values())
    assert openai.zdr_only == {"BAA"}
    assert openai.covers == {"DPA", "SCC"}
    baa = Agreement("openai", "BAA", ("personal",), CHECKED, CHECKED)
    why = why_not_met(asked("BAA"), openai, [baa], CHECKED)
    assert why == (
        "no BAA can cover endpoints `files`, `fine_tuning`, `uploads` of `openai`: "
        "not eligible for zero data retention"
    )


def test_azure_regional_keeps_what_is_sent_in_the_region_that_one_names(tmp_path: Path) -> None:
    text = AZURE.format(template="azure-openai-regional")
    ours = completed(tmp_path, text + "region: eu\n")
    assert why_all_closed(ours, CHECKED) == ()
    assert (ours.party, ours.host) == ("microsoft", "our-resource.openai.azure.com")
    assert ours.job_extra == (("trainingType", "Standard"),)
    assert {e.regions for e in ours.used} == {frozenset({"eu"})}
    assert why_not_met(asked("RESIDENCY"), ours, [paper("RESIDENCY", region="eu")], CHECKED) == ""
    assert why_not_met(asked("SCC", unless_in=("eu",)), ours, [], CHECKED) == ""
    assert why_not_met(asked("BAA"), ours, [paper("BAA")], CHECKED)
    nowhere = completed(tmp_path, text)
    assert why_not_met(asked("RESIDENCY"), nowhere, [paper("RESIDENCY", region="eu")], CHECKED)
    assert why_not_met(asked("SCC", unless_in=("eu",)), nowhere, [], CHECKED)


def test_azure_global_keeps_nothing_anywhere(tmp_path: Path) -> None:
    ours = completed(tmp_path, AZURE.format(template="azure-openai-global") + "region: eu\n")
    assert why_all_closed(ours, CHECKED) == ()
    assert why_not_met(asked("RESIDENCY"), ours, [paper("RESIDENCY", region="eu")], CHECKED)
    assert why_not_met(asked("SCC", unless_in=("eu",)), ours, [], CHECKED)
    assert why_not_met(asked("DPA"), ours, [paper("DPA")], CHECKED) == ""


def test_azure_data_zone_is_closed_by_what_nobody_knows(tmp_path: Path) -> None:
    text = AZURE.format(template="azure-openai-data-zone") + "region: us\n"
    (why,) = why_all_closed(completed(tmp_path, text), CHECKED)
    assert "`training_type_of_the_zone` of destination `our-azure` is not known" in why
    known = "facts: {training_type_of_the_zone: {value: Zone, source: x, as_of: 2026-11-26}}\n"
    assert why_all_closed(completed(tmp_path, text + known), CHECKED) == ()


def test_a_compatible_service_is_closed_until_every_fact_is_answered(tmp_path: Path) -> None:
    head = (
        "destination: theirs\nextends: openai-compatible\nparty: acme\n"
        "base_url: https://api.example.com/v1\nas_of: 2027-06-01\ncovers: [DPA]\n"
    )
    keys = ("abuse_log_retention_days", "application_state", "subprocessors", "used_for_training")
    today = datetime.date(2027, 6, 2)
    assert len(why_all_closed(completed(tmp_path, head), today)) == len(keys)
    answers = "".join(
        f"  {key}: {{value: none, source: their terms, as_of: 2027-06-01}}\n" for key in keys
    )
    whole = completed(tmp_path, head + "facts:\n" + answers)
    assert why_all_closed(whole, today) == ()
    assert whole.as_of == datetime.date(2027, 6, 1)


def test_the_facts_of_a_template_grow_old_where_they_are_not_restated(tmp_path: Path) -> None:
    later = AZURE.format(template="azure-openai-regional").replace("2026-11-26", "2027-03-01")
    (why,) = why_all_closed(completed(tmp_path, later), datetime.date(2027, 3, 1))
    assert "are stale: as of 2026-11-26, older than 90 days: the file from policies/dest" in why
    assert why.endswith("more")


def test_gdpr_asks_for_clauses_where_data_is_not_kept_in_the_union() -> None:
    by_kind = {r.agreement: r for r in load_policy("gdpr", WORDS).requires}
    assert by_kind["SCC"].unless_in == ("eu",)
    assert by_kind["DPA"].unless_in == ()


# --- one's own -----------------------------------------------------------------------------------


def test_an_endpoint_has_what_the_destination_has_where_it_says_nothing(tmp_path: Path) -> None:
    text = OURS + f"covers: [DPA]\nregion: eu\nendpoints:\n  files: {ENDPOINT}}}\n"
    text += f"  fine_tuning: {ENDPOINT}, covers: [DPA, BAA], keeps_region: true}}\n"
    ours = completed(tmp_path, text)
    files, jobs = ours.endpoints["files"], ours.endpoints["fine_tuning"]
    assert (files.covers, jobs.covers) == ({"DPA"}, {"DPA", "BAA"})
    assert (files.regions, jobs.regions) == (frozenset(), {"eu"})
    assert ours.covers == {"DPA"}
    assert [e.name for e in ours.used] == ["files", "fine_tuning"]
    assert ours.as_of == datetime.date(2026, 11, 20)


def test_a_destination_without_endpoints_is_one_that_it_speaks_for_itself(tmp_path: Path) -> None:
    (only,) = completed(tmp_path, OURS + "covers: [ZDR]\nregion: eu\n").used
    assert (only.name, only.covers, only.zdr_eligible) == ("", {"ZDR"}, True)
    assert only.regions == {"eu"}


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("extends: opnai\n", "5:10: unknown destination `opnai` to extend"),
        ("endpoints: {batch: {}}\n", "5:20: `batch` must be `files`, `uploads` or `fine_tuning`"),
        (f"endpoints: {{files: {ENDPOINT}, covers: [ZDR]}}}}\n", "has ZDR, but the endpoint is"),
        (f"endpoints: {{files: {ENDPOINT}, covers: [RESIDENCY]}}}}\n", "keeps no region"),
        (f"endpoints: {{files: {ENDPOINT}, closes: 2027-01-01}}}}\n", "needs `closes_because`"),
        (f"endpoints: {{files: {ENDPOINT}, until: 2026-01-01}}}}\n", "`until` is before `as_of`"),
        ("endpoints: {files: {paths: [/files]}}\n", "missing key `as_of`"),
        ("leaks: [names]\n", "an item of `leaks` must be `file_name`"),
        (
            "facts: {a: {value: 1, source: x, as_of: 2026-02-01, until: 2026-01-01}}\n",
            "`until` is before `as_of`",
        ),
    ],
)
def test_a_wrong_destination_is_told_at_its_place(lines: str, message: str) -> None:
    with pytest.raises(PolicyError) as caught:
        compile_destination((OURS + lines).encode(), "ours.yaml")
    assert str(caught.value).startswith("ours.yaml:5:")
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (OURS.replace("party: acme\n", ""), "missing key `party`"),
        (OURS.replace("base_url: https://llm.example.com/v1\n", ""), "missing key `base_url`"),
        (
            "destination: ours\nextends: openai-compatible\nparty: a\nas_of: 2026-11-24\n",
            "base_url",
        ),
    ],
)
def test_who_and_where_have_to_be_said(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(PolicyError, match=message):
        completed(tmp_path, text)


def test_what_was_extended_is_part_of_the_digest(tmp_path: Path) -> None:
    text = AZURE.format(template="azure-openai-regional")
    shipped = {"azure-openai-regional": lambda: (b"destination: a\nparty: b\nas_of: 2026-01-01\n"
                                                 b"template: true\n", "a.yaml")}  # fmt: skip
    other = compile_destination(text.encode(), "own.yaml", shipped)
    assert completed(tmp_path, text).digest != other.digest


def test_reach_says_of_every_paper_and_endpoint_why_not(tmp_path: Path) -> None:
    ours = completed(tmp_path, AZURE.format(template="azure-openai-regional") + "region: eu\n")
    held = [paper("DPA", endpoints=("files",)), paper("BAA"), paper("DPA", party="openai")]
    told = {(r.agreement.kind, r.endpoint): r.why_not for r in reach(held, ours, CHECKED)}
    assert len(told) == 6
    assert told["DPA", "files"] == ""
    assert "is not about endpoint `uploads`" in told["DPA", "uploads"]
    assert "its facts do not name such a paper" in told["BAA", "files"]


# --- the command ---------------------------------------------------------------------------------


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(options, "today", lambda: CHECKED)
    (tmp_path / "ours.yaml").write_text(OURS + "covers: [DPA]\nmax_age_days: 90\n")
    (tmp_path / "gatekeeper.yaml").write_text(
        "policies: [gdpr]\ndestination: ours.yaml\nagreements:\n"
        "  - {party: acme, kind: DPA, covers: [personal], from: 2026-01-01, until: 2026-12-31}\n"
    )
    return tmp_path


def test_check_says_what_is_stale_what_is_missing_and_what_is_met(
    house: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["destinations", "check"]) == 0
    said = capsys.readouterr().out
    assert "ours (llm.example.com): open today" in said
    assert "the oldest is the file of 2026-11-24 (" in said
    assert "stale on 2027-02-23" in said
    assert "no `region`" in said
    assert "all of it: DPA for personal, until 2026-12-31: yes" in said
    assert "gdpr asks for DPA for personal: met" in said
    assert "gdpr asks for SCC for personal: not met: no SCC can cover this endpoint" in said


def test_check_ends_with_10_where_a_door_is_closed(
    house: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["destinations", "check", "ours.yaml", "openai-compatible"]) == 10
    assert "openai-compatible (no address): closed today" in capsys.readouterr().out
    (house / "ours.yaml").write_text(OURS + "max_age_days: 1\n")
    assert main(["destinations", "check", "--format", "json"]) == 10
    (told,) = json.loads(capsys.readouterr().out)
    assert told["open"] is False
    assert "are stale: as of 2026-11-24" in told["closed"][0]
    assert [(a["reaches"], a["why_not"][:19]) for a in told["agreements"]] == [
        (False, "no DPA can cover th")
    ]
    assert [r["met"] for r in told["requirements"]] == [False, False]
    assert told["elsewhere"] == []


def test_check_names_the_papers_that_are_with_somebody_else(
    house: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = house / "gatekeeper.yaml"
    config.write_text(config.read_text().replace("party: acme", "party: acmee"))
    assert main(["destinations", "check"]) == 0
    said = capsys.readouterr().out
    assert "of no use here: DPA with acmee" in said
    assert "no agreement with acme is configured" in said


def test_list_and_show(house: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["destinations", "list"]) == 0
    said = capsys.readouterr().out
    assert all(name in said for name in shipped_destinations())
    assert "closed: to be completed by a file that says `extends`" in said
    assert main(["destinations", "show", "openai"]) == 0
    said = capsys.readouterr().out
    assert "endpoint fine_tuning (/fine_tuning/jobs): BAA, DPA, SCC; not eligible" in said
    assert "closes: 2027-01-06 (OpenAI takes no new fine-tuning jobs" in said
    assert "fact abuse_log_retention_days: 30  [OpenAI platform, Data controls" in said
    assert "today: open" in said
    assert main(["destinations", "show", "azure-openai-global"]) == 0
    assert "today: closed" in capsys.readouterr().out
