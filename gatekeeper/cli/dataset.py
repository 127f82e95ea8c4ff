"""`scan`, `check` and `gate`: the verbs of the flow; `upload` is in `uploads`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gatekeeper.cli import options, show
from gatekeeper.cli.asked import Asked, decision_options, out_option
from gatekeeper.errors import InputError, UsageError
from gatekeeper.model import Coverage, Finding, Record, canonical_bytes
from gatekeeper.model.display import escaped

if TYPE_CHECKING:
    from gatekeeper.gate import Outcome, Setup, Verdict
    from gatekeeper.read import Source
    from gatekeeper.shards import Jobs


@click.command()
@options.dataset_options
@options.jobs_options
@click.option("--format", "output", type=click.Choice(["text", "jsonl"]), default="text")
def scan(
    paths: tuple[str, ...],
    input_format: str | None,
    config_path: str | None,
    output: str,
    jobs: Jobs,
) -> int:
    """Read and detect only: what is in the dataset, and where. Decides nothing.

    With --format jsonl, one line per finding on stdout:
    {"source", "record", "pointer", "start", "end", "entity", "score", "confidence", "recognizer"}.
    Ends with 3 where anything could not be scanned.
    """
    from gatekeeper import gate

    setup = options.setup(config_path, (), None)
    found = options.sources(paths, input_format)
    detector, _ = gate.load_detector_for(setup, setup.vocabulary.entities)
    with show.progress(options.total_bytes(found)) as progress:

        def observe(_: Record, findings: tuple[Finding, ...]) -> None:
            for finding in findings:
                sys.stdout.buffer.write(canonical_bytes(finding.to_json()) + b"\n")

        evidence, _ = gate.gather(
            found,
            detector,
            observe if output == "jsonl" else None,
            progress,
            workers=setup.workers(jobs),
        )
    sys.stdout.flush()
    covered = Coverage.of(evidence)
    if output == "text":
        show.counts(evidence)
    show.coverage(covered)
    if not covered.records:
        raise InputError("nothing could be scanned")
    return InputError.exit_code if covered.unscanned_count else 0


@click.command()
@decision_options
@click.option(
    "--verdict-only",
    is_flag=True,
    help="Stop reading where the route cannot become stricter; the counts are partial then.",
)
def check(asked: Asked, verdict_only: bool) -> int:
    """Decide, write the receipt, change nothing. All paths together are one dataset.

    Ends with 0 (allow), 10 (on_prem) or 20 (quarantine), so that
    `gatekeeper check d && upload d` composes.
    """
    verdict = _decide(asked, asked.setup(), verdict_only=verdict_only)
    print_verdict(verdict, None, asked.output)
    return int(verdict.decision.route)


@click.command()
@decision_options
@out_option
def gate(asked: Asked, out: str | None) -> int:
    """Decide and take the route: leave it, hand it to on-prem training, or quarantine it.

    on_prem writes a hand-off folder for `gatekeeper train`; quarantine encrypts the files into
    the vault, verifies the ciphertext and then unlinks the plaintext. allow leaves the dataset
    where it is: `gatekeeper upload` sends it.
    """
    verdict, outcome = decide_and_enforce(asked, asked.setup(), out)
    print_verdict(verdict, outcome, asked.output)
    return int(verdict.decision.route)


def _decide(
    asked: Asked,
    setup: Setup,
    *,
    verdict_only: bool = False,
    more: Sequence[Source] = (),
    acting: bool = False,
) -> Verdict:
    from gatekeeper import gate

    found = [*options.sources(asked.paths, asked.input_format), *more]
    with show.progress(options.total_bytes(found)) as progress:
        verdict = gate.check(
            found,
            setup,
            today=options.today(),
            progress=progress,
            memory=options.memory(asked.no_cache),
            verdict_only=verdict_only,
            jobs=asked.jobs,
        )
    return gate.with_receipt(verdict, setup, now=options.now(), acting=acting)


def decide_and_enforce(
    asked: Asked, setup: Setup, out: str | None, *, more: Sequence[Source] = ()
) -> tuple[Verdict, Outcome]:
    """Decide on the paths, and on `more` as part of the same dataset, and take the route."""
    from gatekeeper import gate

    if "-" in asked.paths:
        raise UsageError("`-` can be checked, but there is no file to act on", hint="name a file")
    verdict = _decide(asked, setup, more=more, acting=True)
    show.decision(verdict.decision)
    outcome = gate.take_route(verdict, setup, now=options.now(), out=Path(out) if out else None)
    return verdict, outcome


def print_verdict(verdict: Verdict, outcome: Outcome | None, output: str) -> None:
    """The decision and what was done, as JSON on stdout or as words on stderr."""
    if output == "json":
        shape = {
            **verdict.decision.to_json(),
            "receipt": str(verdict.receipt),
            "outcome": outcome.to_json() if outcome else None,
        }
        click.echo(canonical_bytes(shape).decode())
        return
    if outcome is None:
        show.decision(verdict.decision)
    else:
        for text in outcome.words:
            show.say(escaped(text))
    if verdict.receipt:
        show.say(f"receipt: {show.path(verdict.receipt)}")
