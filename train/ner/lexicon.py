"""Build the name lexicon of `gatekeeper/detect/names.py`.

    python lexicon.py --corpora ../../../shared/corpora --out ../../gatekeeper/detect/data/names.xz

Names: Faker's locale tables (MIT), our own lists, single words of PERSON spans seen in at least
two documents of the training split, and the names of the US census of 1990 (public domain, in the
package `names`). Words: what the same corpora write in lower case outside any span, Faker's English
word list and the dictionary of SymSpell (MIT; from SCOWL and Google's ngrams): a name that is also
such a word is no evidence by itself.
No randomness: the same inputs give the same bytes.
"""

from __future__ import annotations

import argparse
import gzip
import json
import lzma
import re
from collections import Counter, defaultdict
from importlib.resources import files
from pathlib import Path
from typing import Any

import clean_chat
from carriers import CELLS, HOMOGRAPHS, NOBODY
from data import SHARE_ALIKE, is_share_alike_gum
from namepool import native_names, origins

from gatekeeper.detect.lexicon import fold

# Lower-cased uses outside spans from which a word counts as a plain word: tweets lower-case names
# now and then, so a word of the name tables must be seen more often.
COMMON_FROM, COMMON_FROM_IF_NAME = 2, 4
# Documents of the corpora in which a word must stand inside a PERSON span to become a name.
SEEN_FROM = 2
# Surnames of the census: the rarer ones would make names of half of all letters in a row.
COMMON_SURNAMES = 20_000
# Names of each table that no thing called by them makes a plain word.
MOSTLY_NAMES = 500

_TITLES = frozenset(
    {"mr", "mrs", "ms", "dr", "prof", "sir", "lord", "lady", "king", "queen", "prince", "princess"}
    | {"president", "judge", "pope", "saint", "captain", "colonel", "general", "major", "jr", "sr"}
    | {"father", "mother", "uncle", "aunt", "miss", "mister", "the", "of", "and", "god", "jesus"}
)
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
# Names of products, tools, languages, assistants, brands and medicines that look like people.
_PRODUCTS = Path(__file__).parent / "templates" / "products.json"


def build(folder: Path, *, share_alike: bool) -> dict[str, list[str]]:
    """The sections of the lexicon: given names, surnames, plain words, products; folded, sorted."""
    given, surnames = _tables()
    people, places, words, capitals = _corpus_words(folder, share_alike)
    for word, documents in people.items():
        # position in the span is no proof of the kind; a surname is the weaker claim
        elsewhere = words[word] + capitals[word] + places[word]
        if len(documents) >= max(SEEN_FROM, elsewhere + 1) and word not in given | _TITLES:
            surnames.add(word)
    known = given | surnames
    things = {fold(word) for phrase in NOBODY for word in _WORD.findall(phrase)}
    plain = (
        _english_words()
        | things - _commonest()
        | {  # Granny Smith makes no word of Smith
            word
            for word, count in words.items()
            if count >= (COMMON_FROM_IF_NAME if word in known else COMMON_FROM)
        }
    )
    # "Romanian", "Internet": never lower-cased, yet outside every span, and no name that we know
    plain |= {w for w, count in capitals.items() if count >= 3 and w not in known}
    # a word more often a place than a person (Paris, Jordan) is no evidence of a person either
    plain |= {w for w in places if places[w] > max(2, len(people.get(w, ())))}
    plain = {w for w in plain if len(w) > 1}
    dictionary = _dictionary()
    first, last = _census()
    plain |= dictionary & ((first | last) - known) | dictionary - known
    return {
        "given": sorted(given | first),
        "surname": sorted(surnames | last),
        "word": sorted(plain),
        "product": json.loads(_PRODUCTS.read_bytes()),
    }


def _dictionary() -> set[str]:
    """The words of SymSpell's English dictionary, of three letters and more."""
    lines = files("symspellpy").joinpath("frequency_dictionary_en_82_765.txt")
    words = (line.split()[0] for line in lines.read_text("utf-8-sig").splitlines())
    return {w for w in words if len(w) > 2}


def _census() -> tuple[set[str], set[str]]:
    """Given names and the commonest surnames of the US census of 1990."""
    first = {*_table("male.first"), *_table("female.first")}
    return first, {*_table("all.last")[:COMMON_SURNAMES]}


