"""Edges put where a value is glued to what stands beside it."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator

from gatekeeper.detect.lazy import lazy
from gatekeeper.detect.prefilter.triggers import EVERYTHING, triggers
from gatekeeper.detect.views.grouping import card_valid, phone_valid, ssn_valid
from gatekeeper.detect.views.mapped import Edit

_SSN = lazy(r"\d{3}-\d{2}-\d{4}(?![\d-]|\.\d)")
_SSN_LABEL = lazy(
    r"(?:ssn|ss#|social)_?(?P<v>\d{9})(?!\d)|(?:ssn|social)[_.-]?(?P<w>\d{3}[ ._-]?\d{2}[ ._-]?\d{4})(?!\d)",
    re.IGNORECASE,
)
_CARD = lazy(
    r"\d{4}(?P<s>[ -]?)\d{4}(?P=s)\d{4}(?P=s)\d{4}(?![\d]|[.,-]\d)|3[47]\d{2}(?P<t>[ -]?)\d{6}(?P=t)\d{5}(?![\d-])"
)
_CARD_LABEL = lazy(
    r"(?:card|visa|mastercard|amex|pan|cc|卡)[_\W]{0,3}(?:no|num|number|号)?[_\W]{0,2}$",
    re.IGNORECASE,
)
_PHONE = lazy(r"[2-9]\d{2}\)?[-. ]{1,2}[2-9]\d{2}[-.]\d{4}(?![\d-]|\.\d)")
_EDGE = lazy(
    "(?<=[A-Za-z0-9])(?=[\u0590-\u05ff\u0600-\u06ff\u0e00-\u0eff\u2e80-\u9fff\uac00-\ud7af\uff01-\uff0f])"
    "|(?<=[\u0590-\u05ff\u0600-\u06ff\u0e00-\u0eff\u2e80-\u9fff\uac00-\ud7af])(?=[A-Za-z0-9+(])"
)
_MAIL = lazy(
    r"(?P<left>e-?mail|mailto|contact|mail)(?P<edge>[_=:]{0,2})(?=[a-z0-9.+-]{1,40}@)|(?<=\.com)(?=[A-Z_][A-Za-z])|(?<=\.(?:org|net|edu))(?=[A-Z_][A-Za-z])",
    re.IGNORECASE,
)
_MAIL_TAIL = lazy(
    r"@[A-Za-z0-9-]{1,40}\.(?:com|org|net|edu|gov)(?P<edge>)(?=_|[A-Z][A-Z_]|[A-Z][a-z])"
)


TRIGGERS = {
    "boundary": (
        *triggers(_SSN, _SSN_LABEL, _CARD, _PHONE, _MAIL_TAIL),
        (r"(?:e-?mail|mailto|contact|mail)[_=:]{0,2}[a-z0-9.+-]{1,40}@", True),
    )
}


def active(text: str, may: Container[str] = EVERYTHING) -> Iterator[tuple[int, int]]:
    """Where a value is glued."""
    if "boundary" not in may:
        return
    for edit in edits(text):
        yield edit.start, edit.end


def edits(text: str) -> Iterator[Edit]:
    """A space at each such edge."""
    if not text.isascii():
        for match in _EDGE.finditer(text):
            near = text[max(0, match.start() - 24) : match.start() + 24]
            if "@" in near or sum(c.isdigit() for c in near) >= 7:
                yield Edit(match.start(), match.start(), " ")
    for match in _SSN.finditer(text):
        if _loose(text, match) and ssn_valid(match[0].replace("-", "")) and match[0][0] != "9":
            yield from _edges(text, *match.span())
    for match in _SSN_LABEL.finditer(text):
        kind = match.lastgroup or "v"
        digits = re.sub(r"\D", "", match[kind])
        if ssn_valid(digits):
            yield Edit(*match.span(kind), f" {digits[:3]}-{digits[3:5]}-{digits[5:]} ")
    for match in _CARD.finditer(text):
        if (
            _loose(text, match)
            and card_valid(re.sub(r"\D", "", match[0]))
            and _card_spoken_for(text, match)
        ):
            yield from _edges(text, *match.span())
    for match in _PHONE.finditer(text):
        if (
            _loose(text, match)
            and phone_valid(re.sub(r"\D", "", match[0]))
            and _outside(text, *match.span()).isalpha()
        ):
            yield from _edges(text, *match.span())
    if "@" in text:
        for match in _MAIL.finditer(text):
            if match["left"]:
                yield Edit(match.end("left"), match.end(), " : ")
        for match in _MAIL_TAIL.finditer(text):
            yield Edit(match.end(), match.end(), " ")


def _loose(text: str, match: re.Match[str]) -> bool:
    """Whether no digit, decimal point or dash goes before."""
    before = text[max(0, match.start() - 2) : match.start()]
    return not before[-1:].isdigit() and not re.search(r"\d[.,-]$|-$", before)


def _outside(text: str, start: int, end: int) -> str:
    """The letters right beside `text[start:end]`."""
    return "".join(
        c for c in (text[max(0, start - 1) : start] + text[end : end + 1]) if c.isalnum()
    )


def _card_spoken_for(text: str, match: re.Match[str]) -> bool:
    """A run inside a hash or an identifier is no card: groups, a label or another script speak for it."""
    if match["s"] or match["t"]:
        return True
    if _CARD_LABEL.search(text[max(0, match.start() - 24) : match.start()]):
        return True
    beside = _outside(text, *match.span())
    return bool(beside) and not beside.isascii()


def _edges(text: str, start: int, end: int) -> Iterator[Edit]:
    if start and (text[start - 1].isalnum() or text[start - 1] in "_."):
        yield Edit(start, start, " ")
    if end < len(text) and (text[end].isalnum() or text[end] == "_"):
        yield Edit(end, end, " ")
