"""How many processes a scan has, and the tally of every source; one process pays for no more."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gatekeeper.errors import UsageError
from gatekeeper.model import NameList, NameModel, Tally, Unscanned
from gatekeeper.read import Source
from gatekeeper.tally import Observer, Progress, tally, tally_unread

if TYPE_CHECKING:
    from gatekeeper.detect import Detector
    from gatekeeper.policy import Config

PART_BYTES = 1 << 20
"""Of a part of a file: a second of work or so, so that all workers end together."""
SILENCE_S = 900.0
MEMORY_BYTES = 4 << 30

Tallies = list[tuple[str, Tally]]
"""For each source the digest of its content, and its tally."""


@dataclass(frozen=True, slots=True)
class Jobs:
    """How many processes share the work of a scan, and what each of them may take."""

    count: int = 1
    """Processes; 1 is this one alone, and 0 as many as there are processors for it."""
    silence_s: float = SILENCE_S
    """Seconds without a sign of progress after which a worker is lost."""
    memory_bytes: int = MEMORY_BYTES
    """Memory beyond which a worker is lost."""
    part_bytes: int = PART_BYTES
    """Least size of a part of a file that is cut."""

    def __post_init__(self) -> None:
        if self.count < 0:
            raise UsageError(f"{self.count} jobs cannot be", hint="use 1 or more, or 0 for all")

    @property
    def processes(self) -> int:
        """How many there are to be."""
        return self.count or _processors()


ALONE = Jobs()
"""This process alone."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a detector is made of, beside the entities that it looks for."""

    recognizers: tuple[Path, ...] = ()
    names: NameModel | None = None
    lists: tuple[NameList, ...] = ()
    list_key: Path = Path()
    """The key of the lists that name none."""
    locales: tuple[str, ...] = ()
    timeout_s: float | None = None
    """Seconds that one pattern may spend on one text; None for what is usual."""

    @classmethod
    def of(cls, config: Config, list_key: Callable[[], Path]) -> Recipe:
        """What `config` says; `list_key` is asked where there is a list."""
        key = list_key() if config.lists else Path()
        return cls(config.recognizers, config.names, config.lists, key, config.locales)


@dataclass(frozen=True, slots=True)
class Workers:
    """Processes that share the work, and what each makes its detector of."""

    jobs: Jobs
    recipe: Recipe

    @classmethod
    def of(cls, jobs: Jobs, config: Config, list_key: Callable[[], Path]) -> Workers:
        """For what `config` says; `list_key` is asked where there is a list."""
        return cls(jobs, Recipe.of(config, list_key))


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def tally_each(
    sources: Sequence[Source | Unscanned],
    detector: Detector,
    observe: Observer | None = None,
    progress: Progress | None = None,
    workers: Workers | None = None,
) -> Tallies:
    """The digest and the tally of each of `sources`, in order.

    Where there are to be several processes, files are shared over them; what is no file is read by
    this one. The observer is then given records without texts.

    Raises DetectorError where a text could not be analyzed, or a worker's detector is not this one.
    """
    if workers is None or workers.jobs.processes < 2:
        return [tallied(source, detector, observe, progress) for source in sources]
    from gatekeeper.shards.sharing import tally_shared

    return tally_shared(sources, detector, observe, progress, workers)


def tallied(
    source: Source | Unscanned,
    detector: Detector,
    observe: Observer | None,
    progress: Progress | None,
) -> tuple[str, Tally]:
    """One source, by this process."""
    if isinstance(source, Unscanned):
        return tally_unread(source)
    return tally(source.name, source.read, detector, observe, progress)
