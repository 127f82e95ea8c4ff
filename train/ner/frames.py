"""Real sentences in the formats of data sets: chat JSON, rows, forms, mail, comments."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

from data import Sample, Span
from namepool import NamePool

Rewrite = Callable[[str], str]

_ROLES = ("user", "assistant", "system")
_KEYS = ("text", "content", "note", "body", "message", "comment", "description", "summary", "input")
_FIELDS = ("Note", "Comment", "Message", "Description", "History", "Remarks", "Reason", "Question")
_SUBJECTS = ("Re: update", "Fwd: your question", "Meeting notes", "Invoice", "FYI", "(no subject)")
_CLOSINGS = ("Best", "Thanks", "Regards", "Best regards", "Kind regards", "Cheers", "Sincerely")
_LEVELS = ("INFO", "WARN", "ERROR", "DEBUG")


def rewritten(sample: Sample, head: str, tail: str, rewrite: Rewrite) -> Sample:
    """`head`, the text with every stretch in or between spans rewritten, and `tail`.

    `rewrite` must take each character by itself, so that cutting the text changes nothing.
    """
    marks = sorted({(s.start, s.end) for s in sample.spans} | set(sample.hidden))
    bounds = sorted({0, len(sample.text), *(i for mark in marks for i in mark)})
    text, at = head, {}
    for start, end in pairwise(bounds):
        at[start] = len(text)
        text += rewrite(sample.text[start:end])
        at[end] = len(text)
    at.setdefault(0, len(head))
    return replace(
        sample,
        text=text + tail,
        spans=tuple(Span(at[s.start], at[s.end], s.label) for s in sample.spans),
        hidden=tuple((at[a], at[b]) for a, b in sample.hidden),
    )


def _json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _cell(text: str) -> str:
    return text.replace('"', '""').replace("\n", " ")


def _one_line(text: str) -> str:
    return text.replace("\n", " ").replace("\t", " ")


def _same(text: str) -> str:
    return text


def chat(sample: Sample, rng: random.Random) -> Sample:
    """Inside a chat or prompt record, or a transcript."""
    role, key = rng.choice(_ROLES), rng.choice(_KEYS)
    head, tail = rng.choice(
        (
            (f'{{"role": "{role}", "content": "', '"}'),
            (f'{{"messages": [{{"role": "{role}", "content": "', '"}]}'),
            ('{"prompt": "', '", "completion": " OK"}'),
            (f'{{"{key}": "', '"}'),
            (f'{{"id": {rng.randint(1, 9999)}, "{key}": "', '", "label": 1}'),
            ("user: ", ""),
            ("USER: ", "\nASSISTANT: Sure."),
            ("Human: ", "\n\nAssistant:"),
            ("### Instruction:\n", "\n\n### Response:\n"),
            ("<|im_start|>user\n", "<|im_end|>"),
            ("[INST] ", " [/INST]"),
        )
    )
    return rewritten(sample, head, tail, _json if head.startswith("{") else _same)


def row(sample: Sample, rng: random.Random) -> Sample:
    """As a cell of a CSV, TSV or Markdown table, or a value of a form, or a log line."""
    number, key = rng.randint(1, 99_999), rng.choice(_KEYS)
    date = f"20{rng.randint(10, 26)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"
    clock = f"{rng.randint(0, 23):02}:{rng.randint(0, 59):02}:{rng.randint(0, 59):02}"
    field, level = rng.choice(_FIELDS), rng.choice(_LEVELS)
    return rng.choice(
        (
            lambda: rewritten(sample, f'{number},{date},"', '",open', _cell),
            lambda: rewritten(sample, f'id,{key}\n{number},"', '"', _cell),
            lambda: rewritten(sample, f"{number}\t", f"\t{date}", _one_line),
            lambda: rewritten(sample, f"| {number} | ", f" | {date} |", _one_line),
            lambda: rewritten(sample, f"{key}: ", f"\nstatus: {level.lower()}", _one_line),
            lambda: rewritten(sample, f"{field}: ", "", _same),
            lambda: rewritten(sample, f"{field.upper()}:\n", f"\nDate: {date}", _same),
            lambda: rewritten(sample, f"{date} {clock} {level} ", "", _one_line),
            lambda: rewritten(sample, f"[{date} {clock}] ", "", _one_line),
            lambda: rewritten(sample, "- ", "", _one_line),
            lambda: rewritten(sample, f"{number % 20}. ", "", _one_line),
            lambda: rewritten(sample, f"<p>{''}", "</p>", _same),
        )
    )()


def commented(sample: Sample, rng: random.Random) -> Sample:
    """As a comment of source code, or a quoted mail, each line with its mark."""
    mark = rng.choice(("# ", "// ", "> ", "-- ", "  * ", "    "))
    return rewritten(sample, mark, "", lambda text: text.replace("\n", f"\n{mark}"))


def mailed(sample: Sample, pool: NamePool, rng: random.Random) -> Sample:
    """As the body of a mail between two people, header and signature at times left out."""
    sender, receiver = pool.person(), pool.person()
    if rng.random() < 0.5:
        subject = rng.choice(_SUBJECTS)
        head = [("From: ", sender), ("\nTo: ", receiver), (f"\nSubject: {subject}\n\n", "")]
    else:
        greeting, given = rng.choice(("Hi ", "Dear ", "Hello ", "")), pool.given()
        head = [(greeting, given), (rng.choice((",\n\n", ",\n", ", ")), "")]
    tail = []
    if rng.random() >= 0.3:
        closing = rng.choice(_CLOSINGS)
        tail.append((f"\n\n{closing},\n", rng.choice((pool.given(), sender))))
    opening, before = _marked(head, 0)
    framed = rewritten(sample, opening, "", _same)
    closing, after = _marked(tail, len(framed.text))
    return replace(framed, text=framed.text + closing, spans=(*before, *framed.spans, *after))


def _marked(parts: list[tuple[str, str]], at: int) -> tuple[str, tuple[Span, ...]]:
    """Plain and PERSON strings by turns, and the spans of the latter from offset `at` on."""
    text, spans = "", []
    for plain, person in parts:
        text += plain
        if person:
            spans.append(Span(at + len(text), at + len(text) + len(person), "PERSON"))
        text += person
    return text, tuple(spans)


def broken(sample: Sample, rng: random.Random) -> Sample:
    """Lines broken at a fixed width, as mail programs and PDF extraction do."""
    width = rng.randint(20, 72)
    text, last = list(sample.text), 0
    for i, char in enumerate(text):
        if char == "\n":
            last = i
        elif char == " " and i - last >= width:
            text[i], last = "\n", i
    return replace(sample, text="".join(text))


def framed(sample: Sample, pool: NamePool, rng: random.Random) -> Sample:
    """One frame of any kind."""
    roll = rng.random()
    if roll < 0.4:
        return chat(sample, rng)
    if roll < 0.65:
        return row(sample, rng)
    if roll < 0.75:
        return commented(sample, rng)
    if roll < 0.88:
        return mailed(sample, pool, rng)
    return broken(sample, rng)