def _commonest() -> set[str]:
    """Names that are first of all names, whatever else is called by them."""
    first = {*_table("male.first")[:MOSTLY_NAMES], *_table("female.first")[:MOSTLY_NAMES]}
    return first | {*_table("all.last")[:MOSTLY_NAMES]}


def _table(name: str) -> list[str]:
    """A table of the census, by frequency."""
    lines = files("names").joinpath(f"dist.{name}").read_text("ascii").splitlines()
    return [w for w in (line.split()[0].lower() for line in lines) if len(w) > 2]


def _tables() -> tuple[set[str], set[str]]:
    given: set[str] = set()
    surnames: set[str] = set()
    for origin in [*origins(), *native_names()]:
        for names, kept in ((origin.given, given), (origin.surnames, surnames)):
            for name in names:
                kept.update(fold(w) for w in _WORD.findall(name) if len(w) > 1 and not w.islower())
    return given, surnames


def _corpus_words(
    folder: Path, share_alike: bool
) -> tuple[dict[str, set[str]], Counter[str], Counter[str], Counter[str]]:
    """Words of PERSON spans by document; counts of one-word places, and of words outside spans,
    lower-case and capitalised.
    """
    people: dict[str, set[str]] = defaultdict(set)
    places: Counter[str] = Counter()
    plain: Counter[str] = Counter()
    capitals: Counter[str] = Counter()
    for path in sorted(folder.glob("*.jsonl.gz")):
        source = path.name.removesuffix(".jsonl.gz")
        if source == "synthetic_templates" or (not share_alike and source in SHARE_ALIKE):
            continue
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for record in map(json.loads, lines):
                if record["split"] != "train":
                    continue
                if not share_alike and is_share_alike_gum(record["doc_id"]):
                    continue
                _count(record, people, places, plain, capitals)
    return people, places, plain, capitals


def _count(
    record: dict[str, Any],
    people: dict[str, set[str]],
    places: Counter[str],
    plain: Counter[str],
    capitals: Counter[str],
) -> None:
    text, last, outside = record["text"], 0, []
    for span in sorted(record["spans"], key=lambda s: s["start"]):
        outside.append(text[last : span["start"]])
        last = span["end"]
        words = [w for w in _WORD.findall(span["text"]) if w[0].isupper() and len(w) > 2]
        if span["label"] == "PERSON":
            for word in words:
                people[fold(word)].add(record["doc_id"])
        elif span["label"] == "LOCATION" and len(words) == 1:
            places[fold(words[0])] += 1
    outside.append(text[last:])
    found = [word for piece in outside for word in _WORD.findall(piece)]
    plain.update(fold(w) for w in found if w.islower())
    if record["source"] != "sgd":  # it leaves names outside its slots unmarked
        capitals.update(fold(w) for w in found if w.istitle())


def _english_words() -> set[str]:
    """Words of Faker's texts, jobs, colours, slogans and languages, and of our templates."""
    from faker.providers.address.en import Provider as Address
    from faker.providers.color.en_US import Provider as Color
    from faker.providers.company.en_US import Provider as Company
    from faker.providers.job.en_US import Provider as Job
    from faker.providers.lorem.en_US import Provider as Lorem
    from faker.providers.person import Provider as Person

    texts = [*Lorem.word_list, *Job.jobs, *Color.all_colors, *HOMOGRAPHS, *CELLS]
    texts += [w for words in (*Company.catch_phrase_words, *Company.bsWords) for w in words]
    texts += [*Person.language_names, *Address.countries]
    texts += clean_chat.texts("learn", 500, 1)
    return {fold(word) for text in texts for word in _WORD.findall(text)}


def pack(sections: dict[str, list[str]]) -> bytes:
    """Sections as `[name]` lines with one word a line, LZMA-compressed."""
    lines = [line for name, words in sections.items() for line in (f"[{name}]", *words)]
    return lzma.compress("\n".join(lines).encode(), preset=9 | lzma.PRESET_EXTREME)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpora", type=Path, default=Path("../shared/corpora"))
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--without-share-alike", action="store_true")
    options = parser.parse_args()
    sections = build(options.corpora, share_alike=not options.without_share_alike)
    options.out.write_bytes(pack(sections))
    sizes = ", ".join(f"{len(words)} {name}" for name, words in sections.items())
    print(f"{sizes}; {options.out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
