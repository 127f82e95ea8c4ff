"""Which rules judge a commit: those that are committed, or new in it; never rules on the move.

The configuration is the nearest one from the top of the repository upwards, as everywhere. But a
commit could weaken the rules together with the data they judge, or the working tree could hold
weaker ones than the commit does. Both fail closed, and without a second road to a decision: data
is not judged while a rule file differs between the working tree, the index and the commits that
this one follows. Rules are committed on their own, where they are seen, and the data after them.
Files that no parent has (a first commit) and files outside the repository have nothing to differ
from. What counts as data is the union over the configuration in force and those of the parents, so
that taking a folder off `datasets` and staging it do not go in one commit either.
"""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gatekeeper.errors import PolicyError, UsageError
from gatekeeper.hooks import git
from gatekeeper.hooks.selection import Selection
from gatekeeper.model.display import escaped
from gatekeeper.policy import Config
from gatekeeper.policy.config import CONFIG_FILE, PYPROJECT
from gatekeeper.policy.strict_yaml import parse, read_file

_EVERYTHING = (".",)
_MAX_BYTES = 1 << 32
"""Of a rule file: a list of names or a name model is larger than what people write."""


def rule_files(repository: git.Repository, config: Config) -> list[str]:
    """Paths, from the top of the repository, of all files in it that say what applies."""
    named = [
        *([config.path] if config.path else []),
        *(Path(p) for p in (*config.policies, config.destination) if Path(p).is_absolute()),
        *config.recognizers,
        *(held.file for held in config.lists),
        *(sorted(config.names.path.rglob("*")) if config.names else ()),
    ]
    found = {CONFIG_FILE, PYPROJECT}
    for path in named:
        for form in (path, path.resolve()):
            if form.is_relative_to(repository.top):
                found.add(form.relative_to(repository.top).as_posix())
    return sorted(found)


def selection(repository: git.Repository, config: Config) -> Selection:
    """What is a dataset by the configuration in force, or by that of a parent."""
    chosen = Selection.of(config.root, config.datasets)
    own = config.path.resolve() if config.path else repository.top / CONFIG_FILE
    names = {CONFIG_FILE, PYPROJECT}
    if own.is_relative_to(repository.top):
        names.add(own.relative_to(repository.top).as_posix())
    for held in git.committed(repository, sorted(names)):
        for name, entry in held.items():
            if entry.is_file:
                datasets = _datasets(name, git.blob(entry.object_id))
                chosen |= Selection.of(config.root if config.path else repository.top, datasets)
    return chosen


def require_settled(repository: git.Repository, paths: Sequence[str]) -> None:
    """Raise UsageError where a rule file differs from what is staged, or from every parent's."""
    staged = git.indexed(repository, paths)
    parents = git.committed(repository, paths)
    blob = functools.cache(git.blob)
    for path in paths:
        held = [parent[path] for parent in parents if path in parent]
        if path not in staged and not held:
            continue
        content = _content(path, blob(staged[path].object_id) if path in staged else None)
        if content != _content(path, _in_working_tree(repository.top / path)):
            raise UsageError(
                f"{escaped(str(path))} in the working tree is not what is staged, and it says "
                "what may be committed",
                hint="commit its changes first, or take them back, then commit the data",
            )
        before = [_content(path, blob(entry.object_id)) for entry in held]
        if any(before) and content not in before:
            raise UsageError(
                f"{escaped(str(path))} changes in one commit with the data it judges",
                hint="commit the rules first, on their own, then the data",
            )


def _in_working_tree(path: Path) -> bytes | None:
    if path.is_symlink():
        return os.fsencode(path.readlink())
    return read_file(path, max_bytes=_MAX_BYTES) if path.exists() else None


def _content(path: str, source: bytes | None) -> Any:
    """What must not differ: of pyproject.toml our table alone, else all but the line ends."""
    if source is None:
        return None
    if path.rpartition("/")[2] == PYPROJECT:
        return _table(source)
    return source.replace(b"\r\n", b"\n")


def _table(source: bytes) -> Any:
    """[tool.gatekeeper], or None; where it cannot be read, the whole file stands for it.

    Python 3.10 reads no TOML; `load_config` refuses such a configuration there.
    """
    if b"gatekeeper" in source and sys.version_info >= (3, 11):
        import tomllib

        try:
            tool = tomllib.loads(source.decode("utf-8")).get("tool", {})
        except (ValueError, RecursionError):
            return source
        return tool.get("gatekeeper") if isinstance(tool, dict) else None
    return None


def _datasets(name: str, source: bytes) -> tuple[str, ...]:
    """`datasets` of a parent's configuration; everything, where it cannot be read."""
    if name == PYPROJECT:
        data = _table(source)
        if data is None:
            return ()
    else:
        try:
            data = parse(source, name).data
        except PolicyError:
            return _EVERYTHING
    listed = data.get("datasets", []) if isinstance(data, dict) else _EVERYTHING
    if isinstance(listed, (list, tuple)) and all(isinstance(entry, str) for entry in listed):
        return tuple(listed)
    return _EVERYTHING
