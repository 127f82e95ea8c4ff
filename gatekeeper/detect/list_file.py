"""The file of a list of names, which holds no name: only digests of them under a key beside it.

```
gatekeeper-list 1
entity CUSTOMER_NAME
classes internal,listed
key 6f1d0c5b2a9e4d37            the id of the key, which is in a file of its own (mode 0600)
words 3                         the most words of an entry
count 1203                      of the entries; the canary is one more
firsts 2108                     of the digests of first words, and of first two words
…                               32 hex digits a line: HMAC-SHA256 of each entry, cut to 16 bytes
…                               8 hex digits a line: the same of first words, cut to 4 bytes
seal …                          64 hex digits: HMAC-SHA256 of everything above
```

Digests stand in order, so the file tells nothing of the order of the names. Whoever has the key can
try names against it: the key is as secret as the list. Cutting an HMAC is RFC 2104, section 5.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
import stat
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from gatekeeper.detect.lazy import lazy
from gatekeeper.detect.ngrams import Word
from gatekeeper.errors import ConfigError
from gatekeeper.model.display import shown

VERSION = 1
CANARY = "Zephyrine Quillback Canary"
"""An entry that every list has: what the known-answer test plants."""
LISTED, DEFAULT_CLASS = "listed", "internal"
"""Data classes of every list's entity: whatever is on a list, and where nothing else is said."""
WORDS_MAX, WORD_LENGTH_MAX, APART_MAX = 8, 64, 32
"""Words of an entry; characters of a word, and between two words."""
LETTERS_MIN = 2
"""Letters and digits of an entry: a single one would be found in every text."""
ENTRIES_MAX = 1_000_000

_ENTRY_BYTES, _FIRST_BYTES, _KEY_BYTES = 16, 4, 32
_FILE_BYTES_MAX = 1 << 26
_MAGIC, _KEY_MAGIC = "gatekeeper-list", "gatekeeper-list-key 1 "
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_ENTITY = lazy(r"[A-Z][A-Z0-9_]{1,63}")
_HEAD = lazy(
    rf"{_MAGIC} 1\n"
    r"entity (?P<entity>[A-Z][A-Z0-9_]{1,63})\n"
    r"classes (?P<classes>[a-z_]{1,64}(?:,[a-z_]{1,64}){0,15})\n"
    r"key (?P<key>[0-9a-f]{16})\n"
    r"words (?P<words>[1-9])\n"
    r"count (?P<count>[1-9][0-9]{0,6})\n"
    r"firsts (?P<firsts>[1-9][0-9]{0,6})\n"
)
_HEX = lazy(r"[0-9a-f]+")
_ASCII_WORD = lazy(r"[A-Za-z0-9]+")


@dataclass(frozen=True, slots=True, repr=False)
class ListKey:
    """What turns names into digests."""

    secret: bytes

    def __repr__(self) -> str:
        return f"ListKey({self.id})"

    @property
    def id(self) -> str:
        """16 hex digits that say which key it is and nothing of it."""
        return self._digest("key", "")[:8].hex()

    def entry(self, phrase: str) -> bytes:
        """The digest of a normalised entry."""
        return self._digest("entry", phrase)[:_ENTRY_BYTES]

    def first(self, words: str) -> bytes:
        """The digest of the normalised first word of an entry, or of its first two."""
        return self._digest("first", words)[:_FIRST_BYTES]

    def seal(self, body: bytes) -> str:
        """What proves that a file is whole and was made with this key."""
        digest = hashlib.sha256(body).hexdigest()
        return self._digest("file", digest).hex()

    def _digest(self, what: str, text: str) -> bytes:
        message = f"{what}:{text}".encode("utf-8", "surrogatepass")
        return hmac.digest(self.secret, message, "sha256")


@dataclass(frozen=True, slots=True, repr=False)
class ListFile:
    """What a list file says, before its key has confirmed it."""

    entity: str
    classes: tuple[str, ...]
    key_id: str
    words_max: int
    count: int
    """Entries, the canary not counted."""
    entries: frozenset[bytes]
    firsts: frozenset[bytes]
    digest: str
    """SHA-256 of the file in hex."""
    body: bytes
    seal: str


# --- names and words -------------------------------------------------------------------------


