"""Data is judged by rules that hold still."""

import os
from pathlib import Path

import pytest

from gatekeeper.errors import UsageError
from gatekeeper.hooks import git
from gatekeeper.hooks.staged import staged_data
from gatekeeper.policy import load_config
from tests.hooks.repo import CONFIG, SECRET, SECRETS_POLICY, Repo, write_rules

WEAKER = SECRETS_POLICY.replace("AWS_ACCESS_KEY", "JWT")


def data() -> list[str]:
    repository = git.open_repository()
    return [e.path for e in staged_data(repository, load_config(start=repository.top))]


def test_only_dataset_folders_are_looked_at(repo: Repo) -> None:
    repo.stage("notes/a.jsonl", SECRET)
    assert data() == []
    repo.stage("data/a.jsonl", SECRET)
    assert data() == ["data/a.jsonl"]


def test_an_empty_placeholder_is_no_data_and_a_full_one_is(repo: Repo) -> None:
    repo.stage("data/.gitkeep", "")
    repo.stage("data/x/.keep", SECRET)
    repo.stage("data/empty.jsonl", "")
    assert data() == ["data/empty.jsonl", "data/x/.keep"]


def test_a_link_in_place_of_a_folder_above_a_dataset_is_data(repo: Repo) -> None:
    repo.stage("gatekeeper.yaml", CONFIG.replace("[data]", "[big/data]"))
    repo.git("commit", "-q", "-m", "rules")
    (repo.top / "big").symlink_to("elsewhere")
    repo.git("add", "big")
    assert data() == ["big"]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("gatekeeper.yaml", CONFIG + "waivers: []\n"),
        ("rules/secrets.yaml", WEAKER),
        ("rules/door.yaml", "destination: other\n"),
    ],
)
def test_rules_that_change_with_the_data_are_refused(repo: Repo, path: str, text: str) -> None:
    repo.stage("data/a.jsonl", SECRET)
    before = (repo.top / path).read_text()
    repo.write(path, text)
    with pytest.raises(UsageError, match=f"{path} in the working tree is not what is staged"):
        data()
    repo.git("add", path)
    with pytest.raises(UsageError, match=f"{path} changes in one commit with the data"):
        data()
    repo.write(path, before)  # the working tree would be judged by, the index would be committed
    with pytest.raises(UsageError, match="is not what is staged"):
        data()
    repo.git("add", path)
    assert data() == ["data/a.jsonl"]


def test_a_long_list_of_names_is_a_rule_file(repo: Repo) -> None:
    repo.stage("gatekeeper.yaml", CONFIG + "lists: [lists/names.gklist]\n")
    repo.stage("lists/names.gklist", "0123456789abcdef\n" * 100_000)
    repo.git("commit", "-q", "-m", "rules")
    repo.stage("data/a.jsonl", SECRET)
    assert data() == ["data/a.jsonl"]
    repo.write("lists/names.gklist", "0123456789abcdef\n" * 99_999)
    with pytest.raises(UsageError, match="in the working tree is not what is staged"):
        data()


def test_rules_alone_may_change(repo: Repo) -> None:
    repo.stage("rules/secrets.yaml", WEAKER)
    repo.stage("gatekeeper.yaml", CONFIG.replace("[data]", "[data, more]"))
    assert data() == []


def test_a_dataset_cannot_be_dropped_and_staged_at_once(repo: Repo) -> None:
    repo.stage("gatekeeper.yaml", CONFIG.replace("[data]", "[other]"))
    repo.stage("data/a.jsonl", SECRET)
    with pytest.raises(UsageError, match=r"gatekeeper\.yaml changes in one commit"):
        data()


def test_rules_cannot_be_removed_from_the_index_with_the_data(repo: Repo) -> None:
    repo.git("rm", "-q", "--cached", "gatekeeper.yaml")
    repo.stage("data/a.jsonl", SECRET)
    with pytest.raises(UsageError, match=r"gatekeeper\.yaml"):
        data()


def test_the_configuration_cannot_move_to_another_file_with_the_data(repo: Repo) -> None:
    repo.git("rm", "-q", "gatekeeper.yaml")
    repo.stage("pyproject.toml", '[tool.gatekeeper]\ndatasets = ["other"]\npolicies = ["legal"]\n')
    repo.stage("data/a.jsonl", SECRET)
    with pytest.raises(UsageError, match=r"gatekeeper\.yaml"):
        data()


