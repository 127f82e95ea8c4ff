"""The six stages, composed: read → detect → tally → decide → enforce → audit.

The command line, the git hook and the library all call this one composition: there is no second
road to a decision.
"""

from __future__ import annotations

import dataclasses
import datetime
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gatekeeper import __version__
from gatekeeper.decide import decide
from gatekeeper.errors import InputError, UploadError
from gatekeeper.model import (
    Attestation,
    Decision,
    Destination,
    Evidence,
    Policy,
    Route,
    Unscanned,
    Vocabulary,
)
from gatekeeper.policy import Config, load_destination, load_policy
from gatekeeper.read import Source
from gatekeeper.shards import ALONE, Jobs, Workers, tally_each
from gatekeeper.tally import Observer, Progress

if TYPE_CHECKING:
    from gatekeeper.detect import Detector
    from gatekeeper.detect.lists import KeyedList

logger = logging.getLogger("gatekeeper")


@dataclass(frozen=True, slots=True)
class Setup:
    """What applies here: the compiled policies and destination, and the user's configuration."""

    config: Config
    policies: tuple[Policy, ...]
    destination: Destination
    vocabulary: Vocabulary
    lists: tuple[KeyedList, ...] = ()
    """The user's lists of names, as they were when this was prepared."""

    @property
    def entities(self) -> frozenset[str]:
        """Every entity that some policy names: what the detector must prove and look for."""
        return frozenset().union(*(p.entities for p in self.policies))

    def workers(self, jobs: Jobs) -> Workers:
        """The processes that share a scan, each with the detector of this setup."""
        return Workers.of(jobs, self.config, list_key_path)


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision with what it was made from, and where its receipt lies."""

    decision: Decision
    evidence: Evidence
    contents: tuple[tuple[Source, str], ...]
    """Each source that was read, and the digest of the bytes that were scanned."""
    receipt: Path | None = None


def prepare(
    config: Config, *, policies: Sequence[str] = (), destination: str | None = None
) -> Setup:
    """Load and compile what applies; imports neither presidio nor spacy.

    Args:
        config: the user's configuration, or `Config.default()`.
        policies: shipped names or files that take the place of the configured ones.
        destination: a shipped name or a file, in place of the configured one.

    Raises:
        PolicyError: a policy or destination file is wrong, with `file:line:column`.
        ConfigError: a setting is wrong.
    """
    lists = lists_for(config)
    vocabulary = _vocabulary(config, lists)
    loaded = tuple(load_policy(name, vocabulary) for name in policies or config.policies)
    chosen = load_destination(destination or config.destination)
    return Setup(config, loaded, chosen, vocabulary, lists)


def vocabulary_for(config: Config) -> Vocabulary:
    """The words that policies may use here: the catalogue, the configured locales, the user's
    own recognizers and lists.

    Raises ConfigError where one of their files is wrong.
    """
    return _vocabulary(config, lists_for(config))


def _vocabulary(config: Config, lists: Sequence[KeyedList]) -> Vocabulary:
    from gatekeeper.detect.catalogue import load_catalogue

    return load_catalogue().vocabulary(config.recognizers, lists, config.locales)


def lists_for(config: Config) -> tuple[KeyedList, ...]:
    """The user's lists of names, each confirmed by its key. Raises ConfigError."""
    if not config.lists:
        return ()
    from gatekeeper.detect.lists import load_lists

    return load_lists(config.lists, default_key=list_key_path())


def list_key_path() -> Path:
    """Where the key of a list is kept when no other place is named: beside the signing key."""
    from gatekeeper.audit import gatekeeper_home

    return gatekeeper_home() / "lists.key"


def load_detector_for(setup: Setup, entities: frozenset[str]) -> tuple[Detector, Attestation]:
    """The detector for `entities` and its known-answer test, both once a process.

    Raises DetectorError, and ConfigError for a file of recognizers.
    """
    from gatekeeper.detect.loading import cached_detector

    config = setup.config
    detector = cached_detector(
        entities, config.recognizers, config.names, setup.lists, config.locales
    )
    return detector, detector.attest(entities)


