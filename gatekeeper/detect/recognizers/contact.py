"""Telephone and fax numbers, e-mail and web addresses."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import yaml

from gatekeeper.detect.lazy import lazy
from gatekeeper.detect.recognizers.number_names import in_columns
from gatekeeper.detect.recognizers.spec import Pattern, Recognizer, before, digits_of, one

_DATA = Path(__file__).parents[1] / "data"

# --- telephone -------------------------------------------------------------------------------

_EDGE = r"(?<![\w.,/$€£#:=+-]|\d[ ])"
_PLAIN_EDGE = r"(?<![\w.,/$€£+-])"
_AFTER = r"(?![\w]|[.,/-]\d|[%°]|[ ]\d{2})"
_EXT = r"(?:,?\s?(?:ext|x|extension)\.?\s?\d{1,6})?"
_NANP = r"\(?[2-9]\d{2}\)?"
_LINE = r"[2-9]\d{2}[ .\u00a0–-]\d{4}"
_INTERNATIONAL = r"(?:\+|(?<!\d)00)[1-9]\d{0,2}(?:[\s\u00a0.\-/()]{0,2}\d{1,5}){2,6}"
_PHONE_WORDS = (
    "phone", "telephone", "tel", "cell", "cellphone", "mobile", "call", "called", "calls", "contact",
    "text", "sms", "whatsapp", "dial", "reach", "ring", "hotline", "callback", "phones", "telefon",
)  # fmt: skip
_NO_PHONE = lazy(
    r"(?:order|invoice|tracking|isbn|issn|serial|version|ticket|\bid|_id|sku|part|article|ref|"
    r"timestamp|epoch|unix|port|crc|crc32|checksum|md5|hash|seed|case|claim|account|npi|zip)(?:[ _-]?(?:number|no|num|id|\#))?"
    r"[\"'`*]{0,3}\.?\s{0,2}(?:[:=#]|is)?\s{0,2}[\"'`*(]{0,3}$"
)
_OTHER_REGIONS = (
    "GB",
    "DE",
    "FR",
    "IN",
    "BR",
    "AU",
    "IT",
    "ES",
    "NL",
    "CH",
    "AT",
    "IL",
    "MX",
    "JP",
)


@lru_cache(maxsize=1 << 14)
def _valid(number: str, region: str | None) -> bool:
    """Whether `number` is one that the numbering plan of `region` may give out."""
    import phonenumbers

    parsed = None
    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        parsed = None
    return parsed is not None and phonenumbers.is_valid_number(parsed)


def _us(text: str, start: int, end: int, score: float) -> float:
    """A number of the North American plan; 555-01xx, kept for fiction, counts like any other."""
    value = re.split(r"[,\s]?\s?(?:ext|x)", text[start:end], maxsplit=1, flags=re.IGNORECASE)[0]
    digits = digits_of(value, 0, len(value))[-10:]
    if len(set(digits)) < 3 or _NO_PHONE.search(before(text, start, 30)):
        return 0.0
    if in_columns(text, start, end, lambda row: _valid(row, "US")):
        score = min(score, 0.4)
    fictional = digits[3:8] == "55501"
    if digits[0] in "01" or digits[3] in "01" or digits[4:6] == "11":
        return 0.0
    return score if fictional or _valid(digits, "US") else score * 0.6


def _international(text: str, start: int, end: int, score: float) -> float:
    value = text[start:end]
    digits = digits_of(value, 0, len(value))
    if not 8 <= len(digits.removeprefix("00")) <= 15 or len(set(digits)) < 3:
        return 0.0
    if digits.startswith("1") and digits[4:9] == "55501":
        return score
    return score if _valid("+" + digits.removeprefix("00"), None) else score * 0.5


_DATE = lazy(r"\d{1,2}([/. -])\d{1,2}\1\d{2,4}|\d{4}([/. -])\d{1,2}\2\d{1,2}")


def _national(text: str, start: int, end: int, score: float) -> float:
    """A number written as inside another country: only with a word that speaks for it."""
    digits = digits_of(text, start, end)
    if len(set(digits)) < 3 or _NO_PHONE.search(before(text, start, 30)):
        return 0.0
    if _DATE.fullmatch(text[start:end]):
        return 0.0
    return score if any(_valid(digits, region) for region in _OTHER_REGIONS) else 0.0


def _local(text: str, start: int, end: int, score: float) -> float:
    return 0.0 if _NO_PHONE.search(before(text, start, 30)) else score


PHONE = (
    Recognizer("PhoneRecognizer", "PHONE_NUMBER", (
        Pattern("with parentheses", rf"{_PLAIN_EDGE}(?:\+?1[ .-]?)?\([2-9]\d{{2}}\)[ \u00a0.-]{{0,2}}{_LINE}{_EXT}{_AFTER}", 0.85),
        Pattern("dashed", rf"{_PLAIN_EDGE}(?:\+?1[ .-])?[2-9]\d{{2}}(?P<s>[–‑-])[2-9]\d{{2}}(?P=s)\d{{4}}{_EXT}{_AFTER}", 0.75),
        Pattern("dotted", rf"{_EDGE}(?:\+?1\.)?[2-9]\d{{2}}\.[2-9]\d{{2}}\.\d{{4}}{_EXT}{_AFTER}", 0.65),
        Pattern("spaced", rf"{_EDGE}(?:\+?1 )?[2-9]\d{{2}}[ \u00a0]{_LINE}{_EXT}{_AFTER}", 0.6),
        Pattern("with slash", rf"{_EDGE}[2-9]\d{{2}}[/][2-9]\d{{2}}-\d{{4}}{_EXT}{_AFTER}", 0.6),
        Pattern("bare", r"(?<![\w.,/$€£+-])(?:\+?1)?[2-9]\d{2}[2-9]\d{6}(?![\w]|[.,/-]\d|[%°])", 0.3),
    ), _PHONE_WORDS, _us),
    one("PhoneInternationalRecognizer", "PHONE_NUMBER", r"(?<![\w.])" + _INTERNATIONAL + r"(?![\w]|[.,]\d)", 0.8, *_PHONE_WORDS, check=_international),
    one("PhoneNationalRecognizer", "PHONE_NUMBER", r"(?<![\w.,/+-])\(?0\d{1,5}\)?(?:[ \u00a0./-]{0,2}\d{2,5}){1,4}(?![\w]|[.,/-]\d)", 0.3, *_PHONE_WORDS, check=_national),
    one("PhoneLocalRecognizer", "PHONE_NUMBER", r"(?<![\w.,/$€£+)-]|\d[ ]|\)[ ])[2-9]\d{2}-\d{4}(?![\w]|[.,/-]\d)", 0.35, *_PHONE_WORDS, check=_local),
)  # fmt: skip
_FAX_LABEL = r"(?<![^\W_])(?:tele)?(?:fax|facsimile)(?:ed)?[^\n\d]{0,20}?"
FAX = Recognizer("FaxRecognizer", "FAX_NUMBER", (
    Pattern("us", rf"{_FAX_LABEL}(?P<value>(?:\+?1[ .-]?)?\(?[2-9]\d{{2}}\)?[ \u00a0./–-]{{0,2}}[2-9]\d{{2}}[ .–-]?\d{{4}}){_AFTER}", 0.85),
    Pattern("international", rf"{_FAX_LABEL}(?P<value>{_INTERNATIONAL})(?!\w)", 0.85),
))  # fmt: skip

# --- e-mail ------------------------------------------------------------------------------------

_INTERNAL_SUFFIXES = ("internal", "corp", "local", "lan", "intra", "intranet", "localdomain")


@cache
def _suffixes() -> Callable[[str], Any]:
    """The Public Suffix List as packaged: left alone, tldextract would fetch a new one."""
    import tldextract

    extract: Callable[[str], Any] = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
    return extract


def _email(text: str, start: int, end: int, score: float) -> float:
    """A public suffix ends the domain, or one that is in use inside networks."""
    local, _, domain = text[start:end].rpartition("@")
    if local == "git" and text[end : end + 1] in {":", "/"}:
        return 0.0  # the address of a repository, the same for everybody
    if text[end : end + 1] == "(" or domain.lower().endswith((".py", ".js")):
        return 0.0  # matrix product and call, or a file
    if domain.rpartition(".")[2].lower() in _INTERNAL_SUFFIXES:
        return 0.9
    return 1.0 if _suffixes()(domain).fqdn else 0.0


# A local part has 64 characters at most (RFC 5321, 4.5.3.1.1), which keeps the search linear.
EMAIL = one(
    "EmailRecognizer",
    "EMAIL_ADDRESS",
    r"(?<!://[^\s/@]{0,80})\b[\w%&'+.-]{0,63}[\w%&'+-]@[^\W_][\w-]{0,62}(?:\.[^\W_][\w-]{0,62}){1,8}\b",
    0.5,
    check=_email,
)

# --- web addresses ---------------------------------------------------------------------------


@cache
def public_sites() -> frozenset[str]:
    """Registered domains of sites that name nobody (data/public_sites.yaml)."""
    sites = yaml.safe_load((_DATA / "public_sites.yaml").read_text(encoding="utf-8"))
    return frozenset(name for names in sites.values() for name in names)


_PERSONAL_PATH = lazy(
    r"/(?:~|@|u|users?|profiles?|people|in|members?|patients?|customers?|accounts?|messages)/?[^/]"
)
_HOST = lazy(
    r"[a-z][a-z0-9+.-]*://(?:[^/@\s]*@)?(?P<host>[^/:?#\s]+)(?::\d+)?(?P<rest>.*)", re.DOTALL
)


def _url(text: str, start: int, end: int, score: float) -> float:
    """Web addresses of well-known public sites and bare domains are only possible."""
    value = text[start:end].lower()
    parts = _HOST.match(value if "://" in value else "http://" + value)
    if parts is None:
        return 0.0
    host, rest = parts["host"].removeprefix("www."), parts["rest"].rstrip("/.,;")
    if host in {"localhost", "127.0.0.1", "0.0.0.0"} or host.startswith("127."):  # noqa: S104
        return 0.0
    labels = host.split(".")
    known = any(".".join(labels[n:]) in public_sites() for n in range(len(labels)))
    if known:
        return 0.7 if _PERSONAL_PATH.search(rest) and "github" not in host else 0.35
    return score if rest or len(labels) > 2 or "@" in value else 0.35


_REST = r"[^\s<>\"'`{}|\\^\[\]]{0,2000}"
_END = r"(?<![.,;:!?)*])"
_TLD = r"(?:com|org|net|edu|gov|io|dev|app|co|info|me|us|uk|de|fr|ca|health|blog|page|site)"
URL = Recognizer("UrlRecognizer", "URL", (
    Pattern("scheme", rf"(?<![\w+])(?:https?|ftps?|sftp|wss?)://[\w\-.@:%~]{{1,255}}(?:[/?\#]{_REST})?{_END}", 0.8),
    Pattern("www", rf"(?<![\w@/.-])www\.[\w-]{{1,63}}(?:\.[\w-]{{1,63}}){{1,4}}(?:/{_REST})?{_END}", 0.65),
    Pattern("no scheme", rf"(?<![\w@/.:-])(?:[a-z0-9][a-z0-9-]{{0,62}}\.){{1,4}}{_TLD}/{_REST}{_END}", 0.62),
), check=_url)  # fmt: skip

RECOGNIZERS = (*PHONE, FAX, EMAIL, URL)
