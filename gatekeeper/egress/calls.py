"""The requests of the Files, Uploads and fine-tuning APIs, each as one function.

What comes back is checked before it is used: an id is an id, a size is a number, a status is one
word. What the destination says in its own words is dropped.

Source: the service's API description (openai-openapi 2.3.0), paths /files, /uploads and
/fine_tuning/jobs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, cast

from gatekeeper.egress.asking import OutcomeUnknown, Refused, asked
from gatekeeper.egress.reading import HashingReader, Piece
from gatekeeper.errors import UploadError
from gatekeeper.model.snapshot import Snapshot

if TYPE_CHECKING:
    from openai import OpenAI

MIME = "application/jsonl"
PAGE = 100
ITEMS_MAX = 1_000_000
ENDED = frozenset({"succeeded", "failed", "cancelled"})
"""The states in which a job changes no more."""

_ID = re.compile(r"[A-Za-z0-9_-]{1,128}\Z")
_STATUS = re.compile(r"[a-z_]{1,32}\Z")


@dataclass(frozen=True, slots=True)
class Stored:
    """A file that the destination holds."""

    id: str
    name: str
    size_bytes: int
    purpose: str = ""
    created_at: int = 0
    expires_at: int = 0
    """Unix time; 0 where the destination does not say."""


@dataclass(frozen=True, slots=True)
class Job:
    """A fine-tuning job as the destination tells of it."""

    id: str
    status: str
    training_file: str = ""
    validation_file: str = ""
    created_at: int = 0
    model: str = ""
    """The fine-tuned model, once there is one."""

    @property
    def has_ended(self) -> bool:
        """Whether its status is final."""
        return self.status in ENDED


# --- files -----------------------------------------------------------------------------------


def create_file(
    client: OpenAI,
    snapshot: Snapshot,
    piece: Piece,
    *,
    name: str,
    purpose: str,
    expires_after_s: int,
    on_bytes: Callable[[int], None] | None = None,
) -> Stored:
    """Send the whole snapshot as one file.

    Raises:
        DatasetChanged: the bytes are not those of `piece`; the request was never complete.
        Refused, NotSent, OutcomeUnknown: of the request.
    """
    look = f"`gatekeeper uploads reconcile` looks for {name} at the destination"
    with HashingReader(snapshot, piece) as body:
        answer = asked(
            lambda: client.files.create(
                file=(name, _watched(body, on_bytes), MIME),
                purpose=cast("Any", purpose),
                expires_after={"anchor": "created_at", "seconds": expires_after_s},
            ),
            f"upload of {name}",
            lambda: look if body.finished else "",
        )
    return _stored(answer, f"upload of {name}", look)


def list_files(client: OpenAI, purpose: str) -> list[Stored]:
    """Every file of `purpose` that the account holds there; an answer that is none is an error."""
    listed = asked(
        lambda: list(_limited(client.files.list(purpose=purpose, limit=PAGE))), "the list of files"
    )
    return [_stored(item, "the list of files", "") for item in listed]


def retrieve_file(client: OpenAI, file_id: str) -> Stored | None:
    """The file `file_id`; None where the destination has no such file."""
    try:
        answer = asked(lambda: client.files.retrieve(file_id), f"file {file_id}")
    except Refused as e:
        if e.status != 404:
            raise
        return None
    return _stored(answer, f"file {file_id}", "")


def delete_file(client: OpenAI, file_id: str) -> None:
    """Have `file_id` deleted; one that is not there is as good. It may be asked any number of
    times.
    """
    try:
        answer = asked(lambda: client.files.delete(file_id), f"deletion of {file_id}")
    except Refused as e:
        if e.status != 404:
            raise
        return
    if getattr(answer, "deleted", None) is not True:
        raise UploadError(f"deletion of {file_id}: the destination does not say that it is done")


# --- uploads in parts ------------------------------------------------------------------------


def create_upload(
    client: OpenAI, *, name: str, size_bytes: int, purpose: str, expires_after_s: int
) -> str:
    """The id of a new Upload. It is no file, and ends by itself after an hour."""
    answer = asked(
        lambda: client.uploads.create(
            bytes=size_bytes,
            filename=name,
            mime_type=MIME,
            purpose=cast("Any", purpose),
            expires_after={"anchor": "created_at", "seconds": expires_after_s},
        ),
        f"upload of {name}",
    )
    return _id_of(answer, f"upload of {name}", "upload")


def add_part(
    client: OpenAI,
    upload_id: str,
    snapshot: Snapshot,
    piece: Piece,
    *,
    name: str,
    on_bytes: Callable[[int], None] | None = None,
) -> str:
    """The id of a part of the Upload that holds `piece`. A part that is not named at the end is no
    part of the file, so one may be sent again.

    Raises DatasetChanged where the bytes are others; the request was never complete then.
    """
    with HashingReader(snapshot, piece) as body:
        answer = asked(
            lambda: client.uploads.parts.create(
                upload_id, data=(name, _watched(body, on_bytes), "application/octet-stream")
            ),
            f"a part of {name}",
        )
    return _id_of(answer, f"a part of {name}", "part")


def complete_upload(
    client: OpenAI, upload_id: str, part_ids: Sequence[str], *, md5: str, name: str
) -> Stored:
    """Make a file of the parts, in this order. An Upload makes one file at most, so this may be
    asked again.
    """
    what = f"completion of {name}"
    look = f"`gatekeeper uploads reconcile` looks for {name} at the destination"
    answer = asked(
        lambda: client.uploads.complete(upload_id, part_ids=list(part_ids), md5=md5), what, look
    )
    return _stored(getattr(answer, "file", None), what, look)


def cancel_upload(client: OpenAI, upload_id: str) -> None:
    """No file can come of the Upload any more; one that has ended already is as good."""
    try:
        asked(lambda: client.uploads.cancel(upload_id), "cancelling an upload")
    except Refused as e:
        if e.status not in (400, 404, 409):
            raise


# --- fine-tuning jobs ------------------------------------------------------------------------


def create_job(
    client: OpenAI,
    arguments: Mapping[str, Any],
    training_file: str,
    validation_file: str = "",
    extra: Mapping[str, str] | None = None,
) -> Job:
    """Create a job of these `arguments` (`JobRequest.arguments`) on files that are there; `extra`
    is what the destination wants every job to say.
    """
    files: dict[str, Any] = {"training_file": training_file}
    if validation_file:
        files["validation_file"] = validation_file
    what = f"the fine-tuning job on {training_file}"
    answer = asked(
        lambda: client.fine_tuning.jobs.create(**arguments, **files, extra_body=dict(extra or {})),
        what,
        f"`gatekeeper uploads reconcile` looks for a job on {training_file}",
    )
    return _job(answer, what)


def retrieve_job(client: OpenAI, job_id: str) -> Job:
    """The job `job_id` as it is now."""
    what = f"fine-tuning job {job_id}"
    return _job(asked(lambda: client.fine_tuning.jobs.retrieve(job_id), what), what)


def cancel_job(client: OpenAI, job_id: str) -> Job:
    """Have the job cancelled. Raises Refused where it has ended already."""
    what = f"cancelling {job_id}"
    return _job(asked(lambda: client.fine_tuning.jobs.cancel(job_id), what), what)


def jobs_on(client: OpenAI, training_file: str) -> list[Job]:
    """Every job of the account on that training file."""
    listed = asked(
        lambda: list(_limited(client.fine_tuning.jobs.list(limit=PAGE))), "the list of jobs"
    )
    found = (_job(item, "the list of jobs") for item in listed)
    return [job for job in found if job.training_file == training_file]


def job_events(client: OpenAI, job_id: str) -> list[Any]:
    """The newest events of the job as the SDK gives them, newest first."""
    what = f"events of {job_id}"
    return asked(lambda: client.fine_tuning.jobs.list_events(job_id, limit=PAGE).data, what)


# --- answers ---------------------------------------------------------------------------------


def _watched(body: HashingReader, on_bytes: Callable[[int], None] | None) -> IO[bytes]:
    if on_bytes is not None:
        body.on_bytes = on_bytes
    return cast("IO[bytes]", body)


def _limited(pages: Any) -> Iterator[Any]:
    """The items of a list in pages; a list that begins again would never end."""
    seen: set[object] = set()
    for item in pages:
        found = getattr(item, "id", None)
        if found in seen or len(seen) >= ITEMS_MAX:
            raise UploadError("a list of the destination does not end; nothing can be told of it")
        seen.add(found)
        yield item


def _stored(answer: object, what: str, look: str) -> Stored:
    size = getattr(answer, "bytes", None)
    return Stored(
        _id_of(answer, what, "file", look),
        _name_of(answer),
        size if type(size) is int else -1,
        _word(answer, "purpose", re.compile(r"[a-z_-]{1,32}\Z")),
        _number(answer, "created_at"),
        _number(answer, "expires_at"),
    )


def _job(answer: object, what: str) -> Job:
    return Job(
        _id_of(answer, what, "job"),
        _word(answer, "status", _STATUS),
        _word(answer, "training_file", _ID),
        _word(answer, "validation_file", _ID),
        _number(answer, "created_at"),
        _word(answer, "fine_tuned_model", re.compile(r"[A-Za-z0-9._:/-]{1,256}\Z")),
    )


def _id_of(answer: object, what: str, kind: str, look: str = "") -> str:
    found = getattr(answer, "id", None)
    if isinstance(found, str) and _ID.match(found):
        return found
    raise OutcomeUnknown(
        f"{what}: the destination's answer is no {kind} object; the outcome is unknown", hint=look
    )


def _name_of(answer: object) -> str:
    """Its name where it is one of ours; other people's names are not looked at."""
    return _word(answer, "filename", re.compile(r"gk-[0-9a-f]{16}\.jsonl\Z"))


def _word(answer: object, name: str, form: re.Pattern[str]) -> str:
    found = getattr(answer, name, None)
    return found if isinstance(found, str) and form.match(found) else ""


def _number(answer: object, name: str) -> int:
    found = getattr(answer, name, None)
    return found if type(found) is int and 0 <= found < 1 << 48 else 0
