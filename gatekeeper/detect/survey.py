"""One content as a whole: what can only be seen over all of it is found everywhere in it.

The first reading detects, and keeps of each record packed numbers alone. Where it saw anything that
tells of other records, a second one puts beside them the names that were seen anywhere else
(`seen`), what stands in a sequence (`sequences`), and the codes of a field that tells the records
apart (`columns`).
A survey is of one content and dies with it: what is found in one file never depends on another.
Where several processes share a content, each surveys its parts under one key; what they took is
merged in the order of the parts, and everyone is given the whole before the second reading.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from gatekeeper.detect import columns, sequences
from gatekeeper.detect.catalogue import EntityInfo
from gatekeeper.detect.columns import Columns
from gatekeeper.detect.seen import Seen
from gatekeeper.detect.sequences import Sequences
from gatekeeper.detect.spans import Span
from gatekeeper.detect.spool import Lost, Spool
from gatekeeper.model import Confidence, Finding, PlainTexts, Record, Text

Found = Sequence[Sequence[Span]]
"""The spans of each text of a record."""


ADDED = frozenset({"PERSON", sequences.ENTITY, columns.ENTITY})
"""Entities of which the second reading says more than the first."""


def unsettled(entities: Mapping[str, EntityInfo]) -> frozenset[str]:
    """Those whose findings the rest of a content may put together or take back."""
    return ADDED.union(name for name, info in entities.items() if info.yields_to & ADDED)


class Whole:
    """What a reading took that tells of other records: keyed digests, and names of fields."""

    def __init__(self, key: bytes) -> None:
        """Nothing taken."""
        self.seen = Seen(key)
        self.sequences = Sequences(key)
        self.columns = Columns(key)

    @property
    def overflowed(self) -> bool:
        """Whether there were more names or numbers than are kept."""
        return self.seen.overflowed or self.sequences.overflowed

    def merge(self, later: Whole) -> None:
        """Take over what was taken, under the same key, from the part that follows."""
        self.seen.merge(later.seen)
        self.sequences.merge(later.sequences)
        self.columns.merge(later.columns)


class Survey:
    """Both readings of one content, or of parts of it; see `Detector.survey`. Use `with`."""

    def __init__(
        self,
        detect: Callable[[Iterable[Record]], Iterator[tuple[Record, list[list[Span]]]]],
        findings: Callable[[], Callable[[Record, Found], tuple[Finding, ...]]],
        tier: Callable[[Span], Confidence],
        searched: frozenset[str],
        key: bytes | None = None,
    ) -> None:
        """See `Detector.survey`. `findings` is called for each reading."""
        self._detect, self._findings, self._tier = detect, findings, tier
        self._searched = searched
        self._counted = columns.ENTITY in searched
        self._spool = Spool()
        self.key = key or secrets.token_bytes(32)
        self.whole = Whole(self.key)
        """What the last `look` took; `report` goes by what stands here."""
        self.lost = False
        """Whether the second reading gave other records than the first."""

    def __enter__(self) -> Survey:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Forget all of it."""
        self._spool.__exit__(None, None, None)
        self.whole = Whole(self.key)

    @property
    def overflowed(self) -> bool:
        """Whether there were more names or numbers than are kept."""
        return self.whole.overflowed

    @property
    def complete(self) -> bool:
        """Whether the first reading has found everything: a second one would find the same."""
        whole = self.whole
        return not (self._names or whole.sequences or whole.columns or whole.overflowed)

    @property
    def _names(self) -> bool:
        return bool(self.whole.seen) and "PERSON" in self._searched

    def look(self, records: Iterable[Record]) -> Iterator[tuple[Record, tuple[Finding, ...]]]:
        """The first reading: each record with what stands in it by itself. Raises DetectorError.

        Every further call reads another part, and forgets what the ones before took.
        """
        findings = self._findings()
        self.whole = Whole(self.key)
        self._spool.begin()
        for record, found in self._detect(records):
            for text, spans in zip(record.texts, found, strict=True) if found else ():
                if spans or self._counted:
                    self._take(text, spans)
            self._spool.put(record, found)
            yield record, findings(record, found)

    def report(
        self, records: Iterable[Record], part: int = 0
    ) -> Iterator[tuple[Record, tuple[Finding, ...]]]:
        """The second reading of what the call `part` of `look` read: each record with its findings,
        until one is not what it was.
        """
        self._spool.rewind(part)
        findings = self._findings()
        for record in records:
            found: list[list[Span]] | None = None
            try:
                found = None if self.lost else self._spool.take(record)
            except Lost:
                self.lost = True
            if found is not None:
                if not found and self._may_name(record):
                    found = [[] for _ in record.texts]
                texts = zip(record.texts, found, strict=True) if found else ()
                whole = [self._whole(text, spans) for text, spans in texts]
                yield record, findings(record, whole)
        self.lost = self.lost or not self._spool.at_end()

    def _may_name(self, record: Record) -> bool:
        """Whether a name that was seen elsewhere may stand in a record that was quiet by itself."""
        plain = record.texts
        return (
            self._names
            and isinstance(plain, PlainTexts)
            and any(map(self.whole.seen.may_stand_in, plain.strings))
        )

    def _take(self, text: Text, spans: Sequence[Span]) -> None:
        if self._counted:
            self.whole.columns.take(text)
        names = []
        for span in spans:
            if span.entity == "PERSON" and self._tier(span) > Confidence.POSSIBLE:
                names.append(span)
            elif span.entity == sequences.ENTITY:
                self.whole.sequences.take(text, span)
        if names:
            self.whole.seen.take(text.value, names)

    def _whole(self, text: Text, spans: list[Span]) -> list[Span]:
        """`spans` with what the rest of the content says of this text."""
        if self.whole.sequences:
            spans = [self._raised(text, span) for span in spans]
        if self._names:
            spans = [*spans, *self.whole.seen.find(text.value)]
        if self.whole.columns and not spans:  # "any other": what is found already is something else
            code = self.whole.columns.span(text)
            spans = [code] if code else spans
        return spans

    def _raised(self, text: Text, span: Span) -> Span:
        if span.entity != sequences.ENTITY or span.score >= sequences.SCORE:
            return span
        if not self.whole.sequences.stands(text, span):
            return span
        return replace(span, score=sequences.SCORE, recognizer=sequences.NAME)