def gather(
    sources: Sequence[Source | Unscanned],
    detector: Detector,
    observe: Observer | None = None,
    progress: Progress | None = None,
    workers: Workers | None = None,
) -> tuple[Evidence, tuple[tuple[Source, str], ...]]:
    """Read, detect and tally every source: the evidence, and the digest of each source read."""
    evidence = Evidence()
    contents: list[tuple[Source, str]] = []
    tallies = tally_each(sources, detector, observe, progress, workers)
    for source, (digest, counted) in zip(sources, tallies, strict=True):
        if isinstance(source, Source):
            contents.append((source, digest))
        logger.info("tallied %s: %d records", digest, counted.records)
        evidence = evidence.merge(Evidence({digest: counted}))
    return evidence, tuple(contents)


def check(
    sources: Sequence[Source | Unscanned],
    setup: Setup,
    *,
    today: datetime.date,
    observe: Observer | None = None,
    progress: Progress | None = None,
    jobs: Jobs = ALONE,
) -> Verdict:
    """Decide on `sources` as one dataset. Changes nothing and opens no socket.

    Raises:
        InputError: nothing could be scanned; there is no decision then.
        DetectorError: the known-answer test failed, or the detector did.
    """
    _require_some(sources)
    detector, attestation = load_detector_for(setup, setup.entities)
    evidence, contents = gather(sources, detector, observe, progress, setup.workers(jobs))
    _require_scanned(evidence)
    decision = decide(
        setup.policies,
        evidence,
        setup.destination,
        attestation,
        agreements=setup.config.agreements,
        waivers=setup.config.waivers,
        today=today,
    )
    logger.info("decided: %s", decision.route.word)
    return Verdict(decision, evidence, contents)


def _require_some(sources: Sequence[Source | Unscanned]) -> None:
    if not sources:
        raise InputError("no file was given", hint="name a file, a folder, or `-` for stdin")
    refused = [s if isinstance(s, Unscanned) else s.refused for s in sources]
    if all(refused):
        raise _nothing_scanned([r for r in refused if r])


def _require_scanned(evidence: Evidence) -> None:
    if not any(t.records for _, t in evidence):
        raise _nothing_scanned(sorted({u for _, t in evidence for u in t.unscanned}))


def _nothing_scanned(refused: Sequence[Unscanned]) -> InputError:
    lines = [f"{u.source}: {u.at}: {u.detail}" for u in refused[:20]]
    if len(refused) > 20:
        lines.append(f"and {len(refused) - 20} more")
    return InputError(
        "\n".join([*lines, "nothing could be scanned, so there is no decision"]),
        hint="the dataset was left as it is",
    )


def with_receipt(verdict: Verdict, setup: Setup, *, now: datetime.datetime) -> Verdict:
    """Sign and write the receipt of `verdict`; nothing may leave before this has returned.

    Raises ReceiptError where it cannot be written, ConfigError where there is no key to sign with.
    """
    from gatekeeper import audit

    receipt = audit.make_receipt(
        verdict.decision,
        verdict.evidence,
        signer=audit.load_signer(),
        now=now,
        version=__version__,
        subjects=_subjects(verdict.evidence),
    )
    audit.prepare_state(setup.config.state, setup.config.root)
    path = audit.write_receipt(receipt, setup.config.receipts)
    audit.log_decision(setup.config.state, verdict.decision, receipt)
    return dataclasses.replace(verdict, receipt=path)


def _subjects(evidence: Evidence) -> Mapping[str, str]:
    """Display name → content digest of everything that was read; what was not read has none."""
    return {
        source: digest
        for digest, counted in evidence
        if digest.startswith("sha256:")
        for source in sorted(counted.sources)
    }


# --- enforce ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was done with the dataset: facts for machines, and words for people."""

    action: str
    """`left`, `uploaded`, `handed-off` or `quarantined`."""
    facts: Mapping[str, Any]
    words: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """For `--format json`."""
        return {"action": self.action, **self.facts}


def take_route(
    verdict: Verdict, setup: Setup, *, now: datetime.datetime, out: Path | None = None
) -> Outcome:
    """Take the route of a verdict whose receipt is written. Opens no socket.

    `out` is the hand-off folder of the on-prem route; by default one beside the receipts.

    Raises:
        ConfigError: the route lacks something (a recipient); the dataset is as it was.
        DatasetChanged: a file is not what was decided on; it is as it is.
        VaultError: the case could not be written and verified; nothing was removed.
    """
    files = _files(verdict)
    if verdict.decision.route is Route.ALLOW:
        return Outcome("left", {}, ("allowed: `gatekeeper upload` sends it",))
    if verdict.decision.route is Route.ON_PREM:
        taken = _hand_off(verdict, setup, files, out)
    else:
        taken = _quarantine(verdict, setup, files, now)
    left = tuple(f"left in place: {u.source}: {u.detail}" for u in _unopened(verdict.evidence))
    return dataclasses.replace(taken, words=taken.words + left)


