"""The values of the reading side: they may hold record text, so their `repr` never shows it."""

from __future__ import annotations

import enum
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import overload


class Confidence(enum.IntEnum):
    """How sure the detector is of a finding, as a tier, so that evidence holds no threshold."""

    POSSIBLE = 1
    LIKELY = 2
    CERTAIN = 3

    @property
    def word(self) -> str:
        """The tier as policies and reports write it."""
        return self.name.lower()

    @classmethod
    def parse(cls, word: str) -> Confidence:
        """The tier named `word`; raises KeyError for any other word."""
        return cls[word.upper()]


@dataclass(frozen=True, slots=True, repr=False)
class Text:
    """One string of a record, and where it stands.

    `pointer` is RFC 6901 from the record's root (a column is `/column`; plain text is empty) and
    safe to show: a key that is no plain identifier is written `#n`, its position in its object.
    `value[i]` stands at code point `base + offsets[i]` of the string at `pointer`; `offsets` is
    None where that is simply `base + i`. `key` is the nearest key or column header and `role` the
    chat role: both are context for detection. Where the text is itself an object's key, `is_key`
    is true, `pointer` is that of the member, and `masked` is the same pointer with the key hidden.
    """

    pointer: str
    value: str
    key: str = ""
    role: str = ""
    base: int = 0
    offsets: tuple[int, ...] | None = None
    is_key: bool = False
    masked: str = ""

    def __repr__(self) -> str:
        return f"Text(pointer={self.pointer!r}, {len(self.value)} characters)"

    def locate(self, start: int, end: int) -> tuple[int, int]:
        """Where `value[start:end]` stands in the string at `pointer`, in code points."""
        if self.offsets is None:
            return self.base + start, self.base + end
        return self.base + self.offsets[start], self.base + self.offsets[end - 1] + 1


class PlainTexts(Sequence[Text]):
    """The texts of a record of a plain shape, made when somebody asks for one of them.

    `strings` are their values, in order: chat, prompts and completions under keys that say nothing
    of what stands there, and no media.
    """

    def __init__(self, strings: tuple[str, ...], make: Callable[[], Sequence[Text]]) -> None:
        """Take the values, and what makes the texts."""
        self.strings = strings
        self._make = make
        self._made: Sequence[Text] | None = None

    def _texts(self) -> Sequence[Text]:
        if self._made is None:
            self._made = self._make()
        return self._made

    @overload
    def __getitem__(self, at: int) -> Text: ...

    @overload
    def __getitem__(self, at: slice) -> Sequence[Text]: ...

    def __getitem__(self, at: int | slice) -> Text | Sequence[Text]:
        return self._texts()[at]

    def __len__(self) -> int:
        return len(self.strings)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(self.strings)

    def __repr__(self) -> str:
        return f"PlainTexts({len(self.strings)} of {sum(map(len, self.strings))} characters)"


@dataclass(frozen=True, slots=True)
class Media:
    """Something in a record that is present but cannot be read as text: an image, audio, a file."""

    pointer: str
    entity: str
    """The catalogue's entity for it: IMAGE_PRESENT, IMAGE_URL, AUDIO_PRESENT or FILE_PRESENT."""
    size_bytes: int


@dataclass(frozen=True, slots=True, repr=False)
class Record:
    """One record of a dataset: its texts, and how many bytes of the source it accounts for.

    A long text may arrive as several records of the same `index`; they are one record. `refused`
    marks one whose bytes were refused: what stands in it is found, but it was not read as a record.
    """

    source: str
    index: int
    texts: Sequence[Text]
    size_bytes: int
    media: tuple[Media, ...] = ()
    refused: bool = False

    def __repr__(self) -> str:
        characters = sum(len(t.value) for t in self.texts)
        return f"Record({self.index}: {len(self.texts)} texts, {characters} characters)"


@dataclass(frozen=True, slots=True, order=True)
class Unscanned:
    """Bytes that no detector saw, and why: never silently dropped (DESIGN laws 1 and 2).

    `reason` is a short fixed code (`broken-json`, `not-utf8`, `unsupported-format`, …), `at` a
    place without any value (`line 3`, `record 7 /messages/0/content/1`), `detail` one clear phrase
    that says what is wrong and what to do. `opaque` marks what is understood but cannot be looked
    into (an image): it forces the on-prem road at least, where a refusal takes the policy's own
    `unscanned` route.
    """

    source: str
    at: str
    reason: str
    detail: str
    size_bytes: int
    opaque: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """Something sensitive and where it stands; holds no text (DESIGN law 6).

    `start` and `end` are code points into the string at `pointer`; `field` is the pointer with
    array positions as `*`.
    """

    source: str
    record: int
    pointer: str
    start: int
    end: int
    entity: str
    score: float
    confidence: Confidence
    recognizer: str
    field: str = field(default="", compare=False)

    def to_json(self) -> dict[str, object]:
        """The published finding line (DESIGN section 6)."""
        return {
            "source": self.source,
            "record": self.record,
            "pointer": self.pointer,
            "start": self.start,
            "end": self.end,
            "entity": self.entity,
            "score": round(self.score, 4),
            "confidence": self.confidence.word,
            "recognizer": self.recognizer,
        }
