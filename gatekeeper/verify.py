"""Does a receipt still hold? Its signature, its replay, and the decision made again, offline."""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gatekeeper.audit import (
    Logged,
    Receipt,
    audit_chain,
    find_receipt,
    load_trusted_keys,
    read_receipt,
)
from gatekeeper.decide import decide
from gatekeeper.errors import ReceiptError
from gatekeeper.flips import WRITTEN, Flip, Step, date_cause, flips
from gatekeeper.gate import Setup, Verdict, check
from gatekeeper.model import (
    Attestation,
    Decision,
    Destination,
    Evidence,
    Route,
    Unscanned,
    canonical_bytes,
)
from gatekeeper.read import Source

_INPUTS = {
    "policies": "the policies changed",
    "destination": "the facts about the destination changed",
    "agreements": "the agreements changed",
    "waivers": "the waivers changed",
    "detector": "the detector changed",
}


@dataclass(frozen=True, slots=True)
class Verification:
    """Whether the receipt holds for the dataset today, and what differs."""

    receipt: Receipt
    then: Route
    verdict: Verdict
    changes: tuple[str, ...]
    """What differs from the recorded decision, in words; may be there though the route is kept."""
    same_bytes: bool
    logged: Logged
    """Whether the audit log of the state folder holds the receipt."""
    flips: tuple[Flip, ...]
    """Which reasons came and went, and by what cause."""

    @property
    def now(self) -> Route:
        """The route as decided today."""
        return self.verdict.decision.route

    @property
    def holds(self) -> bool:
        """The same bytes take the same route today."""
        return self.same_bytes and self.then is self.now

    def to_json(self) -> dict[str, Any]:
        """For `--format json`."""
        return {
            "holds": self.holds,
            "then": self.then.word,
            "now": self.now.word,
            "same_bytes": self.same_bytes,
            "changes": list(self.changes),
            "flips": [flip.to_json() for flip in self.flips],
            "log": self.logged.to_json(),
            "decision": self.verdict.decision.to_json(),
        }


def verify(
    receipt_path: Path,
    sources: Sequence[Source | Unscanned],
    setup: Setup,
    *,
    today: datetime.date,
) -> Verification:
    """Check the signature, replay the recorded evidence, scan and decide again.

    Raises:
        ReceiptError: the receipt is malformed, not signed by a trusted key, or its decision does
            not follow from its own evidence under the same policies.
        InputError, DetectorError: as `gate.check`.
    """
    keys = load_trusted_keys()
    receipt = read_receipt(receipt_path, keys)
    recorded = receipt.decision
    then = _route(recorded)
    verdict = check(sources, setup, today=today)
    _check_replay(receipt, setup, verdict)
    decided = verdict.decision
    same_bytes = sorted(recorded.get("subjects", [])) == list(decided.subjects)
    changes = tuple(changes_since(recorded, decided, same_bytes))
    told = tuple(_flips(receipt, setup, verdict, same_bytes, today))
    logged = find_receipt(receipt, audit_chain(setup.config.state, keys))
    return Verification(receipt, then, verdict, changes, same_bytes, logged, told)


def _flips(
    receipt: Receipt, setup: Setup, verdict: Verdict, same_bytes: bool, today: datetime.date
) -> list[Flip]:
    """First what is written is changed, then the day, then what was counted."""
    recorded, decided = receipt.decision, verdict.decision
    found: list[Flip] | None = None
    with contextlib.suppress(KeyError, TypeError, ValueError, AttributeError):
        digests = recorded["digests"]
        then = datetime.date.fromisoformat(str(recorded["date"]))
        counted = "what was counted changed"
        if not same_bytes:
            counted = "the dataset is another one"
        elif digests.get("detector") != decided.digests["detector"]:
            counted = "the detector changed"
        written = [n for n in WRITTEN if digests.get(n) != decided.digests[n]]
        steps = [Step(decided, counted)]
        if receipt.names_withheld:  # rules and waivers may ask for them: all in one step
            steps = [Step(decided, "" if written else counted)]
        else:
            again = [decided_again(receipt, setup, setup.destination, d) for d in (then, today)]
            steps = [Step(again[0], ""), Step(again[1], date_cause(then, today)), *steps]
        found = flips(recorded, steps, written)
    if found is None:
        raise ReceiptError("receipt: its decision or its evidence is malformed")
    return found


def decided_again(
    receipt: Receipt,
    setup: Setup,
    destination: Destination,
    day: datetime.date,
    *,
    looked_for: frozenset[str] | None = None,
) -> Decision:
    """The decision on the receipt's own evidence, under today's law, as of `day`.

    All that policies name counts as looked for where not said otherwise: what could be found of it
    now is another question. Raises KeyError, TypeError, ValueError or AttributeError where the
    receipt is malformed.
    """
    return decide(
        setup.policies,
        Evidence.from_json(receipt.evidence),
        destination,
        Attestation(receipt.decision["digests"]["detector"], looked_for or setup.entities),
        agreements=setup.config.agreements,
        waivers=setup.config.waivers,
        today=day,
    )


def _route(recorded: Mapping[str, Any]) -> Route:
    try:
        return Route.parse(str(recorded["route"]))
    except KeyError:
        pass
    raise ReceiptError("receipt: its route is malformed")


def changes_since(recorded: Mapping[str, Any], decided: Decision, same_bytes: bool) -> list[str]:
    """What differs between a decision as it was recorded and one that was made since, in words."""
    changes = [] if same_bytes else ["the dataset is not the one that was decided on"]
    digests = recorded.get("digests", {})
    changes += [
        words for key, words in _INPUTS.items() if digests.get(key) != decided.digests.get(key)
    ]
    before = {(r["policy"], r["rule"]) for r in recorded.get("reasons", [])}
    after = {(r.policy, r.rule) for r in decided.reasons}
    changes += [f"{p}/{r} did not speak then, and does now" for p, r in sorted(after - before)]
    changes += [f"{p}/{r} spoke then, and does not now" for p, r in sorted(before - after)]
    return changes


def _check_replay(receipt: Receipt, setup: Setup, verdict: Verdict) -> None:
    """Under the same inputs the recorded evidence gives the recorded decision, byte for byte.

    Where names are withheld that cannot be tried: waivers and rules may ask for them.
    """
    if receipt.names_withheld:
        return
    recorded = receipt.decision
    digests = recorded.get("digests", {})
    same = all(digests.get(key) == verdict.decision.digests.get(key) for key in _INPUTS)
    if not same:
        return
    replayed = None
    with contextlib.suppress(KeyError, TypeError, ValueError, AttributeError):
        replayed = decided_again(
            receipt,
            setup,
            setup.destination,
            datetime.date.fromisoformat(str(recorded["date"])),
            looked_for=receipt.looked_for or setup.entities,
        )
    if replayed is None:
        raise ReceiptError("receipt: its evidence is malformed")
    if canonical_bytes(recorded) != replayed.to_bytes():
        raise ReceiptError("receipt: its decision does not follow from its own evidence")
