"""Addresses and names taken apart by words and letters: "at", "dot", hxxp, J o h n, JohnSmith."""

from __future__ import annotations

import itertools
import re
from collections.abc import Container, Iterator

from gatekeeper.detect.lazy import lazy
from gatekeeper.detect.lexicon import fold, lexicon
from gatekeeper.detect.prefilter.triggers import EVERYTHING, any_of, triggers
from gatekeeper.detect.views.mapped import Edit

_TLD = r"(?:com|org|net|edu|gov|mil|io|dev|app|co|info|me|us|uk|de|fr|ca|eu|es|it|nl|ch|at|in|au|jp|br|example|test|invalid|health|name)"
_DOT = r"(?:\s{0,2}(?:\.|[\[({<]\s?(?:dot|\.|punkt|punto|point)\s?[\])}>])\s{0,2}|[ _-](?:dot|punkt|punto|point|d0t)[ _-])"
_AT_BOLD = r"(?:\s{0,2}[\[({<*_-]{1,2}\s?(?:at?|@|a\.t|arroba)\s?[\])}>*_-]{1,2}\s{0,2}|\s{1,2}@\s{0,2}|\s{0,2}@\s{1,2})"
_PART = r"[A-Za-z0-9](?:[A-Za-z0-9+-]|_(?!dot|at)){0,40}"
_LOCAL = rf"{_PART}(?:(?:\.|_|{_DOT}|\s(?:underscore|dash|hyphen|plus)\s){_PART}){{0,4}}"
_HOST = rf"[A-Za-z0-9][A-Za-z0-9-]{{0,40}}(?:{_DOT}[A-Za-z0-9-]{{1,30}}){{0,3}}{_DOT}{_TLD}"
_ADDRESS = lazy(
    rf"(?<![\w.@+])(?P<local>{_LOCAL})(?P<at>{_AT_BOLD}|@|[ _](?:at|AT|At|arroba|a t)[ _])(?P<host>{_HOST})(?![\w@]|\.[a-z])",
    re.IGNORECASE,
)
_MAIL_NEAR = lazy(
    r"e-?mail|\bmail|address|contact|reach|write|correo|courriel|\bmsg|message|inbox|\bping\b|account|send|@"
)
_PROVIDERS = lazy(
    r"gmail|googlemail|yahoo|hotmail|outlook|icloud|proton|aol|gmx|live|msn|example|mail"
)
_VERBS = frozenset(
    [
        "look",
        "work",
        "works",
        "working",
        "shop",
        "visit",
        "available",
        "found",
        "order",
        "buy",
        "us",
        "me",
        "it",
        "go",
        "site",
        "here",
        "be",
        "stay",
        "are",
        "is",
        "was",
        "live",
        "lives",
        "meet",
        "find",
        "them",
        "him",
        "her",
        "arrive",
        "support",
        "help",
        "posted",
        "online",
        "only",
        "and",
        "or",
        "that",
        "this",
        "read",
        "more",
        "see",
        "check",
        "register",
        "directly",
        "listed",
        "hosted",
        "bought",
        "sold",
        "team",
        "people",
    ]
)
_WORD_SIGNS = {"underscore": "_", "dash": "-", "hyphen": "-", "plus": "+"}
_DEFANGED = lazy(
    r"\bh(?:xx|tt|XX|\*\*|__)ps?(?:\[:\]|:)//|\b[hH][xX]{2}[pP][sS]?(?=:)|(?<=\w)\s?[\[({]\s?(?:\.|dot)\s?[\])}]\s?(?=\w)|\[:\]|(?<=\w)\s?[\[({]\s?(?:@|at)\s?[\])}]\s?(?=\w)|\[:?//\]|\bfxp(?=://)|(?<=\d)\s?\(?\[?\bdot\b\]?\)?\s?(?=\d)|(?<=\d)\s?\.\s(?=\d{1,3}\s?\.)|(?<=\d)\s\.\s?(?=\d)"
)
_SPACED = lazy(
    r"(?<![^\W_])(?:[^\W_][ ]){3,40}[^\W_](?![^\W_])(?:[ ]{2,3}(?:[^\W_][ ]){2,40}[^\W_](?![^\W_])){0,4}"
    r"|(?<![^\W_])(?:[^\W\d_][-.*·|/,][ ]?){3,40}[^\W\d_](?![^\W_])(?:[ ]{1,3}(?:[^\W\d_][-.*·|/,][ ]?){2,40}[^\W\d_](?![^\W_])){0,3}"
)
_SPACED_MARKS = lazy(r"(?<!\S)(?:[\w.@+:/-][ ]){7,60}[\w](?!\S)")
_CAMEL = lazy(r"[A-Z][a-z]{1,14}(?:[._-]?[A-Z][a-z]{1,16}){1,3}(?!\w)")
_NAME_LABEL = lazy(
    r"(?i)(?<![^\W_])(?:patient|client|customer|member|employee|name|author|contact|physician|doctor|dr|mr|mrs|ms|by|from|"
    r"user|attending|provider|guardian|signed|cc|seen|called|dear|hi|hello|mother|father|wife|husband|plaintiff|"
    r"defendant)(?:'s)?(?:[ _-]name)?[\s:=#.,\"'*`_-]{1,4}$"
)
_STRONG_LABEL = lazy(
    r"(?i)(?<![^\W_])(?:patient|client|customer|member|employee|name|physician|doctor|dr|mr|mrs|ms|guardian|"
    r"plaintiff|defendant|author|contact|mother|father|wife|husband)(?:'s)?(?:[ _-]name)?[\s:=#.,\"'*`_-]{1,4}$"
)
_AT_SIGNS = (
    " dot ", "(dot", "[dot", "{dot", "<dot", "_dot_", "-dot-", "(at", "[at", "{at", "<at", "@ ", " @", "arroba", "[@", "(@",
    "{@", "punkt", "punto", "d0t", "(.)", "[.]", "{.}", "_at_", "-at-", "*at*", "(a)",
)  # fmt: skip
_AT_HOST = lazy(r" at [A-Za-z0-9-]{1,40}\s?\.\s?[a-z]")
_DEFANGED_SIGNS = (
    "[.", "(.", "{.", "[:", "[@", "(@", "{@", "hxx", "h**p", "h__p", "fxp", " . ", "[dot", "(dot", "{dot", "[at", "(at",
    "{at", " dot ", "[ .", "[/", "htt[",
)  # fmt: skip


