"""What a commit would store in dataset folders, as sources: the staged blobs, never the files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, BinaryIO

from gatekeeper.hooks import git
from gatekeeper.hooks.blobs import Blobs
from gatekeeper.hooks.rules import require_settled, rule_files, selection
from gatekeeper.hooks.selection import Selection
from gatekeeper.model import Unscanned
from gatekeeper.model.display import shown
from gatekeeper.policy import Config

if TYPE_CHECKING:
    from gatekeeper.read import Source

_PLACEHOLDERS = (".gitkeep", ".keep")
"""Files that make git keep an empty folder; where one is empty there is nothing in it to judge."""


def staged_data(repository: git.Repository, config: Config) -> list[git.Staged]:
    """What is staged in a dataset: all but the rule files themselves and empty placeholders.

    The rule files are read strictly as such, and the examples of a policy are meant to trip it.
    Raises UsageError where there is data and the rules that judge it are not settled.
    """
    rules = rule_files(repository, config)
    chosen = selection(repository, config)
    entries = [
        entry
        for entry in git.staged(repository)
        if entry.path not in rules
        and _is_chosen(repository, chosen, entry)
        and not _is_placeholder(entry)
    ]
    if entries:
        require_settled(repository, rules)
    return entries


def staged_sources(
    entries: Sequence[git.Staged], sizes: Mapping[str, int], blobs: Blobs
) -> list[Source | Unscanned]:
    """Each entry opened or refused, all of which together make one decision.

    `sizes` is that of every blob that is there, as `git.sizes` gives it.
    """
    return [_source(entry, sizes.get(entry.object_id), blobs) for entry in entries]


def _is_chosen(repository: git.Repository, chosen: Selection, entry: git.Staged) -> bool:
    if chosen.holds(repository.top, entry.path):
        return True
    return not entry.is_file and chosen.is_above(repository.top, entry.path)


def _source(entry: git.Staged, size: int | None, blobs: Blobs) -> Source | Unscanned:
    from gatekeeper.read import source_from_stream

    name = shown(entry.path)
    if not entry.is_file:
        return _refused(name, entry.mode)
    if size is None:
        detail = "the staged blob is missing from the repository; fetch it, or stage it anew"
        return Unscanned(name, "whole file", "missing-blob", detail, 0)

    def opened() -> BinaryIO:
        return blobs.open(entry.object_id)

    return source_from_stream(entry.path, opened)


def _refused(name: str, mode: str) -> Unscanned:
    reason, detail = {
        git.SYMLINK: ("symlink", "a symbolic link; stage the file it points to"),
        git.SUBMODULE: ("submodule", "a submodule; it is checked where it is committed"),
    }.get(mode, ("unmerged", "not merged yet; resolve it and stage the result"))
    return Unscanned(name, "whole file", reason, detail, 0)


def _is_placeholder(entry: git.Staged) -> bool:
    return (
        entry.is_file
        and entry.path.rpartition("/")[2] in _PLACEHOLDERS
        and git.sizes([entry.object_id]) == {entry.object_id: 0}
    )
