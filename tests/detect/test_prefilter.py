"""The prefilter passes every text in which a pattern matches, and the short cuts find the same."""

import random
import re

import pytest
import regex

from bench import differential
from bench.eval import gold_set
from bench.eval.hard_negatives import documents
from gatekeeper.detect import load_detector
from gatekeeper.detect.analyzer import AnalysisFailed, Analyzer
from gatekeeper.detect.catalogue import load_catalogue
from gatekeeper.detect.ner import NAME_ENTITIES
from gatekeeper.detect.prefilter import Prefilter, cache
from gatekeeper.detect.prefilter.fold import FOLDS, folded, stand_in
from gatekeeper.detect.prefilter.weaken import _CLASSES, TooStrange, weakened
from gatekeeper.detect.recognizers import all_recognizers
from gatekeeper.detect.recognizers.spec import Pattern, Recognizer
from gatekeeper.detect.shortlist import COMPILED_FROM, Rule, Shortlist, prefilter_of
from gatekeeper.detect.spans import View
from gatekeeper.model import Record, Text

hyperscan = pytest.importorskip("hyperscan", reason="hyperscan is not installed")
FLAGS = regex.MULTILINE


def weak_match(pattern: str, text: str, *, ignore_case: bool) -> bool:
    weak = re.compile(weakened(pattern, ignore_case=ignore_case).encode())
    return any(weak.search(read) for read in folded(text))


@pytest.mark.parametrize(
    ("pattern", "text", "ignore_case"),
    [
        (r"\bssn: \d{3}", "SſN: 123", True),
        (r"token=[a-z]{5}", "TOKEN=abKde", True),
        (r"kind of", "Kind of", True),
        (r"(?i:init) \d\d", "İNİT 12", False),
        (r"id\d{4}", "id٣٤٥٦", False),
        (r"id[^0-9]\w\d", "id٣é٤", False),
        (r"no\s\d{3}", "no\u00a0123", False),
        (r"a[^a-z]cd", "aſcd", False),
        (r"abcd(?=ef)(?!eg)", "abcdef", False),
        (r"(?:abcd|bcde(?=f))(?=[f-h])", "bcdef", False),
        (r"abcd(?=e|$)", "abcd", False),
        (r"ab(?P<v>(?=.{0,9}\d{3})[a-z\d]{3,9})(?![a-z])", "abx123", False),
        (r"(?i:sid)[^a-z]\d{3}", "ſidſ123", False),
        (r"sid(?-i:[^a-z])\d{3}", "ſidſ123", True),
        (r"aſ[\u0100-\u1000]cd\d", "aſſcd1", True),
        (r"a[^ ,]cd", "a\u2003cd", False),
        (r"a[^\W\d_]cde", "aécde", False),
        (r"a[‐-―]bcd", "a–bcd", False),
        (r"straße \d", "STRAẞE 5", True),
        (r"(?P<s>[ -])\d\d(?P=s)\d\d", "-12-34", False),
        (r"(?<![\w.])\d{4}(?!\d)(?=x)", "1234x", False),
        (r"(a)?(?(1)bcdef|cdefg)", "cdefg", False),
        (r"(?>ab|a)cdefg", "acdefg", False),
        (r"x{40}", "x" * 40, False),
        (r"(?:ab){9}", "ab" * 9, False),
        (r"(?s)key.{1,9}end", "key\nend", False),
        (r"a\Sbcd", "a٣bcd", False),
        (r"a\Dbcd", "aébcd", False),
        (r"a\Wbcd", "a–bcd", False),
        (r"a[^\s]bcd", "a\x1cbcd", False),
        (r"(?=(?:[0-9a-f]{0,4}:){2})[0-9a-f:]{2,39}", "fe80::1", True),
    ],
)
def test_what_a_pattern_matches_its_weak_form_matches(
    pattern: str, text: str, ignore_case: bool
) -> None:
    flags = FLAGS | (regex.IGNORECASE if ignore_case else 0)
    assert regex.search(pattern, text, flags), "the example is wrong"
    assert weak_match(pattern, text, ignore_case=ignore_case)


