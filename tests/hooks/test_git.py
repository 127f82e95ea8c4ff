"""The plumbing: which paths, which blobs, under every trick that git and its repositories know."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from gatekeeper.errors import InputError
from gatekeeper.hooks import git
from gatekeeper.hooks.blobs import Blobs
from tests.hooks.repo import CLEAN, SECRET, Repo


def staged() -> dict[str, git.Staged]:
    return {entry.path: entry for entry in git.staged(git.open_repository())}


def content(entry: git.Staged) -> bytes:
    with Blobs() as blobs:
        return blobs.open(entry.object_id).read()


def test_a_first_commit_is_compared_with_the_empty_tree(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo = Repo(tmp_path / "new", rules=False)
    monkeypatch.chdir(repo.top)
    repo.stage("data/a.jsonl")
    assert list(staged()) == ["data/a.jsonl"]
    assert git.open_repository().parents == ()


def test_added_changed_retyped_and_copied_paths_are_there_and_deleted_ones_are_not(
    repo: Repo,
) -> None:
    for name in ("changed", "retyped", "deleted", "moved", "same"):
        repo.stage(f"data/{name}.jsonl")
    repo.git("commit", "-q", "-m", "1")
    repo.stage("data/changed.jsonl", SECRET)
    (repo.top / "data/retyped.jsonl").unlink()
    (repo.top / "data/retyped.jsonl").symlink_to("same.jsonl")
    repo.git("rm", "-q", "data/deleted.jsonl")
    repo.git("mv", "data/moved.jsonl", "data/new name.jsonl")
    repo.git("add", "-A")
    found = staged()
    assert set(found) == {"data/changed.jsonl", "data/retyped.jsonl", "data/new name.jsonl"}
    assert found["data/retyped.jsonl"].mode == git.SYMLINK
    assert not found["data/retyped.jsonl"].is_file
    assert content(found["data/changed.jsonl"]) == SECRET.encode()


def test_the_index_counts_and_not_the_working_tree(repo: Repo) -> None:
    repo.stage("data/dirty-index.jsonl", SECRET)
    repo.write("data/dirty-index.jsonl", CLEAN)
    repo.stage("data/dirty-tree.jsonl", CLEAN)
    repo.write("data/dirty-tree.jsonl", SECRET)
    repo.stage("data/gone.jsonl", SECRET).unlink()
    repo.stage("data/x.ignored.jsonl", SECRET)
    found = {path: content(entry).decode() for path, entry in staged().items()}
    assert found == {
        "data/dirty-index.jsonl": SECRET,
        "data/dirty-tree.jsonl": CLEAN,
        "data/gone.jsonl": SECRET,
        "data/x.ignored.jsonl": SECRET,
    }


def test_a_path_that_is_only_intended_to_be_added_is_not_in_the_commit(repo: Repo) -> None:
    repo.write("data/later.jsonl", SECRET)
    repo.git("add", "-N", "data/later.jsonl")
    assert staged() == {}


@pytest.mark.parametrize(
    "name",
    [
        b"data/new\nline.jsonl",
        b'data/tab\tquote"back\\slash.jsonl',
        b"data/latin-\xe9.jsonl",
        "data/snow ☃.jsonl".encode(),
        b"data/:(top)magic.jsonl",
        b"data/ leading and trailing .jsonl",
    ],
)
def test_odd_names_arrive_as_they_are(repo: Repo, name: bytes) -> None:
    repo.git("config", "core.quotePath", "true")
    file = os.fsencode(repo.top) + b"/" + name
    os.makedirs(os.path.dirname(file), exist_ok=True)  # noqa: PTH103, PTH120  (bytes)
    with open(file, "wb") as out:  # noqa: PTH123  (bytes)
        out.write(SECRET.encode())
    repo.git("add", "-A")
    assert [os.fsencode(path) for path in staged()] == [name]


def test_settings_of_the_repository_hide_nothing(repo: Repo) -> None:
    for setting in (
        ("diff.renames", "copies"), ("diff.relative", "true"), ("diff.noprefix", "true"),
        ("status.showUntrackedFiles", "no"), ("diff.ignoreSubmodules", "all"),
        ("diff.external", "false"), ("core.abbrev", "7"),
    ):  # fmt: skip
        repo.git("config", *setting)
    repo.stage("data/a.jsonl")
    repo.stage("other/b.jsonl", SECRET)
    (repo.top / "data").mkdir(exist_ok=True)
    os.chdir(repo.top / "data")
    assert set(staged()) == {"data/a.jsonl", "other/b.jsonl"}
    assert len(staged()["data/a.jsonl"].object_id) == 40


def test_a_replaced_object_does_not_stand_in_for_the_staged_one(repo: Repo) -> None:
    repo.stage("data/a.jsonl", SECRET)
    repo.stage("elsewhere.txt", CLEAN)
    found = staged()
    repo.git("replace", found["data/a.jsonl"].object_id, found["elsewhere.txt"].object_id)
    assert content(found["data/a.jsonl"]) == SECRET.encode()


def test_a_submodule_that_is_to_be_ignored_is_there(repo: Repo, tmp_path: Path) -> None:
    other = Repo(tmp_path / "other")
    allow = ("-c", "protocol.file.allow=always")
    repo.git(*allow, "submodule", "add", "-q", str(other.top), "data/sub")
    repo.git("config", "-f", ".gitmodules", "submodule.data/sub.ignore", "all")
    repo.git("config", "submodule.data/sub.ignore", "all")
    repo.git("add", ".gitmodules")
    repo.git("commit", "-q", "-m", "sub")
    repo.run("git", "-C", "data/sub", "commit", "-q", "--allow-empty", "-m", "next")
    repo.git("add", "-f", "data/sub")
    repo.git("update-index", "--cacheinfo", f"160000,{'ab' * 20},data/sub")
    assert set(staged()) == {"data/sub"}


def test_a_submodule_and_an_unmerged_path_are_no_files(repo: Repo, tmp_path: Path) -> None:
    other = Repo(tmp_path / "other")
    repo.git(
        "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(other.top), "data/sub"
    )
    assert staged()["data/sub"].mode == git.SUBMODULE
    repo.git("rm", "-q", "-f", "data/sub")
    repo.stage("data/a.jsonl", CLEAN)
    repo.git("commit", "-q", "-m", "base")
    repo.git("checkout", "-q", "-b", "side")
    repo.stage("data/a.jsonl", "side\n")
    repo.git("commit", "-q", "-m", "side")
    repo.git("checkout", "-q", "-")
    repo.stage("data/a.jsonl", "main\n")
    repo.git("commit", "-q", "-m", "main")
    repo.git("merge", "side", may_fail=True)
    assert not staged()["data/a.jsonl"].is_file
    assert len(git.open_repository().parents) == 2


def test_another_index_is_honoured(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.stage("data/a.jsonl")
    repo.run("git", "read-tree", "HEAD", GIT_INDEX_FILE=".git/other-index")
    monkeypatch.setenv("GIT_INDEX_FILE", ".git/other-index")
    assert staged() == {}
    monkeypatch.delenv("GIT_INDEX_FILE")
    assert set(staged()) == {"data/a.jsonl"}


def test_a_worktree_has_an_index_of_its_own(repo: Repo, tmp_path: Path) -> None:
    repo.git("worktree", "add", "-q", str(tmp_path / "second"))
    repo.stage("data/a.jsonl")
    os.chdir(tmp_path / "second")
    assert staged() == {}
    assert git.open_repository().top == (tmp_path / "second").resolve()


def test_a_sha256_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repo = Repo(tmp_path / "new", "--object-format=sha256")
    monkeypatch.chdir(repo.top)
    repo.stage("data/a.jsonl", SECRET)
    entry = staged()["data/a.jsonl"]
    assert len(entry.object_id) == 64
    assert content(entry) == SECRET.encode()
    assert git.sizes([entry.object_id]) == {entry.object_id: len(SECRET)}


def partial_clone(tmp_path: Path) -> Repo:
    source = Repo(tmp_path / "source")
    source.git("config", "uploadpack.allowFilter", "true")
    for name in "abc":
        source.stage(f"data/{name}.jsonl", SECRET.replace("build", name))
    source.git("commit", "-q", "-m", "data")
    source.git(
        "clone", "-q", "--no-checkout", "--filter=blob:none", f"file://{source.top}", "../part"
    )
    clone = Repo.__new__(Repo)
    clone.top = tmp_path / "part"
    clone.git("read-tree", "HEAD")
    clone.git("update-ref", "HEAD", "HEAD~1")
    return clone


def test_a_blob_that_a_partial_clone_lacks_is_missing_and_is_not_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = partial_clone(tmp_path)
    clone.stage("data/there.jsonl", CLEAN)
    for number in range(20):  # before, between and after the missing ones, by their names
        clone.stage(f"data/{number}.jsonl", CLEAN * (2 + number))
    monkeypatch.chdir(clone.top)
    found = staged()
    there = git.sizes(e.object_id for e in found.values())
    assert {p for p, e in found.items() if e.object_id not in there} == {
        f"data/{name}.jsonl" for name in "abc"
    }
    assert there[found["data/there.jsonl"].object_id] == len(CLEAN)
    with Blobs() as blobs:
        with pytest.raises(InputError, match="cannot be read"):
            blobs.open(found["data/a.jsonl"].object_id)
        assert blobs.open(found["data/there.jsonl"].object_id).read() == CLEAN.encode()
    assert git.sizes([found["data/a.jsonl"].object_id]) == {}


def test_no_git_old_git_and_no_repository_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="not the working tree"):
        git.open_repository()
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match="cannot be started"):
        git.open_repository()
    old = tmp_path / "git"
    old.write_text("#!/bin/sh\necho git version 2.17.1\n")
    old.chmod(0o755)
    with pytest.raises(InputError, match="too old"):
        git.open_repository()


def test_a_bare_repository_has_no_working_tree(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Repo(tmp_path / "bare", "--bare", rules=False)
    monkeypatch.chdir(tmp_path / "bare")
    with pytest.raises(InputError, match="not the working tree"):
        git.open_repository()


def test_blobs_are_read_one_after_the_other(repo: Repo) -> None:
    big = b"x" * 3_000_000 + b"\n\n"
    repo.stage("data/big.txt", big)
    repo.stage("data/empty.txt", b"")
    repo.stage("data/small.txt", b"small")
    ids = {path: entry.object_id for path, entry in staged().items()}
    with Blobs() as blobs:
        first = blobs.open(ids["data/big.txt"])
        assert first.read(10) == b"x" * 10
        assert blobs.open(ids["data/small.txt"]).read() == b"small"
        with pytest.raises(InputError, match="in the middle"):
            first.read()  # an end here would say that it was seen whole
        assert blobs.open(ids["data/empty.txt"]).read() == b""
        assert blobs.open(ids["data/big.txt"]).read() == big


def test_a_blob_that_ends_early_is_an_error(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = tmp_path / "bin/git"
    fake.parent.mkdir()
    fake.write_text('#!/bin/sh\nread name\nprintf "%s blob 100\\nshort" "$name"\n')
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{fake.parent}{os.pathsep}{os.environ['PATH']}")
    with Blobs() as blobs, pytest.raises(InputError, match="in the middle"):
        blobs.open("ab" * 20).read()


def test_nothing_is_written_to_the_repository(repo: Repo) -> None:
    repo.stage("data/a.jsonl", SECRET)
    (repo.top / "data/a.jsonl").touch()  # the index would be refreshed by a `git status`

    def state() -> dict[str, tuple[int, int]]:
        return {
            str(p): (p.lstat().st_mtime_ns, stat.S_IFMT(p.lstat().st_mode))
            for p in sorted(repo.top.rglob("*"))
            if not p.is_dir()
        }

    before = state()
    found = staged()
    assert content(found["data/a.jsonl"]) == SECRET.encode()
    git.sizes([found["data/a.jsonl"].object_id])
    assert state() == before


def test_a_hook_gets_the_index_of_the_commit_that_is_made(repo: Repo) -> None:
    """`commit -a` and `commit PATH` hand the hook an index of their own by GIT_INDEX_FILE."""
    repo.stage("data/a.jsonl", CLEAN)
    repo.stage("data/b.jsonl", CLEAN)
    repo.git("commit", "-q", "-m", "1")
    hook = repo.top / ".git/hooks/pre-commit"
    script = (
        "from gatekeeper.hooks import git; "
        "print(*sorted(e.path for e in git.staged(git.open_repository())))"
    )
    hook.write_text(f"#!/bin/sh\nexec {sys.executable} -c '{script}'\n")
    hook.chmod(0o755)
    repo.write("data/a.jsonl", SECRET)
    repo.stage("data/b.jsonl", SECRET)
    only = repo.git("commit", "-m", "2", "--", "data/a.jsonl")
    assert only.stderr.splitlines()[0] == "data/a.jsonl"
    repo.git("reset", "-q", "--soft", "HEAD~1")
    repo.git("reset", "-q")
    both = repo.git("commit", "-a", "-m", "2")
    assert both.stderr.splitlines()[0] == "data/a.jsonl data/b.jsonl"


def test_git_is_kept_from_every_transport(repo: Repo) -> None:
    command = ["git", "ls-remote", f"file://{repo.top}"]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
    closed = subprocess.run(command, env=git.environment(), capture_output=True, check=False)
    assert closed.returncode != 0
