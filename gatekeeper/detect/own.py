"""The user's own recognizers: Presidio's recognizer YAML, held to more than Presidio asks.

A file is a list (or `recognizers:` with a list) of `{name, supported_entity, patterns, context,
deny_list}`. Two keys are ours: `classes`, the data classes of a new entity, and `examples`, texts
with the value in [[ ]], which the known-answer test plants.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from gatekeeper.detect.catalogue import Canary, EntityInfo, load_catalogue, marked_text
from gatekeeper.detect.recognizers.spec import Pattern, Recognizer
from gatekeeper.errors import ConfigError

BOUND_S = 0.1
"""For one pattern over `BOUND_CHARACTERS` of adversarial text; a slower one is refused."""
BOUND_CHARACTERS = 1 << 16
TIERS = (0.3, 0.6, 0.9)
DEFAULT_CLASS = "internal"
DENY_SCORE = 1.0

_NEEDED = {"supported_entity"}
_KNOWN = {
    "name", "supported_entity", "patterns", "context", "deny_list", "deny_list_score", "examples",
    "classes", "supported_language", "supported_languages", "type", "enabled", "global_regex_flags",
}  # fmt: skip
_ENTITY = re.compile(r"[A-Z][A-Z0-9_]{1,63}\Z")


@dataclass(frozen=True, slots=True)
class Own:
    """One recognizer of the user's, and what its entity is."""

    recognizer: Recognizer
    classes: tuple[str, ...]
    canaries: tuple[Canary, ...]

    @property
    def entity(self) -> str:
        """The entity it finds."""
        return self.recognizer.entity

    def info(self) -> EntityInfo:
        """The entity, for the catalogue."""
        return EntityInfo(
            name=self.entity,
            title=f"found by {self.recognizer.name}",
            classes=frozenset(self.classes),
            tiers=TIERS,
            canaries=self.canaries,
            rank=10_000,
        )


@lru_cache(maxsize=8)
def load_own(paths: tuple[Path, ...]) -> tuple[Own, ...]:
    """The recognizers of all `paths`. Raises ConfigError, naming the file and the recognizer."""
    return tuple(own for path in paths for own in _File(path).read())


