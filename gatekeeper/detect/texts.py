"""The spans of texts: long ones in windows, disguises taken off, what came before remembered."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from gatekeeper.detect.analyzer import Analyzer
from gatekeeper.detect.catalogue import EntityInfo
from gatekeeper.detect.fields import as_key
from gatekeeper.detect.ner import NAME_ENTITIES
from gatekeeper.detect.overlap import resolve
from gatekeeper.detect.quiet import Quiet
from gatekeeper.detect.spans import Span, View
from gatekeeper.detect.views import views_of
from gatekeeper.detect.windows import joined, windows
from gatekeeper.detect.words import CARRIERS, VALUE_MAX, header_of, label_of, words_of
from gatekeeper.model import Text

REMEMBERED, REMEMBERED_LENGTH = 2048, 4096
"""Texts, and their longest, whose spans are remembered: system prompts come with every row."""


class Texts:
    """Finds the spans of one text after another."""

    def __init__(
        self,
        analyzer: Analyzer,
        searched: frozenset[str],
        entities: Mapping[str, EntityInfo],
    ) -> None:
        """Take the analyzer, what it searches for, and all entities there are."""
        self._searched, self._entities = searched, entities
        self._analyzer = analyzer
        self._nameless = analyzer if searched.isdisjoint(NAME_ENTITIES) else None
        self._quiet = Quiet(analyzer)
        self._remembered: OrderedDict[tuple[str, tuple[str, ...]], tuple[Span, ...]] = OrderedDict()

    def spans(self, text: Text) -> list[Span]:
        """The resolved spans of `text`, in the coordinates of its value. Raises AnalysisFailed."""
        label, context = _label(text.key, text.pointer)
        if text.role:
            context = tuple(dict.fromkeys((*context, text.role)))
        if text.is_key or len(text.value) > VALUE_MAX:
            label = ""
        found = self._known(label + text.value, context)
        if not found:
            return []
        return resolve(as_key(text, _shifted(found, len(label))), self._entities)

    def are_quiet(self, strings: Sequence[str]) -> bool:
        """Whether nothing can be found in a record of these strings (`Quiet`)."""
        return self._quiet(strings)

    def compile(self) -> bool:
        """See `Analyzer.compile`."""
        return self._analyzer.compile()

    def of_parts(self, value: str) -> list[Span]:
        """The spans of a text that was put together of others. Raises AnalysisFailed."""
        return self._windowed(self._analyzer, View(value))

    def _known(self, value: str, context: tuple[str, ...]) -> tuple[Span, ...]:
        key = value, context
        found = self._remembered.get(key)
        if found is not None:
            self._remembered.move_to_end(key)
            return found
        view = View(value, context)
        found = (*self._windowed(self._analyzer, view), *self._undisguised(view))
        if len(value) <= REMEMBERED_LENGTH:
            self._remembered[key] = found
            if len(self._remembered) > REMEMBERED:
                self._remembered.popitem(last=False)
        return found

    def _windowed(self, analyzer: Analyzer, view: View) -> list[Span]:
        """The spans of `view`, a long one analyzed in windows."""
        cuts = windows(view.text)
        if len(cuts) == 1:
            return analyzer.analyze(view)
        parts = (View(view.text[a:b], view.context) for a, b in cuts)
        return joined(cuts, [analyzer.analyze(part) for part in parts])

    def _undisguised(self, view: View) -> list[Span]:
        """What is found once the disguises in the text of `view` are taken off."""
        derived, trickery = views_of(view.text, view.context, self._analyzer.searches(view.text))
        more = [span for span in trickery if span.entity in self._searched]
        for one in derived:
            analyzer = self._analyzer if one.names else self._without_names()
            found = self._windowed(analyzer, View(one.view.text, view.context))
            placed = (one.placed(s, name=s.entity in NAME_ENTITIES) for s in found)
            more += [span for span in placed if span is not None]
        return more

    def _without_names(self) -> Analyzer:
        """The analyzer without the name model, for views in which no letter was changed."""
        if self._nameless is None:
            self._nameless = self._analyzer.without_names()
        return self._nameless


@lru_cache(maxsize=4096)
def _label(key: str, pointer: str) -> tuple[str, tuple[str, ...]]:
    """What stands before a short value under `key`, and the words that speak for what it is.

    `{"mrn": "00483921"}` reads `mrn: 00483921`, so that whatever needs a label finds it.
    """
    header = header_of(key, pointer)
    words = () if header.lower() in CARRIERS else words_of(header)
    return label_of(header), tuple(dict.fromkeys(words))


def _shifted(spans: Iterable[Span], shift: int) -> list[Span]:
    """Spans in the coordinates of the value; what lies in the label alone is gone."""
    if not shift:
        return list(spans)
    return [
        Span(max(0, s.start - shift), s.end - shift, s.entity, s.score, s.recognizer)
        for s in spans
        if s.end > shift
    ]
