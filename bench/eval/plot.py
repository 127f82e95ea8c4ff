"""The comparison as an SVG, written by hand: bars of leaked characters, one group a label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

LABEL_WIDTH, BAR_WIDTH, BAR_HEIGHT, GAP = 210, 460, 9, 7
COLOURS = ("#1f5a8a", "#6ea8d8", "#c0392b", "#e8a49c")


def bars(title: str, groups: Mapping[str, Sequence[float | None]], series: Sequence[str]) -> str:
    """An SVG of horizontal bars from 0 to 100 %: `groups` maps a label to a value per series."""
    step = BAR_HEIGHT * len(series) + GAP
    top = 64
    height = top + step * len(groups) + 30
    width = LABEL_WIDTH + BAR_WIDTH + 70
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="11">',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        f'<text x="12" y="22" font-size="15">{escape(title)}</text>',
        *_legend(series),
        *_axis(top, height - 26),
    ]
    for n, (label, values) in enumerate(groups.items()):
        y = top + n * step
        middle = y + BAR_HEIGHT * len(series) / 2 + 4
        parts.append(
            f'<text x="{LABEL_WIDTH - 8}" y="{middle:.0f}" text-anchor="end">{escape(label)}</text>'
        )
        parts += [_bar(v, y + i * BAR_HEIGHT, i) for i, v in enumerate(values) if v is not None]
    return "\n".join([*parts, "</svg>", ""])


def _legend(series: Sequence[str]) -> list[str]:
    parts = []
    for i, name in enumerate(series):
        x = 12 + i * 170
        parts.append(f'<rect x="{x}" y="34" width="10" height="10" fill="{COLOURS[i]}"/>')
        parts.append(f'<text x="{x + 15}" y="43">{escape(name)}</text>')
    return parts


def _axis(top: int, bottom: int) -> list[str]:
    parts = []
    for tick in range(0, 101, 20):
        x = LABEL_WIDTH + BAR_WIDTH * tick / 100
        parts.append(f'<line x1="{x}" y1="{top - 6}" x2="{x}" y2="{bottom}" stroke="#ddd"/>')
        parts.append(f'<text x="{x}" y="{bottom + 14}" text-anchor="middle">{tick} %</text>')
    return parts


def _bar(value: float, y: float, series: int) -> str:
    length = max(BAR_WIDTH * value / 100, 0.5)
    return (
        f'<rect x="{LABEL_WIDTH}" y="{y}" width="{length:.1f}" height="{BAR_HEIGHT - 1}" '
        f'fill="{COLOURS[series]}"><title>{value:g} %</title></rect>'
    )
