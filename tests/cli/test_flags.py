"""Law 9: no flag and no variable turns another route into ALLOW; law 10: none changes a code."""

import json
from pathlib import Path

import click
import pytest

from gatekeeper.cli import gatekeeper
from tests.laws.worlds import World

SKIPPED = {
    "--help", "--config", "--policy", "--to", "--input-format", "--out", "paths", "--job",
    "--validation", "--method", "--hyper", "--grader", "--suffix", "--metadata", "--seed",
    "--wandb", "--organization", "--project",
}  # fmt: skip
"""Not switches: they say what applies, and are tried one by one elsewhere."""


def switches(command: str) -> list[list[str]]:
    """Every option of `command`, with every value it can take."""
    context = click.Context(gatekeeper)
    found = gatekeeper.get_command(context, command)
    assert found is not None
    tried: list[list[str]] = []
    for option in found.params:
        name = option.opts[-1]
        if name in SKIPPED:
            continue
        if isinstance(option.type, click.Choice):
            tried += [[name, str(value)] for value in option.type.choices]
        elif isinstance(option.type, click.IntRange):
            tried.append([name, str(option.type.min)])
        elif getattr(option, "is_flag", False):
            tried.append([name])
    return tried


@pytest.mark.parametrize("command", ["check", "gate", "upload"])
def test_no_flag_opens_the_door(tmp_path: Path, command: str) -> None:
    world = World(tmp_path, policies="internal")
    row = {"text": "Call the host build7.corp.internal for it."}
    for flags in switches(command):
        data = world.write("data/host.jsonl", json.dumps(row) + "\n")
        done = world.run(command, str(data), *flags, OPENAI_API_KEY="sk-test", expect=10)
        assert "allow:" not in done.stderr


@pytest.mark.parametrize(
    "variable",
    ["GATEKEEPER_FORCE", "GATEKEEPER_ALLOW", "GATEKEEPER_SKIP", "GATEKEEPER_POLICY", "SKIP", "CI",
     "OPENAI_BASE_URL", "GATEKEEPER_CONFIG", "PYTHONOPTIMIZE", "NO_COLOR",
     "GATEKEEPER_CHECK_POLICIES"],
)  # fmt: skip
def test_no_variable_opens_the_door(tmp_path: Path, variable: str) -> None:
    world = World(tmp_path, policies="internal")
    world.write("data/host.jsonl", json.dumps({"text": "Ask build7.corp.internal."}) + "\n")
    done = world.run("check", "data/host.jsonl", expect=10, **{variable: "1"})
    assert (done.returncode, "allow:" in done.stderr) == (10, False)
