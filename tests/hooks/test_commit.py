"""The hook as git runs it: real commits that go through, and real commits that are refused."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gatekeeper.cli import main
from tests.hooks.repo import CLEAN, CONFIG, POINTER, SECRET, Repo, write_rules

HEAVY = {"presidio_analyzer", "spacy", "thinc", "pyarrow", "pandas", "numpy", "torch"}
KEY = "AKIAQ3EGRIPL7N2WXYZA"


@pytest.fixture
def guarded(repo: Repo) -> Repo:
    """A repository in which the hook is installed."""
    assert repo.hook("install").returncode == 0
    return repo


@pytest.fixture
def run(repo: Repo, capfd: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    """`gatekeeper hook run` in this process, which loads the detector once: code and words."""

    def hook_run(*arguments: str) -> tuple[int, str]:
        code = main(["hook", "run", *arguments])
        return code, capfd.readouterr().err

    return hook_run


Run = Callable[..., tuple[int, str]]


def commit(repo: Repo, *arguments: str) -> subprocess.CompletedProcess[str]:
    return repo.git("commit", "-m", "data", *arguments, may_fail=True)


def test_clean_data_is_committed_with_a_receipt_and_a_secret_is_not(guarded: Repo) -> None:
    guarded.stage("data/a.jsonl", CLEAN)
    passed = commit(guarded)
    assert passed.returncode == 0, passed.stderr
    assert "scanned 1 record in 1 file (0 unscanned)" in passed.stderr
    assert len(list((guarded.top / ".gatekeeper/receipts").glob("*.json"))) == 1
    before = guarded.commits
    guarded.stage("data/b.jsonl", SECRET)
    refused = commit(guarded)
    assert refused.returncode == 1  # git's own, whatever the hook ended with
    assert guarded.commits == before
    assert "secrets/keys: quarantine" in refused.stderr
    assert "data/b.jsonl: record 0 /text" in refused.stderr
    assert "git restore --staged" in refused.stderr
    assert KEY not in refused.stderr + refused.stdout
    assert guarded.git("diff", "--cached", "--name-only").stdout == "data/b.jsonl\n"


def test_the_staged_bytes_decide_whatever_the_working_tree_holds(guarded: Repo) -> None:
    guarded.stage("data/a.jsonl", SECRET)
    guarded.write("data/a.jsonl", CLEAN)
    assert commit(guarded).returncode == 1
    guarded.git("add", "data/a.jsonl")
    guarded.write("data/a.jsonl", SECRET)
    guarded.write("data/untracked.jsonl", SECRET)
    assert commit(guarded).returncode == 0
    assert (guarded.top / "data/a.jsonl").read_text() == SECRET


def test_commit_a_and_commit_path_are_seen_through_their_own_index(guarded: Repo) -> None:
    guarded.stage("data/a.jsonl", CLEAN)
    guarded.stage("data/b.jsonl", CLEAN)
    assert commit(guarded).returncode == 0
    guarded.write("data/a.jsonl", SECRET)
    assert commit(guarded, "-a").returncode == 1
    assert commit(guarded, "--", "data/a.jsonl").returncode == 1
    guarded.write("data/b.jsonl", CLEAN * 2)
    assert commit(guarded, "--", "data/b.jsonl").returncode == 0


def test_all_staged_files_make_one_decision(guarded: Repo) -> None:
    policy = (guarded.top / "rules/secrets.yaml").read_text()
    bulk = policy.replace("when: {any_of: [AWS_ACCESS_KEY]}",
                          "when: {any_of: [AWS_ACCESS_KEY], at_least: 2}")  # fmt: skip
    bulk = bulk.replace(
        "trips: [AKIAQ3EGRIPL7N2WXYZA]", "trips: [AKIAQ3EGRIPL7N2WXYZA AKIAQ3EGRIPL7N2WXYZB]"
    )
    guarded.stage("rules/secrets.yaml", bulk)
    assert commit(guarded).returncode == 0
    guarded.stage("data/a.jsonl", SECRET)
    guarded.stage("data/b.jsonl", SECRET.replace("WXYZA", "WXYZB"))
    refused = commit(guarded)
    assert refused.returncode == 1
    assert "2 found, 2 trips" in refused.stderr
    guarded.git("restore", "--staged", "data/b.jsonl")
    assert commit(guarded).returncode == 0


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("data/lfs.jsonl", POINTER, "git-lfs pointer"),
        ("data/annex.jsonl", "/annex/objects/SHA256E-s5--ab.jsonl\n", "git-annex pointer"),
        ("data/set.jsonl.dvc", "outs:\n- md5: 0\n", "dvc pointer"),
        ("data/image.png", b"\x89PNG\r\n\x1a\n", "not supported"),
        ("data/broken.jsonl", '{"text": "a\n', "line 1"),
        ("data/empty.jsonl", "", "holds no record"),
    ],
)
def test_what_cannot_be_scanned_is_refused(
    repo: Repo, run: Run, name: str, text: str | bytes, says: str
) -> None:
    repo.stage(name, text)
    code, said = run()
    assert code == 3
    assert says in said
    repo.stage("data/clean.jsonl", CLEAN)
    code, said = run()
    assert code == 20
    assert says in said


def test_links_and_submodules_in_a_dataset_are_refused(
    repo: Repo, run: Run, tmp_path: Path
) -> None:
    repo.stage("data/clean.jsonl", CLEAN)
    (repo.top / "data/link.jsonl").symlink_to("/etc/hostname")
    repo.git("add", "data")
    code, said = run()
    assert code == 20
    assert "a symbolic link" in said
    repo.git("rm", "-q", "--cached", "data/link.jsonl")
    other = Repo(tmp_path / "other")
    allow = ("-c", "protocol.file.allow=always")
    repo.git(*allow, "submodule", "add", "-q", str(other.top), "data/sub")
    code, said = run()
    assert code == 20
    assert "a submodule" in said


def test_names_from_outside_do_not_reach_the_terminal_raw(repo: Repo, run: Run) -> None:
    repo.stage("data/\x1b[31mred\n.jsonl", SECRET)
    code, said = run()
    assert code == 20
    assert "\x1b" not in said
    assert "\\x1b[31mred" in said


def test_a_merge_that_git_commits_by_itself_is_checked(guarded: Repo) -> None:
    main = guarded.git("symbolic-ref", "--short", "HEAD").stdout.strip()
    guarded.git("checkout", "-q", "-b", "side")
    guarded.stage("data/a.jsonl", SECRET)
    guarded.git("commit", "-q", "--no-verify", "-m", "side")
    guarded.git("checkout", "-q", main)
    guarded.stage("readme.txt", "hello\n")
    assert commit(guarded).returncode == 0
    before = guarded.commits
    merged = guarded.git("merge", "-m", "merge", "side", may_fail=True)
    assert merged.returncode != 0
    assert "secrets/keys" in merged.stderr
    assert guarded.commits == before


def test_a_worktree_and_a_subfolder_are_no_way_around(guarded: Repo, tmp_path: Path) -> None:
    guarded.git("worktree", "add", "-q", str(tmp_path / "second"))
    second = Repo.__new__(Repo)
    second.top = tmp_path / "second"
    second.stage("data/a.jsonl", SECRET)
    assert commit(second).returncode == 1
    inside = Repo.__new__(Repo)
    inside.top = second.top / "data"
    assert commit(inside).returncode == 1


def test_a_git_folder_elsewhere_is_honoured(guarded: Repo, tmp_path: Path) -> None:
    apart = tmp_path / "apart.git"
    (guarded.top / ".git").rename(apart)
    there = ("--git-dir", str(apart), "--work-tree", str(guarded.top))
    guarded.write("data/a.jsonl", SECRET)
    outside = Repo.__new__(Repo)
    outside.top = tmp_path
    outside.git(*there, "add", str(guarded.top / "data"))
    refused = outside.git(*there, "commit", "-m", "data", may_fail=True)
    assert refused.returncode == 1
    assert "data/a.jsonl: record 0" in refused.stderr


def test_the_first_commit_of_a_repository_is_checked(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "new", rules=False)
    write_rules(repo.top)
    repo.hook("install")
    repo.write("data/a.jsonl", SECRET)
    repo.git("add", ".")
    refused = commit(repo)
    assert refused.returncode == 1
    assert "git rm --cached" in refused.stderr
    repo.stage("data/a.jsonl", CLEAN)
    assert commit(repo).returncode == 0


def test_exit_codes_are_those_of_the_command_line(repo: Repo, run: Run) -> None:
    assert run() == (0, "")
    repo.stage("data/a.jsonl", CLEAN)
    assert run("names", "are", "not/looked/at")[0] == 0
    repo.stage("data/a.jsonl", SECRET)
    assert run()[0] == 20
    assert repo.hook("run").returncode == 20
    repo.stage("data/a.jsonl", "")
    assert run()[0] == 3
    repo.write("gatekeeper.yaml", CONFIG + "vault: x\n")
    assert run()[0] == 2


def test_without_datasets_the_hook_says_what_to_write(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "new", rules=False)
    done = repo.hook("run")
    assert done.returncode == 2
    assert "datasets: [data]" in done.stderr


def test_on_prem_refuses_the_commit_as_well(repo: Repo, run: Run) -> None:
    policy = (repo.top / "rules/secrets.yaml").read_text().replace("quarantine", "on_prem")
    repo.stage("rules/secrets.yaml", policy)
    repo.git("commit", "-q", "-m", "rules")
    repo.stage("data/a.jsonl", SECRET)
    code, said = run()
    assert code == 10
    assert "the commit is refused" in said


def test_a_blob_that_is_not_there_is_refused(repo: Repo, run: Run) -> None:
    repo.stage("data/a.jsonl", SECRET)
    repo.stage("data/b.jsonl", CLEAN)
    name = repo.git("rev-parse", ":data/a.jsonl").stdout.strip()
    (repo.top / ".git/objects" / name[:2] / name[2:]).unlink()
    code, said = run()
    assert code == 20
    assert "blob is missing" in said


def test_a_receipt_of_the_hook_says_what_was_decided(repo: Repo, run: Run) -> None:
    repo.stage("data/a.jsonl", SECRET)
    _, said = run()
    line = next(x for x in said.splitlines() if x.startswith("receipt: "))
    envelope = json.loads(Path(line.removeprefix("receipt: ")).read_text())
    assert envelope["payloadType"] == "application/vnd.in-toto+json"
    assert KEY not in json.dumps(envelope) + said


@pytest.mark.parametrize("path", ["readme.txt", "database/a.jsonl"])
def test_with_nothing_to_check_nothing_heavy_is_imported(repo: Repo, path: str) -> None:
    repo.stage(path, SECRET)
    script = (
        "import sys; from gatekeeper.cli import main; "
        "code = main(['hook', 'run', *sys.argv[1:]]); print(code, *sys.modules)"
    )
    done = repo.run(sys.executable, "-c", script)
    code, *modules = done.stdout.split()
    assert code == "0"
    assert not HEAVY & {m.split(".")[0] for m in modules}
    assert done.stderr == ""
    told = repo.run(sys.executable, "-c", script, "--verbose")
    assert told.stderr == "gatekeeper: no staged file in a dataset folder\n"


@pytest.mark.slow
def test_the_pre_commit_framework_runs_it(repo: Repo, tmp_path: Path) -> None:
    """With the environment that runs the tests in place of one that is installed for the hook."""
    pytest.importorskip("pre_commit", reason="pre-commit is not installed")
    hooks = (Path(__file__).parents[2] / ".pre-commit-hooks.yaml").read_text()
    own = tmp_path / "hooks"
    entry = f'{sys.executable} -c "from gatekeeper.cli import run; run()" hook run'
    source = Repo(own, rules=False)
    system = hooks.replace("language: python", "language: system")
    source.stage(
        ".pre-commit-hooks.yaml", system.replace("entry: gatekeeper hook run", f"entry: {entry}")
    )
    source.git("commit", "-q", "-m", "hooks")
    repo.stage("data/a.jsonl", CLEAN)
    repo.write("data/a.jsonl", SECRET)  # pre-commit sets this aside; the index has it clean
    command = (sys.executable, "-m", "pre_commit", "try-repo", str(own), "gatekeeper", "--verbose")
    home = str(tmp_path / "cache")
    passed = repo.run(*command, may_fail=True, PRE_COMMIT_HOME=home)
    assert passed.returncode == 0, passed.stdout + passed.stderr
    repo.git("add", "data/a.jsonl")
    refused = repo.run(*command, may_fail=True, PRE_COMMIT_HOME=home)
    assert refused.returncode == 1
    assert "secrets/keys" in refused.stdout
    assert KEY not in refused.stdout
    assert "data/a.jsonl" in refused.stdout
