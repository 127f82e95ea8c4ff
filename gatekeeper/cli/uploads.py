"""`upload` sends what is allowed; `uploads` looks after what was sent."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gatekeeper.cli import options, show
from gatekeeper.cli.asked import Asked, decision_options, out_option
from gatekeeper.cli.jobs import job_options
from gatekeeper.errors import UploadError, UsageError
from gatekeeper.model import Route, canonical_bytes
from gatekeeper.model.display import escaped

if TYPE_CHECKING:
    from gatekeeper.egress.bound import Account
    from gatekeeper.egress.records import Ledger, UploadRecord
    from gatekeeper.model.job import JobRequest


@click.command()
@decision_options
@out_option
@click.option("--validation", metavar="FILE", help="A validation file, under the same decision.")
@job_options
@click.option(
    "--expires-after",
    "expires_after_s",
    type=click.IntRange(3600, 2_592_000),
    metavar="SECONDS",
    help="When the destination deletes the files. Default: the destination's.",
)
@click.option("--organization", default="", metavar="ID", help="Account, where the key has many.")
@click.option("--project", default="", metavar="ID", help="Project, where the key has many.")
def upload(
    asked: Asked,
    out: str | None,
    validation: str | None,
    job: JobRequest | None,
    expires_after_s: int | None,
    organization: str,
    project: str,
) -> int:
    """Gate, and on allow send the bytes that were scanned to the destination.

    The key is read from OPENAI_API_KEY (GATEKEEPER_API_KEY where set goes first). What is sent
    is a sealed snapshot under a neutral name, on record before and after; any other route is taken
    as by `gate`. What a job says in words (suffix, metadata, grader) is scanned as part of the
    same dataset.
    """
    from gatekeeper import upload as the_way_out
    from gatekeeper.cli.dataset import decide_and_enforce, print_verdict
    from gatekeeper.egress.jobs import checked_job

    setup = asked.setup()
    files = (*asked.paths, validation) if validation else asked.paths
    if len(asked.paths) != 1 or not all(Path(f).is_file() for f in files):
        raise UsageError("upload takes one file", hint="name one .jsonl file")
    wish = the_way_out.Wish(_key(), organization, project, expires_after_s, job)
    text = None
    if job is not None:
        text = the_way_out.job_source(checked_job(job, setup.destination), setup.destination)
    verdict, outcome = decide_and_enforce(
        replace(asked, paths=files), setup, out, more=[text] if text else []
    )
    if verdict.decision.route is Route.ALLOW:
        size = options.total_bytes([s for s, _ in verdict.contents])
        with transfer(size) as on_bytes:
            outcome = the_way_out.upload(
                verdict, setup, wish, today=options.today(), on_bytes=on_bytes
            )
    print_verdict(verdict, outcome, asked.output)
    return int(verdict.decision.route)


@click.group()
def uploads() -> None:
    """List, reconcile, follow and take back what was sent.

    The key is read from OPENAI_API_KEY (GATEKEEPER_API_KEY where set goes first).
    """


@uploads.command("list")
@options.config_option
@options.format_option
def list_uploads(config_path: str | None, output: str) -> None:
    """What was sent from here, and what is known of it; asks nobody.

    One line each: id, state, day, bytes, host, files and job at the destination.
    """
    records = _ledger(config_path).records()
    if output == "json":
        click.echo(canonical_bytes([_shape(r) for r in records]).decode())
        return
    for record in records:
        size = sum(f.size_bytes for f in record.files)
        ids = " ".join([f.remote for f in record.files if f.remote] + [record.job_id])
        click.echo(
            f"{record.id[:12]}  {record.state:<8}  {record.created[:10]}  {size:>13,}  "
            f"{record.terms.host}  {ids}".rstrip()
        )


@uploads.command("reconcile")
@options.config_option
@click.option(
    "--settle",
    "settle_s",
    type=click.FloatRange(min=0),
    default=60.0,
    metavar="SECONDS",
    help="How long after an attempt a file may take to be listed there. Default: 60.",
)
def reconcile_uploads(config_path: str | None, settle_s: float) -> int:
    """After a crash or a lost answer: see what the destination holds, and put it on record.

    Of every upload that was begun one file is adopted, and what lies there besides under its
    neutral names is deleted. Ends with 1 where something is not settled yet.
    """
    from gatekeeper.egress.reconcile import reconcile

    done = reconcile(_ledger(config_path), _account, settle_s=settle_s)
    for fact in done:
        because = f": {fact.because}" if fact.because else ""
        show.say(f"{fact.upload[:12]} {fact.what}: {fact.outcome} {fact.remote}".rstrip() + because)
    if not done:
        show.say("the records and the destination agree")
    return 1 if any(f.outcome in ("waiting", "busy") for f in done) else 0


@uploads.command("delete")
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@options.config_option
def delete_uploads(ids: tuple[str, ...], config_path: str | None) -> None:
    """Take back what was sent: cancel its job and delete its files at the destination.

    What was trained already stays trained. An ID is one of `uploads list`, or its beginning.
    """
    from gatekeeper.egress.back import take_back

    ledger = _ledger(config_path)
    for one in ids:
        record = take_back(ledger, one, _account(ledger.get(one)))
        gone = ", ".join(f.remote for f in record.files if f.remote)
        show.say(f"{record.id[:12]}: {record.state} at {record.terms.host}: {gone}")
        if record.job_id:
            show.say(f"{record.job_id} was cancelled, or had ended; its model, if any, is there")


@uploads.command("follow")
@click.argument("upload_id", metavar="ID")
@options.config_option
@click.option(
    "--poll",
    "poll_s",
    type=click.FloatRange(min=0.05),
    default=5.0,
    metavar="SECONDS",
    help="Pause between two questions. Default: 5.",
)
def follow_upload(upload_id: str, config_path: str | None, poll_s: float) -> int:
    """Follow the fine-tuning job of an upload to its end.

    Ends with 0 where it succeeded, else with 1. The destination's own words are shown where they
    have a known form, for others may quote a row.
    """
    from gatekeeper.egress.follow import Status, follow

    record = _ledger(config_path).get(upload_id)
    word = ""
    with _training() as at:
        for told in follow(record, _account(record), poll_s=poll_s):
            if isinstance(told, Status):
                word = told.word
                model = f": {told.model}" if told.model else ""
                show.say(f"{record.job_id}: {told.word}{model}")
            else:
                at(told.step, told.steps)
                show.say(f"  {told.level}: {escaped(told.words)}")
    return 0 if word == "succeeded" else UploadError.exit_code


def _key() -> str:
    api_key = os.environ.get("GATEKEEPER_API_KEY") or os.environ.get("OPENAI_API_KEY")
    if not api_key:
        raise UsageError("no key for the destination", hint="set OPENAI_API_KEY")
    return api_key


def _account(record: UploadRecord) -> Account:
    """Of the organization and project that the upload was made for."""
    from gatekeeper.egress.bound import Account

    return Account(_key().strip(), record.terms.organization, record.terms.project)


def _ledger(config_path: str | None) -> Ledger:
    from gatekeeper.upload import ledger_of

    return ledger_of(options.load(config_path).state)


def _shape(record: UploadRecord) -> dict[str, Any]:
    """As `uploads list --format json` prints it; the keyed digest of the key stays here."""
    from dataclasses import asdict

    data = {k: v for k, v in asdict(record).items() if k != "key"}
    return {**data, "files": list(data["files"]), "state": record.state}


@contextmanager
def transfer(total_bytes: int) -> Iterator[Callable[[int], None] | None]:
    """A progress bar of bytes sent, where stderr is a terminal and they are many."""
    if not sys.stderr.isatty() or total_bytes < 1_000_000:
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("sending"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("sending", total=total_bytes)
        yield lambda count: bar.update(task, advance=count)


@contextmanager
def _training() -> Iterator[Callable[[int, int], None]]:
    """A progress bar of training steps, where stderr is a terminal."""
    if not sys.stderr.isatty():
        yield lambda step, steps: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("training"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("training", total=None)

        def at(step: int, steps: int) -> None:
            if steps:
                bar.update(task, completed=step, total=steps)

        yield at
