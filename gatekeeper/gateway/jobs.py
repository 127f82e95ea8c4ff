"""Fine-tuning jobs that clients ask for: on files with a live ALLOW, and with nothing unscanned."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from gatekeeper import upload as out
from gatekeeper.audit import load_trusted_keys, read_receipt
from gatekeeper.errors import ConfigError, ReceiptError, UploadError
from gatekeeper.gateway.answers import Answer, bad
from gatekeeper.gateway.judge import Bench, Done, decided, now, receipt_of, refusal, unsettled
from gatekeeper.gateway.remote import ID, client_for, file_of, retrieve_job
from gatekeeper.gateway.telling import of_decision
from gatekeeper.model import Route
from gatekeeper.model.cleared import PURPOSE
from gatekeeper.model.job import JOB_SOURCE
from gatekeeper.read import Sealing, source_from_bytes
from gatekeeper.verify import decided_again

if TYPE_CHECKING:
    from openai import OpenAI

    from gatekeeper.egress.calls import Job
    from gatekeeper.egress.records import RemoteFile, UploadRecord
    from gatekeeper.model.job import JobRequest

_NO_TEXT = b'{"texts":0}\n'
"""Decided on where a job says nothing in words: whether the destination is open, today."""

OTHER_PURPOSES = frozenset(
    {"assistants", "assistants_output", "batch", "batch_output", "evals", "fine-tune-results",
     "user_data", "vision"}
)  # fmt: skip
"""The service's other words; a server of another maker may have words of its own for the one."""


def create_job(bench: Bench, body: Mapping[str, Any], judged: Callable[[], None]) -> Done:
    """Create the job of `body`, if everything it says and every file it names may go.

    Raises Answer where not, and as the gate and the sender do.
    """
    try:
        from gatekeeper.egress.jobs import checked_job, job_from_json

        request, training, validation = _read(body, job_from_json)
        checked = _checked(request, bench, checked_job)
        files = [_live(bench, f) for f in (training, validation) if f]
        for record, _ in files:
            _still_allowed(bench, record)
    except BaseException:
        judged()
        raise
    source = out.job_source(checked, bench.setup.destination)
    asked = source or source_from_bytes(JOB_SOURCE, _NO_TEXT, input_format="json")
    verdict, at = decided(bench, asked, judged)
    if verdict.decision.route is not Route.ALLOW:
        sealed = None
        if verdict.decision.route is Route.QUARANTINE and source is not None:
            sealing = Sealing()
            sealing.write(checked.texts(bench.setup.destination.models))
            sealed = sealing.seal()
        raise refusal(bench, verdict, sealed, at)
    record = files[0][0]
    with client_for(bench, record) as client:
        for _, file in files:
            _unchanged(client, file)
        made = _create(bench, client, record, checked, training, validation)
    return Done(
        retrieve_job(bench, made.id).body, {"route": "allow", "receipt": receipt_of(verdict)}
    )


def _read(body: Mapping[str, Any], read: Callable[..., Any]) -> tuple[JobRequest, str, str]:
    problem = ""
    try:
        request, training, validation = read(body)
    except ConfigError as e:
        problem = f"{e}; {e.hint}" if e.hint else str(e)
    if problem:
        raise bad(problem)
    for file_id, name in ((training, "training_file"), (validation, "validation_file")):
        if (file_id or name == "training_file") and not ID.match(file_id):
            raise bad(f"{name} is no id of a file", param=name)
    if training == validation:
        raise bad("the training and the validation file are the same", param="validation_file")
    return request, training, validation


def _checked(request: JobRequest, bench: Bench, check: Callable[..., JobRequest]) -> JobRequest:
    problem = ""
    try:
        return check(request, bench.setup.destination)
    except ConfigError as e:
        problem = f"{e}; {e.hint}" if e.hint else str(e)
    raise bad(problem)


def _live(bench: Bench, file_id: str) -> tuple[UploadRecord, RemoteFile]:
    """The file, if this gateway's ledger holds a live ALLOW for it as a fine-tuning file."""
    try:
        record, file = file_of(bench, file_id)
    except Answer:
        raise Answer(
            403,
            "gatekeeper_no_allow",
            "the job names a file for which this gateway holds no allow",
            param="training_file",
            again=False,
        ) from None
    if record.terms.purpose != PURPOSE:
        raise Answer(403, "gatekeeper_purpose", "the file was allowed for another purpose")
    account = bench.account
    now_to = bench.setup.destination
    if (record.terms.base_url, record.terms.organization, record.terms.project) != (
        now_to.base_url,
        account.organization,
        account.project,
    ):
        raise Answer(403, "gatekeeper_no_allow", "the file was allowed for another account")
    return record, file


