"""`policy`: what the rules are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gatekeeper.cli import options, show
from gatekeeper.errors import PolicyError
from gatekeeper.model import canonical_bytes

if TYPE_CHECKING:
    from gatekeeper.model import Requirement


@click.group()
def policy() -> None:
    """List, show and test policies; list the entities they can name."""


@policy.command("list")
def list_policies() -> None:
    """Shipped policies: name, version, rules, title."""
    from gatekeeper.gate import vocabulary_for
    from gatekeeper.policy import Config, load_policy, shipped_policies

    vocabulary = vocabulary_for(Config.default())
    for name in sorted(shipped_policies()):
        loaded = load_policy(name, vocabulary)
        click.echo(f"{name:<12} v{loaded.version}  {len(loaded.rules):>3} rules  {loaded.title}")


@policy.command("show")
@click.argument("name")
@options.config_option
def show_policy(name: str, config_path: str | None) -> None:
    """The rules of one policy: id, route, clause, place."""
    setup = options.setup(config_path, [name], None, instead=True)
    loaded = setup.policies[0]
    click.echo(f"{loaded.id} v{loaded.version}: {loaded.title}")
    click.echo(f"source: {loaded.source}")
    click.echo(f"what cannot be scanned: {loaded.unscanned.word}")
    for needed in loaded.requires:
        click.echo(f"requires {_in_words(needed)}: {needed.because}")
    for rule in loaded.rules:
        click.echo(f"{rule.id:<32} {rule.route.word:<10} {rule.because}  ({rule.at})")


def _in_words(needed: Requirement) -> str:
    """`BAA for phi`, and where that holds."""
    words = f"{needed.agreement} for {', '.join(needed.classes)}"
    words += f" at {', '.join(needed.endpoints)}" if needed.endpoints else ""
    words += f" in {' or '.join(needed.regions)}" if needed.regions else ""
    return words + (f" unless kept in {' or '.join(needed.unless_in)}" if needed.unless_in else "")


@policy.command("test")
@click.argument("names", nargs=-1)
@options.config_option
def test_policy(names: tuple[str, ...], config_path: str | None) -> int:
    """Run the trip and pass examples of policies through the real detector.

    Ends with 2 where an example does not do what its rule says.
    """
    from gatekeeper.policy import shipped_policies
    from gatekeeper.rehearse import rehearse

    chosen = names or sorted(shipped_policies())
    setup = options.setup(config_path, chosen, None, instead=True)
    failed = 0
    for loaded in setup.policies:
        results = list(rehearse(loaded, setup))
        wrong = [r for r in results if not r.ok]
        failed += len(wrong)
        for result in wrong:
            what = "does not" if result.expected else "trips it"
            show.line("error", f"{result.rule.at}: {result.name} {what}")
        click.echo(f"{loaded.id}: {len(results) - len(wrong)} of {len(results)} examples hold")
    return PolicyError.exit_code if failed else 0


@policy.command("entities")
@options.config_option
def entities(config_path: str | None) -> None:
    """Every entity a policy can name, and its data classes.

    Numbers of other countries are among them where `locales` in gatekeeper.yaml names the country;
    their line ends with it.
    """
    from gatekeeper.detect.national import locale_of
    from gatekeeper.gate import vocabulary_for

    vocabulary = vocabulary_for(options.load(config_path))
    locales = locale_of()
    for entity in sorted(vocabulary.entities):
        classes = [c for c, members in sorted(vocabulary.classes.items()) if entity in members]
        where = f"  (locale {locales[entity]})" if entity in locales else ""
        click.echo(f"{entity:<28} {', '.join(classes)}{where}")
    for name, parts in sorted(vocabulary.derived.items()):
        click.echo(f"{name:<28} derived: {' and '.join(parts)} in the same record")


@policy.command("schema")
@click.option(
    "--of",
    "what",
    type=click.Choice(["policy", "destination", "gatekeeper", "finding", "decision"]),
    default="policy",
    help="A policy file, a destination file, gatekeeper.yaml, a finding line, or a decision.",
)
def schema(what: str) -> None:
    """The published JSON Schema of what people write, and of what Gatekeeper says."""
    if what in ("finding", "decision"):
        published = Path(__file__).parents[1] / "schemas" / f"{what}.schema.json"
        click.echo(published.read_text(encoding="utf-8"), nl=False)
        return
    from gatekeeper.policy import json_schema

    click.echo(canonical_bytes(json_schema(what)).decode())
