"""For the route alone: read no further than it takes, and say that the counts are partial.

Rules count and never divide, so more data can only tighten a route (DESIGN law 4). Where what is
settled has reached the strictest route that any of the policies could give, nothing that is left
can change it. An ALLOW needs everything read: it is never reached early.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatekeeper.decide import STOPPED
from gatekeeper.model import Decision, Evidence, Route, Tally, Unscanned
from gatekeeper.remember import renamed
from gatekeeper.tally import Detector, Progress, tally, tally_unread, tally_unread_rest

if TYPE_CHECKING:
    from gatekeeper.read import Source
    from gatekeeper.remember import Recalled


@dataclass(frozen=True, slots=True)
class Settled:
    """Says whether no further evidence could make a route stricter."""

    by: Callable[[Evidence], bool]
    within_a_content: bool = True
    """Whether it may be asked in the middle of one, and not only at its end."""


def gather_until(
    sources: Sequence[Source | Unscanned],
    detector: Detector,
    settled: Settled,
    progress: Progress | None = None,
    recalled: Recalled | None = None,
) -> tuple[Evidence, tuple[tuple[Source, str], ...]]:
    """As `gate.gather`, until the route is `settled`; what was not read then is hashed all the
    same, so that the decision names every content.
    """
    gathering = _Gathering(detector, settled, progress, recalled)
    for number, source in enumerate(sources):
        gathering.take(number, source)
    return gathering.evidence, tuple(gathering.contents)


def holds(decision: Decision, strictest: Route) -> bool:
    """Whether a decision on partial counts is that on the whole: something gives the `strictest`
    route besides the very fact that they are partial.
    """
    said = (r.route for r in decision.reasons if not r.waived_by and r.rule != STOPPED)
    return not decision.coverage.partial or max(said, default=Route.ALLOW) >= strictest


class _Gathering:
    """The evidence so far, and whether it is enough."""

    def __init__(
        self,
        detector: Detector,
        settled: Settled,
        progress: Progress | None,
        recalled: Recalled | None,
    ) -> None:
        self._detector, self._settled, self._progress = detector, settled, progress
        self._recalled = recalled
        self._enough = False
        self.evidence = Evidence()
        self.contents: list[tuple[Source, str]] = []

    def take(self, number: int, source: Source | Unscanned) -> None:
        """One source more."""
        if isinstance(source, Unscanned):
            self._add(*tally_unread(source))
            return
        known = self._recalled.known.get(number) if self._recalled else None
        digest, counted = known or (self._pass_over(source) if self._enough else self._read(source))
        self._add(digest, counted)
        if digest.startswith("sha256:"):
            self.contents.append((source, digest))

    def _add(self, digest: str, counted: Tally) -> None:
        self.evidence = self._with(digest, counted)
        read = any(t.records for _, t in self.evidence)
        self._enough = self._enough or (read and self._settled.by(self.evidence))

    def _with(self, digest: str, counted: Tally) -> Evidence:
        return self.evidence.merge(Evidence({digest: counted}))

    def _read(self, source: Source) -> tuple[str, Tally]:
        """The tally as far as it takes. Under its digest, so that a copy is not counted twice."""
        stored = source.stored()

        def enough(so_far: Tally) -> bool:
            return stored is not None and self._settled.by(self._with(stored[0], so_far))

        asked = enough if stored and self._settled.within_a_content else None
        digest, counted = tally(
            source.name, source.read, self._detector, None, self._progress, asked
        )
        if self._recalled:
            self._recalled.keep(source, digest, counted)
        return digest, counted

    def _pass_over(self, source: Source) -> tuple[str, Tally]:
        """The digest of what need not be read any more."""
        stored = source.stored()
        if stored is None:
            detail = "cannot be read, or changes while it is; check its permissions"
            return tally_unread(Unscanned(source.name, "whole file", "unreadable", detail, 1))
        copied = self.evidence.tallies.get(stored[0])
        if copied is not None:
            return stored[0], renamed(copied, min(copied.sources), source.name)
        return stored[0], tally_unread_rest(source.name, stored[1])
