"""RFC 6901 JSON pointers that are safe to show: writing a token, hiding a key, naming a field."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

_PLAIN_KEY = re.compile(r"[A-Za-z_$][A-Za-z0-9_$ .-]{0,63}\Z")
_LONG_DIGITS = re.compile(r"[0-9]{4}")
_POSITION = re.compile(r"(?:0|[1-9][0-9]*)\Z")

OVERFLOW_FIELD = "*"
"""The field of findings beyond the fields that a tally names; it matches every glob."""


def escape_token(token: str) -> str:
    """`token` as it is written between slashes (RFC 6901 section 3)."""
    return token.replace("~", "~0").replace("/", "~1")


def is_plain_key(key: str) -> bool:
    """Whether `key` reads like a name somebody gave a field, and so may be shown.

    Anything else (an e-mail address, a number, a sentence used as a key) may be record text.
    """
    return bool(_PLAIN_KEY.match(key)) and not _LONG_DIGITS.search(key)


def safe_token(key: str, position: int) -> str:
    """The token to show for the member `key`: itself where plain, else `#position`."""
    return escape_token(key) if is_plain_key(key) else f"#{position}"


@lru_cache(maxsize=4096)
def field_of(pointer: str) -> str:
    """`pointer` with array positions and hidden keys as `*`: `/messages/3/content` is one field
    with `/messages/4/content`.
    """
    return "/".join(
        "*" if _POSITION.match(token) or token.startswith("#") else token
        for token in pointer.split("/")
    )


def masked_pointer(pointer: str, hidden: Mapping[str, str]) -> str:
    """`pointer` with every key that is itself a finding hidden, as the reader would hide it."""
    if not hidden:
        return pointer
    tokens = pointer.split("/")
    for n in range(1, len(tokens)):
        masked = hidden.get("/".join(pointer.split("/")[: n + 1]))
        if masked is not None:
            tokens[n] = masked.rpartition("/")[2] or tokens[n]
    return "/".join(tokens)
