"""Which paths of a repository belong to a dataset, by the `datasets` of the configuration."""

from __future__ import annotations

import fnmatch
import glob
import posixpath
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

_GLOB = re.compile(r"[*?\[]")


@dataclass(frozen=True, slots=True)
class Selection:
    """Folders, files and globs. Wide rather than narrow, for what it misses is not looked at.

    A path belongs to a dataset where an entry matches it or a folder it lies in. As in waivers `*`
    goes across `/`; `**/` also matches no folder at all. Case and Unicode form are not told
    apart, as on file systems where `Data` is `data`.
    """

    literals: tuple[str, ...]
    globs: tuple[str, ...]

    @classmethod
    def of(cls, root: Path, datasets: Iterable[str]) -> Selection:
        """The entries of a configuration file that lies in the folder `root`."""
        folder = root.resolve().as_posix()
        literals = [posixpath.normpath(posixpath.join(folder, d)) for d in datasets]
        globs = [
            posixpath.normpath(posixpath.join(glob.escape(folder), d))
            for d in datasets
            if _GLOB.search(d)
        ]
        globs += [g.replace("/**/", "/") for g in globs if "/**/" in g]
        return cls(tuple(map(_folded, literals)), tuple(map(_folded, globs)))

    def __or__(self, other: Selection) -> Selection:
        return Selection(self.literals + other.literals, self.globs + other.globs)

    def holds(self, top: Path, path: str) -> bool:
        """Whether `path`, from the top of the repository, is in a dataset."""
        return any(
            step in self.literals or any(fnmatch.fnmatchcase(step, g) for g in self.globs)
            for step in _upwards(_folded(posixpath.join(top.as_posix(), path)))
        )

    def is_above(self, top: Path, path: str) -> bool:
        """Whether a dataset may lie below `path`: what a symbolic link there would hide."""
        folder = _folded(posixpath.join(top.as_posix(), path)) + "/"
        fixed = [*self.literals, *(_GLOB.split(g)[0] for g in self.globs)]
        return any(entry.startswith(folder) for entry in fixed)


def _folded(path: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())


def _upwards(path: str) -> Iterator[str]:
    """`path` and every folder it lies in."""
    while True:
        yield path
        above = posixpath.dirname(path)
        if above == path:
            return
        path = above