def normalised(text: str) -> str:
    """`text` in the form that is compared: NFKC, case-folded, white space as one blank."""
    if text.isascii():
        return " ".join(text.lower().split())
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(unicodedata.normalize("NFKC", folded).split())


@cache
def _word_pattern() -> Any:
    import regex

    return regex.compile(r"[\p{L}\p{N}][\p{L}\p{N}\p{M}]*+")


def words_in(text: str) -> list[Word]:
    """The words of `text`, as they stand: runs of letters, marks and digits."""
    pattern = _ASCII_WORD if text.isascii() else _word_pattern()
    return [Word(m[0], *m.span()) for m in pattern.finditer(text)]


def word_set(text: str) -> frozenset[str]:
    """The words of `text` that an entry may have, each once."""
    pattern = _ASCII_WORD if text.isascii() else _word_pattern()
    return frozenset(w for w in pattern.findall(text) if len(w) <= WORD_LENGTH_MAX)


def phrase_of(text: str, words: Sequence[Word]) -> str:
    """The normalised text from the first of `words` to the last: what has a digest."""
    return normalised(text[words[0].start : words[-1].end])


# --- making a list ---------------------------------------------------------------------------


def read_names(data: bytes, name: str) -> list[str]:
    """The names in `data`, one a line. Raises ConfigError, with the line and none of it."""
    lines: list[str] | None = None
    try:
        lines = data.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        lines = None
    if lines is None:
        raise ConfigError(f"{name}: not UTF-8")
    found: list[str] = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            problem = _name_problem(line)
            if problem:
                raise ConfigError(f"{name}:{number}: {problem}", hint="one name a line")
            found.append(line)
    if not found:
        raise ConfigError(f"{name}: no name in it", hint="one name a line")
    if len(found) > ENTRIES_MAX:
        raise ConfigError(f"{name}: more than {ENTRIES_MAX:,} names", hint="make two lists")
    return found


def _name_problem(line: str) -> str:
    words = words_in(line)
    if not words or sum(w.end - w.start for w in words) < LETTERS_MIN:
        return f"fewer than {LETTERS_MIN} letters or digits: it would be found everywhere"
    if len(words) > WORDS_MAX:
        return f"more than {WORDS_MAX} words"
    if any(w.end - w.start > WORD_LENGTH_MAX for w in words):
        return f"a word of more than {WORD_LENGTH_MAX} characters"
    if any(b.start - a.end > APART_MAX for a, b in pairwise(words)):
        return f"more than {APART_MAX} characters between two words"
    return ""


def make_list(
    names: Iterable[str], *, entity: str, classes: Iterable[str], key: ListKey
) -> tuple[bytes, int]:
    """The bytes of a list file, and how many different entries it has.

    Raises ConfigError for an entity that is no UPPER_CASE word.
    """
    if not _ENTITY.fullmatch(entity):
        raise ConfigError("an entity is a word like CUSTOMER_NAME")
    held = sorted({*classes, LISTED})
    canary, begin, words_max = _digests(CANARY, key)
    entries, firsts = set(), set(begin)
    for name in names:
        entry, begin, count = _digests(name, key)
        words_max = max(words_max, count)
        entries.add(entry)
        firsts |= begin
    entries.discard(canary)
    if not entries:
        raise ConfigError("a list needs a name")
    head = (
        f"{_MAGIC} {VERSION}\nentity {entity}\nclasses {','.join(held)}\nkey {key.id}\n"
        f"words {words_max}\ncount {len(entries)}\nfirsts {len(firsts)}\n"
    )
    lines = [d.hex() + "\n" for d in (*sorted({*entries, canary}), *sorted(firsts))]
    body = (head + "".join(lines)).encode("ascii")
    return body + f"seal {key.seal(body)}\n".encode("ascii"), len(entries)


def _digests(name: str, key: ListKey) -> tuple[bytes, set[bytes], int]:
    """Of the whole entry, of its first words; and how many words it has."""
    words = words_in(name)
    firsts = {key.first(phrase_of(name, words[:n])) for n in (1, 2)}
    return key.entry(phrase_of(name, words)), firsts, len(words)


# --- reading one -----------------------------------------------------------------------------


