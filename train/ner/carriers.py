"""Sentences, forms, rows and bare cells around drawn names, and look-alikes that name nobody.

A template's slots: {P} whole name, {G} given name, {S} surname, {H} a given name that is also a
word (PERSON); {L} place, {O} organisation; {d} date, {n} number, {w} a common cell word,
{W} {x} a plain English word with and without a capital, {m} month,
{s} a surname that names a thing, {t} a tool or product. {p_} {g_} {s_} {l_} are lower-case.
"""

from __future__ import annotations

import calendar
import json
import random
import re
from collections import Counter
from pathlib import Path

from data import Sample, beside, join, merge_people
from namepool import NamePool, origins

_SLOT = re.compile(r"\{([PGSHLOdnwmWxst]|[pgsl]_)\}")
_LOWER = re.compile(r"\b[a-z]+\b")
_LABEL = {
    "P": "PERSON",
    "G": "PERSON",
    "S": "PERSON",
    "H": "PERSON",
    "L": "LOCATION",
    "O": "ORGANIZATION",
    "p_": "PERSON",
    "g_": "PERSON",
    "s_": "PERSON",
    "l_": "LOCATION",
}

_HERE = Path(__file__).parent / "templates"
_DATA = json.loads((_HERE / "carriers.json").read_bytes())
# Given names that are also words; texts that name people; texts that do not; cell contents.
HOMOGRAPHS: list[str] = _DATA["homographs"]
_REGISTERS = json.loads((_HERE / "registers.json").read_bytes())
WITH_NAMES: list[str] = _DATA["with_names"] + 2 * _REGISTERS["with_names"]
NOBODY: list[str] = _DATA["nobody"] + 2 * _REGISTERS["nobody"]
CELLS: list[str] = _DATA["cells"]
_PRODUCTS: list[str] = [word.title() for word in json.loads((_HERE / "products.json").read_bytes())]

_MONTHS: list[str] = calendar.month_name[1:]


class Carriers:
    """Draws samples from the templates; places and organisations come from the training corpora."""

    def __init__(
        self, corpora: dict[str, list[Sample]], pool: NamePool, rng: random.Random
    ) -> None:
        self._pool, self._rng = pool, rng
        self._places = _surfaces(corpora, "LOCATION")
        self._organisations = _surfaces(corpora, "ORGANIZATION")
        self._plain = _plain_words(corpora)

    @property
    def surfaces(self) -> dict[str, tuple[str, ...]]:
        """Places and organisations of the training corpora, by label."""
        return {"LOCATION": self._places, "ORGANIZATION": self._organisations}

    def named(self) -> Sample:
        """A text with at least one marked span; at times with more around it."""
        return self._among(self._draw(WITH_NAMES, "carriers"), 0.4)

    def nobody(self) -> Sample:
        """A text without any."""
        return self._draw(NOBODY, "nobody")

    def _among(self, sample: Sample, share: float) -> Sample:
        """In `share` of cases the text with another one before or behind it, as in a document."""
        while self._rng.random() < share:
            other = self._draw(self._rng.choice((WITH_NAMES, NOBODY)), "carriers")
            first, second = self._rng.sample((sample, other), 2)
            sample = beside(first, second, self._rng.choice((" ", "\n", "\n\n", " ")))
        return sample

    def _draw(self, templates: list[str], source: str) -> Sample:
        template = self._rng.choice(templates)
        pieces: list[str | tuple[str, str]] = []
        last = 0
        for slot in _SLOT.finditer(template):
            pieces.append(_plain(template[last : slot.start()]))
            words = self._fill(slot.group(1))
            label = _LABEL.get(slot.group(1))
            pieces.append((words, label) if label else words)
            last = slot.end()
        pieces.append(_plain(template[last:]))
        return merge_people(join(pieces, source))

    def _fill(self, slot: str) -> str:
        rng = self._rng
        if slot.endswith("_"):
            return self._fill(slot[0].upper()).lower()
        match slot:
            case "P":
                return self._pool.person()
            case "G":
                return self._pool.given()
            case "S":
                return self._pool.surname()
            case "H":
                return rng.choice(HOMOGRAPHS)
            case "L":
                return rng.choice(self._places)
            case "O":
                return rng.choice(self._organisations)
            case "d":
                month = rng.choice(_MONTHS)
                return rng.choice(
                    (f"{month} {rng.randint(1, 28)}, {rng.randint(1940, 2026)}",
                     f"{rng.randint(1, 12):02}/{rng.randint(1, 28):02}/{rng.randint(1940, 2026)}",
                     f"{rng.randint(1940, 2026)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}")
                )  # fmt: skip
            case "n":
                return str(rng.randint(10, 59))
            case "m":
                return rng.choice(_MONTHS)
            case "x":
                return rng.choice(self._plain)
            case "s":
                return self._pool.surname().partition("-")[0]
            case "t":
                return rng.choice(_PRODUCTS)
            case "W":
                return rng.choice(self._plain).capitalize()
            case _:
                return rng.choice(CELLS)


def _plain(text: str) -> str:
    return text.replace("{{", "{").replace("}}", "}")


def _plain_words(corpora: dict[str, list[Sample]]) -> tuple[str, ...]:
    """Words that the corpora write in lower case, and that no name table holds."""
    counts: Counter[str] = Counter()
    for source, samples in corpora.items():
        if source != "synthetic_templates":  # it lower-cases whole texts, names and all
            for sample in samples:
                counts.update(w for w in _LOWER.findall(sample.text) if len(w) > 2)
    names = {n.lower() for o in origins() for n in (*o.given, *o.surnames)}
    return tuple(sorted(w for w, count in counts.items() if count >= 4 and w not in names))


def _surfaces(corpora: dict[str, list[Sample]], label: str) -> tuple[str, ...]:
    found = {
        sample.text[s.start : s.end]
        for samples in corpora.values()
        for sample in samples
        for s in sample.spans
        if s.label == label
    }
    return tuple(sorted(w for w in found if w[:1].isupper() and len(w) > 2 and "\n" not in w))
