"""Keys and roles as words: what a field is called says what it holds."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from gatekeeper.detect.lazy import lazy

_PART = lazy(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_A-Za-z]+|\d+")

CARRIERS = frozenset({
    "content", "text", "value", "prompt", "completion", "response", "message", "messages", "input",
    "output", "instruction", "instructions", "question", "answer", "chosen", "rejected", "body",
    "arguments", "description", "query", "context", "title", "summary", "system", "user",
    "assistant", "role", "data", "item", "items", "example", "examples", "conversations",
    "conversation", "document", "snippet", "comment", "url", "source", "type", "reference", "label",
    "tags", "history",
})  # fmt: skip
"""Keys that say nothing about what stands under them."""

STOP = frozenset(
    (
        "the", "a", "an", "of", "is", "was", "are", "were", "be", "been", "to", "and", "or", "in",
        "at", "by", "for", "my", "your", "our", "its", "it", "as", "this", "that",
    )
)  # fmt: skip
"""Words that say nothing about what stands beside them."""

LABEL_MAX = 40
VALUE_MAX = 400
"""A key labels a short value; a long one is prose, whatever it stands under."""


@lru_cache(maxsize=4096)
def words_of(name: str) -> tuple[str, ...]:
    """The words of a key, lower-case and without marks: `patientMRN_prénom` is `patient`, `mrn`,
    `prenom`.
    """
    if not name.isascii():
        bare = unicodedata.normalize("NFD", name.replace("ß", "ss"))
        name = unicodedata.normalize(
            "NFC", "".join(c for c in bare if not unicodedata.combining(c))
        )
    return tuple(part.lower() for part in _PART.findall(name))


_GENERIC = frozenset({
    "id", "ids", "no", "nr", "num", "number", "code", "key", "identifier", "name", "names", "first",
    "last", "middle", "given", "family", "full", "phone", "date", "value", "ref", "address", "line",
})  # fmt: skip
"""Words that say what something is only together with whose it is."""
_POSITION = lazy(r"\d+\Z|#|-\Z")


@lru_cache(maxsize=4096)
def header_of(key: str, pointer: str) -> str:
    """The key, behind that of the object around it where the key alone is too general.

    `id` at `/patients/0/id` is `patient id`; `mrn` stays as it is.
    """
    words = words_of(key)
    if not words or not _GENERIC.issuperset(words):
        return key
    above = [t for t in pointer.split("/")[1:] if not _POSITION.match(t)]
    if len(above) < 2 or words_of(above[-1]) != words:
        return key
    parent = above[-2]
    if parent.lower() in CARRIERS or len(parent) + len(key) >= LABEL_MAX:
        return key
    return f"{_singular(parent)} {key}"


def _singular(word: str) -> str:
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word


@lru_cache(maxsize=4096)
def label_of(key: str) -> str:
    """The key as a label before its value, or empty where it says nothing."""
    words = words_of(key)
    if not words or len(key) > LABEL_MAX or key.lower() in CARRIERS:
        return ""
    if all(word.isdecimal() for word in words):
        return ""
    return " ".join(words) + ": "
