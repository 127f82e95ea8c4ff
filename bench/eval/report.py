"""The comparison as a Markdown page: by corpus, by entity, and where it leaks most."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bench.eval.scoring import Result, Score, percent

WORST = 40
"""Misses listed per system."""
Results = Mapping[tuple[str, str], Mapping[str, Result]]
"""(system, point) → corpus → result."""


@dataclass(frozen=True, slots=True)
class Column:
    """A system at a point, as a column of a table."""

    system: str
    point: str

    @property
    def title(self) -> str:
        """As the head of the column."""
        return f"{self.system} {self.point}"


def markdown(results: Results, notes: Sequence[str]) -> str:
    """The whole page."""
    columns = [Column(*key) for key in results]
    corpora = list(dict.fromkeys(c for by_corpus in results.values() for c in by_corpus))
    parts = ["# Detection against gold", "", *notes, ""]
    parts += ["## By corpus, all labels", "", *_corpora(results, columns, corpora), ""]
    parts += ["## PERSON by corpus: leaked characters, %", ""]
    parts += [*_one_label(results, columns, corpora, "PERSON"), ""]
    for corpus in corpora:
        parts += [f"## {corpus}, by label", "", *_labels(results, columns, corpus), ""]
    parts += ["## Clean documents flagged, by label", "", *_flagged(results, columns, corpora), ""]
    parts += ["## Worst misses, by place", "", *_misses(results), ""]
    return "\n".join(parts)


def _table(head: Sequence[str], body: Iterable[Sequence[str]]) -> list[str]:
    return [
        "| " + " | ".join(head) + " |",
        "|" + "---|" * len(head),
        *("| " + " | ".join(row) + " |" for row in body),
    ]


def _shown(value: float | int | None) -> str:
    return "–" if value is None else f"{value:g}"


def _corpora(results: Results, columns: Sequence[Column], corpora: Sequence[str]) -> list[str]:
    head = ["corpus", "system", "spans", "exact P / R / F2", "overlap P / R / F2",
            "leaked / same %", "documents leaked / missed %", "clean flagged %"]  # fmt: skip
    body = []
    for corpus in corpora:
        for column in columns:
            result = results[column.system, column.point].get(corpus)
            if result is None:
                continue
            row = result.total.row()
            flagged = percent(result.clean_flagged, result.clean)
            body.append([
                corpus, column.title, str(result.total.gold),
                *(_rates(row, kind) for kind in ("exact", "overlap")),
                f"{_shown(row['leaked_percent'])} / {_shown(row['leaked_same_percent'])}",
                " / ".join(_shown(row[f"documents_{k}_percent"]) for k in ("leaked", "missed")),
                f"{_shown(flagged)} of {result.clean}",
            ])  # fmt: skip
    return _table(head, body)


def _rates(row: Mapping[str, float | int | None], kind: str) -> str:
    return " / ".join(_shown(row[f"{kind}_{m}"]) for m in ("precision", "recall", "f2"))


def _one_label(
    results: Results, columns: Sequence[Column], corpora: Sequence[str], label: str
) -> list[str]:
    rows: list[list[str]] = []
    sums: dict[Column, list[float]] = {c: [] for c in columns}
    for corpus in corpora:
        row = [corpus]
        for column in columns:
            one = _score(results, column, corpus, label)
            leak = percent(one.leaked, one.characters) if one else None
            row.append(_shown(leak))
            if leak is not None:
                sums[column].append(leak)
        if any(cell != "–" for cell in row[1:]):
            rows.append(row)
    means = [_shown(round(sum(v) / len(v), 2) if v else None) for v in sums.values()]
    return _table(["corpus", *(c.title for c in columns)], [*rows, ["mean", *means]])


def _score(results: Results, column: Column, corpus: str, label: str) -> Score | None:
    result = results[column.system, column.point].get(corpus)
    return result.labels.get(label) if result else None


def _labels(results: Results, columns: Sequence[Column], corpus: str) -> list[str]:
    found = [results[c.system, c.point].get(corpus) for c in columns]
    labels = sorted({name for r in found if r for name, s in r.labels.items() if s.gold or s.found})
    head = ["label", "spans", *(f"{c.title}: leak %, P / R" for c in columns)]
    body = []
    for label in labels:
        scores = [_score(results, c, corpus, label) or Score() for c in columns]
        cells = []
        for one in scores:
            row = one.row()
            rates = f"{_shown(row['overlap_precision'])} / {_shown(row['overlap_recall'])}"
            cells.append(f"{_shown(row['leaked_percent'])}, {rates}")
        body.append([label, str(max(s.gold for s in scores)), *cells])
    return _table(head, body)


def _flagged(results: Results, columns: Sequence[Column], corpora: Sequence[str]) -> list[str]:
    body = []
    for corpus in corpora:
        for column in columns:
            result = results[column.system, column.point].get(corpus)
            if result is None or not result.clean:
                continue
            by = sorted(result.flagged_by.items(), key=lambda kv: (-kv[1], kv[0]))[:12]
            words = ", ".join(f"{name} {count}" for name, count in by)
            body.append([corpus, column.title, f"{result.clean_flagged} of {result.clean}", words])
    return _table(["corpus", "system", "flagged", "documents by label"], body)


def _misses(results: Results) -> list[str]:
    lines: list[str] = []
    for (system, point), by_corpus in results.items():
        misses = sorted((m for r in by_corpus.values() for m in r.misses), reverse=True)[:WORST]
        if system == "stock" or not misses:
            continue
        head = ["leaked", "corpus", "document", "start–end", "label"]
        body = [[str(m.leaked), m.corpus, m.doc_id, f"{m.start}–{m.end}", m.label] for m in misses]
        lines += [f"{system} {point}:", "", *_table(head, body), ""]
    return lines
