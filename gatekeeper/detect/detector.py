"""Records → Findings: batches of texts through the analyzer, spans resolved, tiers given."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from gatekeeper.detect.analyzer import BATCH, TIMEOUT_S, AnalysisFailed, Analyzer
from gatekeeper.detect.catalogue import Catalogue, entities_closed, load_catalogue
from gatekeeper.detect.fields import as_key, fields_of
from gatekeeper.detect.fingerprint import fingerprint
from gatekeeper.detect.known_answer import canary_records, missed
from gatekeeper.detect.lists import KeyedList
from gatekeeper.detect.named import NAME_ENTITIES
from gatekeeper.detect.national import national_ids
from gatekeeper.detect.overlap import resolve
from gatekeeper.detect.own import load_own
from gatekeeper.detect.pieces import Pieces
from gatekeeper.detect.recognizers import Recognizer, all_recognizers
from gatekeeper.detect.spans import Span, View
from gatekeeper.detect.survey import Survey
from gatekeeper.detect.views import Derived, views_of
from gatekeeper.detect.views.structure import joined_fields
from gatekeeper.detect.windows import joined, windows
from gatekeeper.detect.words import CARRIERS, VALUE_MAX, header_of, label_of, words_of
from gatekeeper.errors import DetectorError
from gatekeeper.model import Attestation, Confidence, Finding, NameModel, Record, Text
from gatekeeper.model.pointer import field_of, masked_pointer

BATCH_CHARACTERS = 200_000
"""A batch of records is closed at this size even when it has few texts."""
REMEMBERED, REMEMBERED_LENGTH = 2048, 4096
"""Texts, and their longest, whose spans are remembered: system prompts come with every row."""
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
    left_out = frozenset(without)
    parts = (tuple(r for r in rules if r.name not in left_out), tuple(recognizers), timeout_s)
    return Detector(catalogue, wanted, *parts, names, lists, chosen_locales, plain=plain)


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
        *,
        plain: bool = False,
    ) -> None:
        """Compile and load; see `load_detector`."""
        # What the entities asked for may yield to is looked for as well: what is found of one does
        # not depend on which others were asked for.
        searched = entities_closed(catalogue, entities)
        digest = ""
        if searched & NAME_ENTITIES:
            from gatekeeper.detect.ner import model_digest

            digest = model_digest(names)
        self.catalogue = catalogue
        self.entities = entities
        self._searched = searched
        self._with_names = bool(searched & NAME_ENTITIES)
        self._make = partial(_kind(plain=plain), tuple(recognizers), timeout_s=timeout_s)
        self._analyzer = self._make(searched, own=names, model=digest)
        self._light: Analyzer | None = None if self._with_names else self._analyzer
        named, held = [r.name for r in recognizers], [k.identity for k in lists]
        self.fingerprint = fingerprint(entities, named, digest, own_files, held, locales)
        """`sha256:…` over everything that decides what is found."""
        self._remembered: OrderedDict[View, tuple[Span, ...]] = OrderedDict()
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

        def findings() -> Callable[[Record, Sequence[Sequence[Span]]], tuple[Finding, ...]]:
            seen = Pieces()
            return lambda record, spans: seen.new(record, self._findings(record, spans))

        return Survey(self._found, findings, self._tier, self._searched, key)

    def _found(self, records: Iterable[Record]) -> Iterator[tuple[Record, list[list[Span]]]]:
        """Each record with the resolved spans of each of its texts."""
        for batch in _batches(records):
            taken = iter(self._spans_of([(r, t) for r in batch for t in r.texts]))
            for record in batch:
                yield record, self._with_fields(record, [next(taken) for _ in record.texts])

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

    def _spans_of(self, texts: Sequence[tuple[Record, Text]]) -> list[list[Span]]:
        """The resolved spans of each text, in the coordinates of its value."""
        views = [_view(text) for _, text in texts]
        todo = {
            view: n
            for n, (view, _) in reversed(list(enumerate(views)))
            if view not in self._remembered
        }
        raw = self._analyze(
            sorted(todo, key=lambda v: todo[v]), [texts[n] for n in sorted(todo.values())]
        )
        result: list[list[Span]] = []
        for (_, text), (view, shift) in zip(texts, views, strict=True):
            spans = raw.get(view)
            if spans is None:
                spans = self._remembered[view]
                self._remembered.move_to_end(view)
            placed = as_key(text, _shifted(spans, shift))
            result.append(resolve(placed, self.catalogue.entities))
        self._remember(raw)
        return result

    def _analyze(
        self, views: Sequence[View], places: Sequence[tuple[Record, Text]]
    ) -> dict[View, tuple[Span, ...]]:
        found = self._windowed(self._analyzer, views, places)
        undisguised = self._undisguised(views, places)
        return {
            view: (*plain, *more)
            for view, plain, more in zip(views, found, undisguised, strict=True)
        }

    def _windowed(
        self, analyzer: Analyzer, views: Sequence[View], places: Sequence[tuple[Record, Text]]
    ) -> list[list[Span]]:
        """The spans of each view, long ones analyzed in windows."""
        cuts = [windows(view.text) for view in views]
        parts = [
            (n, View(view.text[a:b], view.context))
            for n, view in enumerate(views)
            for a, b in cuts[n]
        ]
        found: list[list[Span]] = []
        for at in range(0, len(parts), BATCH):
            chunk = parts[at : at + BATCH]
            failure: AnalysisFailed | None = None
            try:
                found += analyzer.analyze([part for _, part in chunk])
            except AnalysisFailed as failed:
                failure = failed
            if failure is not None:
                raise _failed(failure, *places[chunk[failure.index][0]])
        taken = iter(found)
        return [joined(cut, [next(taken) for _ in cut]) for cut in cuts]

    def _undisguised(
        self, views: Sequence[View], places: Sequence[tuple[Record, Text]]
    ) -> list[list[Span]]:
        """For each view, what is found once the disguises in its text are taken off."""
        more: list[list[Span]] = []
        todo: dict[bool, list[tuple[int, Derived]]] = {False: [], True: []}
        for n, view in enumerate(views):
            derived, trickery = views_of(view.text, view.context)
            more.append([span for span in trickery if span.entity in self._searched])
            for one in derived:
                todo[one.names and self._with_names].append((n, one))
        for with_names, jobs in todo.items():
            if not jobs:
                continue
            analyzer = self._analyzer if with_names else self._nameless()
            texts = [View(one.view.text, views[n].context) for n, one in jobs]
            found = self._windowed(analyzer, texts, [places[n] for n, _ in jobs])
            for (n, one), spans in zip(jobs, found, strict=True):
                placed = (one.placed(s, name=s.entity in NAME_ENTITIES) for s in spans)
                more[n] += [span for span in placed if span is not None]
        return more

    def _nameless(self) -> Analyzer:
        """The analyzer without the name model, for views in which no letter was changed."""
        if self._light is None:
            self._light = self._make(self._searched - NAME_ENTITIES)
        return self._light

    def _remember(self, raw: Mapping[View, tuple[Span, ...]]) -> None:
        for view, spans in raw.items():
            if len(view.text) <= REMEMBERED_LENGTH:
                self._remembered[view] = spans
        while len(self._remembered) > REMEMBERED:
            self._remembered.popitem(last=False)

    def _findings(self, record: Record, spans: Sequence[Sequence[Span]]) -> tuple[Finding, ...]:
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
                at.append(replace(span, start=start, end=end))
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
        parts = joined_fields(record.texts)
        if not parts:
            return
        views = [View(part.text) for part in parts]
        places = [(record, record.texts[part.parts[0][2]]) for part in parts]
        analyzer = self._analyzer if self._with_names else self._nameless()
        for part, spans in zip(parts, self._windowed(analyzer, views, places), strict=True):
            for span in spans:
                under = part.placed(span.start, span.end)
                if len({n for n, _, _ in under}) < 2 or span.score < JOINED_FROM:
                    continue
                if part.entities is None or span.entity in part.entities:
                    n, start, end = under[0]
                    yield n, replace(span, start=start, end=end)

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


def _batches(records: Iterable[Record]) -> Iterator[list[Record]]:
    batch: list[Record] = []
    texts = characters = 0
    for record in records:
        batch.append(record)
        texts += len(record.texts)
        characters += sum(len(t.value) for t in record.texts)
        if texts >= BATCH or characters >= BATCH_CHARACTERS:
            yield batch
            batch, texts, characters = [], 0, 0
    if batch:
        yield batch


def _view(text: Text) -> tuple[View, int]:
    """What is analyzed for `text`, and how far its value is shifted in it.

    A short value stands behind its key, written as a label: `{"mrn": "00483921"}` reads
    `mrn: 00483921`, so that whatever needs a label finds it.
    """
    key = header_of(text.key, text.pointer)
    words = () if key.lower() in CARRIERS else words_of(key)
    context = (*words, *((text.role,) if text.role else ()))
    label = "" if text.is_key or len(text.value) > VALUE_MAX else label_of(key)
    return View(label + text.value, tuple(dict.fromkeys(context))), len(label)


def _shifted(spans: Iterable[Span], shift: int) -> list[Span]:
    """Spans in the coordinates of the value; what lies in the label alone is gone."""
    if not shift:
        return list(spans)
    return [
        Span(max(0, s.start - shift), s.end - shift, s.entity, s.score, s.recognizer)
        for s in spans
        if s.end > shift
    ]


def _failed(failure: AnalysisFailed, record: Record, text: Text) -> DetectorError:
    at = f"record {record.index} {text.pointer}".rstrip()
    return DetectorError(
        f"{record.source}: {at}: not analyzed: {failure.what}",
        hint="shorten or remove this text; what was not analyzed is never allowed",
    )
