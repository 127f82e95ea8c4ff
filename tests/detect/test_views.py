"""Views: what a disguise hides is found at its place, and a text without one is read as before."""

import json
from functools import cache
from pathlib import Path
from time import perf_counter

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gatekeeper.detect import Detector, load_catalogue, load_detector
from gatekeeper.detect.views import views_of
from gatekeeper.detect.views.mapped import Edit, Mapped
from gatekeeper.model import Confidence, Finding, Record, Text
from tests.detect import disguises
from tests.read.helpers import read

EVASION = Path(__file__).parents[2].parent / "shared" / "evasion.jsonl"
SSN = "427-04-4506"


@cache
def detector() -> Detector:
    names = {"PERSON", "LOCATION", "ORGANIZATION"}
    return load_detector(entities=[e for e in load_catalogue().entities if e not in names])


def found(text: str, entity: str = "US_SSN") -> list[tuple[int, int]]:
    ((_, findings),) = detector().detect([Record("v", 0, (Text("/x", text, "text"),), 0)])
    return [
        (f.start, f.end)
        for f in findings
        if f.entity == entity and f.confidence >= Confidence.LIKELY
    ]


# --- floors --------------------------------------------------------------------------------------


def test_disguises_of_fresh_values_are_found_and_their_twins_are_not() -> None:
    rows, _ = disguises.score(7, disguises.entities_found)
    values, hits, twins, cries = (sum(row[i] for row in rows.values()) for i in range(4))
    assert values >= 500
    assert hits >= 0.97 * values
    assert cries <= 0.02 * twins
    assert all(row[1] >= 0.92 * row[0] for row in rows.values())


@pytest.mark.skipif(not EVASION.exists(), reason="../shared/evasion.jsonl is not here")
def test_published_disguises_are_found() -> None:
    missed = []
    for line in EVASION.read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        records = [Record("e", 0, (Text("/t", case["text"], "text"),), 0)]
        if case["group"] == "structure":
            items = read("a.jsonl", case["text"].encode() + b"\n")
            records += [i for i in items if isinstance(i, Record)]
        findings = [f for _, some in detector().detect(records) for f in some]
        if not all(_hit(case["text"], want, findings) for want in case["must_find"]):
            missed.append(case["id"])
    assert not missed


def _hit(text: str, want: dict[str, str], findings: list[Finding]) -> bool:
    raw = want.get("raw")
    start = text.find(raw) if raw else 0
    end = start + len(raw) if raw else len(text)
    for f in findings:
        if f.entity == want["entity"] and f.confidence >= Confidence.LIKELY:
            here = f.start < end and start < f.end
            if here or f.pointer != "/t":
                return True
    return False


# --- places --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "written",
    [
        SSN,
        "\uff14\uff12\uff17-\uff10\uff14-\uff14\uff15\uff10\uff16",
        "4\u200b2\u200b7\u200b-\u200b0\u200b4\u200b-\u200b4\u200b5\u200b0\u200b6",
        "427_04_4506",
        "(427)(04)(4506)",
        "427-<b>04</b>-4506",
        "NDI3LTA0LTQ1MDY=",
        "&#52;&#50;&#55;&#45;&#48;&#52;&#45;&#52;&#53;&#48;&#54;",
        "%34%32%37%2D%30%34%2D%34%35%30%36",
        "four two seven dash zero four dash four five zero six",
    ],
)
def test_a_finding_stands_at_what_is_written(written: str) -> None:
    for before in ("SSN: ", "word " * 2000 + "SSN: "):
        assert found(before + written + " ok") == [(len(before), len(before) + len(written))]


def test_one_value_seen_raw_and_in_a_view_is_one_finding() -> None:
    text = f"SSN {SSN}, mail a\u200bb@example.com, and <b>more</b>1"
    assert len(found(text)) == 1


def test_an_allow_mark_in_the_data_counts_for_nothing() -> None:
    for mark in ("# gatekeeper: allow", "pragma: allowlist secret", "not an SSN", "nosec"):
        assert found(f"{mark} ssn {SSN} {mark}")


