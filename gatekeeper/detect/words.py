"""Keys and roles as words: what a field is called says what it holds."""

from __future__ import annotations

import re
from functools import lru_cache

_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_]+|\d+")

CARRIERS = frozenset({
    "content", "text", "value", "prompt", "completion", "response", "message", "messages", "input",
    "output", "instruction", "instructions", "question", "answer", "chosen", "rejected", "body",
    "arguments", "description", "query", "context", "title", "summary", "system", "user",
    "assistant", "role", "data", "item", "items", "example", "examples", "conversations",
    "conversation", "document", "snippet", "comment", "url", "source", "type", "reference", "label",
    "tags", "history",
})  # fmt: skip
"""Keys that say nothing about what stands under them."""

LABEL_MAX = 40
VALUE_MAX = 400
"""A key labels a short value; a long one is prose, whatever it stands under."""


@lru_cache(maxsize=4096)
def words_of(name: str) -> tuple[str, ...]:
    """The words of a key, lower-case: `patientMRN_no` is `patient`, `mrn`, `no`."""
    return tuple(part.lower() for part in _PART.findall(name))


@lru_cache(maxsize=4096)
def label_of(key: str) -> str:
    """The key as a label before its value, or empty where it says nothing."""
    words = words_of(key)
    if not words or len(key) > LABEL_MAX or key.lower() in CARRIERS:
        return ""
    if all(word.isdecimal() for word in words):
        return ""
    return " ".join(words) + ": "
