"""What is measured: ours, its reference, Presidio as shipped, other scanners, bare patterns.

A lane has a `start`, which imports, compiles and loads, and gives a `Scan`: a function over a file
of JSON lines. Peers run in an interpreter of their own, so nothing is imported here but the
standard library, and inside the functions. Lanes that scan text by text are given the values of
`content` and `text` alone: neither keys nor roles, which ours reads as well.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, cast


@dataclass(frozen=True)
class Scan:
    """A lane that is ready: `over` a file gives the number of hits."""

    over: Callable[[Path], int]
    entities: int
    """How many types of entity it looks for."""


@dataclass(frozen=True)
class Lane:
    """One way to scan a file."""

    name: str
    title: str
    start: Callable[[], Scan]
    distribution: str = "gatekeeper"
    """The package that must be installed in the interpreter that runs it."""
    with_names: bool = False


def texts(path: Path) -> Iterator[str]:
    """The values of `content` and `text` of each row of a file of JSON lines."""
    with path.open("rb") as lines:
        for line in lines:
            yield from _contents(json.loads(line))


def _contents(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _contents(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(item, str):
                yield from _contents(item)
            elif key in {"content", "text"}:
                yield item


def _by_text(count: Callable[[str], int]) -> Callable[[Path], int]:
    return lambda path: sum(map(count, texts(path)))


def _without_frameworks() -> None:
    """SpaCy loads these where they are installed; nothing here uses them."""
    for name in ("torch", "transformers", "tensorflow"):
        sys.modules.setdefault(name, cast(ModuleType, None))


# --- ours ------------------------------------------------------------------------------------


def _asked(with_names: bool) -> frozenset[str]:
    from gatekeeper.detect.catalogue import load_catalogue
    from gatekeeper.detect.ner import NAME_ENTITIES

    every = frozenset(load_catalogue().entities)
    return every if with_names else every - NAME_ENTITIES


def _gatekeeper(with_names: bool, plain: bool) -> Callable[[], Scan]:
    def start() -> Scan:
        _without_frameworks()
        from gatekeeper.detect import load_detector
        from gatekeeper.gate import gather
        from gatekeeper.read import open_sources

        entities = _asked(with_names)
        detector = load_detector(entities=entities, plain=plain)
        detector.compile()

        def over(path: Path) -> int:
            evidence, _ = gather(open_sources([str(path)]), detector)
            refused = [u for _, tally in evidence for u in tally.unscanned]
            if refused:
                raise SystemExit(f"not scanned: {refused[0].reason} at {refused[0].at}")
            return sum(sum(tally.counts.values()) for _, tally in evidence)

        return Scan(over, len(entities))

    return start


def _per_text(with_names: bool, *, gated: bool = True) -> Callable[[], Scan]:
    """Our recognizers in Presidio's engine, asked text by text: no views, no second reading.

    Ungated, the name network reads every sentence, through all its layers.
    """

    def start() -> Scan:
        _without_frameworks()
        from gatekeeper.detect.ner import component, proposer
        from gatekeeper.detect.presidio import PlainAnalyzer
        from gatekeeper.detect.recognizers import all_recognizers

        entities = _asked(with_names)
        if not gated:
            whole = proposer.proposer(proposer.bundled_tagger(), gated=False)
            component.open_proposer = lambda *_: whole
        engine: Any = PlainAnalyzer(all_recognizers(), entities)._engine
        return Scan(_by_text(lambda text: len(engine.analyze(text, "en"))), len(entities))

    return start


def _our_patterns() -> list[tuple[str, bool]]:
    """Every shipped pattern but those of names, and whether case is ignored."""
    from gatekeeper.detect.recognizers import all_recognizers

    ours = [(p.regex, r.ignore_case) for r in all_recognizers() for p in r.patterns]
    return list(dict.fromkeys(ours))


def _bare_patterns() -> Scan:
    import regex

    flags = {True: regex.MULTILINE | regex.IGNORECASE, False: regex.MULTILINE}
    compiled = [regex.compile(pattern, flags[case]) for pattern, case in _our_patterns()]

    def count(text: str) -> int:
        return sum(1 for pattern in compiled for _ in pattern.finditer(text))

    return Scan(_by_text(count), len(compiled))


# --- peers -----------------------------------------------------------------------------------


def _presidio() -> Scan:
    """`AnalyzerEngine` with the recognizers it ships switched on, behind a blank tokenizer."""
    _without_frameworks()
    import logging

    import spacy
    import tldextract.tldextract as public_suffixes
    from presidio_analyzer import AnalyzerEngine
    from presidio_analyzer.nlp_engine import NerModelConfiguration, SpacyNlpEngine

    class Blank(SpacyNlpEngine):  # type: ignore[misc]
        def load(self) -> None:
            self.nlp = {"en": spacy.blank("en")}

    # Else the first e-mail address fetches the Public Suffix List.
    offline = public_suffixes.TLDExtract(suffix_list_urls=(), cache_dir=None)
    vars(public_suffixes)["TLD_EXTRACTOR"] = offline
    logging.disable(logging.CRITICAL)
    nlp = Blank(
        models=[{"lang_code": "en", "model_name": "blank"}],
        ner_model_configuration=NerModelConfiguration(labels_to_ignore=[]),
    )
    nlp.load()
    engine = AnalyzerEngine(nlp_engine=nlp, supported_languages=["en"])
    return Scan(
        _by_text(lambda text: len(engine.analyze(text, "en"))),
        len(engine.get_supported_entities("en")),
    )


def _scrubadub() -> Scan:
    scrubadub: Any = import_module("scrubadub")
    scrubber = scrubadub.Scrubber()
    return Scan(
        _by_text(lambda text: sum(1 for _ in scrubber.iter_filth(text))), len(scrubber._detectors)
    )


def _datafog() -> Scan:
    os.environ.update(DATAFOG_NO_TELEMETRY="1", DO_NOT_TRACK="1")
    engine: Any = import_module("datafog.engine")

    def count(text: str) -> int:
        return len(engine.scan(text, engine="regex").entities)

    return Scan(_by_text(count), len(engine.ALL_ENTITY_TYPES - engine.NER_ENTITY_TYPES))


def _detect_secrets() -> Scan:
    core: Any = import_module("detect_secrets.core.scan")
    settings: Any = import_module("detect_secrets.settings")

    def over(path: Path) -> int:
        with settings.default_settings():
            return sum(1 for _ in core.scan_file(str(path)))

    with settings.default_settings():
        return Scan(over, len(settings.get_settings().plugins))


def _ripgrep() -> Scan:
    """Our patterns as `gatekeeper.detect.prefilter` weakens them: they filter, they find nothing.

    As they are, most look behind, and `rg --pcre2` takes no list of so many.
    """
    from gatekeeper.detect.prefilter.weaken import TooStrange, weakened

    weak = []
    for pattern, ignore_case in _our_patterns():
        with suppress(TooStrange):  # anything matches it
            weak.append(weakened(pattern, ignore_case=ignore_case))
    command = [
        "rg",
        "--count-matches",
        "--no-config",
        "--no-unicode",
        "--threads=1",
        "--text",
        "--multiline",
    ]
    command += ["--threads=1", "--regex-size-limit=4G", "--dfa-size-limit=1G", "--file=-"]

    def over(path: Path) -> int:
        done = subprocess.run(
            [*command, str(path)], input="\n".join(weak), text=True, capture_output=True, check=True
        )
        return int(done.stdout)

    return Scan(over, len(weak))


def lanes() -> dict[str, Lane]:
    """Every lane, by its name, in the order of the table."""
    every: Iterable[Lane] = (
        Lane("ours", "gatekeeper", _gatekeeper(False, False)),
        Lane("reference", "its reference: every recognizer, every text", _gatekeeper(False, True)),
        Lane("per-text", "our recognizers by AnalyzerEngine", _per_text(False)),
        Lane("presidio", "Presidio as shipped, no NER", _presidio, "presidio-analyzer"),
        Lane("scrubadub", "scrubadub", _scrubadub, "scrubadub"),
        Lane("datafog", "DataFog, its regex engine", _datafog, "datafog"),
        Lane("detect-secrets", "detect-secrets", _detect_secrets, "detect-secrets"),
        Lane("finditer", "our patterns, bare finditer", _bare_patterns),
        Lane("ripgrep", "our patterns weakened, rg", _ripgrep),
        Lane("ours-names", "gatekeeper, with names", _gatekeeper(True, False), with_names=True),
        Lane("reference-names", "its reference, with names", _gatekeeper(True, True),
             with_names=True),
        Lane("per-text-names", "our recognizers by AnalyzerEngine, with names", _per_text(True),
             with_names=True),
        Lane("per-text-all-names", "the same, the network reading every sentence",
             _per_text(True, gated=False), with_names=True),
    )  # fmt: skip
    return {lane.name: lane for lane in every}
