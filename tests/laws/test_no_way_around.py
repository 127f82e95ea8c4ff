"""Laws 9 and 10, for every flag and every variable that there is: none opens a closed door.

Nothing here is a list of flags to remember: the options are read off the command tree, the
variables off the source. One that is new and has no values to be tried with fails a test below.
"""

from __future__ import annotations

import ast
import itertools
import json
import os
import re
from collections.abc import Iterator, MutableMapping
from pathlib import Path
from typing import Any

import click
import pytest

from gatekeeper.cli import gatekeeper, main
from gatekeeper.policy import shipped_destinations, shipped_policies
from gatekeeper.read.formats import FORMATS

PACKAGE = Path(__file__).parents[2] / "gatekeeper"
DECIDING = ("check", "gate", "upload")
"""The commands that decide on a dataset with the policies of the project."""

POLICY = """\
policy: ours
version: 1
title: t
source: s
requires:
  - {agreement: DPA, for: [online], because: Art. 28}
rules:
  - {id: mail, because: section 1, when: {any_of: [EMAIL_ADDRESS]}, route: on_prem}
  - {id: keys, because: section 2, when: {any_of: [PRIVATE_KEY]}, route: quarantine}
"""
PLACE = "destination: ours\nparty: us\nbase_url: http://127.0.0.1:9/v1\nas_of: 2026-01-01\n"
ROWS = {
    "rule": {"text": "Write to jo@example.com."},
    "paper": {"text": "See https://shop.example.org/a for more."},
}
SHUT = {
    "rule": "",
    "paper": "",
    "broken": "",
    "door": "opens: 2999-01-01\n",
}
"""Why a dataset is not allowed → what its destination says besides."""

VALUES: dict[str, list[str]] = {
    "--policy": [*shipped_policies(), "ours.yaml", "loose.yaml"],
    "--to": [*shipped_destinations(), "place.yaml"],
    "--config": ["gatekeeper.yaml", "nothing.yaml"],
    "--input-format": [*FORMATS, "jsonl.gz", "text.zst"],
    "--out": ["out-folder"],
    "--job": ["gpt-4.1-2025-04-14", ""],
    "--jobs": ["1", "auto"],
    "--validation": ["data.jsonl"],
    "--hyper": ["n_epochs=2"],
    "--grader": ['{"type": "string_check"}'],
    "--suffix": ["ours"],
    "--metadata": ["team=ours"],
    "--wandb": ["runs"],
    "--organization": ["org-1"],
    "--project": ["proj_1"],
}
"""What an option that takes a text can sensibly be given."""

MAKES_IT_ANOTHER_QUESTION = {
    ("door", "--to"): "another destination has a door of its own",
    ("door", "--config"): "another law book has another destination",
    ("paper", "--config"): "another law book asks for other papers",
}
"""Where an option does not open the door but asks about another one."""


# --- enumeration ---------------------------------------------------------------------------------


