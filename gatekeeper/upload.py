"""From a verdict to the destination: seal, clear, send; and what is done with what was sent.

The command line and the gateway call this composition. `egress.send` has the rest.
"""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gatekeeper.egress.asking import PATIENT, Patience
from gatekeeper.errors import UploadError
from gatekeeper.gate import Outcome, Setup, Verdict, fingerprint_for
from gatekeeper.model import Destination, digest_of
from gatekeeper.model.cleared import PURPOSE, TRAINING, VALIDATION, Cleared, Terms, issue_cleared
from gatekeeper.model.job import JOB_SOURCE, JobRequest
from gatekeeper.read import Source, source_from_bytes

if TYPE_CHECKING:
    from gatekeeper.egress.bound import Account, Present
    from gatekeeper.egress.records import Ledger
    from gatekeeper.egress.send import Uploaded
    from gatekeeper.model.snapshot import Snapshot


ADVICE_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to become of the files of an allowed verdict."""

    api_key: str
    organization: str = ""
    project: str = ""
    expires_after_s: int | None = None
    """Seconds until the destination deletes the files; the destination's own if None."""
    job: JobRequest | None = None


def job_source(job: JobRequest, destination: Destination) -> Source | None:
    """The texts of `job` as a source, to be decided on together with the dataset; None where it
    has none.
    """
    texts = job.texts(destination.models)
    return source_from_bytes(JOB_SOURCE, texts, input_format="json") if texts else None


def ledger_of(state: Path) -> Ledger:
    """The records of what was sent, in the state folder `state`.

    Raises ConfigError where there is no key to sign with.
    """
    from gatekeeper.audit import load_signer
    from gatekeeper.egress.records import Ledger

    return Ledger(state, load_signer())


def present(setup: Setup, today: datetime.date) -> Present:
    """What holds now: the digest of the policies, the detector's fingerprint, the day."""
    from gatekeeper.egress.bound import Present

    policies = {(p.id, p.digest): p for p in setup.policies}
    return Present(
        policies=digest_of([list(pair) for pair in sorted(policies)]),
        detector=fingerprint_for(setup, setup.entities),
        today=today,
    )


def clear(
    verdict: Verdict,
    setup: Setup,
    contents: Sequence[tuple[str, str, int]],
    *,
    job: JobRequest | None = None,
    organization: str = "",
    project: str = "",
    purpose: str = PURPOSE,
    expires_after_s: int | None = None,
) -> Cleared:
    """The clearance of `contents` (role, digest, size) of an allowed verdict whose receipt lies.

    Raises ValueError where the verdict allows nothing, or not this. A caller that gets it has a
    fault.
    """
    if verdict.receipt is None:
        raise ValueError("no route is taken before the receipt is written")
    decision = verdict.decision
    terms = Terms.of(
        setup.destination,
        policies=decision.digests["policies"],
        detector=decision.digests["detector"],
        today=datetime.date.fromisoformat(decision.date),
        organization=organization,
        project=project,
        purpose=purpose,
        expires_after_s=expires_after_s,
    )
    return issue_cleared(decision, contents, setup.destination, terms, job=job)


def send_cleared(
    cleared: Cleared,
    snapshots: Sequence[Snapshot],
    setup: Setup,
    *,
    account: Account,
    ledger: Ledger,
    today: datetime.date,
    purpose: str = PURPOSE,
    job: JobRequest | None = None,
    expires_after_s: int | None = None,
    patience: Patience = PATIENT,
    on_bytes: Callable[[int], None] | None = None,
) -> Uploaded:
    """Send `snapshots` under `cleared` as `egress.send.send` does, as things stand in `setup`.

    Raises as that does.
    """
    from gatekeeper.egress.bound import parcels_for
    from gatekeeper.egress.send import send

    return send(
        cleared,
        parcels_for(cleared, snapshots),
        setup.destination,
        account=account,
        present=present(setup, today),
        ledger=ledger,
        purpose=purpose,
        expires_after_s=expires_after_s,
        job=job,
        patience=patience,
        on_bytes=on_bytes,
    )


