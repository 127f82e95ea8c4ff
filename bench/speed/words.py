"""Sentences that name nobody, of the words in `words.yaml`: grammar, but no sense."""

from __future__ import annotations

import random
from pathlib import Path

import yaml

_WORDS = yaml.safe_load(Path(__file__).with_name("words.yaml").read_text(encoding="utf-8"))
NOUNS: list[str] = _WORDS["nouns"]
VERBS: list[str] = _WORDS["verbs"]
QUALITIES: list[str] = _WORDS["qualities"]
ACRONYMS = ("SQL", "HTML", "CSS", "JSON", "DNA", "RNA", "GPU", "RAM", "HTTP", "API", "PDF", "XML")
ARTICLES = ("the", "the", "this", "each", "one", "your")
HELPERS = ("can", "will", "should", "may", "must", "do not", "would", "could")
PREPOSITIONS = ("with", "for", "into", "near", "without", "from", "under", "over")
UNITS = ("percent", "times", "minutes", "grams", "rows")
LINKS = ("because", "although", "while", "so that", "unless", "whenever", "as long as", "even if")
OPENINGS = (
    "First,", "Next,", "In practice,", "As a rule,", "For example,", "In short,", "By contrast,",
    "Often", "Usually", "Most of the time", "If you can,", "Once that is done,", "To begin with,",
)  # fmt: skip


def plural(noun: str) -> str:
    """`noun` in the plural, near enough."""
    if noun.endswith("y") and noun[-2] not in "aeiou":
        return noun[:-1] + "ies"
    return noun + ("es" if noun.endswith(("s", "sh", "ch", "x", "z")) else "s")


def doing(verb: str) -> str:
    """`verb` with -ing, near enough."""
    return (verb[:-1] if verb.endswith("e") and not verb.endswith("ee") else verb) + "ing"


def noun_phrase(rng: random.Random) -> str:
    """An article, perhaps an adjective, and a noun."""
    quality = rng.choice(QUALITIES) + " " if rng.random() < 0.55 else ""
    if rng.random() < 0.35:
        return quality + plural(rng.choice(NOUNS))
    if rng.random() < 0.03:
        return f"the {rng.choice(ACRONYMS)} {rng.choice(NOUNS)}"
    return f"{rng.choice(ARTICLES)} {quality}{rng.choice(NOUNS)}"


def clause(rng: random.Random) -> str:
    """Who does what, with what."""
    verb = rng.choice(VERBS)
    subject = rng.choice(("you", "they", "we", "people", noun_phrase(rng), noun_phrase(rng)))
    more = ""
    if rng.random() < 0.5:
        more = f" {rng.choice(PREPOSITIONS)} {noun_phrase(rng)}"
    if rng.random() < 0.2:
        more += f" by {doing(rng.choice(VERBS))} {noun_phrase(rng)}"
    return f"{subject} {rng.choice(HELPERS)} {verb} {noun_phrase(rng)}{more}"


def sentence(rng: random.Random) -> str:
    """A sentence of five to thirty words, with its full stop."""
    text = clause(rng)
    kind = rng.random()
    if kind < 0.3:
        text = f"{text} {rng.choice(LINKS)} {clause(rng)}"
    elif kind < 0.4:
        text = f"{text}, and {clause(rng)}"
    elif kind < 0.5:
        text = f"{rng.choice(OPENINGS)} {text}"
    elif kind < 0.56:
        text = f"{text}, about {rng.randrange(2, 99)} {rng.choice(UNITS)}"
    elif kind < 0.6:
        text = f"{text} ({rng.choice(QUALITIES)} {plural(rng.choice(NOUNS))})"
    return text[0].upper() + text[1:] + ("." if rng.random() < 0.95 else "!")