def walk(
    command: click.Command, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            yield from walk(inner, (*path, name))


def options_of(command: click.Command) -> list[click.Option]:
    return [p for p in command.params if isinstance(p, click.Option)]


def values_of(option: click.Option) -> list[list[str]] | None:
    """Every sensible way to give `option`; None where nobody has said how."""
    name = option.opts[-1]
    if option.is_flag:
        return [[flag] for flag in (*option.opts, *option.secondary_opts)]
    if name in VALUES:
        return [[name, value] for value in VALUES[name]]
    if isinstance(option.type, click.Choice):
        return [[name, str(value)] for value in option.type.choices]
    if isinstance(option.type, (click.IntRange, click.FloatRange)):
        ends = {option.type.min, option.type.max, option.default}
        ends = {end for end in ends if isinstance(end, (int, float))}
        return [[name, str(value)] for value in sorted(ends)]
    return None


def tried(*names: str) -> list[list[str]]:
    """Every option of the deciding commands in `names`, with every value."""
    tree = dict(walk(gatekeeper))
    return [
        given
        for name in names
        for option in options_of(tree[(name,)])
        for given in values_of(option) or []
        if given[0] != "--help"
    ]


def test_every_option_of_a_deciding_command_has_values_to_be_tried_with() -> None:
    tree = dict(walk(gatekeeper))
    for path in ((), *((name,) for name in DECIDING)):
        for option in options_of(tree[path]):
            assert values_of(option), f"{path}: {option.opts}: say in VALUES what it can be given"


def test_no_option_anywhere_is_read_from_a_variable() -> None:
    for path, command in walk(gatekeeper):
        assert not command.context_settings.get("auto_envvar_prefix"), path
        for parameter in command.params:
            assert parameter.envvar is None, f"{path}: {parameter.name}"


ABOUT_SOMETHING_ELSE = {
    (("keys", "remove"), "force"): "a recipient of the vault, though cases may be left to fewer",
}
"""Options with such a name that have no dataset to decide on."""


def test_no_option_anywhere_is_called_as_if_it_forced_anything() -> None:
    words = ("force", "allow", "skip", "ignore", "override", "bypass", "unsafe", "no-verify", "yes")
    for path, command in walk(gatekeeper):
        for option in options_of(command):
            named = {o.strip("-") for o in (*option.opts, *option.secondary_opts)}
            if (path, max(named)) not in ABOUT_SOMETHING_ELSE:
                assert not [n for n in named if any(w in n for w in words)], (path, option.opts)


LOOKS = ("environ.get", "environ.pop", "environ.setdefault", "os.getenv", "environment.get")


def read_by(tree: ast.AST) -> Iterator[ast.expr]:
    """The first argument of every look into the environment in `tree`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if called.endswith(LOOKS):
                yield node.args[0]
        elif isinstance(node, ast.Subscript) and ast.unparse(node.value).endswith("os.environ"):
            yield node.slice
        elif isinstance(node, ast.Compare) and ast.unparse(node.comparators[-1]).endswith(
            "os.environ"
        ):
            yield node.left


def variables() -> set[str]:
    """Every variable that the source names where it looks into the environment.

    A name that is handed on is looked up in the calls of that function in the same module.
    """
    found: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        tree = ast.parse(source if "environ" in source or "getenv" in source else "")
        for named in read_by(tree):
            if isinstance(named, ast.Constant):
                found.add(str(named.value))
            else:
                found |= {
                    str(argument.value)
                    for call in ast.walk(tree)
                    if isinstance(call, ast.Call)
                    for argument in call.args
                    if isinstance(argument, ast.Constant)
                    and re.fullmatch(r"[A-Z][A-Z_]{3,}", str(argument.value))
                }
    return found


KNOWN = {
    "GATEKEEPER_HOME", "GATEKEEPER_CACHE", "XDG_CONFIG_HOME", "XDG_CACHE_HOME",
    "GATEKEEPER_API_KEY", "OPENAI_API_KEY", "NO_COLOR", "HF_HOME", "HF_HUB_CACHE",
}  # fmt: skip
FOREIGN = {
    "OPENAI_BASE_URL", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "HTTPS_PROXY", "PYTHONOPTIMIZE",
    "GATEKEEPER_FORCE", "GATEKEEPER_ALLOW", "GATEKEEPER_SKIP", "GATEKEEPER_POLICY",
    "GATEKEEPER_CONFIG", "GATEKEEPER_CHECK_POLICIES", "GATEKEEPER_DATE", "SKIP", "CI", "TZ",
    "FAKETIME", "_GATEKEEPER_COMPLETE", "SOURCE_DATE_EPOCH", "HOME", "LANG", "LC_ALL",
    "PYTHONHASHSEED", "COLUMNS",
}  # fmt: skip
"""That nothing here reads, or that the libraries below do, and that somebody might set."""


def test_the_variables_that_are_read_are_all_known() -> None:
    assert variables() >= KNOWN
    new = {v for v in variables() - KNOWN - FOREIGN if v not in WRITTEN}
    assert not new, "add them to KNOWN, so that they are tried"


WRITTEN = {
    "PYDANTIC_DISABLE_PLUGINS", "ORT_DISABLE_TELEMETRY", "ORT_TELEMETRY_DISABLED",
    "TOKENIZERS_PARALLELISM", "PYTHONPATH",
}  # fmt: skip
"""Set by Gatekeeper, and not read."""


# --- trials --------------------------------------------------------------------------------------


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ours.yaml").write_text(POLICY)
    loose = POLICY.replace("policy: ours", "policy: loose").replace("EMAIL_ADDRESS", "JWT")
    (tmp_path / "loose.yaml").write_text(loose.replace("online", "secret"))
    (tmp_path / "nothing.yaml").write_text("datasets: [data]\n")
    (tmp_path / "gatekeeper.yaml").write_text("policies: [ours.yaml]\ndestination: place.yaml\n")
    return tmp_path


def dataset(folder: Path, why: str) -> str:
    """A dataset that is not allowed, for the reason `why`."""
    (folder / "place.yaml").write_text(PLACE + "max_age_days: 3650\n" + SHUT[why])
    row = json.dumps(ROWS.get(why, {"text": "One and two are three."}))
    broken = '{"text": "one\n' if why == "broken" else ""
    (folder / "data.jsonl").write_text(f"{row}\n{broken}{row}\n")
    return "data.jsonl"


def code_of(*arguments: str) -> int:
    return main(list(arguments))


@pytest.mark.parametrize("why", sorted(SHUT))
def test_without_any_flag_the_dataset_is_not_allowed(project: Path, why: str) -> None:
    expected = 20 if why == "broken" else 10
    assert code_of("check", dataset(project, why)) == expected


@pytest.mark.parametrize("why", sorted(SHUT))
def test_no_flag_of_check_opens_the_door(project: Path, why: str) -> None:
    path = dataset(project, why)
    opened = []
    for given in tried("check"):
        if (why, given[0]) in MAKES_IT_ANOTHER_QUESTION:
            continue
        if code_of("check", path, *given) == 0:
            opened.append(given)
    assert opened == []


@pytest.mark.parametrize("command", ["gate", "upload"])
def test_no_flag_of_gate_and_upload_opens_the_door(
    project: Path, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    path = dataset(project, "rule")
    for given in tried(command):
        assert code_of(command, path, *given) != 0, given


def test_no_two_flags_together_open_the_door(project: Path) -> None:
    path = dataset(project, "rule")
    quick = [g for g in tried("check") if g[0] in ("--policy", "--to", "--verdict-only",
                                                  "--no-cache", "--format")]  # fmt: skip
    for one, other in itertools.combinations(quick, 2):
        if one[0] == other[0] == "--to":
            continue
        if {one[-1], other[-1]} & {"hipaa", "gdpr", "legal", "internal", "pci"}:
            continue  # each alone is tried above; a set of entities more is a detector more
        assert code_of("check", path, *one, *other) != 0, (one, other)


def test_completion_is_no_way_to_end_with_0(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = dataset(project, "rule")
    for shell in ("bash", "zsh", "fish"):
        for what in ("source", "complete"):
            monkeypatch.setenv("_GATEKEEPER_COMPLETE", f"{shell}_{what}")
            assert code_of("check", path) == 10


def test_no_level_of_logging_opens_the_door(project: Path) -> None:
    path = dataset(project, "rule")
    (levels,) = [o for o in options_of(gatekeeper) if o.opts == ["--log-level"]]
    for given in values_of(levels) or []:
        assert code_of(*given, "check", path) == 10


@pytest.mark.parametrize("why", sorted(SHUT))
def test_no_variable_opens_the_door(
    project: Path, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = dataset(project, why)
    (project / "empty").mkdir()
    opened = []
    for name in sorted((KNOWN | FOREIGN) - {"HOME"}):
        for value in ("", "1", "0", "allow", str(project / "empty"), "http://127.0.0.1:9/v1"):
            with monkeypatch.context() as patch:
                patch.setenv(name, value)
                if code_of("check", path) == 0:
                    opened.append((name, value))
    assert opened == []


class Watched(MutableMapping[str, str]):
    """The environment, and which of its names were asked for."""

    def __init__(self, real: MutableMapping[str, str]) -> None:
        self.real, self.asked = real, set[str]()

    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        return self.real[name]

    def __setitem__(self, name: str, value: str) -> None:
        self.real[name] = value

    def __delitem__(self, name: str) -> None:
        del self.real[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.real)

    def __len__(self) -> int:
        return len(self.real)


def test_a_check_asks_for_no_variable_that_was_not_tried(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched: Any = Watched(os.environ)
    path = dataset(project, "rule")
    monkeypatch.setattr(os, "environ", watched)
    assert code_of("check", path, "--no-cache") == 10
    of_terminals = {
        "", "TERM", "COLORTERM", "FORCE_COLOR", "LINES", "PYCHARM_HOSTED", "PATH", "TMPDIR", "TEMP",
        "TMP", "PYTEST_CURRENT_TEST", "PYTHONPATH", "PYTHONIOENCODING", "LANGUAGE", "LC_MESSAGES",
    }  # fmt: skip
    assert watched.asked - KNOWN - FOREIGN - WRITTEN - of_terminals == set()


def test_another_law_book_is_named_in_the_receipt(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--config` and `--to` ask another question; whose answer it is stands in the decision."""
    path = dataset(project, "rule")
    told = []
    for given in ([], ["--config", "nothing.yaml"], ["--to", "openai"]):
        capsys.readouterr()
        code_of("check", path, "--format", "json", *given)
        told.append(json.loads(capsys.readouterr().out))
    ours, other, elsewhere = told
    assert ours["policies"] == ["ours"] == elsewhere["policies"]
    assert len(other["policies"]) == len(shipped_policies())
    assert (ours["destination"], elsewhere["destination"]) == ("ours", "openai")
    assert ours["digests"]["policies"] != other["digests"]["policies"]
    assert ours["digests"]["destination"] != elsewhere["digests"]["destination"]


def test_a_policy_on_the_command_line_takes_none_of_the_projects_away(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = dataset(project, "rule")
    assert code_of("check", path, "--policy", "loose.yaml", "--format", "json") == 10
    assert json.loads(capsys.readouterr().out)["policies"] == ["loose", "ours"]
