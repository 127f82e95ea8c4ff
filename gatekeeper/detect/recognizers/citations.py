"""The grammar of legal citations: not sensitive, but full of figures that look like something.

`347 U.S. 483 (1954)` is no telephone number, `2019 WL 1234567` no docket, `[2020] EWHC 123` no
Bates number, `45 C.F.R. 164.514` no version. Reporters are those of the Bluebook's table 1, courts
with neutral citations those of OSCOLA and of the vendor-neutral forms of the states.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any

LONGEST = 96
"""Characters of the longest citation: how far a place is looked about for one."""

_SERIES = r"(?:\s?(?:2d|3d|4th|5th|6th|7th|8th))?"
_REPORTERS = (
    r"U\.\s?S\.|US|S\.\s?Ct\.|L\.\s?Ed\.|F\.|F\.\s?Supp\.|F\.\s?App[’'`]?x\.?|F\.R\.D\.|B\.R\.|Fed\.\s?Cl\.|"
    r"Fed\.\s?R\.\s?Serv\.|T\.C\.|M\.J\.|Vet\.\s?App\.|Ct\.\s?Cl\.|C\.C\.P\.A\.|A\.|A\.D\.|Misc\.|P\.|So\.|"
    r"N\.E\.|N\.W\.|S\.E\.|S\.W\.|N\.Y\.S?\.?|Cal\.|Cal\.\s?App\.|Cal\.\s?Rptr\.|Ill\.|Ill\.\s?App\.|Ill\.\s?Dec\.|"
    r"Mass\.|Mass\.\s?App\.\s?Ct\.|Mich\.|Mich\.\s?App\.|N\.J\.|N\.J\.\s?Super\.|N\.C\.|N\.C\.\s?App\.|Ohio\s?St\.|"
    r"Ohio\s?App\.|Pa\.|Pa\.\s?Super\.|Pa\.\s?Commw\.|Tex\.|Va\.|Va\.\s?App\.|Wash\.|Wn\.|Wash\.\s?App\.|Wn\.\s?App\.|"
    r"Wis\.|Ga\.|Ga\.\s?App\.|Conn\.|Conn\.\s?App\.|Md\.|Md\.\s?App\.|Minn\.|Mo\.|Or\.|Or\.\s?App\.|Kan\.|Ariz\.|"
    r"Colo\.|Iowa|Ind\.|Ky\.|La\.|Neb\.|Nev\.|N\.H\.|N\.M\.|Okla\.|S\.C\.|Tenn\.|Utah|Vt\.|W\.\s?Va\.|Wyo\.|Ala\.|"
    r"Ark\.|Haw\.|Idaho|Mont\.|Alaska|Del\.\s?Ch\.|Harv\.\s?L\.\s?Rev\.|Yale\s?L\.J\.|Stan\.\s?L\.\s?Rev\.|"
    r"Colum\.\s?L\.\s?Rev\.|[A-Z][a-z]{1,8}\.\s?L\.\s?Rev\.|"
    r"Q\.?B\.?|K\.?B\.?|A\.?C\.?|Ch\.?|W\.?L\.?R\.?|All\s?E\.?R\.?|S\.?C\.?R\.?|D\.?L\.?R\.?|C\.?L\.?R\.?|E\.?H\.?R\.?R\.?|"
    r"SCC|SCR|SCALE|BVerfGE|BGHZ|BGHSt"
)
_NEUTRAL = (
    r"UKSC|UKHL|UKPC|UKUT|UKFTT|EWCA\s(?:Civ|Crim)|EWHC|EWFC|EWCOP|EAT|UKEAT|CSIH|CSOH|HCJAC|NICA|NIQB|IESC|"
    r"IEHC|IECA|HCA|FCA|FCAFC|NSWSC|NSWCA|VSC|VSCA|QSC|QCA|WASC|NZSC|NZCA|NZHC|SGCA|SGHC|HKCFA|HKCFI|ZACC|ZASCA|"
    r"SCC|ONCA|ONSC|BCCA|BCSC|ABCA|ABQB|QCCA|QCCS|MBCA|SKCA|NSCA|NBCA|FC|INSC|AC|QB|KB|Ch|Fam|WLR|All\sER|ICR|IRLR|"
    r"BCLC|EHRR|CMLR|ECR|Lloyd['’]s\sRep|Cr\sApp\sR|STC|RPC|FSR|P|1\sWLR|2\sWLR|3\sWLR|1\sAll\sER|2\sAll\sER"
)
_SECTION = r"\d{1,5}[a-z]{0,2}(?:[.:–-]\d{1,5}[a-z]{0,2}){0,4}(?:\([A-Za-z0-9]{1,5}\)){0,6}"
_CODES = r"U\.?\s?S\.?\s?C\.?(?:\s?[AS]\.)?|C\.?\s?F\.?\s?R\.?|I\.?R\.?C\.?|Fed\.\s?Reg\.|Stat\.|U\.S\.C\.C\.A\.N\."
PATTERNS = (
    rf"(?<![\w.])\d{{1,4}}\s(?:{_REPORTERS}){_SERIES}\s?(?:\(\d{{4}}\)\s)?\d{{1,5}}(?!\d)(?:,\s\d{{1,5}}(?:[-–]\d{{1,5}})?(?!\d))?(?:\s\((?:[A-Z0-9][\w.\s]{{0,24}}\s)?\d{{4}}\))?",
    rf"(?<![\w.])\d{{1,3}}\s(?:{_CODES})\s?(?:§{{1,2}}|[Ss]ec(?:tions?|s?\.)|[Pp]arts?|[Pp]t\.)?\s?{_SECTION}(?:,\s\d{{1,5}})?",
    rf"§{{1,2}}\s?{_SECTION}(?:(?:,|\sand|\s?[-–])\s{_SECTION}){{0,4}}",
    r"(?<!\d)(?:19|20)\d{2}\s(?:WL|U\.\s?S\.\s(?:Dist\.\s|App\.\s)?LEXIS|[A-Z][A-Za-z.]{0,9}\s(?:[A-Z][a-z]{1,6}\.\s)?LEXIS|BL|IL\sApp\s\(\d[a-z]{2}\)|ND|OK|OK\sCIV\sAPP|UT|UT\sApp|WI|WI\sApp|CO|COA|ME|MT|NM|NMSC|SD|VT|WY|Ohio|PA\sSuper|AR|NCSC)[\s-]\d{1,9}(?!\d)",
    rf"[\[(](?:19|20)\d{{2}}[\])]\s(?:\d{{1,2}}\s)?(?:{_NEUTRAL})(?:\s\d{{1,5}})?(?:\s\((?:Admin|Ch|Comm|QB|KB|Fam|Pat|TCC|IPEC|Costs)\))?(?!\w)",
    r"(?<!\d)(?:19|20)\d{2}\s(?:SCC|ONCA|ONSC|BCCA|BCSC|ABCA|ABQB|QCCA|QCCS|FCA|FC|SCR|INSC|MBCA|SKCA|NSCA|NBCA)\s\d{1,5}(?!\d)",
    r"(?<!\w)AIR\s(?:19|20)\d{2}\s[A-Z][A-Za-z]{1,8}\s\d{1,5}(?!\d)",
    r"(?<!\w)ECLI:[A-Z]{2}:[A-Z0-9]{1,7}:\d{4}:[A-Z0-9.]{1,25}",
    r"(?<!\w)(?:Joined\s)?Cases?\s[CTF][-‑–]\d{1,4}/\d{2}(?!\d)",
    r"(?<!\w)Pub(?:\.|lic)\s?L(?:\.|aw)\s(?:No\.\s)?\d{2,3}[-–]\d{1,4}(?!\d)",
    r"(?<!\w)(?:Regulation|Directive|Decision)\s(?:\((?:EU|EC|EEC)\)\s)?(?:No\.?\s)?\d{1,4}/\d{1,4}(?:/E[CU]C?)?(?!\d)",
    r"(?<!\w)BVerfGE\s\d{1,3},\s\d{1,4}(?!\d)|(?<!\w)BGHZ\s\d{1,3},\s\d{1,4}(?!\d)",
)
"""One regular expression a form, for the `regex` package; all bounded."""


_HINT = (
    r"\d\s[A-Z]|\d[\])]\s[\dA-Z]|§|(?<!\w)(?:AIR\s|ECLI:|Cases?\s|Pub[.l]|Regulation\s|Directive\s|"
    r"Decision\s|BVerfGE\s|BGHZ\s)"
)
"""A piece of every form: where it is not, no form is tried."""


@cache
def _compiled() -> Any:
    import regex

    return regex.compile("|".join(f"(?:{p})" for p in PATTERNS))


@cache
def _hint() -> Any:
    import regex

    return regex.compile(_HINT)


def citations(text: str, start: int = 0, end: int | None = None) -> Iterator[tuple[int, int]]:
    """The places of the citations in `text[start:end]`."""
    for match in _compiled().finditer(text, start, len(text) if end is None else end):
        yield match.span()


def in_citation(text: str, start: int, end: int) -> bool:
    """Whether a legal citation covers some of `text[start:end]`."""
    if start >= end:
        return False
    ends, starts = _places(text)
    n = bisect_right(ends, start)
    return n < len(starts) and starts[n] < end


@lru_cache(maxsize=4)
def _places(text: str) -> tuple[list[int], list[int]]:
    """The ends and the starts of all citations: the recognizers ask for every match they have."""
    ends: list[int] = []
    starts: list[int] = []
    for low, high in _regions(text):
        for a, b in citations(text, low, high):
            starts.append(a)
            ends.append(b)
    return ends, starts


def _regions(text: str) -> Iterator[tuple[int, int]]:
    """The parts of `text` within `LONGEST` of a hint, apart from each other, no word cut at their
    beginning.
    """
    low = high = 0
    for match in _hint().finditer(text):
        near = match.start() - LONGEST
        if near > high:
            if high:
                yield low, high
            low = next((n for n in range(near, match.start()) if not text[n].isalnum()), near)
        high = min(len(text), match.end() + LONGEST)
    if high:
        yield low, high
