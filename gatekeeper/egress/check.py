"""A snapshot read once before it is sent: hashed in parts, and checked as the service would."""

from __future__ import annotations

import io
from dataclasses import dataclass

from gatekeeper.egress.reading import Measured, MeasuringReader
from gatekeeper.egress.tokens import Tokens
from gatekeeper.egress.validate import Problem, problems_in, read_lines
from gatekeeper.egress.ways import PART_BYTES
from gatekeeper.errors import UploadError
from gatekeeper.model.cleared import TRAINING
from gatekeeper.model.snapshot import Snapshot

PROBLEMS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Checked:
    """What one reading of a snapshot showed."""

    measured: Measured
    problems: tuple[Problem, ...]
    """The first of them, those that the service refuses first."""
    tokens: Tokens
    """An estimate; see `egress.tokens`."""
    role: str = TRAINING

    @property
    def refused(self) -> tuple[Problem, ...]:
        """Those for which the service refuses the file."""
        return tuple(p for p in self.problems if p.sure)

    def refuse(self) -> None:
        """Raise UploadError where the service would not take the file."""
        if self.refused:
            more = f" (and {len(self.refused) - 1} more)" if len(self.refused) > 1 else ""
            which = "" if self.role == TRAINING else f"{self.role} "
            raise UploadError(
                f"the destination would refuse the {which}dataset: {self.refused[0]}{more}; "
                "nothing was sent",
                hint="correct the rows, and gate the dataset again",
            )


def check_rows(
    snapshot: Snapshot,
    digest: str,
    *,
    method: str = "",
    role: str = TRAINING,
    part_bytes: int = PART_BYTES,
) -> Checked:
    """Read all of `snapshot` once: measures, problems, and about how many tokens it has.

    `method` is that of the job, where there is one; `role` is what the file is for. Opens no
    socket.

    Raises DatasetChanged where the bytes are not those of `digest`.
    """
    sure: list[Problem] = []
    advice: list[Problem] = []
    tokens = Tokens()
    reader = MeasuringReader(snapshot, part_bytes=part_bytes)
    with io.BufferedReader(reader, 1 << 20) as stream:
        for problem in problems_in(read_lines(stream), method=method, role=role, tokens=tokens):
            kept = sure if problem.sure else advice
            if len(kept) < PROBLEMS_SHOWN:
                kept.append(problem)
        measured = reader.finish(snapshot, digest)
    problems = tuple([*sure, *advice][:PROBLEMS_SHOWN])
    return Checked(measured, problems, tokens, role)
