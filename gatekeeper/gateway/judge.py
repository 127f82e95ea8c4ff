"""What a desk does with a dataset or a job: decide, write the receipt, and take the route.

There is no second road: the decision is `gate.check`'s, the receipt `gate.with_receipt`'s, and what
leaves goes by `upload.clear` and `upload.send_cleared`, as from the command line.
"""

from __future__ import annotations

import dataclasses
import datetime
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gatekeeper import gate
from gatekeeper import upload as out
from gatekeeper.errors import GatekeeperError
from gatekeeper.gateway.answers import Answer, file_object
from gatekeeper.gateway.telling import of_decision
from gatekeeper.model import Route
from gatekeeper.model.cleared import TRAINING
from gatekeeper.read import SealedSnapshot, Source, source_from_stream
from gatekeeper.vault.times import parse_utc

if TYPE_CHECKING:
    from gatekeeper.egress.bound import Account
    from gatekeeper.egress.records import Ledger, RemoteFile, UploadRecord

NAME = "upload.jsonl"
"""Under which a client's dataset is judged. The name that the client gave is not looked at."""
RECEIPT_SUFFIX = ".dsse.json"


@dataclass(frozen=True)
class Bench:
    """All that a desk decides and sends with."""

    setup: gate.Setup
    account: Account
    ledger: Ledger
    memory: gate.Memory | None
    alone: threading.Lock
    """Held while the detector works: it does one thing at a time."""


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a request: the answer, and what is logged of it."""

    body: dict[str, Any]
    facts: Mapping[str, str]


def now() -> datetime.datetime:
    """The time, UTC."""
    return datetime.datetime.now(datetime.timezone.utc)


def decided(
    bench: Bench, source: Source, judged: Callable[[], None]
) -> tuple[gate.Verdict, datetime.datetime]:
    """The verdict on `source`, its receipt written. Raises as `gate.check` and the receipt do."""
    try:
        with bench.alone:
            at = now()
            verdict = gate.check([source], bench.setup, today=at.date(), memory=bench.memory)
    finally:
        judged()
    return gate.with_receipt(verdict, bench.setup, now=at, acting=True), at


def receipt_of(verdict: gate.Verdict) -> str:
    """The id of its receipt, as the file is called."""
    return verdict.receipt.name.removesuffix(RECEIPT_SUFFIX) if verdict.receipt else ""


def judge_file(
    bench: Bench,
    snapshot: SealedSnapshot,
    purpose: str,
    expires_after_s: int | None,
    judged: Callable[[], None],
) -> Done:
    """Decide on `snapshot`, and send it or carry out the route it takes instead.

    Raises Answer where it may not go, and as the gate and the sender do.
    """
    source = source_from_stream(NAME, snapshot.open, input_format="jsonl")
    verdict, at = decided(bench, source, judged)
    if verdict.decision.route is not Route.ALLOW:
        raise refusal(bench, verdict, snapshot, at)
    facts = {"route": "allow", "receipt": receipt_of(verdict)}
    there = there_already(bench, verdict, purpose, expires_after_s)
    if there is not None:
        return Done(shape(*there), {**facts, "sent": "before"})
    cleared = out.clear(
        verdict,
        bench.setup,
        [(TRAINING, snapshot.digest, snapshot.size_bytes)],
        organization=bench.account.organization,
        project=bench.account.project,
        purpose=purpose,
        expires_after_s=expires_after_s,
    )
    sent = out.send_cleared(
        cleared,
        [snapshot],
        bench.setup,
        account=bench.account,
        ledger=bench.ledger,
        today=at.date(),
        purpose=purpose,
        expires_after_s=expires_after_s,
    )
    return Done(shape(sent.record, sent.training), {**facts, "sent": "now"})


def refusal(
    bench: Bench,
    verdict: gate.Verdict,
    snapshot: SealedSnapshot | None,
    at: datetime.datetime,
) -> Answer:
    """Carry out the route of a verdict that is not ALLOW, and say so.

    Where it cannot be carried out nothing is kept here, nothing is sent, and the answer says that.
    """
    carried: dict[str, Any] = {"carried_out": False}
    if snapshot is not None:
        try:
            done = gate.take_route(verdict, bench.setup, now=at, snapshots=[snapshot])
        except GatekeeperError as error:
            carried["why_not"] = type(error).__name__
        else:
            carried = {"carried_out": True, "action": done.action}
            if "case" in done.facts:
                carried["case"] = done.facts["case"]
    return of_decision(verdict.decision, receipt_of(verdict), carried)


def there_already(
    bench: Bench, verdict: gate.Verdict, purpose: str, expires_after_s: int | None
) -> tuple[UploadRecord, RemoteFile] | None:
    """What was sent under the very same decision; None for nothing. The destination is asked where
    the ledger alone cannot tell, and Answer raised where that does not settle it.
    """
    for last in (False, True):
        unclear = False
        for record in bench.ledger.records(decision=verdict.decision.digest):
            if not record.is_open or now() >= record.ends:
                continue
            file = record.file(TRAINING)
            if bench.ledger.live(file.remote) is None or len(record.files) != 1:
                unclear = True
            elif _is_for(bench, record, purpose, expires_after_s):
                return record, file
            else:
                raise unsettled()
        if not unclear:
            return None
        if not last:
            settle(bench)
    raise unsettled()


def _is_for(bench: Bench, record: UploadRecord, purpose: str, expires_after_s: int | None) -> bool:
    expires = (
        bench.setup.destination.expires_after_s if expires_after_s is None else expires_after_s
    )
    return (record.terms.purpose, record.terms.expires_after_s) == (purpose, expires)


def settle(bench: Bench) -> int:
    """Bring ledger and destination together: see `egress.reconcile`. How much was done."""
    from gatekeeper.egress.reconcile import reconcile

    found = reconcile(
        bench.ledger,
        lambda r: dataclasses.replace(
            bench.account, organization=r.terms.organization, project=r.terms.project
        ),
    )
    return sum(fact.outcome not in ("busy", "waiting") for fact in found)


def unsettled() -> Answer:
    """409: something of the same decision is there, or may be."""
    return Answer(
        409,
        "gatekeeper_unsettled",
        "the same dataset was sent today for another purpose or time, or what became of it is not "
        "known yet; delete that file, or have `gatekeeper uploads reconcile` run",
        again=False,
    )


def shape(record: UploadRecord, file: RemoteFile) -> dict[str, Any]:
    """A file of the ledger as the service shows it, under the name that it went by."""
    return file_object(
        file.remote,
        size_bytes=file.size_bytes,
        name=file.name,
        purpose=record.terms.purpose,
        created=int(parse_utc(record.created).timestamp()),
        expires=file.expires_at,
    )