TRIGGERS = {
    "addresses": (*any_of(*_AT_SIGNS), *any_of(*_DEFANGED_SIGNS), *triggers(_AT_HOST)),
    "letters": triggers(_SPACED, _SPACED_MARKS),
    "camel": triggers(_CAMEL),
}


def active(text: str, may: Container[str] = EVERYTHING) -> Iterator[tuple[int, int]]:
    """Where an address or a name is taken apart."""
    for edit in edits(text, may):
        yield edit.start, edit.end


def edits(text: str, may: Container[str] = EVERYTHING) -> Iterator[Edit]:
    """Addresses and names put together again."""
    if "addresses" in may:
        low = text.lower()
        if any(sign in low for sign in _AT_SIGNS) or _AT_HOST.search(text):
            yield from _addresses(text)
        if any(sign in low for sign in _DEFANGED_SIGNS):
            for match in _DEFANGED.finditer(text):
                yield Edit(*match.span(), _refanged(match[0]))
    if "letters" in may:
        yield from _letters(text)
    if "camel" in may:
        yield from _glued_names(text)


def _glued_names(text: str) -> Iterator[Edit]:
    for match in _CAMEL.finditer(text):
        start = match.start()
        behind = text[max(0, start - 28) : start]
        if text[match.end() : match.end() + 1] in ("@", "(", ".", "/") or not _NAME_LABEL.search(
            behind
        ):
            continue
        parts = list(re.finditer(r"[A-Z][a-z]+", match[0]))
        for one, two in itertools.pairwise(parts):
            yield Edit(start + one.end(), start + two.start(), " ")


