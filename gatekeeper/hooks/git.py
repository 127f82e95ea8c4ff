"""Git's plumbing, read only: what is staged, and the bytes of it.

Fixed argument lists, NUL-separated output, and the environment that git gives its hooks
(`GIT_INDEX_FILE` is another index in `commit -a` and `commit PATH`). Nothing is written to the
repository and the working tree is never touched: no stash, no refresh of the index.
"""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from gatekeeper.errors import InputError

OLDEST_GIT = (2, 20)
"""What is used here is older, but nothing older than this is still looked after by anybody."""

PROGRAM = "git"
"""Found on PATH, on which git has put itself in a hook."""

SYMLINK = "120000"
SUBMODULE = "160000"
_FILES = {"100644", "100755"}

_ENVIRONMENT = {
    # A promisor remote would be asked for a blob that a partial clone lacks: no socket is opened.
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",
    # refs/replace/ would show other bytes than the commit stores.
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_LITERAL_PATHSPECS": "1",
}
_CONTRARY = ("GIT_GLOB_PATHSPECS", "GIT_NOGLOB_PATHSPECS", "GIT_ICASE_PATHSPECS")
"""Not to be combined with literal pathspecs."""

_LACKING_MAX = 20
"""Missing blobs after which no more are asked for."""

_RAW = re.compile(rb":[0-7]{6} ([0-7]{6}) [0-9a-f]+ ([0-9a-f]{40,64}) ([A-Z])[0-9]*")


@dataclass(frozen=True, slots=True)
class Staged:
    """One path of the index or of a commit."""

    path: str
    """From the top of the repository; bytes that are no UTF-8 as surrogates (`os.fsdecode`)."""
    mode: str
    object_id: str

    @property
    def is_file(self) -> bool:
        """Whether it is a file, and not a symbolic link, a submodule or unmerged."""
        return self.mode in _FILES


@dataclass(frozen=True, slots=True)
class Repository:
    """A working tree and what its next commit builds on."""

    top: Path
    git_dir: Path
    parents: tuple[str, ...]
    """Commits that the next one follows: `HEAD`, in a merge the others; none at first."""


def environment() -> dict[str, str]:
    """The process's environment, with every network, lock and replacement of git turned off."""
    kept = {name: value for name, value in os.environ.items() if name not in _CONTRARY}
    return {**kept, **_ENVIRONMENT}


def git(*arguments: str | bytes, given: bytes = b"") -> bytes | None:
    """Stdout of one git command; None where it ended with anything but 0.

    Raises InputError where git is missing.
    """
    status, output = _run(*arguments, given=given)
    return output if status == 0 else None


def must(*arguments: str | bytes, given: bytes = b"") -> bytes:
    """As `git`; raises InputError where it ended with anything but 0."""
    output = git(*arguments, given=given)
    if output is None:
        raise InputError(
            f"git {os.fsdecode(arguments[0])} failed", hint="`git status` and `git fsck` say more"
        )
    return output


def open_repository() -> Repository:
    """The repository of the working directory, or of the hook that runs.

    Raises InputError: git is missing or too old, or there is no working tree here.
    """
    _require_version()
    top, git_dir = _places()
    if not top or not git_dir:
        raise InputError(
            "this is not the working tree of a git repository, or git does not trust it",
            hint="change into one; `git status` says what is wrong",
        )
    folder = Path(_line(git_dir))
    return Repository(Path(_line(top)), folder, tuple(_parents(folder)))


def staged(repository: Repository) -> list[Staged]:
    """Every path the commit would add or change, in git's order; deletions are left out.

    Compared with `HEAD`, or with the empty tree before the first commit. A path of `git add -N`
    has no content in the commit and is not there.
    """
    base = repository.parents[0] if repository.parents else _empty_tree()
    output = must(
        "diff-index",
        "--cached",
        "--raw",
        "-z",
        "--no-renames",
        "--no-abbrev",
        "--ignore-submodules=none",
        "--ita-invisible-in-index",
        "--diff-filter=d",
        base,
        "--",
    )
    return list(_entries(output))


