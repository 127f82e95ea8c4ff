"""Figures out of longer lists: components of a vector, groups of a table, minutes of an angle."""

from __future__ import annotations

from gatekeeper.detect.lazy import lazy
from gatekeeper.detect.vetoes.place import Place

_LIST_BEFORE = lazy(r"(?<!\d)(?P<beside>\d{1,9})\s?[,;]\s{0,2}$")
_LIST_AFTER = lazy(r"\s?[,;]\s{0,2}(?P<beside>\d{1,9})(?![\d/])")
_CARD_WORD = lazy(
    r"\b(?:cards?|pans?|visa|mastercard|amex|discover|credit|debit|cvv2?|cvc2?|expir\w{1,5}|exp)\b"
)
_BESIDE = 3
"""Digits from which a figure beside four groups of four is another of their list: a shorter one
counts things, `3, 4111, 1111, 1111, 1111, 2`, or is a month or a code of the card."""
_CARD_AFTER = lazy(r"\s?,\s{0,2}(?:0[1-9]|1[0-2])[2-4]\d\s?,\s{0,2}\d{3}(?!\d)")
"""The expiry date, MMYY, and the code of a card in the next cells."""
_RANGE = lazy(r"\bchr(?:om(?:osome)?)?[\w.]{0,3}[:\s]$")
_FLOAT_BEFORE = lazy(r"[-+]?\d{1,9}\.\d{1,17}\s?,\s?$")
_FLOAT_AFTER = lazy(r"\s?,\s?[-+]?\d{1,9}\.\d")
_GEO_WORD = lazy(r"\b(?:lat|lon|lng|long|latitude|longitude|gps|coord\w{0,7}|location|position)\b")


def figures(place: Place) -> bool:
    """Groups of digits out of a longer list, or a range on a chromosome: no card."""
    if _RANGE.search(place.before):
        return True
    if _CARD_WORD.search(place.before) or _CARD_WORD.search(place.after):
        return False
    if _CARD_AFTER.match(place.after):
        return False
    if "," not in place.value and ";" not in place.value:
        return False
    sides = (_LIST_BEFORE.search(place.before), _LIST_AFTER.match(place.after))
    beside = [len(side["beside"]) for side in sides if side]
    # On one side, three digits behind a card are its code as well as the next figure.
    return (len(beside) == 2 and max(beside) >= _BESIDE) or any(n > _BESIDE for n in beside)


def vector(place: Place) -> bool:
    """Two components of a longer vector: no place on earth."""
    if _GEO_WORD.search(place.before):
        return False
    return bool(_FLOAT_BEFORE.search(place.before) or _FLOAT_AFTER.match(place.after))


_SIGHT = lazy(r"\d\s?[h°]\s?$")


def sky(place: Place) -> bool:
    """The minutes of a right ascension, `12h 5m 38s`, are no age."""
    return bool(_SIGHT.search(place.before)) and place.value.endswith("m")
