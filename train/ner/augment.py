"""Changes to a training sample that keep its truth: other names, other case, broken lines."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace

from data import Sample, replace_spans
from frames import framed
from namepool import NamePool

# Their names are drawn already.
_FRESH = frozenset({"synthetic_templates", "carriers", "nobody", "clean_chat"})


Surfaces = Mapping[str, Sequence[str]]
"""Surfaces of places and organisations to draw from, by label."""

# How often a span of a text chosen for a swap gets another surface. Places and organisations fit
# their sentence less freely than people do.
_SWAPPED = {"PERSON": 0.9, "LOCATION": 0.25, "ORGANIZATION": 0.25}


def swap_names(sample: Sample, pool: NamePool, others: Surfaces, rng: random.Random) -> Sample:
    """Give the people of a text other names; the same old name gets the same new one."""
    chosen: dict[str, str] = {}
    new: dict[int, str] = {}
    for i, span in enumerate(sample.spans):
        old = sample.text[span.start : span.end]
        if not old[:1].isalpha() or rng.random() >= _SWAPPED[span.label]:
            continue
        if old not in chosen:
            chosen[old] = (
                pool.like(old) if span.label == "PERSON" else rng.choice(others[span.label])
            )
        word = chosen[old]
        new[i] = word.upper() if old.isupper() and len(old) > 2 else word
        if old.islower():
            new[i] = word.lower()
    return replace_spans(sample, new)


def recase(sample: Sample, how: str) -> Sample:
    """Lower- or upper-case the whole text, where that keeps the offsets (İ and ß do not)."""
    text = sample.text.lower() if how == "lower" else sample.text.upper()
    return replace(sample, text=text) if len(text) == len(sample.text) else sample


def lower_names(sample: Sample) -> Sample:
    """Lower-case the people only, as careless chat does."""
    text = sample.text
    for s in sample.spans:
        low = text[s.start : s.end].lower()
        if s.label == "PERSON" and len(low) == s.end - s.start:
            text = text[: s.start] + low + text[s.end :]
    return replace(sample, text=text)


def vary(sample: Sample, pool: NamePool, others: Surfaces, rng: random.Random) -> Sample:
    """One random variant: names swapped in half of the texts, then maybe a frame, then a case."""
    if sample.source not in _FRESH and rng.random() < 0.5:
        sample = swap_names(sample, pool, others, rng)
    if rng.random() < (0.1 if sample.source in _FRESH else 0.22):
        sample = framed(sample, pool, rng)
    roll = rng.random()
    # synthetic_templates come with their own share of lower and upper case
    scale = 0.4 if sample.source == "synthetic_templates" else 1.0
    if roll < 0.18 * scale:
        return recase(sample, "lower")
    if roll < 0.23 * scale:
        return recase(sample, "upper")
    if roll < 0.28 * scale:
        return lower_names(sample)
    return sample