@pytest.mark.parametrize(("name", "pattern"), [("DIGIT", r"\d"), ("SPACE", r"\s"), ("WORD", r"\w")])
def test_a_stand_in_is_of_the_class_of_what_it_stands_for(name: str, pattern: str) -> None:
    known, compiled = _CLASSES[f"CATEGORY_{name}"], regex.compile(pattern)
    for code in range(0x110000):
        if not 0xD800 <= code <= 0xDFFF:
            stands = code if code < 128 else stand_in(chr(code))
            assert (stands in known) == bool(compiled.match(chr(code))), hex(code)


def test_a_letter_that_matches_one_of_ascii_is_folded_to_it() -> None:
    beyond = [chr(c) for c in range(128, 0x110000) if not 0xD800 <= c <= 0xDFFF]
    letters = regex.compile("[a-z]", regex.IGNORECASE)
    assert {c for c in beyond if letters.match(c)} <= set(FOLDS)


def test_a_reference_that_alone_ignores_case_is_not_weakened() -> None:
    with pytest.raises(TooStrange):
        weakened(r"(?P<a>abcd)(?i:(?P=a))", ignore_case=False)


@pytest.mark.parametrize("pattern", [r"\w", r"(?:abc)?", r"\p{L}{9}", r"[^a]*x"])
def test_what_would_save_nothing_is_not_asked_for(pattern: str) -> None:
    with pytest.raises(TooStrange):
        weakened(pattern, ignore_case=True)


def test_every_shipped_pattern_but_a_few_is_in_the_prefilter() -> None:
    prefilter = prefilter_of(all_recognizers())
    keys = {(p.regex, r.ignore_case) for r in all_recognizers() for p in r.patterns}
    assert prefilter.compile()
    outside = [key for key in keys if prefilter.number(key) in prefilter.always]
    assert len(keys) > 600
    assert len(outside) <= 3


def samples(count: int, seed: int) -> list[str]:
    """Values, disguises and look-alikes, three of four mutated."""
    rng = random.Random(seed)  # noqa: S311
    known = [d.text for d in gold_set.documents()] + [d.text for d in documents(600, seed)]
    rng.shuffle(known)
    chosen = known[:count]
    return [
        t if n % 4 == 0 else differential.mutated(t, rng.choice(known), rng)
        for n, t in enumerate(chosen)
    ]


def test_a_pattern_that_matches_is_always_named() -> None:
    prefilter = prefilter_of(all_recognizers())
    assert prefilter.compile()
    compiled = {}
    for r in all_recognizers():
        for p in r.patterns:
            number = prefilter.number((p.regex, r.ignore_case))
            if number is not None:
                flags = FLAGS | (regex.IGNORECASE if r.ignore_case else 0)
                compiled[number] = regex.compile(p.regex, flags)
    matched = 0
    for text in samples(150, 1):
        named = prefilter.matching(text)
        assert named is not None
        for number, pattern in compiled.items():
            if pattern.search(text):
                matched += 1
                assert number in named
    assert matched > 300


@pytest.mark.slow
def test_the_short_cuts_find_what_every_recognizer_over_every_text_finds() -> None:
    entities = frozenset(load_catalogue().entities) - NAME_ENTITIES
    detectors = [load_detector(entities=entities, plain=plain) for plain in (False, True)]
    assert detectors[0].compile()
    records = [
        Record("s", n, (Text("/text", text, "text"),), 0) for n, text in enumerate(samples(400, 2))
    ]
    short, plain = ([found for _, found in detector.detect(records)] for detector in detectors)
    assert sum(map(len, plain)) > 800
    assert [
        n for n, (one, other) in enumerate(zip(short, plain, strict=True)) if one != other
    ] == []