def _still_allowed(bench: Bench, record: UploadRecord) -> None:
    """What was found in the file then still gives ALLOW today: agreements end, and so do facts.

    Raises Answer where it does not, or where nobody can tell.
    """
    at = out.present(bench.setup, now().date())
    if record.terms.detector != at.detector:
        raise _stale("another detector looks now")
    logged = bench.ledger.log.newest("decision", decision=record.decision)
    found = None
    if logged is not None:
        folder, name = bench.setup.config.receipts, logged["data"]["receipt"]
        found = next(iter(sorted(folder.glob(f"*-{name}.dsse.json"))), None)
    if found is None:
        raise _stale("its receipt is not here")
    try:
        receipt = read_receipt(found, load_trusted_keys())
        again = decided_again(receipt, bench.setup, bench.setup.destination, at.today)
    except (ReceiptError, KeyError, TypeError, ValueError, AttributeError):
        raise _stale("its receipt does not hold") from None
    if again.route is not Route.ALLOW:
        raise of_decision(again, receipt.id, {"carried_out": False})


def _stale(why: str) -> Answer:
    return Answer(
        403,
        "gatekeeper_stale",
        f"the allow of a file does not hold any more ({why}); upload it again",
        again=False,
    )


def _unchanged(client: OpenAI, file: RemoteFile) -> None:
    """The destination has the file as it was sent, and for the same purpose. Raises Answer."""
    from gatekeeper.egress import calls
    from gatekeeper.egress.asking import Patience, is_passing, persistently

    there = persistently(
        partial(calls.retrieve_file, client, file.remote), Patience(attempts=3), is_passing
    )
    if there is None:
        raise Answer(404, "gatekeeper_not_found", "the destination has the file no more")
    if there.size_bytes != file.size_bytes or there.purpose in OTHER_PURPOSES:
        raise Answer(
            409,
            "gatekeeper_changed",
            "the destination has the file with another size or purpose than it was sent with",
            again=False,
        )


def _create(
    bench: Bench,
    client: OpenAI,
    record: UploadRecord,
    request: JobRequest,
    training: str,
    validation: str,
) -> Job:
    """Create the job, with its record before and after: an outcome that is not known is looked for
    at once, and else left to `reconcile`.
    """
    from gatekeeper.egress.asking import OutcomeUnknown, Patience, persistently
    from gatekeeper.egress.calls import create_job as create
    from gatekeeper.egress.records import CREATED, INTENDED, LOST
    from gatekeeper.egress.tell import log_job
    from gatekeeper.egress.ways import job_extra

    ledger, extra = bench.ledger, job_extra(bench.setup.destination)
    with ledger.hold(record.id):
        record = ledger.get(record.id)
        if record.job_state == INTENDED:
            raise unsettled()
        before = record
        record = ledger.write(
            dataclasses.replace(record, job=request.digest, job_state=INTENDED, job_id="")
        )
        try:
            made = persistently(
                partial(create, client, request.arguments(), training, validation, extra),
                Patience(),
            )
        except OutcomeUnknown:
            found = _created_meanwhile(bench, client, training)
            if found is None:
                raise
            made = found
        except UploadError:
            state = LOST if not before.job_id else before.job_state
            ledger.write(dataclasses.replace(before, job=before.job, job_state=state))
            raise
        record = ledger.write(dataclasses.replace(record, job_state=CREATED, job_id=made.id))
        log_job(ledger, record)
    return made


def _created_meanwhile(bench: Bench, client: OpenAI, training: str) -> Job | None:
    """The one job on that file of which the log has not heard, if there is one."""
    from gatekeeper.egress.calls import jobs_on

    try:
        listed = jobs_on(client, training)
    except UploadError:
        return None
    known = {r["data"]["remote"] for r in bench.ledger.log.records() if r["event"] == "job"}
    new = [job for job in listed if job.id not in known]
    return new[0] if len(new) == 1 else None
