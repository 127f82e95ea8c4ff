"""Finds spans in texts: patterns that may match, what speaks for a match, names, vetoes.

What Presidio's AnalyzerEngine finds with the same recognizers, without the engine: no spaCy Doc, no
result objects, no recognizer asked that cannot answer. `presidio.reference` is that engine, and
`bench/differential.py` holds the two together.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Sequence
from itertools import groupby

from gatekeeper.detect.around import words_around
from gatekeeper.detect.matching import Match, PatternTimedOut
from gatekeeper.detect.named import named_spans
from gatekeeper.detect.ner import NAME_ENTITIES
from gatekeeper.detect.prefilter import Prefilter
from gatekeeper.detect.recognizers import Recognizer
from gatekeeper.detect.recognizers.people import hashtag_names, labelled_names
from gatekeeper.detect.shortlist import Rule, Shortlist, prefilter_of
from gatekeeper.detect.spans import Span, View
from gatekeeper.detect.vetoes import standing
from gatekeeper.model import NameModel

TIMEOUT_S = 20.0
"""For one pattern over one text of at most a few tens of thousands of characters."""
CONTEXT_GAIN, CONTEXT_LEAST = 0.35, 0.4
"""What a word that speaks for a match adds to its score, and the least that it has then."""


class AnalysisFailed(Exception):  # noqa: N818  (it names the event)
    """A text could not be analyzed; `what` says why, without any of the text."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


def checked(find: Callable[[View], list[Span]], view: View) -> list[Span]:
    """What `find` finds. Raises AnalysisFailed."""
    try:
        return find(view)
    except PatternTimedOut:
        what = "a pattern ran out of time"
    except Exception as error:  # noqa: BLE001  (raised below, without the text it may quote)
        what = f"{type(error).__name__} in the analyzer"
    raise AnalysisFailed(what)


class Analyzer:
    """Finds spans in texts. Build it once; it compiles every pattern and loads the model."""

    def __init__(
        self,
        recognizers: Sequence[Recognizer],
        entities: frozenset[str],
        *,
        own: NameModel | None = None,
        model: str = "",
        timeout_s: float = TIMEOUT_S,
        prefilter: Prefilter | None = None,
    ) -> None:
        """Make an analyzer.

        Args:
            recognizers: those of ours to run.
            entities: what to look for, names included.
            own: the user's own name model; the bundled one by default.
            model: the digest of the name model.
            timeout_s: seconds that one pattern may spend on one text.
            prefilter: one of more than is asked for, which is there already.
        """
        named = entities & NAME_ENTITIES
        asked = [r for r in recognizers if r.entity in entities]
        names = [labelled_names(), hashtag_names()] if named else []
        prefilter = prefilter or prefilter_of((*asked, *names))
        self._made = tuple(recognizers), entities, timeout_s
        self._prefilter = prefilter
        behind = [Rule(r, timeout_s, prefilter) for r in names]
        rules = [*(Rule(r, timeout_s, prefilter) for r in asked), *behind]
        self._behind = frozenset(behind)
        """Of twins the first stands, and these come behind what the name pass proposes."""
        self.entities = sorted({r.entity for r in asked} | named)
        """What this analyzer can find."""
        self._named = named
        self._shortlist = Shortlist(rules, prefilter)
        self._propose = None
        self._is_own = own is not None
        if named:
            from gatekeeper.detect.ner.proposer import open_proposer

            self._propose = open_proposer(own, model)

    def analyze(self, view: View) -> list[Span]:
        """The spans of a text, in no particular order. Raises AnalysisFailed."""
        return checked(self._find, view)

    def without_names(self) -> Analyzer:
        """This one, without what only the name pass finds."""
        recognizers, entities, timeout_s = self._made
        return Analyzer(
            recognizers, entities - NAME_ENTITIES, timeout_s=timeout_s, prefilter=self._prefilter
        )

    def compile(self) -> bool:
        """Have the prefilter compiled now, and not when it pays. False where it cannot be."""
        return self._prefilter.compile()

    def searches(self, text: str) -> Container[str]:
        """The searches for a disguise (`views.TRIGGERS`) that may find something in `text`."""
        return self._shortlist.searches(text)

    def may_find(self, text: str) -> bool:
        """Whether any pattern or search may match `text`, as far as one pass tells."""
        return self._shortlist.may_find(text)

    def may_name(self, text: str) -> bool:
        """Whether the name pass may propose anything in `text`."""
        if self._propose is None:
            return False
        from gatekeeper.detect.ner.gate import worth_reading

        return self._is_own or bool(worth_reading(text))

    def _find(self, view: View) -> list[Span]:
        text = view.text
        found = self._shortlist.of(text)
        spans = [
            _span(view, r, m) for r, matches in found if r not in self._behind for m in matches
        ]
        if self._propose is not None:
            spans += named_spans(text, self._propose(text), self._named)
            spans += [
                _span(view, r, m) for r, matches in found if r in self._behind for m in matches
            ]
        return standing(text, without_contained(spans)) if spans else spans


def _span(view: View, rule: Rule, match: Match) -> Span:
    start, end, score, _ = match
    context = rule.context
    if context and score:
        words = words_around(view.text, start, end)
        if not context.isdisjoint(words) or not context.isdisjoint(map(str.lower, view.context)):
            score = min(max(score + CONTEXT_GAIN, CONTEXT_LEAST), 1.0)
    return Span(start, end, rule.entity, score, rule.name)


def without_contained(spans: Iterable[Span]) -> list[Span]:
    """The spans that no other of their entity contains with at least their score; of twins the
    first (Presidio's `EntityRecognizer.remove_duplicates`).
    """
    kept: list[Span] = []
    ordered = sorted(spans, key=lambda s: (s.entity, s.start, s.start - s.end, -s.score))
    for _, group in groupby(ordered, key=lambda s: s.entity):
        active: list[Span] = []
        for span in group:
            if not span.score:
                continue
            active = [other for other in active if other.end >= span.start]
            if not any(o.end >= span.end and o.score >= span.score for o in active):
                active.append(span)
                kept.append(span)
    return kept
