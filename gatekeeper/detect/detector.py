"""Records → Findings: batches of texts through the analyzer, spans resolved, tiers given."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from gatekeeper.detect.analyzer import TIMEOUT_S, AnalysisFailed, Analyzer
from gatekeeper.detect.catalogue import Catalogue, entities_closed, load_catalogue
from gatekeeper.detect.fields import fields_of
from gatekeeper.detect.fingerprint import fingerprint
from gatekeeper.detect.known_answer import canary_records, missed
from gatekeeper.detect.lists import KeyedList
from gatekeeper.detect.national import national_ids
from gatekeeper.detect.ner import NAME_ENTITIES, model_digest
from gatekeeper.detect.overlap import resolve
from gatekeeper.detect.own import load_own
from gatekeeper.detect.pieces import Pieces
from gatekeeper.detect.recognizers import Recognizer, all_recognizers
from gatekeeper.detect.spans import Span
from gatekeeper.detect.survey import Survey, unsettled
from gatekeeper.detect.texts import Texts
from gatekeeper.detect.views.structure import Joined, joined_fields
from gatekeeper.errors import DetectorError
from gatekeeper.model import Attestation, Confidence, Finding, NameModel, PlainTexts, Record, Text
from gatekeeper.model.pointer import field_of, masked_pointer

_READER = "reader"
JOINED_FROM = 0.6
"""Less is not said of values that were put together of several fields."""


def load_detector(
    *,
    entities: Iterable[str] | None = None,
    recognizers: Sequence[Path] = (),
    without: Iterable[str] = (),
    names: NameModel | None = None,
    lists: Sequence[KeyedList] = (),
    locales: Iterable[str] = (),
    timeout_s: float = TIMEOUT_S,
    plain: bool = False,
) -> Detector:
    """A detector, with its patterns compiled and, where a name is asked for, the model loaded.

    Args:
        entities: what to look for; everything in the catalogue by default.
        recognizers: files of the user's own recognizers, in Presidio's YAML.
        without: names of recognizers to leave out (the known-answer test then fails).
        names: the user's own name model; the bundled one by default.
        lists: the user's own lists of names, from `load_lists`.
        locales: the countries whose ids are looked for as well, of `model.LOCALES`.
        timeout_s: seconds that one pattern may spend on one text.
        plain: ask every recognizer about every text: the same, slowly (`bench/differential.py`).

    Raises:
        ConfigError: a file of recognizers is wrong, or the user's own name model.
        DetectorError: an entity is unknown, or the name model is damaged.
    """
    own = load_own(tuple(recognizers))
    chosen_locales = sorted(set(locales))
    national = national_ids(chosen_locales)
    added = (*(i.info() for i in national), *(o.info() for o in own), *(k.info() for k in lists))
    catalogue = load_catalogue().extended(added)
    wanted = frozenset(catalogue.entities if entities is None else entities)
    unknown = sorted(wanted - set(catalogue.entities))
    if unknown:
        raise DetectorError(
            f"unknown entity `{unknown[0]}`", hint="`gatekeeper policy entities` lists them all"
        )
    mine = (*(o.recognizer for o in own), *(k.recognizer() for k in lists))
    abroad = (r for i in national for r in i.recognizers())
    rules = (*all_recognizers(), *abroad, *mine)
    out = frozenset(without)
    parts = (tuple(r for r in rules if r.name not in out), tuple(recognizers), timeout_s)
    return Detector(catalogue, wanted, *parts, names, lists, chosen_locales, out, plain=plain)


class Detector:
    """Finds what is sensitive in records. Make it with `load_detector`."""

    def __init__(
        self,
        catalogue: Catalogue,
        entities: frozenset[str],
        recognizers: Sequence[Recognizer],
        own_files: Sequence[Path],
        timeout_s: float,
        names: NameModel | None = None,
        lists: Sequence[KeyedList] = (),
        locales: Sequence[str] = (),
        without: frozenset[str] = frozenset(),
        *,
        plain: bool = False,
    ) -> None:
        """Compile and load; see `load_detector`."""
        # What the entities asked for may yield to is looked for as well: what is found of one does
        # not depend on which others were asked for.
        searched = entities_closed(catalogue, entities)
        digest = model_digest(names) if searched & NAME_ENTITIES else ""
        self.catalogue = catalogue
        self.entities = entities
        self._searched = searched
        analyzer = _kind(plain=plain)(
            tuple(recognizers), searched, own=names, model=digest, timeout_s=timeout_s
        )
        self._texts = Texts(analyzer, searched, catalogue.entities)
        held = [k.identity for k in lists]
        self.fingerprint = fingerprint(entities, without, digest, own_files, held, locales)
        """`sha256:…` over everything that decides what is found."""
        self.unsettled = unsettled(catalogue.entities)
        self._proved: set[str] = set()

    # --- the known-answer test -----------------------------------------------------------------

    def attest(self, entities: Iterable[str]) -> Attestation:
        """Find a planted canary of each of `entities`, once a process.

        Raises DetectorError for one that is not found `likely` at its very place, or has no canary.
        """
        asked = frozenset(entities)
        outside = sorted(asked - self.entities)
        if outside:
            raise DetectorError(f"known-answer test: `{outside[0]}` is not looked for")
        pending = sorted(asked - self._proved)
        planted = canary_records(self.catalogue, pending)
        found = [findings for _, findings in self.detect(record for record, _ in planted)]
        failed = missed(planted, found)
        if failed:
            raise DetectorError(
                f"known-answer test: no recognizer finds the planted `{failed[0]}`",
                hint="reinstall gatekeeper, or correct the recognizer",
            )
        self._proved |= asked
        return Attestation(self.fingerprint, asked)

    def compile(self) -> bool:
        """Have the pass over all patterns compiled now (some seconds, once a machine), which else
        waits until it pays. False where Hyperscan is not installed or cannot work.
        """
        return self._texts.compile()

    # --- detection -----------------------------------------------------------------------------

    def detect(self, records: Iterable[Record]) -> Iterator[tuple[Record, tuple[Finding, ...]]]:
        """Each record by itself with its findings, in order; `survey` sees the whole as well.

        Raises DetectorError, with the place and no text, where a text could not be analyzed.
        """
        seen = Pieces()
        for record, spans in self._found(records):
            yield record, seen.new(record, self._findings(record, spans))

    def survey(self, key: bytes | None = None) -> Survey:
        """One content as a whole: what `detect` finds, and what only the whole of it shows.

        Names that were seen once are found everywhere, and numbers in sequence are known for what
        they are (see `survey`). `key` is of the digests kept meanwhile. Leave it by `with`.
        """
        return Survey(self._found, self._by_piece, self._tier, self._searched, key)

    def _by_piece(self) -> Callable[[Record, Sequence[Sequence[Span]]], tuple[Finding, ...]]:
        """What makes findings of the spans of each record of one reading, in order."""
        seen = Pieces()
        return lambda record, spans: seen.new(record, self._findings(record, spans))

    def _found(self, records: Iterable[Record]) -> Iterator[tuple[Record, list[list[Span]]]]:
        """Each record with the resolved spans of each of its texts; with none where it is quiet."""
        for record in records:
            if isinstance(record.texts, PlainTexts) and self._texts.are_quiet(record.texts.strings):
                yield record, []
                continue
            found = [self._spans_of(record, text) for text in record.texts]
            yield record, self._with_fields(record, found)

    def _spans_of(self, record: Record, text: Text) -> list[Span]:
        """The resolved spans of `text`. Raises DetectorError."""
        try:
            return self._texts.spans(text)
        except AnalysisFailed as failed:
            failure = failed
        raise _failed(failure, record, text)

    def _with_fields(self, record: Record, found: Sequence[list[Span]]) -> list[list[Span]]:
        """`found` with what the headers of `record` say of its values, and its fields together."""
        more = fields_of(record)
        for n, span in self._over_fields(record):
            more[n].append(span)
        result: list[list[Span]] = []
        for spans, extra in zip(found, more, strict=True):
            added = [s for s in extra if s.entity in self._searched]
            result.append(resolve([*spans, *added], self.catalogue.entities) if added else spans)
        return result

    def _findings(self, record: Record, spans: Sequence[Sequence[Span]]) -> tuple[Finding, ...]:
        if not record.media and not any(spans):
            return ()
        hidden = {
            text.pointer: text.masked
            for text, found in zip(record.texts, spans, strict=True)
            if text.is_key and found  # even a guess: what is detected is not shown
        }
        # The raw and the opened view of one string find the same values: resolved by place again.
        placed: dict[str, list[Span]] = {}
        for text, found in zip(record.texts, spans, strict=True):
            at = placed.setdefault(masked_pointer(text.pointer, hidden), [])
            for span in found:
                start, end = text.locate(span.start, span.end)
                at.append(Span(start, end, span.entity, span.score, span.recognizer))
        findings = [
            self._finding(record, pointer, span)
            for pointer, found in placed.items()
            for span in resolve(found, self.catalogue.entities)
            if span.entity in self.entities
        ]
        findings += [
            self._finding(
                record, masked_pointer(m.pointer, hidden), Span(0, 0, m.entity, 1.0, _READER)
            )
            for m in record.media
            if m.entity in self.entities
        ]
        return tuple(findings)

    def _over_fields(self, record: Record) -> Iterator[tuple[int, Span]]:
        """What is found only where fields are put together: the first text that holds some of it,
        and where.
        """
        for part in joined_fields(record.texts):
            for span in self._of_parts(record, part):
                under = part.placed(span.start, span.end)
                if len({n for n, _, _ in under}) < 2 or span.score < JOINED_FROM:
                    continue
                if part.entities is None or span.entity in part.entities:
                    n, start, end = under[0]
                    yield n, replace(span, start=start, end=end)

    def _of_parts(self, record: Record, part: Joined) -> list[Span]:
        """The spans of fields that were put together. Raises DetectorError."""
        try:
            return self._texts.of_parts(part.text)
        except AnalysisFailed as failed:
            failure = failed
        raise _failed(failure, record, record.texts[part.parts[0][2]])

    def _finding(self, record: Record, pointer: str, span: Span) -> Finding:
        return Finding(
            source=record.source,
            record=record.index,
            pointer=pointer,
            start=span.start,
            end=span.end,
            entity=span.entity,
            score=round(span.score, 4),
            confidence=self._tier(span),
            recognizer=span.recognizer,
            field=field_of(pointer),
        )

    def _tier(self, span: Span) -> Confidence:
        return self.catalogue.entities[span.entity].tier(span.score) or Confidence.POSSIBLE


def _kind(*, plain: bool) -> Callable[..., Analyzer]:
    if plain:
        from gatekeeper.detect.presidio import PlainAnalyzer

        return PlainAnalyzer
    return Analyzer


def _failed(failure: AnalysisFailed, record: Record, text: Text) -> DetectorError:
    at = f"record {record.index} {text.pointer}".rstrip()
    return DetectorError(
        f"{record.source}: {at}: not analyzed: {failure.what}",
        hint="shorten or remove this text; what was not analyzed is never allowed",
    )
