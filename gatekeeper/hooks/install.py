"""Put the hook into a repository, take it out again, and say whether it is there.

The hook is a few lines of shell that call the interpreter Gatekeeper was installed with. A hook of
somebody else is never replaced: with `chain` it is kept beside, called first (it may still change
what is staged), and its exit code passed on.
"""

from __future__ import annotations

import os
import shlex
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from gatekeeper.errors import UsageError
from gatekeeper.hooks import git
from gatekeeper.model.display import shown

TYPES = ("pre-commit", "pre-merge-commit")
"""The hooks that run before something staged becomes a commit: git calls the second one for a
merge that it commits by itself."""

MARK = "# gatekeeper hook 1"
"""By which our own hook is known."""

_KEPT = ".before-gatekeeper"
_CALL = (
    "import sys; sys.path[:] = [p for p in sys.path if p]; from gatekeeper.cli import run; run()"
)
"""Not `-m`: that would import from the repository's own folder whatever is called like a module of
ours."""

_MANAGERS = {
    "pre-commit.com": (
        "the pre-commit framework",
        "add the hook `gatekeeper` to .pre-commit-config.yaml",
    ),
    "lefthook": ("lefthook", "add `run: gatekeeper hook run` to pre-commit in lefthook.yml"),
    "husky": ("husky", "add the line `gatekeeper hook run` to .husky/pre-commit"),
}


@dataclass(frozen=True, slots=True)
class Hook:
    """One hook of one repository: where it lies, and whose it is."""

    type: str
    path: Path

    @property
    def kept(self) -> Path:
        """Where somebody else's hook is kept while ours stands in its place."""
        return self.path.with_name(self.path.name + _KEPT)

    @property
    def is_there(self) -> bool:
        """Whether anything has its name."""
        return os.path.lexists(self.path)

    @property
    def is_ours(self) -> bool:
        """Whether `install` wrote it."""
        return MARK in _text(self.path).splitlines()[:3]

    @property
    def manager(self) -> tuple[str, str]:
        """Which hook manager wrote it, and what to tell that; a foreign hook of none of them."""
        text = _text(self.path)
        for word, known in _MANAGERS.items():
            if word in text:
                return known
        return "another hook", "`gatekeeper hook install --chain` keeps it and calls it first"


def hook_at(repository: git.Repository, kind: str) -> Hook:
    """Where git looks for the hook: in `core.hooksPath`, or with the main one of all worktrees.

    Raises UsageError where that is outside the repository: such hooks are shared with others.
    """
    folder = Path(os.fsdecode(git.must("rev-parse", "--git-path", "hooks").removesuffix(b"\n")))
    common = Path(os.fsdecode(git.must("rev-parse", "--git-common-dir").removesuffix(b"\n")))
    resolved = folder.resolve()
    if not any(resolved.is_relative_to(d.resolve()) for d in (repository.top, common)):
        raise UsageError(
            f"git takes the hooks of this repository from {shown(str(resolved))}, outside of it",
            hint="add `gatekeeper hook run` to the pre-commit hook there, or unset core.hooksPath",
        )
    if ".husky" in resolved.relative_to(resolved.anchor).parts:
        name, advice = _MANAGERS["husky"]
        raise UsageError(f"the hooks of this repository belong to {name}", hint=advice)
    return Hook(kind, resolved / kind)


def install(hook: Hook, *, chain: bool = False) -> bool:
    """Write the hook; False where it was already there, word for word.

    Raises UsageError: somebody else's hook is in its place, and `chain` was not asked for.
    """
    if hook.is_there and not hook.is_ours:
        name, advice = hook.manager
        if not chain:
            raise UsageError(f"{hook.type}: {name} is already installed", hint=advice)
        if os.path.lexists(hook.kept):
            raise UsageError(
                f"{shown(hook.kept.name)} is in the way", hint="move it, then try again"
            )
        hook.path.rename(hook.kept)
    script = _script(hook)
    if hook.is_ours and _text(hook.path) == script and os.access(hook.path, os.X_OK):
        return False
    _write(hook.path, script)
    return True


def uninstall(hook: Hook) -> bool:
    """Remove our hook and put back the one it was chained to; False where it is not there."""
    if not hook.is_ours:
        return False
    if os.path.lexists(hook.kept):
        hook.kept.replace(hook.path)
    else:
        hook.path.unlink()
    return True


def _script(hook: Hook) -> str:
    python = shlex.quote(sys.executable)
    kept = shlex.quote(hook.kept.name)
    return f"""#!/bin/sh
{MARK}
# `gatekeeper hook uninstall` removes it
before="$(dirname "$0")"/{kept}
if [ -x "$before" ]; then
    "$before" "$@" || exit
fi
if [ ! -x {python} ]; then
    echo "gatekeeper: error: the Python that this hook was installed with is gone" >&2
    echo "gatekeeper: hint: run \\`gatekeeper hook install\\` again" >&2
    exit 1
fi
exec {python} -c {shlex.quote(_CALL)} hook run
"""


def _write(path: Path, script: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    new = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="surrogateescape") as file:
            file.write(script)
        new.chmod(0o755)
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


def _text(path: Path) -> str:
    if not path.is_file():
        return ""
    return path.read_text(encoding="utf-8", errors="surrogateescape")
