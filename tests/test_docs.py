"""README and --help say what the code does: their examples are loaded, their commands looked up."""

import re
from pathlib import Path

import click
import pytest

from gatekeeper.cli import gatekeeper
from gatekeeper.detect.catalogue import load_catalogue
from gatekeeper.errors import GatekeeperError
from gatekeeper.policy import load_config, load_destination, load_policy

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def block(first_word: str) -> str:
    (found,) = [b for b in blocks("yaml") if b.startswith(first_word)]
    return found


def test_the_readmes_policy_compiles(tmp_path: Path) -> None:
    (tmp_path / "ours.yaml").write_text(block("policy: ours"))
    policy = load_policy(tmp_path / "ours.yaml", load_catalogue().vocabulary())
    assert [r.id for r in policy.rules] == ["customer-mail"]


def test_the_readmes_destination_loads(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(block("destination: ours"))
    assert load_destination(tmp_path / "own.yaml").host == "training.example.com"


def test_the_readmes_configuration_loads(tmp_path: Path) -> None:
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies/ours.yaml").write_text(block("policy: ours"))
    text = block("policies: [hipaa").replace("[age1…, age1…]", "[]")
    (tmp_path / "gatekeeper.yaml").write_text(text)
    config = load_config(start=tmp_path)
    assert config.waivers[0].rule == "internal-hosts"
    assert config.agreements[0].kind == "DPA"


@pytest.mark.parametrize(
    "command", sorted(set(re.findall(r"\bgatekeeper ([a-z]+(?: [a-z]+)?)(?=[ `\n|])", README)))
)
def test_every_command_the_readme_names_is_there(command: str) -> None:
    group: click.Command | None = gatekeeper
    for word in command.split():
        if not isinstance(group, click.Group):
            return
        group = group.get_command(click.Context(group), word)
        assert group is not None, f"no `{command}`"


def test_the_readmes_exit_codes_are_those_of_the_errors() -> None:
    table = set(re.findall(r"^\| (\d+(?:, \d+)?) \|", README, re.MULTILINE))
    told = {int(n) for row in table for n in row.split(", ")}
    kinds = [GatekeeperError, *GatekeeperError.__subclasses__()]
    assert {k.exit_code for k in kinds} | {0, 10, 20, 130} == told


def test_no_placeholder_and_no_dead_link_is_left() -> None:
    assert "@@" not in README
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert target.startswith("http") or (ROOT / target).exists(), target


def test_the_makefile_has_the_two_commands() -> None:
    makefile = (ROOT / "Makefile").read_text()
    assert re.search(r"^demo:.*##", makefile, re.MULTILINE)
    assert re.search(r"^test:.*##", makefile, re.MULTILINE)
    assert "make test" in (ROOT / ".ci/run").read_text()
