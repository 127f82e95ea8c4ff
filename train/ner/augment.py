"""Changes to a training sample that keep its truth: other names, other case, broken lines."""

from __future__ import annotations

import json
import random
from dataclasses import replace

from data import Sample, Span, replace_spans
from namepool import NamePool

# Their names are drawn already.
_FRESH = frozenset({"synthetic_templates", "carriers", "nobody", "clean_chat"})


def swap_names(sample: Sample, pool: NamePool, rng: random.Random) -> Sample:
    """Give the people of a text other names; the same old name gets the same new one."""
    chosen: dict[str, str] = {}
    new: dict[int, str] = {}
    for i, span in enumerate(sample.spans):
        old = sample.text[span.start : span.end]
        if span.label == "PERSON" and old[:1].isalpha() and rng.random() < 0.9:
            word = chosen.setdefault(old, pool.like(old))
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


def as_json_string(sample: Sample, rng: random.Random) -> Sample:
    """The text as it stands inside a chat JSON line, escapes and all, with the frame around it."""
    role = rng.choice(("user", "assistant", "system"))
    head, tail = rng.choice(
        (
            (f'{{"role": "{role}", "content": "', '"}'),
            (f'{{"messages": [{{"role": "{role}", "content": "', '"}]}'),
            ('{"prompt": "', '", "completion": " OK"}'),
            ('{"text": "', '"}'),
            ("user: ", ""),
            ("### Instruction:\n", "\n\n### Response:\n"),
            ("<|im_start|>user\n", "<|im_end|>"),
        )
    )
    escape = head.startswith("{")
    text, spans, last = head, [], 0
    for s in sorted(sample.spans, key=lambda s: s.start):
        text += _escaped(sample.text[last : s.start], escape)
        start = len(text)
        text += _escaped(sample.text[s.start : s.end], escape)
        spans.append(Span(start, len(text), s.label))
        last = s.end
    text += _escaped(sample.text[last:], escape) + tail
    return replace(sample, text=text, spans=tuple(spans), hidden=())


def _escaped(text: str, escape: bool) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1] if escape else text


def vary(sample: Sample, pool: NamePool, rng: random.Random) -> Sample:
    """One random variant: names swapped in half of the texts, then maybe a frame, then a case."""
    if sample.source not in _FRESH and rng.random() < 0.5:
        sample = swap_names(sample, pool, rng)
    if not sample.hidden and rng.random() < 0.08:
        sample = as_json_string(sample, rng)
    roll = rng.random()
    # synthetic_templates come with their own share of lower and upper case
    scale = 0.4 if sample.source == "synthetic_templates" else 1.0
    if roll < 0.13 * scale:
        return recase(sample, "lower")
    if roll < 0.17 * scale:
        return recase(sample, "upper")
    if roll < 0.20 * scale:
        return lower_names(sample)
    return sample