class _File:
    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> list[Own]:
        data: Any = None
        problem = ""
        try:
            data = yaml.safe_load(self._path.read_text(encoding="utf-8"))
        except OSError:
            problem = "cannot be read"
        except (yaml.YAMLError, UnicodeDecodeError, RecursionError):
            problem = "not valid yaml"
        if problem:
            raise self._wrong(problem)
        items = data.get("recognizers") if isinstance(data, dict) else data
        if not isinstance(items, list) or not items:
            raise self._wrong("a list of recognizers expected")
        return [
            self._own(item, n)
            for n, item in enumerate(items, 1)
            if not (isinstance(item, dict) and item.get("enabled") is False)
        ]

    def _own(self, item: Any, number: int) -> Own:
        if not isinstance(item, dict):
            raise self._wrong(f"recognizer {number}: keys and values expected")
        name = str(item.get("name") or f"recognizer {number}")
        unknown = sorted(str(k) for k in item if k not in _KNOWN)
        if unknown:
            raise self._wrong(f"{name}: unknown key `{unknown[0]}`")
        entity = item.get("supported_entity")
        if not isinstance(entity, str) or not _ENTITY.match(entity):
            raise self._wrong(f"{name}: supported_entity is a word like PROJECT_NAME")
        patterns = [
            *(self._pattern(p, name) for p in self._list(item, "patterns", name)),
            *self._deny_list(item, name),
        ]
        if not patterns:
            raise self._wrong(f"{name}: give patterns or a deny_list")
        words = tuple(str(w).lower() for w in self._list(item, "context", name))
        recognizer = Recognizer(name, entity, tuple(patterns), words)
        return Own(recognizer, self._classes(item, name), self._canaries(item, name))

    def _pattern(self, item: Any, name: str) -> Pattern:
        if not isinstance(item, dict) or set(item) != {"name", "regex", "score"}:
            raise self._wrong(f"{name}: a pattern has name, regex and score")
        score, regex = item["score"], item["regex"]
        if isinstance(score, bool) or not isinstance(score, (int, float)) or not 0 < score <= 1:
            raise self._wrong(f"{name}: a score lies over 0 and up to 1")
        problem = bound_problem(str(regex))
        if problem:
            raise self._wrong(f"{name}: pattern `{item['name']}`: {problem}")
        return Pattern(str(item["name"]), str(regex), float(score))

    def _deny_list(self, item: dict[str, Any], name: str) -> Iterable[Pattern]:
        words = [str(w) for w in self._list(item, "deny_list", name)]
        if words:
            ordered = "|".join(re.escape(w) for w in sorted(words, key=lambda w: (-len(w), w)))
            score = float(item.get("deny_list_score", DENY_SCORE))
            yield Pattern("deny list", rf"(?<!\w)(?:{ordered})(?!\w)", score)

    def _classes(self, item: dict[str, Any], name: str) -> tuple[str, ...]:
        classes = tuple(str(c) for c in self._list(item, "classes", name)) or (DEFAULT_CLASS,)
        for word in classes:
            if word not in load_catalogue().classes:
                raise self._wrong(f"{name}: unknown data class `{word}`")
        return classes

    def _canaries(self, item: dict[str, Any], name: str) -> tuple[Canary, ...]:
        examples = self._list(item, "examples", name)
        if not examples:
            words = self._list(item, "deny_list", name)
            examples = [f"about [[{words[0]}]] today"] if words else []
        canaries = tuple(marked_text(str(e)) for e in examples)
        if None in canaries:
            raise self._wrong(f"{name}: an example marks one value with [[ ]]")
        return tuple(c for c in canaries if c is not None)

    def _list(self, item: dict[str, Any], key: str, name: str) -> list[Any]:
        value = item.get(key) or []
        if not isinstance(value, list):
            raise self._wrong(f"{name}: `{key}` is a list")
        return value

    def _wrong(self, what: str) -> ConfigError:
        shown = "".join(c if c.isprintable() else "?" for c in f"{self._path.name}: {what}")
        return ConfigError(shown, hint="see Presidio's recognizer YAML")


def bound_problem(pattern: str) -> str:
    """Why `pattern` cannot be used, or an empty string: it compiles, and no text makes it slow."""
    import regex

    compiled = None
    try:
        compiled = regex.compile(pattern, regex.IGNORECASE | regex.MULTILINE)
    except (regex.error, RecursionError, OverflowError):
        compiled = None
    if compiled is None:
        return "not a valid regular expression"
    if compiled.search("") is not None:
        return "matches the empty text"
    for text in _adversarial(pattern):
        if not _within_bound(compiled, text):
            return f"takes more than {BOUND_S * 1000:.0f} ms for 64 KiB; make it simpler"
    return ""


def _within_bound(compiled: Any, text: str) -> bool:
    """Whether one of three runs ends in time: the clock of a busy machine is no evidence."""
    for _ in range(3):
        began = time.process_time()
        try:
            for _ in compiled.finditer(text, timeout=4 * BOUND_S):
                pass
        except TimeoutError:
            continue
        if time.process_time() - began <= BOUND_S:
            return True
    return False


def _adversarial(pattern: str) -> Iterable[str]:
    """Texts that make backtracking worst: runs of what the pattern may repeat, and its own text."""
    literal = re.sub(r"\\.|[^A-Za-z0-9 _@.:/-]", "", pattern)[:24] or "a"
    units = (
        "a",
        "1",
        " ",
        "a.",
        "a ",
        "1 ",
        "1-",
        "aA1",
        "a@",
        "a/",
        "()",
        literal,
        literal[:1],
        "ab1-_.",
    )
    # What the pattern requires stands at the end: a search for a text without it would end at once.
    tail = "!" + "".join(sorted({c for c in pattern if c.isprintable()}))
    for unit in dict.fromkeys(units):
        size = BOUND_CHARACTERS - len(tail)
        yield (unit * (size // len(unit) + 1))[:size] + tail