def test_a_configuration_that_cannot_be_read_any_more_makes_everything_data(repo: Repo) -> None:
    repo.stage("gatekeeper.yaml", "datasets: [data\n")
    repo.git("commit", "-q", "-m", "broken")
    repo.stage("gatekeeper.yaml", CONFIG)
    assert data() == []
    repo.stage("anything.jsonl", SECRET)
    with pytest.raises(UsageError, match=r"gatekeeper\.yaml changes"):
        data()


def test_a_first_commit_may_bring_rules_and_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo = Repo(tmp_path / "new", rules=False)
    monkeypatch.chdir(repo.top)
    write_rules(repo.top)
    repo.write("data/a.jsonl", SECRET)
    repo.git("add", ".")
    assert data() == ["data/a.jsonl"]
    repo.write("gatekeeper.yaml", CONFIG + "waivers: []\n")
    with pytest.raises(UsageError, match="is not what is staged"):
        data()


def test_untracked_and_outer_rules_have_nothing_to_differ_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_rules(tmp_path, CONFIG.replace("[data]", "[new/data]"))
    repo = Repo(tmp_path / "new", rules=False)
    monkeypatch.chdir(repo.top)
    repo.stage("data/a.jsonl", SECRET)
    assert data() == ["data/a.jsonl"]


def test_of_pyproject_only_our_table_must_hold_still(repo: Repo) -> None:
    table = '[tool.gatekeeper]\ndatasets = ["data"]\npolicies = ["legal"]\n'
    repo.git("rm", "-q", "gatekeeper.yaml")
    repo.stage("pyproject.toml", '[project]\nname = "x"\n' + table)
    repo.git("commit", "-q", "-m", "moved")
    repo.stage("pyproject.toml", '[project]\nname = "y"\n' + table)
    repo.stage("data/a.jsonl", SECRET)
    assert data() == ["data/a.jsonl"]
    repo.stage("pyproject.toml", '[project]\nname = "y"\n' + table + "waivers = []\n")
    with pytest.raises(UsageError, match=r"pyproject\.toml changes"):
        data()


def test_line_ends_of_a_checkout_are_no_change(repo: Repo) -> None:
    repo.stage("data/a.jsonl", SECRET)
    file = repo.top / "gatekeeper.yaml"
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    assert data() == ["data/a.jsonl"]


def test_a_merge_may_bring_the_rules_of_the_other_side(repo: Repo) -> None:
    main = repo.git("symbolic-ref", "--short", "HEAD").stdout.strip()
    repo.stage("data/a.jsonl", "base\n")
    repo.git("commit", "-q", "-m", "base")
    repo.git("checkout", "-q", "-b", "side")
    repo.stage("gatekeeper.yaml", CONFIG + "waivers: []\n")
    repo.stage("data/a.jsonl", "side\n")
    repo.git("commit", "-q", "-m", "side")
    repo.git("checkout", "-q", main)
    repo.stage("data/a.jsonl", "main\n")
    repo.git("commit", "-q", "-m", "main")
    repo.git("merge", "side", may_fail=True)
    repo.stage("data/a.jsonl", SECRET)
    assert data() == ["data/a.jsonl"]
    repo.stage("gatekeeper.yaml", CONFIG + "agreements: []\n")
    with pytest.raises(UsageError, match=r"gatekeeper\.yaml changes"):
        data()


def test_a_configuration_behind_a_link_is_followed(repo: Repo) -> None:
    (repo.top / "conf").mkdir()
    repo.git("mv", "gatekeeper.yaml", "conf/real.yaml")
    (repo.top / "gatekeeper.yaml").symlink_to("conf/real.yaml")
    repo.git("add", ".")
    repo.git("commit", "-q", "-m", "linked")
    repo.stage("data/a.jsonl", SECRET)
    repo.stage("readme.txt", SECRET)
    assert data() == ["data/a.jsonl"]
    repo.stage("conf/real.yaml", CONFIG.replace("[data]", "[other]"))
    with pytest.raises(UsageError, match=r"conf/real\.yaml"):
        data()


def test_rule_files_in_a_dataset_folder_are_rules(repo: Repo) -> None:
    repo.stage("gatekeeper.yaml", CONFIG.replace("[data]", '["."]'))
    repo.git("commit", "-q", "-m", "all")
    os.truncate(repo.top / "rules/door.yaml", 0)
    repo.stage("rules/door.yaml", (repo.top / "rules/door.yaml").read_text() + "# new\n")
    assert data() == []
