"""What is scanned: seeded chats with a share of rows that hold PII, and prose and code as found.

A corpus is an endless stream of rows as bytes of JSON lines; `write` cuts it at a size. The same
seed gives the same bytes, those of a smaller file being the beginning of a larger one.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path

from bench.eval.values import Values
from bench.speed.words import NOUNS, QUALITIES, VERBS, noun_phrase, plural, sentence

DENSE_LENGTH = 4000
"""Characters of a record of prose or code."""
ENDINGS = (".md", ".rst", ".txt", ".py")
SYSTEM = (
    "You are a patient and careful assistant. Answer in plain words, keep to the question, and say "
    "so when you do not know. Prefer short paragraphs; show code in fences and figures with units. "
    "Never invent a source, and ask back when a request can be read in more than one way."
)
NUMBERS = ("EMAIL_ADDRESS", "PHONE_NUMBER", "US_SSN", "CREDIT_CARD", "IBAN_CODE", "IP_ADDRESS")
SAYINGS = {
    "EMAIL_ADDRESS": ("Please write to {}.", "My address is {}, if that helps.", "cc {}"),
    "PHONE_NUMBER": ("Call me at {} after lunch.", "My phone number is {}.", "Phone: {}"),
    "US_SSN": ("My SSN is {}.", "social security number {} on file", "SSN: {}"),
    "CREDIT_CARD": ("Charge it to my card {}.", "credit card number: {}", "I paid with {}."),
    "IBAN_CODE": ("Send the refund to IBAN {}.", "IBAN: {}", "The account is {}."),
    "IP_ADDRESS": ("The server answers at {}.", "My IP address is {}.", "login from {}"),
    "PERSON": ("My name is {}.", "I spoke to {} about it yesterday.", "Regards, {}"),
}
FORMS = ("story", "poem", "summary", "list", "plan")
KEY = "Here is the config: aws_access_key_id = AKIA{}"


def chat(share: float, seed: int = 1, *, names: bool = True) -> Iterator[bytes]:
    """Chat rows; of each million, `share` times a million hold PII, evenly spread.

    The first of those comes early and holds one of each kind, so that every lane has something to
    find in every slice; the others hold one to three. `names` has people's names among them.
    """
    rng = random.Random(seed)
    values = Values(str(seed))
    early = 0.9  # of the way to the first one
    seen = int(early)
    for n in count(1):
        due = int(early + n * share)
        extra = _personal(rng, values, names, every=seen == 0) if due > seen else ()
        seen = due
        yield _line({"messages": list(_messages(rng, extra))})


def _personal(rng: random.Random, values: Values, names: bool, *, every: bool) -> tuple[str, ...]:
    kinds = (*NUMBERS, *(("PERSON",) if names else ()))
    drawn = kinds if every else rng.choices(kinds, k=rng.randint(1, 3))
    said = [rng.choice(SAYINGS[kind]).format(values.value(kind, "")) for kind in drawn]
    if every:
        said.append(KEY.format("".join(rng.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", k=16))))
    return tuple(said)


def _messages(rng: random.Random, extra: Iterable[str]) -> Iterator[dict[str, str]]:
    if rng.random() < 0.8:
        yield {"role": "system", "content": SYSTEM}
    turns = rng.choice((1, 1, 1, 2, 3))
    for turn in range(turns):
        asked = _question(rng)
        yield {"role": "user", "content": " ".join((asked, *extra)) if turn == 0 else asked}
        yield {"role": "assistant", "content": _answer(rng)}


def _question(rng: random.Random) -> str:
    return rng.choice((
        f"Can you explain how {noun_phrase(rng)} can {rng.choice(VERBS)} {noun_phrase(rng)}?",
        f"Write a short {rng.choice(FORMS)} about {noun_phrase(rng)}.",
        f"What is the difference between {noun_phrase(rng)} and {noun_phrase(rng)}?",
        f"i need to {rng.choice(VERBS)} {noun_phrase(rng)}, any ideas?",
        f"{sentence(rng)} How would you {rng.choice(VERBS)} it?",
        f"Give me {rng.randrange(3, 12)} ways to {rng.choice(VERBS)} {noun_phrase(rng)}.",
    ))  # fmt: skip


def _answer(rng: random.Random) -> str:
    parts = [" ".join(sentence(rng) for _ in range(rng.randint(2, 6)))]
    kind = rng.random()
    if kind < 0.15:
        steps = range(1, rng.randint(3, 7))
        parts.append("\n".join(f"{n}. {sentence(rng)}" for n in steps))
    elif kind < 0.25:
        things = range(rng.randint(3, 6))
        parts.append("\n".join(f"- **{rng.choice(NOUNS)}**: {sentence(rng)}" for _ in things))
    elif kind < 0.33:
        parts.append(_code(rng))
    parts.append(" ".join(sentence(rng) for _ in range(rng.randint(1, 4))))
    return "\n\n".join(parts)


def _code(rng: random.Random) -> str:
    name, thing, kind = rng.choice(VERBS), rng.choice(NOUNS), rng.choice(QUALITIES)
    things = plural(thing)
    return (
        f"```python\ndef {name}_{thing}({things}, limit={rng.randrange(2, 200)}):\n"
        f'    """{sentence(rng)}"""\n    {kind} = []\n    for n, {thing} in enumerate({things}):\n'
        f"        if n >= limit:\n            break\n        {kind}.append({thing})\n"
        f"    return {kind}\n```"
    )


def dense(seed: int = 1) -> Iterator[bytes]:
    """Prose and code of the installed packages, `DENSE_LENGTH` characters a row, files shuffled.

    Ends where there are no more: some hundred megabytes of code. Prose comes as often as code.
    """
    rng = random.Random(seed)
    prose = [path for path in _installed() if path.suffix != ".py"]
    code = [path for path in _installed() if path.suffix == ".py"]
    rng.shuffle(prose)
    rng.shuffle(code)
    for of_code, of_prose in zip(_pieces(code), _pieces(prose), strict=False):
        yield _line({"text": of_prose})
        yield _line({"text": of_code})


@cache
def _installed() -> list[Path]:
    import spacy

    folder = Path(spacy.__file__).parent.parent
    return sorted(path for path in folder.rglob("*") if path.suffix in ENDINGS and path.is_file())


def _pieces(paths: Iterable[Path]) -> Iterator[str]:
    for path in paths:
        text = path.read_bytes()[:200_000].decode("utf-8", "ignore")
        for at in range(0, len(text), DENSE_LENGTH):
            yield text[at : at + DENSE_LENGTH]


def _line(row: object) -> bytes:
    return json.dumps(row, ensure_ascii=False).encode() + b"\n"


@dataclass(frozen=True)
class Corpus:
    """A name, a line about it, and its rows for a seed."""

    name: str
    title: str
    rows: Callable[[int], Iterator[bytes]]


CORPORA = {
    corpus.name: corpus
    for corpus in (
        Corpus("clean", "chat, nothing in it", lambda seed: chat(0, seed)),
        Corpus("chat", "chat, 0.1 % of rows with PII", lambda seed: chat(0.001, seed)),
        Corpus("chat5", "chat, 5 % of rows with PII", lambda seed: chat(0.05, seed)),
        Corpus("dense", "prose and code of installed packages", dense),
    )
}


def write(rows: Iterator[bytes], path: Path, size_bytes: int) -> int:
    """Write whole rows to `path` until it has `size_bytes`; returns how many bytes it has."""
    written = 0
    with path.open("wb") as out:
        for row in rows:
            written += out.write(row)
            if written >= size_bytes:
                break
    return written
