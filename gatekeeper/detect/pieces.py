"""Long texts arrive in overlapping pieces: what stands in the overlap is found once."""

from __future__ import annotations

from gatekeeper.model import Finding, Record


class Pieces:
    """Drops what the piece before has found already, where a record comes in overlapping pieces."""

    def __init__(self) -> None:
        """Before the first piece."""
        self._record: tuple[str, int] | None = None
        self._found: list[Finding] = []

    def new(self, record: Record, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
        """`findings` without those that overlap one of the same entity in the piece before."""
        if self._record != (record.source, record.index):
            self._record, self._found = (record.source, record.index), []
        before, self._found = self._found, list(findings)
        if not before or not findings:
            return findings
        begins = min((t.base for t in record.texts), default=0)
        shared = [f for f in before if f.end > begins]
        return tuple(f for f in findings if not any(_same(f, other) for other in shared))


def _same(a: Finding, b: Finding) -> bool:
    if (a.entity, a.pointer) != (b.entity, b.pointer):
        return False
    return (a.start < b.end and b.start < a.end) or (a.start, a.end) == (b.start, b.end)
