"""Names of many origins: Faker's locale tables (MIT), romanised, and a few lists of our own.

Faker writes many locales in their own script only. English texts carry such names romanised, so
Cyrillic, Greek, Georgian and Armenian are transliterated by table here; for scripts where a table
cannot restore the vowels (Arabic, Hebrew, Persian) or the reading (Chinese, Japanese, Korean, Thai,
Indic), lists of common romanised names stand in.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
import random
import unicodedata
from dataclasses import dataclass
from pathlib import Path

# Each letter with what stands for it; "-" is silent.
_LETTERS = """
аa бb вv гg дd еe жzh зz иi йy кk лl мm нn оo пp рr сs тt уu фf хkh цts чch шsh щshch ъ-
ыy ь- эe юyu яya іi їyi єye ґg ѓgj ќkj јj љlj њnj џdz ћc ђdj ѕdz
αa βv γg δd εe ζz ηi θth ιi κk λl μm νn ξx οo πp ρr σs ςs τt υy φf χch ψps ωo
აa ბb გg დd ეe ვv ზz თt იi კk ლl მm ნn ოo პp ჟzh რr სs ტt უu ფp ქk ღgh ყq შsh ჩch ცts
ძdz წts ჭch ხkh ჯj ჰh
աa բb գg դd եe զz էe ըy թt ժzh իi լl խkh ծts կk հh ձdz ղgh ճch մm յy նn շsh ոo չch պp ջj
ռr սs վv տt րr ցts ւv փp քk օo ֆf ևev
"""
_TABLE = {pair[0]: pair[1:] for pair in _LETTERS.split()} | {"-": "-"}

# Common romanised names where Faker has none.
_OWN = Path(__file__).parent / "templates" / "origins.json"


@dataclass(frozen=True, slots=True)
class Origin:
    """The given names and surnames of one locale."""

    name: str
    given: tuple[str, ...]
    surnames: tuple[str, ...]


def romanise(name: str) -> str | None:
    """A name in Latin letters, or None where no letter table of ours can write it."""
    if all(_is_latin(c) for c in name):
        return name
    bare = "".join(
        c for c in unicodedata.normalize("NFD", name.lower()) if not unicodedata.combining(c)
    )
    # й and ї fall apart under NFD into и and і, which reads well enough in Latin letters
    letters = [_TABLE.get(c) for c in bare]
    if any(c is None for c in letters):
        return None
    word = "".join(c for c in letters if c and c != "-")
    return word[:1].upper() + word[1:]


def _is_latin(char: str) -> bool:
    return not char.isalpha() or unicodedata.name(char, "").startswith("LATIN")


def origins() -> list[Origin]:
    """Every origin with names in Latin letters, sorted, so that a seed means the same anywhere."""
    from faker.providers import person

    found = []
    for module in sorted(pkgutil.iter_modules(person.__path__), key=lambda m: m.name):
        if not module.ispkg:
            continue
        provider = importlib.import_module(f"{person.__name__}.{module.name}").Provider
        given, surnames = _names(provider, "first"), _names(provider, "last")
        if given and surnames:
            found.append(Origin(module.name, given, surnames))
    for name, lists in sorted(json.loads(_OWN.read_bytes()).items()):
        found.append(Origin(name, tuple(lists["given"]), tuple(lists["surnames"])))
    return found


def native_names() -> list[Origin]:
    """Faker's origins again, their names in their own scripts."""
    from faker.providers import person

    found = []
    for module in sorted(pkgutil.iter_modules(person.__path__), key=lambda m: m.name):
        if module.ispkg:
            provider = importlib.import_module(f"{person.__name__}.{module.name}").Provider
            given, surnames = _listed(provider, "first"), _listed(provider, "last")
            found.append(Origin(module.name, tuple(sorted(given)), tuple(sorted(surnames))))
    return found


def _names(provider: type, kind: str) -> tuple[str, ...]:
    romanised = {romanise(n) for n in _listed(provider, kind)}
    return tuple(sorted(n for n in romanised if n))


def _listed(provider: type, kind: str) -> set[str]:
    names: set[str] = set()
    for attribute, value in vars(provider).items():
        if (
            kind in attribute
            and "format" not in attribute
            and isinstance(value, tuple | list | dict)
        ):
            names.update(n for n in map(str, value) if _is_name(n))
    return names


def _is_name(word: str) -> bool:
    return 1 < len(word) <= 24 and "{" not in word and not any(c.isdigit() for c in word)


class NamePool:
    """Draws names; one origin per person, all origins alike likely."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._origins = origins()

    def given(self) -> str:
        """A given name."""
        return self._rng.choice(self._rng.choice(self._origins).given)

    def surname(self) -> str:
        """A surname, in one case out of twelve a double one."""
        names = self._rng.choice(self._origins).surnames
        if self._rng.random() < 1 / 12:
            return f"{self._rng.choice(names)}-{self._rng.choice(names)}"
        return self._rng.choice(names)

    def person(self) -> str:
        """A whole name as people write it: "Ana Lima", "Lima, Ana", "A. Lima", "Ana B. Lima"."""
        origin = self._rng.choice(self._origins)
        given, surname = self._rng.choice(origin.given), self._rng.choice(origin.surnames)
        initial, other = self._rng.choices("ABCDEFGHIJKLMNOPRSTVWYZ", k=2)
        roll = self._rng.random()
        if roll < 0.05:  # as in South India, on letterheads and in captions
            return self._rng.choice(
                (f"{initial}. {other}. {surname}", f"{initial}.{other}. {surname}",
                 f"{initial}.{other}.{surname}", f"{initial} {other} {surname}",
                 f"{given} {initial}.{other}.", f"{surname} {initial}")
            )  # fmt: skip
        roll = self._rng.random()
        if roll < 0.58:
            return f"{given} {surname}"
        if roll < 0.68:
            return f"{given} {initial}. {surname}"
        if roll < 0.76:
            return f"{surname}, {given}"
        if roll < 0.81:
            return f"{given[0]}. {surname}"
        if roll < 0.84:
            return f"{given} {surname[0]}."
        if roll < 0.87:
            return f"{surname}, {given} {initial}."
        if roll < 0.92:
            return f"{given} {self._rng.choice(origin.given)} {surname}"
        if roll < 0.96:  # people of two origins
            return f"{given} {self.surname()}"
        return f"{surname} {given}"

    def like(self, old: str) -> str:
        """A name of the same number of words as `old`, which it stands in for."""
        words = old.split()
        if len(words) == 1:
            return self.given() if self._rng.random() < 0.65 else self.surname()
        if len(words[0].rstrip(".")) == 1:
            return f"{self._rng.choice('ABCDEFGHJKLMNPRSTVW')}. {self.surname()}"
        return self.person()