def test_a_decompression_bomb_costs_little_and_is_a_finding() -> None:
    import base64
    import zlib

    bomb = base64.b64encode(zlib.compress(b"a" * 50_000_000)).decode()
    begun = perf_counter()
    assert found(f"data {bomb} end", "TEXT_OBFUSCATION")
    assert perf_counter() - begun < 20


# --- laws ----------------------------------------------------------------------------------------

PIECES = st.sampled_from(
    ["SSN ", SSN, "\u200b", "\uff11", "<b>", "</b>", "**", "%34", "&#52;", "\\u0034", "NDI3LTA0LTQ1MDY=",
     "four ", "dash ", "J o h n ", " at ", " dot ", "com", "\u202e", "\n", "=34=32", "号", "0 4 2 7 1 5 6 7 8",
     "4-2-7", "\x08", "\x1b[31m", "a@b.com", "\\n", " ", "x", "7", "-"]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, max_size=24).map("".join))
@example("427-04-4506J o h n 号")
def test_every_character_of_a_view_has_a_place_and_they_never_go_back(text: str) -> None:
    views, trickery = views_of(text)
    for span in trickery:
        assert 0 <= span.start < span.end <= len(text)
    for derived in views:
        places = [derived.view.locate(i, i + 1) for i in range(len(derived.view.text))]
        assert all(0 <= a <= b <= len(text) for a, b in places)
        if isinstance(derived.view, Mapped):
            assert all(
                a <= c and b <= d for (a, b), (c, d) in zip(places, places[1:], strict=False)
            )


@given(st.text(max_size=60), st.integers(0, 9))
def test_a_map_without_edits_is_the_identity(text: str, base: int) -> None:
    view = Mapped(text, base=base).edited([])
    assert view.text == text
    assert all(view.locate(i, i + 1) == (base + i, base + i + 1) for i in range(len(text)))
    assert view.touched(" " * base + text) == []


def test_edits_compose() -> None:
    once = Mapped("a<b>c</b>d").edited([Edit(1, 4, ""), Edit(5, 9, "")])
    twice = once.edited([Edit(1, 2, "XY")])
    assert (once.text, twice.text) == ("acd", "aXYd")
    assert [twice.locate(i, i + 1) for i in range(4)] == [(0, 1), (4, 5), (4, 5), (9, 10)]


@pytest.mark.parametrize(
    "text",
    ["The meeting is on Tuesday; bring the report.", "def f(x):\n    return x * 2 + 1\n",
     "Version 2.4.1 of the tool, see section 3.2.", "Caf\u00e9 \u2013 na\u00efve r\u00e9sum\u00e9s, \u201cquoted\u201d."],
)  # fmt: skip
def test_ordinary_text_has_no_views(text: str) -> None:
    assert views_of(text) == ([], [])


@pytest.mark.parametrize(
    "unit",
    ["a", "1", "1 ", "1-", "4a", "A ", "<b>", "**", "\\", "%34", "&#5", "=3", "one ", "at ", "a.", "a@", "a@b.",
     "\u200b1", "\uff11", "[.]", "(1)", "\n", "ab-", "+A", "0x3", "01", "\u0430b", "=?u?B?", "chr(50)+", ". "],
)  # fmt: skip
def test_making_views_is_linear(unit: str) -> None:
    text = unit * (65_536 // len(unit))
    begun = perf_counter()
    views_of(text)
    assert perf_counter() - begun < 6


@pytest.mark.parametrize("escape", ["%uDABC", "\\ud83d", "%ud83d%ude00", "&#xD83D;", "&#55357;"])
def test_half_a_surrogate_pair_gets_into_no_view(escape: str) -> None:
    derived, _ = views_of(f"write to a{escape}b%40example.com or 617%2D555%2D0177")
    assert derived
    for one in derived:
        one.view.text.encode()