def upload(
    verdict: Verdict,
    setup: Setup,
    wish: Wish,
    *,
    today: datetime.date,
    on_bytes: Callable[[int], None] | None = None,
) -> Outcome:
    """Send the files of an allowed verdict to the destination of the decision: the training file,
    the validation file where there are two, and a job on them where one is wished for.

    Raises:
        DatasetChanged: the bytes are not those that were scanned; nothing was sent.
        UploadError: the destination refused, the outcome is unknown, or an upload of this decision
            may be there already.
        ConfigError: the extra `openai` is missing, or a setting is wrong.
        ReceiptError: the upload cannot be put on record; nothing was sent.
    """
    files = _files(verdict)
    for source, _, _ in files:
        _check_format(source, setup.destination)
    account = _account(wish)
    ledger = ledger_of(setup.config.state)
    with contextlib.ExitStack() as held:
        sealed = [held.enter_context(_sealed(path, digest, setup)) for _, path, digest in files]
        roles = (TRAINING, VALIDATION)
        cleared = clear(
            verdict,
            setup,
            [(role, s.digest, s.size_bytes) for role, s in zip(roles, sealed, strict=False)],
            job=wish.job,
            organization=wish.organization,
            project=wish.project,
            expires_after_s=wish.expires_after_s,
        )
        uploaded = send_cleared(
            cleared,
            sealed,
            setup,
            account=account,
            ledger=ledger,
            today=today,
            job=wish.job,
            expires_after_s=wish.expires_after_s,
            on_bytes=on_bytes,
        )
    return _outcome(uploaded)


def _outcome(uploaded: Uploaded) -> Outcome:
    record = uploaded.record
    words = [
        f"uploaded {file.size_bytes:,} bytes to {record.terms.host} as {file.remote}"
        + (f", for {file.role}" if len(record.files) > 1 else "")
        for file in record.files
    ]
    tokens = sum(c.tokens.total for c in uploaded.checked)
    rows = sum(c.tokens.rows for c in uploaded.checked)
    words.append(f"{rows:,} rows of about {tokens:,} tokens (an estimate)")
    advice = [str(p) for c in uploaded.checked for p in c.problems]
    words += [f"the service may not like {problem}" for problem in advice[:ADVICE_SHOWN]]
    if record.job_id:
        words.append(f"fine-tuning job {record.job_id}: {uploaded.job_status}")
    words.append(f"`gatekeeper uploads delete {record.id[:12]}` takes it back")
    return Outcome("uploaded", uploaded.to_json(), tuple(words))


@contextlib.contextmanager
def _sealed(path: Path, digest: str, setup: Setup) -> Iterator[Snapshot]:
    from gatekeeper.egress.ways import max_bytes
    from gatekeeper.read import snapshot

    with snapshot(path, digest, max_bytes=max_bytes(setup.destination)) as sealed:
        yield sealed


def _account(wish: Wish) -> Account:
    from gatekeeper.egress.bound import Account

    return Account(wish.api_key.strip(), wish.organization, wish.project)


def _files(verdict: Verdict) -> list[tuple[Source, Path, str]]:
    """The one or two files of the verdict, the training file first."""
    if verdict.receipt is None:
        raise ValueError("no route is taken before the receipt is written")
    if verdict.decision.coverage.partial:
        raise ValueError("no route is taken on partial counts")
    found = [(s, s.path, digest) for s, digest in verdict.contents if s.path is not None]
    if not 1 <= len(found) <= 2:
        raise ValueError("an upload has one training file and at most one validation file")
    if len({digest for _, _, digest in found}) != len(found):
        raise UploadError(
            "the training and the validation file are the same; nothing was sent",
            hint="validate on rows that are not trained on",
        )
    return found


def _check_format(source: Source, destination: Destination) -> None:
    if source.compression or source.format not in destination.formats:
        raise UploadError(
            f"{source.name}: `{destination.name}` takes {', '.join(destination.formats)}",
            hint="convert the dataset, and gate what comes out",
        )