def names(text: str, may: Container[str] = EVERYTHING) -> Iterator[tuple[int, int]]:
    """Names written as one word behind a label that asks for one: both parts are known names."""
    if "camel" not in may:
        return
    for match in _CAMEL.finditer(text):
        parts = re.findall(r"[A-Z][a-z]+", match[0])
        behind = text[max(0, match.start() - 28) : match.start()]
        if text[match.end() : match.end() + 1] in ("@", "(", ".", "/") or not _STRONG_LABEL.search(
            behind
        ):
            continue
        known = lexicon()
        last = fold(parts[-1])
        if fold(parts[0]) in known.given and last in known.surname and not known.plain(last):
            yield match.span()


def _addresses(text: str) -> Iterator[Edit]:
    for match in _ADDRESS.finditer(text):
        local, at, host = match["local"], match["at"], match["host"]
        if at == "@" and not re.search(r"[\s\[({<]", local + host):
            continue
        plain = at.strip(" _").lower() in ("at", "a t", "arroba", "@")
        start = match.start("local")
        if plain and " " in local:
            local, start = _tail(local, start)
        if plain and not _spoken_for(text, start, local, host):
            continue
        yield Edit(start, match.end(), f"{_joined(local)}@{_joined(host)}")


def _tail(local: str, start: int) -> tuple[str, int]:
    """The local part alone, where the match took words before it along."""
    return local, start


def _spoken_for(text: str, start: int, local: str, host: str) -> bool:
    """Whether an "at" in words is that of an address."""
    if _PROVIDERS.search(host.lower()):
        return local.lower() not in _VERBS or bool(
            _MAIL_NEAR.search(text[max(0, start - 40) : start].lower())
        )
    if re.search(r"\d|_|\.|\sdot\s", local.lower()) and re.search(r"\sdot\s|[\[({]", host.lower()):
        return True
    return local.lower() not in _VERBS and bool(
        _MAIL_NEAR.search(text[max(0, start - 40) : start].lower())
    )


def _joined(part: str) -> str:
    part = re.sub(_DOT, ".", part, flags=re.IGNORECASE)
    part = re.sub(
        r"\s(underscore|dash|hyphen|plus)\s",
        lambda m: _WORD_SIGNS[m[1].lower()],
        part,
        flags=re.IGNORECASE,
    )
    return re.sub(r"\s+", "", part)


def _refanged(found: str) -> str:
    core = re.sub(r"[\s\[\](){}]", "", found).lower()
    if core.startswith("h"):
        return ("https" if core.rstrip(":/").endswith("s") else "http") + (
            "://" if "//" in core else ""
        )
    return {"dot": ".", "at": "@", "fxp": "ftp"}.get(core, core)


def _letters(text: str) -> Iterator[Edit]:
    for pattern in (_SPACED, _SPACED_MARKS):
        for match in pattern.finditer(text):
            value = match[0]
            letters, digits = sum(c.isalpha() for c in value), sum(c.isdigit() for c in value)
            if letters < 4 and "@" not in value and (letters < 3 or digits < 6):
                continue
            if pattern is _SPACED:
                words = re.split(r"[ ]{2,3}" if value[1] == " " else r"(?<=\w)[ ]{1,3}", value)
            else:
                words = [value]
            joined = [
                re.sub(r"[-.*·|/, ]", "", w) if "@" not in w else w.replace(" ", "") for w in words
            ]
            yield Edit(
                *match.span(),
                " ".join(
                    w.capitalize() if w.isupper() and w.isalpha() and len(w) > 3 else w
                    for w in joined
                ),
            )
