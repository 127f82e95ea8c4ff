"""What a desk does at the destination on behalf of clients: look at and delete files, and jobs.

Only what this gateway sent is shown or touched: a file of its ledger, a job on such a file. Of the
destination's answers fields of a known form are taken, and no others.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from gatekeeper.egress.asking import Patience, asked, is_passing, persistently
from gatekeeper.egress.records import SENT, RemoteFile, UploadRecord
from gatekeeper.egress.send import load_door
from gatekeeper.gateway.answers import Answer, not_here, page
from gatekeeper.gateway.judge import Bench, Done, now, shape

if TYPE_CHECKING:
    from openai import OpenAI

TIMEOUT_S = 60.0
MESSAGE_MAX = 4096
ID = re.compile(r"[A-Za-z0-9_-]{1,128}\Z")

_WORD = re.compile(r"[A-Za-z0-9._:/-]{0,256}\Z")
_JOB_WORDS = ("model", "status", "fine_tuned_model", "organization_id")
_JOB_NUMBERS = ("created_at", "finished_at", "estimated_finish", "trained_tokens", "seed")
_PATIENCE = Patience(attempts=3)


@contextmanager
def client_for(bench: Bench, record: UploadRecord | None = None) -> Iterator[OpenAI]:
    """The SDK behind the door to the destination: that of `record`, or the one of now."""
    from gatekeeper.upload import present

    if record is not None:
        terms = record.terms
    else:
        from gatekeeper.model.cleared import Terms

        at = present(bench.setup, now().date())
        terms = Terms.of(
            bench.setup.destination,
            policies=at.policies,
            detector=at.detector,
            today=at.today,
            organization=bench.account.organization,
            project=bench.account.project,
        )
    with load_door(terms)(terms, bench.account, timeout_s=TIMEOUT_S) as client:
        yield client


# --- files -----------------------------------------------------------------------------------


def live_files(bench: Bench) -> list[tuple[UploadRecord, RemoteFile]]:
    """Every file of the ledger that is at the destination, newest first."""
    at = now().timestamp()
    return [
        (record, file)
        for record in reversed(bench.ledger.records())
        for file in record.files
        if file.state == SENT and not (file.expires_at and at >= file.expires_at)
    ]


def list_files(bench: Bench, query: Mapping[str, str]) -> Done:
    """The files of the ledger; the destination is not asked."""
    found = [
        shape(record, file)
        for record, file in live_files(bench)
        if query.get("purpose", record.terms.purpose) == record.terms.purpose
    ]
    if query.get("order") == "asc":
        found.reverse()
    return Done(_paged(found, query, 10_000), {})


def _paged(found: list[dict[str, Any]], query: Mapping[str, str], most: int) -> dict[str, Any]:
    after = query.get("after", "")
    if after:
        ids = [item["id"] for item in found]
        found = found[ids.index(after) + 1 :] if after in ids else []
    limit = int(query.get("limit", most))
    return page(found[:limit], has_more=len(found) > limit)


def file_of(bench: Bench, file_id: str) -> tuple[UploadRecord, RemoteFile]:
    """The file `file_id` of the ledger, if it is live; raises Answer."""
    record = bench.ledger.live(file_id)
    if record is None:
        raise not_here("file")
    return record, next(f for f in record.files if f.remote == file_id)


def retrieve_file(bench: Bench, file_id: str) -> Done:
    """A file, as the ledger and the destination have it."""
    from gatekeeper.egress import calls

    record, file = file_of(bench, file_id)
    with client_for(bench, record) as client:
        there = persistently(partial(calls.retrieve_file, client, file_id), _PATIENCE, is_passing)
    if there is None:
        raise not_here("file")
    return Done(shape(record, file), {})


def delete_file(bench: Bench, file_id: str) -> Done:
    """Take the file back, and what was sent with it."""
    from gatekeeper.egress.back import take_back

    record, _ = file_of(bench, file_id)
    take_back(bench.ledger, record.id, bench.account)
    return Done({"id": file_id, "object": "file", "deleted": True}, {"upload": record.id})


# --- jobs ------------------------------------------------------------------------------------


def job_shape(answer: Any) -> dict[str, Any]:
    """A job, as the service shows it, of what has a known form."""
    said = answer.to_dict() if hasattr(answer, "to_dict") else {}
    job: dict[str, Any] = {"id": said.get("id"), "object": "fine_tuning.job"}
    if not isinstance(job["id"], str) or not ID.match(job["id"]):
        raise Answer(502, "upstream_failed", "the destination's answer is no job", again=False)
    job |= {name: _word(said.get(name)) for name in _JOB_WORDS}
    job |= {name: _number(said.get(name)) for name in _JOB_NUMBERS}
    job |= {name: _id(said.get(name)) for name in ("training_file", "validation_file")}
    for name, default in (("model", ""), ("status", ""), ("organization_id", ""),
                          ("created_at", 0), ("seed", 0)):  # fmt: skip
        if job[name] is None:  # clients count on them; not every destination has them
            job[name] = default
    job["result_files"] = [i for i in map(_id, _list(said.get("result_files"))) if i]
    job["hyperparameters"] = _numbers(said.get("hyperparameters"))
    method = said.get("method")
    kind = _word(method.get("type")) if isinstance(method, Mapping) else None
    if isinstance(method, Mapping) and kind in ("supervised", "dpo", "reinforcement"):
        inner = method.get(kind)
        settings = inner.get("hyperparameters") if isinstance(inner, Mapping) else None
        job["method"] = {"type": kind, kind: {"hyperparameters": _numbers(settings)}}
    error = said.get("error")
    if isinstance(error, Mapping):
        job["error"] = {"code": _word(error.get("code")), "message": "see the destination",
                        "param": _word(error.get("param"))}  # fmt: skip
    else:
        job["error"] = None
    return job


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _word(value: object) -> str | None:
    return value if isinstance(value, str) and _WORD.match(value) else None


def _id(value: object) -> str | None:
    return value if isinstance(value, str) and ID.match(value) else None


def _number(value: object) -> int | float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _numbers(value: object) -> dict[str, int | float | str]:
    found: dict[str, int | float | str] = {}
    for name, number in value.items() if isinstance(value, Mapping) else ():
        kept = "auto" if number == "auto" else _number(number)
        if kept is not None and _word(name):
            found[name] = kept
    return found


def _asked(request: Callable[[], Any], what: str) -> Any:
    return persistently(partial(asked, request, what), _PATIENCE, is_passing)


def ours(bench: Bench) -> frozenset[str]:
    """The ids of all files that the ledger knows, live or not."""
    return frozenset(f.remote for r in bench.ledger.records() for f in r.files if f.remote)


def _is_ours(bench: Bench, job: dict[str, Any], known: frozenset[str]) -> bool:
    """Whether it is on a file of this gateway; of a destination that does not say on which, whether
    it was created from here.
    """
    if job["training_file"] is not None:
        return job["training_file"] in known
    return bench.ledger.log.newest("job", remote=job["id"]) is not None


def list_jobs(bench: Bench, query: Mapping[str, str]) -> Done:
    """The jobs on files of this gateway, a page of the destination's at a time."""
    known = ours(bench)
    asked_for: dict[str, Any] = {"limit": int(query.get("limit", 20))}
    if "after" in query:
        asked_for["after"] = query["after"]
    with client_for(bench) as client:
        listed = _asked(lambda: client.fine_tuning.jobs.list(**asked_for), "the list of jobs")
    found = [job_shape(item) for item in _list(getattr(listed, "data", None))]
    shown = [job for job in found if _is_ours(bench, job, known)]
    return Done(page(shown, has_more=getattr(listed, "has_more", False) is True), {})