def sizes(object_ids: Iterable[str]) -> dict[str, int]:
    """Size in bytes of every blob that is there; what is missing or no blob is left out.

    Git dies of the first blob that a partial clone lacks, so it is asked again for those after it;
    not without end: a clone that lacks many is refused as a whole.
    """
    asked = sorted(set(object_ids))
    known: dict[str, int] = {}
    for _ in range(_LACKING_MAX):
        if not asked:
            break
        given = "".join(f"{object_id}\n" for object_id in asked).encode()
        _, output = _run("cat-file", "--batch-check", given=given)
        answers = output.decode("ascii", "replace").splitlines()
        for answer in answers:
            name, kind, size = [*answer.split(" "), "", ""][:3]
            if kind == "blob":
                known[name] = int(size)
        asked = asked[len(answers) + 1 :]
    return known


def committed(repository: Repository, paths: Sequence[str]) -> list[dict[str, Staged]]:
    """Path → entry of those `paths` that each parent has."""
    if not paths:
        return [{} for _ in repository.parents]
    named = [os.fsencode(p) for p in paths]
    return [
        _listed(must("ls-tree", "-z", "--full-tree", parent, "--", *named), 2)
        for parent in repository.parents
    ]


def indexed(repository: Repository, paths: Sequence[str]) -> dict[str, Staged]:
    """Path → entry of those `paths` that the index has."""
    if not paths:
        return {}
    named = [os.fsencode(repository.top / p) for p in paths]
    return _listed(must("ls-files", "--stage", "-z", "--full-name", "--", *named), 1)


def blob(object_id: str) -> bytes:
    """A small blob whole, such as a policy. Raises InputError where it is missing."""
    return must("cat-file", "blob", object_id)


def _run(*arguments: str | bytes, given: bytes = b"") -> tuple[int, bytes]:
    with contextlib.suppress(OSError):
        done = subprocess.run(  # noqa: S603  (fixed arguments, no shell)
            [PROGRAM, *arguments], input=given, capture_output=True, env=environment(), check=False
        )
        return done.returncode, done.stdout
    raise InputError("git cannot be started", hint="install git, or put it on PATH")


def _places() -> tuple[bytes | None, bytes | None]:
    """The top of the working tree and git's own folder, each a line; asked for at once."""
    both = ("--show-toplevel", "--absolute-git-dir")
    lines = (git("rev-parse", *both) or b"").split(b"\n")
    if len(lines) == 3:
        return lines[0], lines[1]
    return git("rev-parse", both[0]), git("rev-parse", both[1])  # a name may hold an end of line


def _require_version() -> None:
    found = re.match(rb"git version ([0-9]+)\.([0-9]+)", must("version"))
    if found is None or (int(found[1]), int(found[2])) < OLDEST_GIT:
        oldest = ".".join(map(str, OLDEST_GIT))
        raise InputError("this git is too old", hint=f"git {oldest} or newer is needed")


def _parents(git_dir: Path) -> list[str]:
    head = git("rev-parse", "--verify", "--quiet", "HEAD")
    if head is None:
        return []
    merging = git_dir / "MERGE_HEAD"
    merged = merging.read_text(encoding="ascii").split() if merging.exists() else []
    return [_line(head), *merged]


def _empty_tree() -> str:
    """Its name depends on the repository's hash; nothing is written."""
    return _line(must("hash-object", "-t", "tree", "--stdin"))


def _entries(output: bytes) -> Iterator[Staged]:
    fields = output.split(b"\0")
    if fields.pop() or len(fields) % 2:
        raise InputError("git diff-index gave an answer that is cut off")
    for head, path in zip(fields[::2], fields[1::2], strict=True):
        match = _RAW.fullmatch(head)
        if match is None:
            raise InputError("git diff-index gave an answer of an unknown form")
        mode, object_id, _ = match.groups()
        yield Staged(os.fsdecode(path), mode.decode(), object_id.decode())


def _listed(output: bytes, column: int) -> dict[str, Staged]:
    """By path, each NUL-ended `mode … object …<tab>path`; `column` is that of the object."""
    listed: dict[str, Staged] = {}
    for entry in output.split(b"\0")[:-1]:
        head, _, path = entry.partition(b"\t")
        fields = head.decode("ascii").split(" ")
        listed[os.fsdecode(path)] = Staged(os.fsdecode(path), fields[0], fields[column])
    return listed


def _line(output: bytes) -> str:
    return os.fsdecode(output.removesuffix(b"\n"))
