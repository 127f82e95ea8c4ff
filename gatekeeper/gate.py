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
from gatekeeper.decide import decide, strictest_route
from gatekeeper.errors import InputError
from gatekeeper.model import Attestation, Decision, Evidence, Route, Unscanned
from gatekeeper.prepare import (
    Setup,
    fingerprint_for,
    list_key_path,
    lists_for,
    load_detector_for,
    prepare,
    vocabulary_for,
)
from gatekeeper.read import Source
from gatekeeper.remember import Memory, Recalled, open_memory
from gatekeeper.shards import ALONE, Jobs, Workers, tally_each
from gatekeeper.tally import Observer, Progress, tally_unread
from gatekeeper.verdict_only import Settled, gather_until, holds

if TYPE_CHECKING:
    from gatekeeper.detect import Detector

__all__ = [
    "Memory",
    "Outcome",
    "Setup",
    "Verdict",
    "check",
    "fingerprint_for",
    "gather",
    "list_key_path",
    "lists_for",
    "load_detector_for",
    "open_memory",
    "prepare",
    "take_route",
    "vocabulary_for",
    "with_receipt",
]

logger = logging.getLogger("gatekeeper")


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision with what it was made from, and where its receipt lies."""

    decision: Decision
    evidence: Evidence
    contents: tuple[tuple[Source, str], ...]
    """Each source that was read, and the digest of the bytes that were scanned."""
    receipt: Path | None = None
    looked_for: frozenset[str] = frozenset()
    """The entities that the detector had proved to find."""


def gather(
    sources: Sequence[Source | Unscanned],
    detector: Detector | None,
    observe: Observer | None = None,
    progress: Progress | None = None,
    recalled: Recalled | None = None,
    workers: Workers | None = None,
) -> tuple[Evidence, tuple[tuple[Source, str], ...]]:
    """Read, detect and tally every source: the evidence, and the digest of each source read.

    What is `recalled` is not read again. Where that is every source, there need be no detector.
    """
    evidence = Evidence()
    contents: list[tuple[Source, str]] = []
    known = recalled.known if recalled else {}
    left = [source for number, source in enumerate(sources) if number not in known]
    if detector:
        tallies = iter(tally_each(left, detector, observe, progress, workers))
    elif any(isinstance(source, Source) for source in left):
        raise ValueError("a source that is not remembered needs a detector")
    else:
        tallies = (tally_unread(source) for source in left if isinstance(source, Unscanned))
    for number, source in enumerate(sources):
        digest, counted = known[number] if number in known else next(tallies)
        if isinstance(source, Source):
            contents.append((source, digest))
            if recalled and number not in known:
                recalled.keep(source, digest, counted)
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
    memory: Memory | None = None,
    verdict_only: bool = False,
    jobs: Jobs = ALONE,
) -> Verdict:
    """Decide on `sources` as one dataset. Changes nothing and opens no socket.

    With a `memory`, what was counted before under the same detector is not counted again, and the
    detector is loaded only where something is left to count or it has not proved itself of late.
    The verdict is the same. Who wants to `observe` the findings has everything read.

    For the `verdict_only`, reading stops where no route can become stricter: the route is the same,
    the counts are partial, and nothing can be done with such a verdict but to read it.

    Raises:
        InputError: nothing could be scanned; there is no decision then.
        DetectorError: the known-answer test failed, or the detector did.
    """
    _require_some(sources)
    detector, attestation, recalled = _ready(sources, setup, None if observe else memory)

    def decided(evidence: Evidence) -> Decision:
        return decide(
            setup.policies,
            evidence,
            setup.destination,
            attestation,
            agreements=setup.config.agreements,
            waivers=setup.config.waivers,
            today=today,
        )

    if verdict_only and detector is not None:
        strictest = strictest_route(setup.policies)
        settled = Settled(
            lambda e: decided(e).route >= strictest,
            # A key may turn out to be somebody's name, and its field is called otherwise then.
            within_a_content=not any(p.names_fields for p in setup.policies),
        )
        evidence, contents = gather_until(sources, detector, settled, progress, recalled)
        if not holds(decided(evidence), strictest):  # it changed under the reader
            return check(sources, setup, today=today, progress=progress, memory=memory, jobs=jobs)
    else:
        evidence, contents = gather(
            sources, detector, observe, progress, recalled, setup.workers(jobs)
        )
    _require_scanned(evidence)
    decision = decided(evidence)
    logger.info("decided: %s", decision.route.word)
    return Verdict(decision, evidence, contents, looked_for=attestation.entities)


def _ready(
    sources: Sequence[Source | Unscanned], setup: Setup, memory: Memory | None
) -> tuple[Detector | None, Attestation, Recalled | None]:
    """What is recalled of `sources`, and the detector where that is not all, or its test is old."""
    recalled = None
    if memory is not None:
        recalled = memory.recall(sources, fingerprint_for(setup, setup.entities))
        attestation = recalled.attestation(setup.entities)
        if attestation is not None and recalled.is_all:
            return None, attestation, recalled
    detector, attestation = load_detector_for(setup, setup.entities)
    if recalled is not None:
        recalled = recalled.under(attestation)
    return detector, attestation, recalled


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


def with_receipt(
    verdict: Verdict, setup: Setup, *, now: datetime.datetime, acting: bool = False
) -> Verdict:
    """Sign and write the receipt of `verdict`; nothing may leave before this has returned.

    `acting` is for who takes the route: what is then quarantined is not named outside of its case.
    Raises ReceiptError where it cannot be written or the audit log is damaged, ConfigError where
    there is no key to sign with.
    """
    from gatekeeper import audit

    signer = audit.load_signer()
    audit.prepare_state(setup.config.state, setup.config.root)
    log = audit.audit_log(setup.config.state, signer)
    receipt = audit.make_receipt(
        verdict.decision,
        verdict.evidence,
        signer=signer,
        now=now,
        version=__version__,
        subjects=_subjects(verdict.evidence),
        log_head=log.head(),
        looked_for=verdict.looked_for,
        withhold_names=acting and verdict.decision.route is Route.QUARANTINE,
    )
    path = audit.write_receipt(receipt, setup.config.receipts)
    audit.log_decision(log, verdict.decision, receipt)
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
    if verdict.decision.coverage.partial:
        raise ValueError("no route is taken on partial counts")
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
        open_vault(setup.config.vault),
        recipients=setup.config.recipients,
        wrappers=setup.config.wrappers,
        retention_days=setup.config.retention_days,
        now=now,
    )
    words = [f"quarantined as case {stored.case}, {stored.size_bytes:,} bytes encrypted"]
    words += [f"{name}: {outcome}" for name, outcome in stored.removal]
    words += [f"warning: {warning}" for warning in stored.warnings]
    return Outcome("quarantined", stored.to_json(), tuple(words))