def read_list(path: Path) -> ListFile:
    """The list in `path`. Raises ConfigError where it is missing, damaged or of another version."""
    data = _read(path, "the list", _FILE_BYTES_MAX)
    version = re.match(rb"gatekeeper-list ([0-9]{1,9})\n", data)
    if version is None:
        raise _wrong(path, "not a list of names", "`gatekeeper lists make` makes one")
    if int(version[1]) != VERSION:
        raise _wrong(path, f"version {int(version[1])} of lists is not known; this reads {VERSION}")
    found = _parsed(data)
    if found is None:
        raise _wrong(path, "damaged or truncated", "make it anew: `gatekeeper lists make`")
    return found


def _parsed(data: bytes) -> ListFile | None:
    text = data.decode("ascii", "replace")
    head = _HEAD.match(text)
    if head is None:
        return None
    *lines, seal, end = text[head.end() :].split("\n")
    entries = int(head["count"]) + 1
    if end or len(lines) != entries + int(head["firsts"]) or not seal.startswith("seal "):
        return None
    long = _decoded(lines[:entries], _ENTRY_BYTES)
    short = _decoded(lines[entries:], _FIRST_BYTES)
    if long is None or short is None:
        return None
    return ListFile(
        entity=head["entity"],
        classes=tuple(head["classes"].split(",")),
        key_id=head["key"],
        words_max=int(head["words"]),
        count=entries - 1,
        entries=long,
        firsts=short,
        digest=hashlib.sha256(data).hexdigest(),
        body=data[: len(data) - len(seal) - 1],
        seal=seal.removeprefix("seal "),
    )


def _decoded(lines: Sequence[str], size: int) -> frozenset[bytes] | None:
    """The digests in `lines`; None where one is none, or they are not in order."""
    if not all(len(line) == 2 * size and _HEX.fullmatch(line) for line in lines):
        return None
    if any(a >= b for a, b in pairwise(lines)):
        return None
    return frozenset(map(bytes.fromhex, lines))


def confirm(found: ListFile, key: ListKey, path: Path) -> None:
    """Raise ConfigError unless `found` was made with `key`, is whole, and has the canary."""
    if found.key_id != key.id:
        raise _wrong(
            path, f"made with key {found.key_id}, not {key.id}", "name its key: {file: …, key: …}"
        )
    if not hmac.compare_digest(found.seal.encode(), key.seal(found.body).encode()):
        raise _wrong(path, "damaged: its seal does not hold", "make it anew")
    canary, firsts, words = _digests(CANARY, key)
    if canary not in found.entries or not firsts <= found.firsts or words > found.words_max:
        raise _wrong(path, "no canary in it: the list cannot be tested", "make it anew")


# --- keys ------------------------------------------------------------------------------------


def new_key() -> tuple[ListKey, bytes]:
    """A key, and the content of its file, to be kept with mode 0600."""
    secret = secrets.token_bytes(_KEY_BYTES)
    return ListKey(secret), f"{_KEY_MAGIC}{secret.hex()}\n".encode("ascii")


def read_key(path: Path) -> ListKey:
    """The key in `path`. Raises ConfigError where it is missing, no key, or others can read it."""
    data = _read(path, "the key of a list", 1 << 10, private=True)
    text = data.decode("ascii", "replace").removesuffix("\n")
    secret = text.removeprefix(_KEY_MAGIC)
    if len(secret) != 2 * _KEY_BYTES or text == secret or not _HEX.fullmatch(secret):
        raise _wrong(path, "not the key of a list")
    return ListKey(bytes.fromhex(secret))


def _read(path: Path, what: str, bytes_max: int, *, private: bool = False) -> bytes:
    """A regular file of at most `bytes_max`; a FIFO does not block."""
    problem, hint = "", ""
    data = b""
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as stream:  # noqa: PTH123  (a descriptor)
            mode = os.fstat(stream.fileno()).st_mode
            if not stat.S_ISREG(mode):
                problem = f"{what} is not a regular file"
            elif private and mode & _OTHERS:
                problem, hint = "others can read it", f"chmod 600 {shown(path)}"
            else:
                data = stream.read(bytes_max + 1)
    except FileNotFoundError:
        problem = f"{what} is missing"
    except OSError:
        problem = f"{what} cannot be read"
    if not problem and len(data) > bytes_max:
        problem = f"{what} is larger than {bytes_max:,} bytes"
    if problem:
        raise _wrong(path, problem, hint)
    return data


def _wrong(path: Path, what: str, hint: str = "") -> ConfigError:
    return ConfigError(f"{shown(path)}: {what}", hint=hint)
