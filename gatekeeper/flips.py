"""Why a decision differs from a recorded one: which reasons came and went, and by what cause.

The inputs are changed one after the other, in a fixed order: first what is written (policies,
destination, agreements, waivers), then the day, then what was counted (dataset, detector). A reason
that comes or goes in a step is laid to that step.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gatekeeper.decide import THE_GATE
from gatekeeper.model import Decision

WRITTEN = ("policies", "destination", "agreements", "waivers")
"""The inputs that people write, by the name of their digest in a decision."""


@dataclass(frozen=True, slots=True)
class Flip:
    """One reason that counts in one of two decisions and not, or otherwise, in the other."""

    policy: str
    rule: str
    now: str
    """The route that it asks for now; empty where it no longer speaks."""
    then: str
    because: str
    at: str
    cause: str
    """What changed: `the agreements changed`, `the date: 2026-11-26, and 2027-01-06 now`."""

    def to_json(self) -> dict[str, str]:
        """For `--format json`."""
        return {
            "policy": self.policy,
            "rule": self.rule,
            "then": self.then,
            "now": self.now,
            "because": self.because,
            "at": self.at,
            "cause": self.cause,
        }

    @property
    def words(self) -> str:
        """One line: what came or went, why it speaks, and the cause."""
        if not self.now:
            what = f"no longer says {self.then}"
        elif not self.then:
            what = f"says {self.now}"
        else:
            what = f"says {self.now}, said {self.then}"
        return f"{self.policy}/{self.rule} {what}: {self.because} [{self.cause}]"


@dataclass(frozen=True, slots=True)
class Step:
    """A decision, and what was changed to come to it from the one before."""

    decision: Decision
    cause: str
    """In words; empty where it depends on the reason: see `written`."""


def flips(recorded: Mapping[str, Any], steps: Sequence[Step], written: Iterable[str]) -> list[Flip]:
    """Every reason that differs from step to step, beginning with the `recorded` decision.

    `written` are those of the inputs in `WRITTEN` whose digests differ: the causes of a step that
    has no words of its own.
    """
    changed = [name for name in WRITTEN if name in set(written)]
    before = _recorded(recorded)
    found: list[Flip] = []
    for step in steps:
        after = _decided(step.decision)
        for key in sorted(before.keys() | after.keys()):
            old, new = before.get(key), after.get(key)
            if (old and old[0]) == (new and new[0]):
                continue
            told = new or old or ("", "", "")
            cause = step.cause or _cause(key, changed)
            then, now = old[0] if old else "", new[0] if new else ""
            found.append(Flip(*key, now=now, then=then, because=told[1], at=told[2], cause=cause))
        before = after
    return _settled(found)


def _settled(found: Sequence[Flip]) -> list[Flip]:
    """Without what came in one step and went in a later one."""
    last: dict[tuple[str, str], Flip] = {}
    for flip in found:
        first = last.get((flip.policy, flip.rule))
        then = first.then if first else flip.then
        cause = f"{first.cause}; {flip.cause}" if first else flip.cause
        last[flip.policy, flip.rule] = Flip(
            flip.policy, flip.rule, flip.now, then, flip.because, flip.at, cause
        )
    return [flip for flip in last.values() if flip.then != flip.now]


_Reasons = dict[tuple[str, str], tuple[str, str, str]]
"""(policy, rule) → (route, because, at) of the strictest that counts."""


def _recorded(decision: Mapping[str, Any]) -> _Reasons:
    """Of a decision as JSON; raises KeyError or TypeError where it is malformed."""
    return {
        (r["policy"], r["rule"]): (r["route"], r["because"], r["at"])
        for r in reversed(decision["reasons"])
        if not r.get("waived_by")
    }


def _decided(decision: Decision) -> _Reasons:
    return {
        (r.policy, r.rule): (r.route.word, r.because, r.at)
        for r in reversed(decision.reasons)
        if not r.waived_by
    }


def _cause(key: tuple[str, str], changed: Sequence[str]) -> str:
    """Of what changed, what can have to do with this reason; all of it where nothing can."""
    policy, rule = key
    if policy == THE_GATE:
        candidates = {"destination", "policies"}
    elif rule.startswith("requires-"):
        candidates = {"policies", "destination", "agreements"}
    else:
        candidates = {"policies", "waivers"}
    names = [name for name in changed if name in candidates] or list(changed)
    if not names:
        return "what counts in the gate itself changed"
    return f"the {' or the '.join(names)} changed"


def date_cause(then: object, today: datetime.date) -> str:
    """The cause of a step in which only the day is another one."""
    return f"the date: {then} then, {today} now"
