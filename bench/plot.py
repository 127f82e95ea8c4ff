"""Horizontal bars as an SVG, written by hand: one group a label, one colour a series."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

LABEL_WIDTH, BAR_WIDTH, BAR_HEIGHT, GAP = 210, 460, 9, 7
COLOURS = ("#1f5a8a", "#6ea8d8", "#c0392b", "#e8a49c")


@dataclass(frozen=True)
class Axis:
    """Ticks with their labels; `share` of a value is how far along the axis it lies, 0 to 1."""

    ticks: Sequence[tuple[float, str]]
    share: Callable[[float], float]
    unit: str


PERCENT = Axis([(tick, f"{tick} %") for tick in range(0, 101, 20)], lambda v: v / 100, "%")
"""From 0 to 100."""


def decades(values: Sequence[float], unit: str) -> Axis:
    """A logarithmic axis, whole powers of ten around `values`."""
    low = math.floor(math.log10(min(values)) - 0.1)
    high = max(low + 1, math.ceil(math.log10(max(values))))
    ticks = [(10.0**n, f"{10.0**n:,g} {unit}") for n in range(low, high + 1)]
    return Axis(ticks, lambda v: (math.log10(v) - low) / (high - low), unit)


def bars(
    title: str,
    groups: Mapping[str, Sequence[float | None]],
    series: Sequence[str],
    axis: Axis = PERCENT,
    label_width: int = LABEL_WIDTH,
) -> str:
    """An SVG of horizontal bars: `groups` maps a label to a value per series."""
    step = BAR_HEIGHT * len(series) + GAP
    top = 64
    height = top + step * len(groups) + 30
    width = label_width + BAR_WIDTH + 70
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="11">',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        f'<text x="12" y="22" font-size="15">{escape(title)}</text>',
        *_legend(series),
        *_axis(axis, label_width, top, height - 26),
    ]
    for n, (label, values) in enumerate(groups.items()):
        y = top + n * step
        middle = y + BAR_HEIGHT * len(series) / 2 + 4
        parts.append(
            f'<text x="{label_width - 8}" y="{middle:.0f}" text-anchor="end">{escape(label)}</text>'
        )
        for i, value in enumerate(values):
            if value is not None:
                parts.append(_bar(value, axis, label_width, y + i * BAR_HEIGHT, COLOURS[i]))
    return "\n".join([*parts, "</svg>", ""])


def _legend(series: Sequence[str]) -> Iterator[str]:
    for i, name in enumerate(series):
        x = 12 + i * 170
        yield f'<rect x="{x}" y="34" width="10" height="10" fill="{COLOURS[i]}"/>'
        yield f'<text x="{x + 15}" y="43">{escape(name)}</text>'


def _axis(axis: Axis, left: int, top: int, bottom: int) -> Iterator[str]:
    for tick, label in axis.ticks:
        x = left + BAR_WIDTH * axis.share(tick)
        yield f'<line x1="{x}" y1="{top - 6}" x2="{x}" y2="{bottom}" stroke="#ddd"/>'
        yield f'<text x="{x}" y="{bottom + 14}" text-anchor="middle">{escape(label)}</text>'


def _bar(value: float, axis: Axis, left: int, y: float, colour: str) -> str:
    length = max(BAR_WIDTH * axis.share(value), 0.5)
    return (
        f'<rect x="{left}" y="{y}" width="{length:.1f}" height="{BAR_HEIGHT - 1}" '
        f'fill="{colour}"><title>{value:g} {escape(axis.unit)}</title></rect>'
    )