def job_of(bench: Bench, client: OpenAI, job_id: str) -> dict[str, Any]:
    """The job, if it is on a file of this gateway; raises Answer."""
    from gatekeeper.egress.asking import Refused

    try:
        answer = _asked(lambda: client.fine_tuning.jobs.retrieve(job_id), "a job")
    except Refused as e:
        if e.status != 404:
            raise
        raise not_here("job") from None
    job = job_shape(answer)
    if job["id"] != job_id or not _is_ours(bench, job, ours(bench)):
        raise not_here("job")
    if job["training_file"] is None:
        records = (r for r in bench.ledger.records() if r.job_id == job_id)
        job["training_file"] = next((r.files[0].remote for r in records), "")
    return job


def retrieve_job(bench: Bench, job_id: str) -> Done:
    """The job as it is now."""
    with client_for(bench) as client:
        return Done(job_of(bench, client, job_id), {})


def cancel_job(bench: Bench, job_id: str) -> Done:
    """Have the job cancelled."""
    with client_for(bench) as client:
        job_of(bench, client, job_id)
        answer = _asked(lambda: client.fine_tuning.jobs.cancel(job_id), "cancelling a job")
    return Done(job_shape(answer), {})


def events(bench: Bench, job_id: str, query: Mapping[str, str]) -> Done:
    """What the destination says of a job, for the client alone: it is not logged."""
    with client_for(bench) as client:
        job_of(bench, client, job_id)
        listed = _asked(
            lambda: client.fine_tuning.jobs.list_events(job_id, **_page_of(query)), "events"
        )
    return Done(_listed(listed, _event), {})


def checkpoints(bench: Bench, job_id: str, query: Mapping[str, str]) -> Done:
    """The checkpoints of a job."""
    with client_for(bench) as client:
        job_of(bench, client, job_id)
        listed = _asked(
            lambda: client.fine_tuning.jobs.checkpoints.list(job_id, **_page_of(query)),
            "checkpoints",
        )
    return Done(_listed(listed, _checkpoint), {})


def _page_of(query: Mapping[str, str]) -> dict[str, Any]:
    asked_for: dict[str, Any] = {"limit": int(query.get("limit", 20))}
    return {**asked_for, **({"after": query["after"]} if "after" in query else {})}


def _listed(listed: Any, form: Callable[[Mapping[str, Any]], dict[str, Any]]) -> dict[str, Any]:
    items = [i.to_dict() for i in _list(getattr(listed, "data", None)) if hasattr(i, "to_dict")]
    found = [form(item) for item in items]
    return page([f for f in found if f["id"]], has_more=getattr(listed, "has_more", False) is True)


def _event(said: Mapping[str, Any]) -> dict[str, Any]:
    message = said.get("message")
    return {
        "id": _id(said.get("id")),
        "object": "fine_tuning.job.event",
        "created_at": _number(said.get("created_at")) or 0,
        "level": _word(said.get("level")) or "info",
        "message": message[:MESSAGE_MAX] if isinstance(message, str) else "",
        "type": _word(said.get("type")) or "message",
        "data": _numbers(said.get("data")),
    }


def _checkpoint(said: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": _id(said.get("id")),
        "object": "fine_tuning.job.checkpoint",
        "created_at": _number(said.get("created_at")) or 0,
        "fine_tuned_model_checkpoint": _word(said.get("fine_tuned_model_checkpoint")) or "",
        "fine_tuning_job_id": _id(said.get("fine_tuning_job_id")) or "",
        "metrics": _numbers(said.get("metrics")),
        "step_number": _number(said.get("step_number")) or 0,
    }
