"""The six stages, composed: read → detect → tally → decide → enforce → audit.

The command line, the git hook and the library all call this one composition: there is no second
road to a decision.
"""

from __future__ import annotations

import datetime
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gatekeeper import __version__
from gatekeeper.decide import decide
from gatekeeper.errors import InputError
from gatekeeper.model import (
    Attestation,
    Decision,
    Destination,
    Evidence,
    Policy,
    Unscanned,
    Vocabulary,
)
from gatekeeper.policy import Config, load_destination, load_policy
from gatekeeper.read import Source
from gatekeeper.tally import Observer, tally, tally_unread

if TYPE_CHECKING:
    from gatekeeper.audit.signing import Signer
    from gatekeeper.detect import Detector

logger = logging.getLogger("gatekeeper")


@dataclass(frozen=True, slots=True)
class Setup:
    """What applies here: the compiled policies and destination, and the user's configuration."""

    config: Config
    policies: tuple[Policy, ...]
    destination: Destination
    vocabulary: Vocabulary

    @property
    def entities(self) -> frozenset[str]:
        """Every entity that some policy names: what the detector must prove and look for."""
        return frozenset().union(*(p.entities for p in self.policies))


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
    vocabulary = vocabulary_for(config)
    loaded = tuple(load_policy(name, vocabulary) for name in policies or config.policies)
    return Setup(config, loaded, load_destination(destination or config.destination), vocabulary)


def vocabulary_for(config: Config) -> Vocabulary:
    """The words that policies may use here: the catalogue and the user's own recognizers."""
    from gatekeeper.detect.catalogue import load_catalogue

    return load_catalogue().vocabulary(config.recognizers)


def load_detector_for(setup: Setup, entities: frozenset[str]) -> tuple[Detector, Attestation]:
    """The detector for `entities` and its known-answer test. Raises DetectorError."""
    from gatekeeper.detect import load_detector

    detector = load_detector(entities=entities, recognizers=setup.config.recognizers)
    return detector, detector.attest(entities)


def gather(
    sources: Sequence[Source | Unscanned], detector: Detector, observe: Observer | None = None
) -> tuple[Evidence, tuple[tuple[Source, str], ...]]:
    """Read, detect and tally every source: the evidence, and the digest of each source read."""
    evidence = Evidence()
    contents: list[tuple[Source, str]] = []
    for source in sources:
        if isinstance(source, Unscanned):
            digest, counted = tally_unread(source)
        else:
            digest, counted = tally(source.name, source.read(), detector, observe)
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
) -> Verdict:
    """Decide on `sources` as one dataset. Changes nothing and opens no socket.

    Raises:
        InputError: nothing could be scanned; there is no decision then.
        DetectorError: the known-answer test failed, or the detector did.
    """
    _require_some(sources)
    detector, attestation = load_detector_for(setup, setup.entities)
    evidence, contents = gather(sources, detector, observe)
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
    if all(isinstance(s, Unscanned) for s in sources):
        raise _nothing_scanned([s for s in sources if isinstance(s, Unscanned)])


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
    """Sign and write the receipt of `verdict`; nothing may leave before this has returned."""
    from gatekeeper.audit import log_decision, make_receipt, write_receipt

    signer = gate_signer()
    receipt = make_receipt(
        verdict.decision,
        verdict.evidence,
        signer=signer,
        now=now,
        version=__version__,
        subjects=subjects(verdict),
    )
    path = write_receipt(receipt, setup.config.state / "receipts")
    log_decision(setup.config.state, verdict.decision, receipt, signer=signer)
    return Verdict(verdict.decision, verdict.evidence, verdict.contents, path)


def subjects(verdict: Verdict) -> Mapping[str, str]:
    """Display name → content digest, of everything that was decided on."""
    return {source: digest for digest, t in verdict.evidence for source in sorted(t.sources)}


def gate_signer() -> Signer:
    """The key this gate signs with; made at first use."""
    from gatekeeper.audit import load_signer

    return load_signer()