def _unopened(evidence: Evidence) -> list[Unscanned]:
    """What could not even be opened (a link, a pipe): it is decided on, but nothing can move it."""
    return sorted(u for key, t in evidence if not key.startswith("sha256:") for u in t.unscanned)


def _files(verdict: Verdict) -> tuple[tuple[Source, Path, str], ...]:
    """The files to act on; raises ValueError before the receipt is written (DESIGN law 7)."""
    if verdict.receipt is None:
        raise ValueError("no route is taken before the receipt is written")
    return tuple((s, s.path, digest) for s, digest in verdict.contents if s.path is not None)


def _hand_off(
    verdict: Verdict,
    setup: Setup,
    files: Sequence[tuple[Source, Path, str]],
    out: Path | None,
) -> Outcome:
    from gatekeeper.enforce.local_data import Content
    from gatekeeper.enforce.on_prem import hand_off

    receipt = verdict.receipt or Path()
    folder = out or setup.config.handoffs / receipt.name.removesuffix(".dsse.json")
    handed = hand_off(
        verdict.decision,
        [Content(source.name, path, digest, source.format) for source, path, digest in files],
        folder,
        base_model=setup.config.base_model,
        receipt_path=receipt,
    )
    words = (f"handed off to {folder}", f"`gatekeeper train {folder}` runs it, network closed")
    return Outcome("handed-off", handed.to_json(), words)


def _quarantine(
    verdict: Verdict,
    setup: Setup,
    files: Sequence[tuple[Source, Path, str]],
    now: datetime.datetime,
) -> Outcome:
    from gatekeeper.enforce.quarantine import open_vault, quarantine

    stored = quarantine(
        verdict.decision,
        [(path, digest) for _, path, digest in files],
        open_vault(setup.config.vault, log_folder=setup.config.state),
        recipients=setup.config.recipients,
        now=now,
    )
    words = [f"quarantined as case {stored.case}, {stored.size_bytes:,} bytes encrypted"]
    words += [f"{name}: {outcome}" for name, outcome in stored.removal]
    words += [f"warning: {warning}" for warning in stored.warnings]
    return Outcome("quarantined", stored.to_json(), tuple(words))


def upload(
    verdict: Verdict,
    setup: Setup,
    *,
    api_key: str,
    model: str | None = None,
    expires_after_s: int | None = None,
) -> Outcome:
    """Send the one file of an allowed verdict to the destination of the decision.

    `model` asks for a fine-tuning job on it as well; `expires_after_s` is when the destination
    deletes the file.

    Raises:
        DatasetChanged: the bytes are not those that were scanned; nothing was sent.
        UploadError: the destination refused, or the outcome is unknown.
        ConfigError: the extra `openai` is missing, or a setting is wrong.
    """
    from gatekeeper.audit import audit_log
    from gatekeeper.enforce.allow import JobRequest
    from gatekeeper.enforce.allow import upload as send
    from gatekeeper.model.cleared import issue_cleared
    from gatekeeper.read import snapshot

    ((source, path, digest),) = _files(verdict)
    destination = setup.destination
    _check_format(source, destination)
    log = audit_log(setup.config.state)
    cleared = issue_cleared(verdict.decision, digest, destination)
    with snapshot(path, digest, max_bytes=destination.max_bytes) as sealed:
        about: dict[str, str | int] = {
            "decision": verdict.decision.digest,
            "content": digest,
            "host": destination.host,
            "bytes": sealed.size_bytes,
        }
        log.append("upload-intent", about)
        uploaded = send(
            cleared,
            sealed,
            destination,
            api_key=api_key,
            expires_after_s=expires_after_s,
            create_job=JobRequest(model) if model else None,
        )
        log.append("upload", {**about, "remote": uploaded.file_id})
    words = [f"uploaded {uploaded.size_bytes:,} bytes to {uploaded.host} as {uploaded.file_id}"]
    if uploaded.job_id:
        words.append(f"fine-tuning job {uploaded.job_id}: {uploaded.job_status}")
    return Outcome("uploaded", uploaded.to_json(), tuple(words))


def _check_format(source: Source, destination: Destination) -> None:
    if source.compression or source.format not in destination.formats:
        raise UploadError(
            f"{source.name}: `{destination.name}` takes {', '.join(destination.formats)}",
            hint="convert the dataset, and gate what comes out",
        )