def test_what_runs_out_of_time_is_an_error_behind_the_prefilter_too() -> None:
    analyzer = Analyzer(all_recognizers(), frozenset({"US_SSN"}), timeout_s=1e-9)
    assert analyzer.compile()
    assert analyzer.analyze(View("nothing here")) == []
    with pytest.raises(AnalysisFailed):
        analyzer.analyze(View("x" * 50_000 + " ssn 429-00-2316"))


def test_patterns_of_ones_own_always_run() -> None:
    own = Recognizer("OwnRecognizer", "OWN", (Pattern("own", r"zq\d", 0.8),))
    analyzer = Analyzer((*all_recognizers(), own), frozenset({"OWN", "US_SSN"}))
    assert analyzer.compile()
    found = analyzer.analyze(View("a zq7 b"))
    assert [(s.entity, s.start, s.end) for s in found] == [("OWN", 2, 5)]


# --- the database on disk ------------------------------------------------------------------------

PATTERNS = [(r"alpha\d{3}", False), (r"beta-\w{4}", True)]


def files() -> list:
    return list(cache.cache_folder().glob("*.hs"))


@pytest.fixture
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("GATEKEEPER_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_a_database_is_kept_and_opened_again(own_cache) -> None:
    assert Prefilter(PATTERNS).compile()
    (kept,) = files()
    assert kept.stat().st_mode & 0o077 == 0
    again = Prefilter(PATTERNS)
    assert again.matching("an alpha123 here") == frozenset((0,))
    assert again.matching("BETA-xyz1") == frozenset((1,))
    assert again.matching("nothing") == frozenset()


def test_until_there_is_one_every_pattern_may_match(own_cache) -> None:
    fresh = Prefilter(PATTERNS)
    assert fresh.matching("nothing") is None
    assert not files()
    assert fresh.compile()
    assert fresh.matching("something") == frozenset()


def test_it_is_compiled_once_that_pays(own_cache) -> None:
    rules = [
        Rule(
            Recognizer("r", "OWN", (Pattern("p", pattern, 0.5),), ignore_case=ignore_case),
            1.0,
            Prefilter(PATTERNS),
        )
        for pattern, ignore_case in PATTERNS
    ]
    shortlist = Shortlist(rules, Prefilter(PATTERNS))
    assert shortlist.of("x" * (COMPILED_FROM - 1)) == []
    assert not files()
    shortlist.of("y")
    assert files()
    assert shortlist.of("nothing here") == []


@pytest.mark.parametrize("at", [0, 40, -1])
def test_a_damaged_database_is_made_anew(own_cache, at: int) -> None:
    assert Prefilter(PATTERNS).compile()
    (kept,) = files()
    raw = bytearray(kept.read_bytes())
    raw[at] ^= 1
    kept.write_bytes(raw)
    again = Prefilter(PATTERNS)
    assert again.matching("nothing") is None
    assert again.compile()
    assert Prefilter(PATTERNS).matching("alpha123") == frozenset((0,))


def test_what_others_may_write_is_not_trusted(own_cache) -> None:
    assert Prefilter(PATTERNS).compile()
    (kept,) = files()
    kept.chmod(0o666)
    assert Prefilter(PATTERNS).matching("nothing") is None
    kept.chmod(0o600)
    own_cache.chmod(0o777)
    assert Prefilter(PATTERNS).matching("nothing") is None


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path, monkeypatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("GATEKEEPER_CACHE", str(tmp_path / "file" / "cache"))
    assert Prefilter(PATTERNS).compile()


def test_without_hyperscan_every_pattern_runs(monkeypatch) -> None:
    monkeypatch.setattr("gatekeeper.detect.prefilter.database._hyperscan", lambda: None)
    bare = Prefilter(PATTERNS)
    assert not bare.compile()
    assert bare.matching("alpha123") is None
