"""Seeded fine-tuning chats that name nobody: the text on which every PERSON is a false alarm.

Four sets of templates and fillers (`templates/clean_chat.json`): `learn` goes into
training as hard negatives; the tiers of `gatekeeper/detect/names.py` were tuned on `tune`; `judge`
is measured on (its flags were read in the last two rounds of tuning, so it is not blind). `traps`
lists things with the names of people: breeds, apples, gems, openings.
`python clean_chat.py --rows 12` prints judging rows as chat JSONL.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from pathlib import Path
from typing import Any, Literal

Turn = tuple[str, str]
Row = list[Turn]
Part = Literal["learn", "tune", "judge", "traps"]

_SLOT = re.compile(r"\{([a-z]+)\}")

_FILE = Path(__file__).parent / "templates" / "clean_chat.json"
_DATA: dict[str, dict[str, Any]] = json.loads(_FILE.read_bytes())


def rows(part: Part, count: int, seed: int) -> list[Row]:
    """`count` chats of one part; every template comes up in turn, its slots filled at random."""
    rng = random.Random(seed)
    templates = _DATA["rows"][part]
    return [
        [(role, _fill(content, part, rng)) for role, content in templates[i % len(templates)]]
        for i in range(count)
    ]


def texts(part: Part, count: int, seed: int) -> list[str]:
    """The turns of `count` chats, each a text by itself, as a reader of chat JSONL sees them."""
    return [content for row in rows(part, count, seed) for _, content in row]


def _fill(template: str, part: Part, rng: random.Random) -> str:
    words: dict[str, list[str]] = _DATA["fill"][part]
    snippets: list[str] = _DATA["code"][part]

    def word(match: re.Match[str]) -> str:
        slot = match.group(1)
        if slot == "code":
            return rng.choice(snippets)
        if slot == "toollow":
            return rng.choice(words["tool"]).lower()
        return rng.choice(words[slot])

    text = template.replace("{Topic}", "\0t").replace("{Eponym}", "\0e")
    text = _SLOT.sub(word, text)
    for mark, slot in (("\0t", "topic"), ("\0e", "eponym")):
        filler = rng.choice(words[slot])
        text = text.replace(mark, filler[:1].upper() + filler[1:])
    return text.replace("{{", "{").replace("}}", "}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    for row in rows("judge", options.rows, options.seed):
        messages = [{"role": role, "content": content} for role, content in row]
        print(json.dumps({"messages": messages}, ensure_ascii=False))


if __name__ == "__main__":
    main()
