"""The ALLOW route: send the sealed snapshot to the destination of the decision, once.

The bytes sent are the bytes scanned (DESIGN law 7): the snapshot is hashed before the connection
is opened and again on its way out, under a neutral name that says nothing about it. Nothing is
sent twice by itself: a lost answer is reported as an unknown outcome, with the name to look for.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import IO, TYPE_CHECKING, Any, Literal, TypeVar, cast

from gatekeeper.enforce.snapshot import HashingReader, Snapshot
from gatekeeper.enforce.validate import Problem, problems_in, read_lines
from gatekeeper.errors import ConfigError, DatasetChanged, UploadError
from gatekeeper.model import Destination
from gatekeeper.model.cleared import Cleared

if TYPE_CHECKING:
    from openai import OpenAI

MIN_EXPIRES_AFTER_S = 3_600
MAX_EXPIRES_AFTER_S = 2_592_000
"""One hour to thirty days: the bounds of `expires_after` in the service's API description."""

PROBLEMS_SHOWN = 20
_NUMBERS = frozenset({"n_epochs", "batch_size", "learning_rate_multiplier", "beta"})
_MODEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}\Z")
_ID = re.compile(r"[A-Za-z0-9_-]{1,128}\Z")
_STATUS = re.compile(r"[a-z_]{1,32}\Z")
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class JobRequest:
    """A fine-tuning job on the uploaded file. It has no field for free text: a suffix or metadata
    would leave without having been scanned.
    """

    model: str
    method: Literal["supervised", "dpo"] = "supervised"
    seed: int | None = None
    hyperparameters: Mapping[str, int | float | Literal["auto"]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Uploaded:
    """What the destination now holds."""

    file_id: str
    name: str
    size_bytes: int
    content: str
    host: str
    expires_after_s: int
    job_id: str = ""
    job_status: str = ""

    def to_json(self) -> dict[str, str | int]:
        """For reports and the audit log."""
        return {name: getattr(self, name) for name in self.__slots__}


def upload(
    cleared: Cleared,
    snapshot: Snapshot,
    destination: Destination,
    *,
    api_key: str,
    expires_after_s: int | None = None,
    create_job: JobRequest | None = None,
    organization: str | None = None,
    project: str | None = None,
    timeout_s: float = 600.0,
) -> Uploaded:
    """Send `snapshot` to `destination`, and create a fine-tuning job on it where one is asked for.

    Args:
        cleared: the gate's clearance of this content for this destination.
        snapshot: the sealed bytes that were scanned.
        destination: the destination of the decision.
        api_key: the destination's key; it goes into one header and nowhere else.
        expires_after_s: seconds until the file is deleted there; the destination's own if None.
        create_job: the job to create on the file.
        organization: account to use where the key has several; never from the environment.
        project: likewise.
        timeout_s: seconds without any progress after which the attempt is given up.

    Raises:
        DatasetChanged: the bytes are not those of the decision; the upload was not completed.
        ConfigError: the destination, the job or the key is wrong, or the extra is not installed.
        UploadError: the clearance is for something else, the destination would refuse the file,
            or did, or the outcome is unknown.
    """
    _check_clearance(cleared, snapshot, destination)
    expires = _checked_expiry(
        destination.expires_after_s if expires_after_s is None else expires_after_s
    )
    job = _checked_job(create_job, destination) if create_job else None
    key = _checked_key(api_key)
    name = neutral_name(cleared)
    door = _load_door()
    base_url = door.checked_base_url(destination.base_url, cleared.host)
    _check_rows(snapshot, cleared.content)
    account = door.Account(key, organization, project)
    with door.open_client(base_url, account, timeout_s=timeout_s) as client:
        file_id = _send(client, snapshot, cleared.content, name, expires)
        job_id, job_status = _create_job(client, file_id, job) if job else ("", "")
    return Uploaded(
        file_id,
        name,
        snapshot.size_bytes,
        cleared.content,
        cleared.host,
        expires,
        job_id,
        job_status,
    )


def neutral_name(cleared: Cleared) -> str:
    """`gk-<16 hex>.jsonl`: the same for the same decision and content, so that what became of an
    upload can be looked up by it, and without a word about the dataset.
    """
    bound = f"{cleared.decision} {cleared.content}".encode("ascii")
    return f"gk-{hashlib.sha256(bound).hexdigest()[:16]}.jsonl"


def check_rows(snapshot: Snapshot, digest: str) -> tuple[Problem, ...]:
    """The first problems that the service would find in the snapshot, those it refuses first.

    Raises DatasetChanged where the bytes are not those of `digest`.
    """
    sure: list[Problem] = []
    advice: list[Problem] = []
    with io.BufferedReader(HashingReader(snapshot, digest), 1 << 20) as stream:
        for problem in problems_in(read_lines(stream)):
            kept = sure if problem.sure else advice
            if len(kept) < PROBLEMS_SHOWN:
                kept.append(problem)
    return tuple([*sure, *advice][:PROBLEMS_SHOWN])


def _check_clearance(cleared: Cleared, snapshot: Snapshot, destination: Destination) -> None:
    if type(cleared) is not Cleared:
        raise UploadError("nothing was cleared for upload", hint="run `gatekeeper upload`")
    if snapshot.digest != cleared.content:
        raise DatasetChanged(
            "the snapshot is not what was cleared; nothing was sent", hint="run the command again"
        )
    asked = (destination.name, destination.digest, destination.host)
    if asked != (cleared.destination, cleared.destination_digest, cleared.host):
        raise UploadError("the decision was made for another destination; nothing was sent")
    if "jsonl" not in destination.formats:
        raise UploadError("the destination takes no JSONL; nothing was sent")
    if snapshot.size_bytes > destination.max_bytes:
        raise UploadError(
            f"the dataset has {snapshot.size_bytes} bytes, and the destination takes "
            f"{destination.max_bytes}; nothing was sent",
            hint="split it, and gate each part",
        )


def _checked_key(api_key: str) -> str:
    """`api_key` without spaces around it, if it can stand in a header."""
    key = api_key.strip()
    if not key or not key.isascii() or not key.isprintable():
        raise ConfigError("no usable API key for the destination", hint="set OPENAI_API_KEY")
    return key


def _checked_expiry(expires_after_s: int) -> int:
    if not MIN_EXPIRES_AFTER_S <= expires_after_s <= MAX_EXPIRES_AFTER_S:
        raise ConfigError(
            f"expires_after_s is {expires_after_s}",
            hint=f"it is between {MIN_EXPIRES_AFTER_S} and {MAX_EXPIRES_AFTER_S} seconds",
        )
    return expires_after_s


def _checked_job(job: JobRequest, destination: Destination) -> dict[str, Any]:
    """The arguments of the job but for the file, if none of them can carry a text."""
    if not _MODEL.match(job.model) or (destination.models and job.model not in destination.models):
        raise ConfigError(
            "the destination does not fine-tune that model",
            hint=f"one of: {', '.join(destination.models)}" if destination.models else "",
        )
    if job.method not in ("supervised", "dpo"):
        raise ConfigError("the job's method is neither supervised nor dpo")
    for key, value in job.hyperparameters.items():
        if key not in _NUMBERS or (isinstance(value, str) and value != "auto"):
            raise ConfigError(
                "a hyperparameter of the job is not known",
                hint=f"a number or `auto` for any of: {', '.join(sorted(_NUMBERS))}",
            )
    settings = {"hyperparameters": dict(job.hyperparameters)} if job.hyperparameters else {}
    wanted: dict[str, Any] = {
        "model": job.model,
        "method": {"type": job.method, job.method: settings},
    }
    if job.seed is not None:
        wanted["seed"] = int(job.seed)
    return wanted


def _load_door() -> ModuleType:
    import importlib

    try:
        importlib.import_module("openai")
        return importlib.import_module("gatekeeper.enforce.door")
    except ImportError:
        missing = ConfigError(
            "the package `openai` is not installed", hint="pip install 'gatekeeper[openai]'"
        )
    raise missing


def _check_rows(snapshot: Snapshot, digest: str) -> None:
    refused = [p for p in check_rows(snapshot, digest) if p.sure]
    if refused:
        more = f" (and {len(refused) - 1} more)" if len(refused) > 1 else ""
        raise UploadError(
            f"the destination would refuse the dataset: {refused[0]}{more}; nothing was sent",
            hint="correct the rows, and gate the dataset again",
        )


def _send(client: OpenAI, snapshot: Snapshot, digest: str, name: str, expires_after_s: int) -> str:
    """The id under which the destination now holds the file."""
    with HashingReader(snapshot, digest) as body:
        stored = _asked(
            lambda: client.files.create(
                file=(name, cast("IO[bytes]", body), "application/jsonl"),
                purpose="fine-tune",
                expires_after={"anchor": "created_at", "seconds": expires_after_s},
            ),
            f"upload of {name}",
            lambda: f"look for {name} at the destination" if body.finished else "",
        )
    file_id, size = getattr(stored, "id", None), getattr(stored, "bytes", None)
    if not isinstance(file_id, str) or not _ID.match(file_id):
        raise UploadError(
            f"upload of {name}: the destination's answer is no file object; the outcome is unknown",
            hint=f"look for {name} at the destination",
        )
    if size != snapshot.size_bytes:
        raise UploadError(
            f"upload of {name}: the destination does not hold the {snapshot.size_bytes} bytes sent",
            hint=f"delete {file_id} there, and try again",
        )
    return file_id


def _create_job(client: OpenAI, file_id: str, job: Mapping[str, Any]) -> tuple[str, str]:
    made = _asked(
        lambda: client.fine_tuning.jobs.create(training_file=file_id, **job),
        f"uploaded as {file_id}, but the fine-tuning job",
        lambda: f"look for a job on {file_id} at the destination",
    )
    job_id, status = getattr(made, "id", ""), getattr(made, "status", "")
    if not isinstance(job_id, str) or not _ID.match(job_id):
        raise UploadError(
            f"uploaded as {file_id}, but the answer about the job is no job object",
            hint=f"look for a job on {file_id} at the destination",
        )
    return job_id, status if isinstance(status, str) and _STATUS.match(status) else ""


def _asked(request: Callable[[], _T], what: str, where_to_look: Callable[[], str]) -> _T:
    """The answer to `request`, or an UploadError without a word of the answer's body.

    `where_to_look` is empty as long as the destination cannot hold the whole request.
    """
    import httpx2
    from openai import APIConnectionError, APIStatusError, APITimeoutError, OpenAIError

    failure: UploadError
    try:
        return request()
    except APIStatusError as e:
        failure = _refusal(what, e.status_code, type(e).__name__, where_to_look())
    except (APITimeoutError, APIConnectionError) as e:
        failure = _lost(what, type(e).__name__, where_to_look())
    except (OpenAIError, httpx2.HTTPError, OSError, ValueError) as e:
        failure = _lost(what, type(e).__name__, where_to_look())
    raise failure


def _refusal(what: str, status: int, kind: str, look: str) -> UploadError:
    if status >= 500 or status == 408:
        unknown = "; the outcome is unknown" if look else ""
        return UploadError(f"{what}: the destination failed ({status} {kind}){unknown}", hint=look)
    if 300 <= status < 400:
        return UploadError(
            f"{what}: the destination sent a redirect ({status}), which is not followed",
            hint="correct the destination's base_url",
        )
    return UploadError(
        f"{what}: the destination refused it ({status} {kind})",
        hint=_HINTS.get(status, "see the destination's own log for the reason"),
    )


def _lost(what: str, kind: str, look: str) -> UploadError:
    if look:
        return UploadError(f"{what}: no answer ({kind}); the outcome is unknown", hint=look)
    return UploadError(
        f"{what}: the connection failed ({kind}) before all was sent",
        hint="see whether the destination can be reached, and try again",
    )


_HINTS = {
    400: "the destination does not take such a request; look at its limits and its models",
    401: "the key is not valid there; look at OPENAI_API_KEY",
    403: "the key may not do this; look at its project and permissions",
    404: "there is no such service; look at the destination's base_url",
    409: "the destination is busy with the same thing; try again later",
    413: "the dataset is too large for the destination; split it, and gate each part",
    422: "the destination does not take such a request; look at its limits and its models",
    429: "too many requests, or no quota left; try again later",
}
