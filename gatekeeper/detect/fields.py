"""Fields that say by their header what they hold: keys, columns, cells of tables, forms.

A labelled pattern asks for the shape of its value, for prose may follow any word. Under a header
the whole value is the field's, so that what has no shape of its own (`li` under `last_name`, 2139
under `zip`) is found as well. A header that may mean other things too (`name`, `city`, `id`) counts
only where the headers beside it are those of people, or the value speaks for itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from gatekeeper.detect.headers import is_city, is_personal, is_row_id, is_weak_name, kind_of
from gatekeeper.detect.lazy import lazy
from gatekeeper.detect.lexicon import lexicon
from gatekeeper.detect.names import is_organisation
from gatekeeper.detect.shapes import fits, is_name, names_known
from gatekeeper.detect.spans import Span
from gatekeeper.detect.tables import cells_of
from gatekeeper.detect.words import header_of, words_of
from gatekeeper.model import Record, Text

NAME = "FieldRecognizer"
VALUE_MAX = 200
"""Characters of a value that a header may stand for; a longer one is prose."""
FORM_MAX = 24_000
PERSONAL_NEEDED = 2
"""Headers of people beside an ambiguous one."""

_APART = lazy(r"[ \t]{2,}|\t|;[ ]|,[ ](?=[^\W\d_][\w .#/]{0,24}:)")
_LABEL = lazy(
    r"[ >*_#\"'-]{0,4}(?P<head>[^\W\d_][\w .#/()'’-]{0,38}?)[ *_\"']{0,3}[:=|][ *_\"']{0,4}"
)

_HAS_FIELDS = lazy(r"[:|\n]")
"""A label needs a colon or a bar, a table more than one line."""
_FIELD_NAME = lazy(r"[A-Za-z][A-Za-z0-9]*(?:[_.-][A-Za-z0-9]+)*")
_GUESS = 0.4
_NAMES = frozenset({"PERSON", "LOCATION", "ORGANIZATION"})

Words = tuple[str, ...]


def fields_of(record: Record) -> list[list[Span]]:
    """For each text of `record`, the spans that headers account for, in places of its value."""
    beside: dict[str, set[Words]] | None = None
    found: list[list[Span]] = []
    for text in record.texts:
        spans: list[Span] = []
        if not text.is_key:
            if text.key and len(text.value) <= VALUE_MAX and _announces(text.key, text.pointer):
                words = words_of(header_of(text.key, text.pointer))
                beside = _beside(record.texts) if beside is None else beside
                people = beside.get(text.pointer.rpartition("/")[0], ())
                spans += typed(words, text.value, people)
            if len(text.value) <= FORM_MAX and _HAS_FIELDS.search(text.value):
                spans += within(text.value)
        found.append(spans)
    return found


@lru_cache(maxsize=4096)
def _announces(key: str, pointer: str) -> bool:
    return announces(words_of(header_of(key, pointer)))


def announces(words: Words) -> bool:
    """Whether a header of `words` says anything of what stands under it."""
    return bool(kind_of(words) or is_weak_name(words) or is_city(words) or is_row_id(words))


def may_hold_fields(text: str) -> bool:
    """Whether `within` may yield anything: `text` has a table, or a label that is a header."""
    if not _HAS_FIELDS.search(text):
        return False
    return bool(cells_of(text)) or any(announces(words) for words, _, _ in _labelled(text))


def as_key(text: Text, spans: Sequence[Span]) -> list[Span]:
    """`spans` of a key. Ordinary words that name a field (`bill`, `grant_type`) are no names,
    another perhaps is; one whose parts are nothing but names (`maria_gonzalez`) is left as found.
    """
    if not text.is_key or not _FIELD_NAME.fullmatch(text.value):
        return list(spans)
    words, names = words_of(text.value), lexicon()
    if all(map(names.strong, words)) and (len(words) > 1 or not text.value.islower()):
        return list(spans)
    if kind_of(words) or all(names.plain(w) or len(w) < 4 for w in words):
        return [s for s in spans if s.entity not in _NAMES]
    return [replace(s, score=min(s.score, _GUESS)) if s.entity in _NAMES else s for s in spans]


def _beside(texts: Sequence[Text]) -> dict[str, set[Words]]:
    """Place of an object → the headers in it that are those of people, or parts of a name."""
    beside: dict[str, set[Words]] = {}
    for text in texts:
        words = words_of(text.key)
        if words and not text.is_key and (is_personal(words) or is_weak_name(words)):
            beside.setdefault(text.pointer.rpartition("/")[0], set()).add(words)
    return beside


def typed(words: Words, value: str, beside: Collection[Words] = ()) -> Iterator[Span]:
    """What `value` is under a header of `words`, with the headers `beside` it."""
    start, end = _bounds(value)
    core = value[start:end]
    if not core or tuple(words_of(core)) == words:
        return
    kind = kind_of(words)
    if kind is not None:
        if fits(kind.shape, core, _people(beside)):
            yield Span(start, end, kind.entity, kind.score, NAME)
    elif is_weak_name(words):
        score = _weak_name(words, core, beside)
        if score:
            yield Span(start, end, "PERSON", score, NAME)
    elif is_city(words):
        if (_people(beside) or len(words) > 1) and fits("town", core):
            yield Span(start, end, "LOCATION", 0.65, NAME)
    elif is_row_id(words) and _people(beside) and fits("code", core):
        yield Span(start, end, "UNIQUE_CODE", 0.65, NAME)


def _people(beside: Collection[Words]) -> bool:
    return sum(map(is_personal, beside)) >= PERSONAL_NEEDED


def _weak_name(words: Words, value: str, beside: Collection[Words]) -> float:
    """The score of `value` under a header that may ask for a name; 0 where none speaks for it."""
    if not is_name(value) or is_organisation(value):
        return 0.0
    part = words[-1] in {"first", "last", "middle", "given", "family", "full"}
    if part:
        pair = ("first",) in beside and ("last",) in beside
        return 0.7 if pair or _people(beside) else 0.0
    known, strong, count = names_known(value)
    if _people(beside):
        return 0.7
    if count > 1 and known == count and strong:
        return 0.7
    whose = len(words) > 1 and words[0] != "display"
    return 0.65 if whose and (strong or (known and count > 1)) else 0.0


def within(text: str) -> Iterator[Span]:
    """The fields inside a text: cells of its tables, and lines that read `Label: value`."""
    for cell in cells_of(text):
        beside = {words_of(h) for h in cell.heads}
        yield from _moved(
            typed(words_of(cell.head), text[cell.start : cell.end], beside), cell.start
        )
    if ":" in text or "|" in text:
        lines = list(_labelled(text))
        beside = {words for words, _, _ in lines if is_personal(words)}
        for words, start, end in lines:
            yield from _moved(typed(words, text[start:end], beside), start)


def _labelled(text: str) -> Iterator[tuple[Words, int, int]]:
    """(words of the label, start and end of the value) of every `Label: value`."""
    start = 0
    for line in text.split("\n"):
        if (":" in line or line.count("|") in (1, 3)) and len(line) <= 2 * VALUE_MAX:
            for a, b in _pieces(line):
                found = _LABEL.match(line, a, b)
                if found and found.end() < b:
                    words = words_of(found["head"])
                    yield words, start + found.end(), start + b
        start += len(line) + 1


def _pieces(line: str) -> Iterator[tuple[int, int]]:
    at = 0
    first, last = len(line) - len(line.lstrip(" \t|")), len(line.rstrip(" \t|\r"))
    at = first
    for gap in _APART.finditer(line, first, last):
        if line[at : gap.start()].rstrip()[-1:] not in (":", "|", "="):
            yield at, gap.start()
            at = gap.end()
    yield at, last


def _moved(spans: Iterable[Span], by: int) -> Iterator[Span]:
    for s in spans:
        yield Span(s.start + by, s.end + by, s.entity, s.score, s.recognizer)


def _bounds(value: str) -> tuple[int, int]:
    """Where the value begins and ends without the blanks, quotes and stops about it."""
    left = value.lstrip(" \t\r\n\"'`*_")
    core = left.rstrip(" \t\r\n\"'`*_,;")
    start = len(value) - len(left)
    return start, start + len(core)
