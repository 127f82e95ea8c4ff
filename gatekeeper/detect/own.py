"""The user's own recognizers: Presidio's recognizer YAML, held to more than Presidio asks.

A file is a list (or `recognizers:` with a list) of `{name, supported_entity, supported_languages,
patterns, deny_list, deny_list_score, context, global_regex_flags, enabled}`. Three keys are ours:
`classes`, the data classes of a new entity; `examples`, texts with the value in [[ ]], which the
recognizer must find at load and the known-answer test plants; `counterexamples`, texts in which it
must find nothing. An entity that the catalogue has gets one recognizer more; its classes and tiers
stay those of the catalogue.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import yaml

from gatekeeper.detect.own_item import LANGUAGE, PRESIDIO_FLAGS, Item, Own
from gatekeeper.errors import ConfigError

MAX_BYTES = 1 << 20
MAX_RECOGNIZERS = 500

_TOP = {"recognizers", "supported_languages", "global_regex_flags"}
_KNOWN = {
    "name", "supported_entity", "supported_entities", "patterns", "context", "deny_list",
    "deny_list_score", "examples", "counterexamples", "classes", "supported_language",
    "supported_languages", "type", "enabled", "global_regex_flags", "version", "country_code",
}  # fmt: skip


@lru_cache(maxsize=8)
def load_own(paths: tuple[Path, ...]) -> tuple[Own, ...]:
    """The recognizers of all `paths`. Raises ConfigError, naming the file and the recognizer."""
    names: set[str] = set()
    found = [own for path in paths for own in _File(path, names).read()]
    return tuple(_with_others(own, found) for own in found)


def _with_others(own: Own, every: Sequence[Own]) -> Own:
    """`own`, its entity with the classes and examples that all its recognizers give it."""
    same = [o for o in every if o.entity == own.entity]
    return dataclasses.replace(
        own,
        classes=tuple(dict.fromkeys(c for o in same for c in o.classes)),
        canaries=tuple(dict.fromkeys(c for o in same for c in o.canaries)),
    )


class _File:
    def __init__(self, path: Path, names: set[str]) -> None:
        self._path = path
        self._names = names
        self._flags: Any = PRESIDIO_FLAGS

    def _check_languages(self, languages: Any) -> None:
        if not isinstance(languages, list) or LANGUAGE not in languages:
            raise self._wrong("supported_languages lacks en: no recognizer would run")

    def read(self) -> list[Own]:
        data = self._data()
        items = data.get("recognizers") if isinstance(data, dict) else data
        if isinstance(data, dict) and (other := sorted(str(k)[:40] for k in data if k not in _TOP)):
            raise self._wrong(f"unknown key `{other[0]}` beside `recognizers`")
        if isinstance(data, dict):
            self._check_languages(data.get("supported_languages", [LANGUAGE]))
            self._flags = data.get("global_regex_flags", PRESIDIO_FLAGS)
        if not isinstance(items, list) or not items:
            raise self._wrong("a list of recognizers expected")
        if len(items) > MAX_RECOGNIZERS:
            raise self._wrong(f"more than {MAX_RECOGNIZERS} recognizers")
        read = (self._item(item, n) for n, item in enumerate(items, 1))
        return [own for own in read if own is not None]

    def _data(self) -> Any:
        data: Any = None
        problem = ""
        try:
            with self._path.open("rb") as file:
                content = file.read(MAX_BYTES + 1)
            if len(content) > MAX_BYTES:
                problem = f"larger than {MAX_BYTES >> 20} MiB"
            else:
                data = yaml.safe_load(content.decode("utf-8-sig"))
        except OSError:
            problem = "cannot be read"
        except (yaml.YAMLError, ValueError, RecursionError):
            problem = "not valid yaml"
        if problem:
            raise self._wrong(problem)
        return data

    def _item(self, item: Any, number: int) -> Own | None:
        if not isinstance(item, dict):
            raise self._wrong(f"recognizer {number}: keys and values expected")
        name = item.get("name", f"recognizer {number}")
        if not isinstance(name, str) or not 0 < len(name) <= 100:
            raise self._wrong(f"recognizer {number}: a name is a text of up to 100 characters")
        unknown = sorted(str(k)[:40] for k in item if not isinstance(k, str) or k not in _KNOWN)
        if unknown:
            raise self._wrong(f"{name}: unknown key `{unknown[0]}`")
        enabled = item.get("enabled", True)
        if not isinstance(enabled, bool):
            raise self._wrong(f"{name}: `enabled` is true or false")
        if not enabled:
            return None
        self._check_name(item, name)
        return Item({"global_regex_flags": self._flags, **item}, name, self._wrong).own()

    def _check_name(self, item: dict[Any, Any], name: str) -> None:
        kind = item.get("type", "custom")
        if kind == "predefined":
            raise self._wrong(
                f"{name}: predefined recognizers always run; leave it out, and choose by entity "
                "in the policy"
            )
        if kind != "custom":
            raise self._wrong(f"{name}: `type` is custom")
        if "name" in item and name in self._names:
            raise self._wrong(f"{name}: a recognizer of this name stands twice")
        if name in _shipped():
            raise self._wrong(f"{name}: a shipped recognizer has this name; choose another")
        self._names.add(name)

    def _wrong(self, what: str) -> ConfigError:
        shown = "".join(c if c.isprintable() else "?" for c in f"{self._path.name}: {what}")
        return ConfigError(shown, hint="see Presidio's recognizer YAML")


@cache
def _shipped() -> set[str]:
    from gatekeeper.detect.national import national_ids
    from gatekeeper.detect.recognizers import all_recognizers
    from gatekeeper.model import LOCALES

    # Those of every locale: a file may not become wrong because a country is switched on.
    abroad = {i.recognizer for i in national_ids(LOCALES)}
    return abroad.union(r.name for r in all_recognizers())
