"""What speaks against a span, whatever recognizer found it: one layer for all of them.

A telephone number behind `ISBN` is a book, an address behind `ObjectIdentifier("` is an arc, a host
behind `from` and before `import` is a module. Each veto looks at a bounded piece of the text around
the span, so the cost grows with the spans and not with the text, and what else is found or asked
for changes nothing.

A veto speaks of the form of what stands there, never of intent: no word of the data ("example",
"not an SSN", an allow comment) takes a finding away (DESIGN law 9). A span whose recognizer is
certain, because a label and a check digit agree, is left alone by all but the vetoes that say so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from gatekeeper.detect.national import national_entities
from gatekeeper.detect.recognizers.citations import in_citation
from gatekeeper.detect.spans import Span

BEFORE, AFTER = 64, 32
"""Characters that a veto sees on either side."""
CERTAIN = 0.9
"""From this score on a span stands, unless a veto is `over_certain`."""


@dataclass(frozen=True, slots=True)
class Place:
    """A span in its text, and what stands around it, lower-case."""

    text: str
    span: Span
    before: str
    value: str
    after: str


@dataclass(frozen=True, slots=True)
class Veto:
    """Takes spans of `entities` away where `speaks` holds."""

    name: str
    entities: frozenset[str]
    speaks: Callable[[Place], bool]
    over_certain: bool = field(default=False)


def standing(text: str, spans: Iterable[Span]) -> list[Span]:
    """The spans that no veto takes away, in their order."""
    return [span for span in spans if veto_of(text, span) is None]


def veto_of(text: str, span: Span) -> str | None:
    """The name of the veto that takes `span` away, or None."""
    candidates = _BY_ENTITY.get(span.entity, ())
    if not candidates:
        return None
    place = Place(
        text,
        span,
        text[max(0, span.start - BEFORE) : span.start].lower(),
        text[span.start : span.end].lower(),
        text[span.end : span.end + AFTER].lower(),
    )
    for veto in candidates:
        if (span.score < CERTAIN or veto.over_certain) and veto.speaks(place):
            return veto.name
    return None


# --- what the vetoes are about --------------------------------------------------------------------

_NUMBERS = frozenset({
    "PHONE_NUMBER", "FAX_NUMBER", "US_SSN", "US_ITIN", "US_ZIP", "US_NPI", "US_BANK_NUMBER",
    "ACCOUNT_NUMBER", "ABA_ROUTING_NUMBER", "US_PASSPORT", "US_DRIVER_LICENSE", "MEDICAL_LICENSE",
    "MEDICAL_RECORD_NUMBER", "HEALTH_PLAN_ID", "CERTIFICATE_NUMBER", "UNIQUE_CODE", "DEVICE_SERIAL",
    "NDC_CODE", "PROCEDURE_CODE", "EMPLOYEE_ID", "MATTER_NUMBER", "BAR_NUMBER", "CREDIT_CARD",
    "CVV", "CARD_PIN", "BATES_NUMBER",
}) | national_entities()  # fmt: skip
"""Entities whose value is a number that a book, a clock or a counter may have as well."""
_ADDRESSES = frozenset({"IP_ADDRESS", "PRIVATE_IP"})
_NAMES = frozenset({"PERSON", "LOCATION", "ORGANIZATION"})


# --- numbers of books and papers ------------------------------------------------------------------

_LIBRARY = re.compile(
    r"(?:isbn(?:-?1[03])?|e?issn(?:-l)?|doi|oclc|lccn|pmid|pmcid|arxiv|ean(?:-?13)?|upc|gtin|asin|"
    r"bibcode|hs code|cas(?: no\.?| number)?|go|orcid)[\"'`]?[\s:=#.]{0,3}$"
)
_LIBRARY_VALUE = re.compile(r"(?:oclc|isbn|issn|lccn|pmid|pmcid|pmc|doi|arxiv|ean|upc)[\s:]?\d")


def _library(place: Place) -> bool:
    """Behind the name of a register of books, papers or goods."""
    return bool(_LIBRARY.search(place.before) or _LIBRARY_VALUE.match(place.value))


_TRACKER = re.compile(
    r"(?:gh|gl|pr|mr|bug|bpo|issue|trac|pep|rfc|cve|cwe|llvm|rust|numpy|scipy)[-_ #]{0,2}\d"
)


def _tracker(place: Place) -> bool:
    """The number of an issue or of a request, `GH 22794`, out of a list of them."""
    return bool(_TRACKER.match(place.value))


# --- clocks and counters --------------------------------------------------------------------------

_CLOCK_KEY = re.compile(
    r"(?:\bts|time(?:stamp)?(?:_?ms)?|epoch|unix(?:time)?|(?:^|[\s\"'_,{&?])(?:exp|iat|nbf|mtime|ctime)|"
    r"_at|modified|created|updated|expires(?:_in)?)[\"'`]{0,2}\s{0,2}[:=]?\s{0,2}[\"'`]?$"
)


def _epoch(place: Place) -> bool:
    """Seconds or milliseconds since 1970, behind a key that says so."""
    size = len(place.value)
    return (
        place.value.isdecimal() and size in {10, 13, 16} and bool(_CLOCK_KEY.search(place.before))
    )


_CELL = re.compile(r"\b(?:row|col(?:umn)?|sheet|table)\b.{0,30}\bcell[\s:#]{0,2}$")


def _cell(place: Place) -> bool:
    """A cell of a table is no cell phone."""
    return bool(_CELL.search(place.before))


# --- digests --------------------------------------------------------------------------------------

_DIGEST = re.compile(
    r"(?:\bsha-?\d{0,3}|md5(?:sum)?|crc(?:32|64)?|adler(?:32)?|checksum|digest|etag|commit|blob|"
    r"revision|integrity|cherry-pick|revert|git show)[\"'`]?[\s:=@]{1,3}[\"'`]?$"
)


def _digest(place: Place) -> bool:
    """A hexadecimal word behind the name of a digest or of a commit."""
    return set(place.value) <= set("0123456789abcdef-") and bool(_DIGEST.search(place.before))


# --- versions and arcs ----------------------------------------------------------------------------

_VERSIONS = re.compile(
    r"(?:upgrad\w{0,3}|updat\w{0,3}|downgrad\w{0,3}|bump\w{0,3}|versions?|releases?|firmware|migrat\w{0,3})"
    r"\s(?:from\s)?v?\d{1,5}(?:\.\d{1,5}){1,4}\s?(?:to|->|and|or|,|→)\s?v?$"
)
_NUMBERED = re.compile(
    r"(?:[=~<>!]=\s?|[@^~]|\b(?:v|versions?|released?|ver|rev|firmware|driver|kernel)[\s.:]{0,2}v?|"
    r"\bv|\w[:/@])$"
)
_PACKAGE = re.compile(
    r"\b(?:pip3?|npm|conda|apt(?:-get)?|brew|cargo|gem|yarn|docker)\s[\w\s@/=.:-]{0,40}[=@:-]$"
)
_LETTERED = re.compile(r"\d\.\d{1,3}\.\d{1,3}[a-z]\b")
_DOTTED = re.compile(r"\d{1,2}\.\d{1,2}\.\d{1,2}")
_DATE_WORD = re.compile(
    r"\b(?:dates?|dated|day|on|am|vom|since|until|till|due|born|dob|geb|seen|visit|admit\w{0,4})\b"
)
_ARC = re.compile(r"(?:\boids?|object_?identifier|\bec(?: number| no\.?)?|enzyme)\W{0,4}$")
_ARCS = re.compile(r"(?:2\.5\.(?:4|29)|1\.3\.(?:6|14|36|101|132|133)|1\.2\.(?:840|643|156|392))\.")
_ADDRESS_WORD = re.compile(r"\b(?:ip|ipv4|host|addr|address|server|client|ssh|ping|from)\b")


def _version(place: Place) -> bool:
    """The second of two versions: `from 4.10.0.60 to 4.3.6.8`."""
    return bool(_VERSIONS.search(place.before))


def _release(place: Place) -> bool:
    """`numpy==8.30.11`, `v8.30.11`, `redis:8.30.11-alpine`: three parts of a version, no date."""
    if not _DOTTED.fullmatch(place.value) or _DATE_WORD.search(place.before[-16:]):
        return False
    if place.after[:1] in {"-", "+", "_"} and place.after[1:2].isalnum():
        return True
    return any(p.search(place.before) for p in (_NUMBERED, _PACKAGE, _LETTERED))


def _arc(place: Place) -> bool:
    """An object identifier (ITU-T X.660) or an enzyme's number, not an address."""
    if _ARC.search(place.before):
        return True
    quoted = place.before.endswith(('"', "'", "(", "`")) or place.after.startswith(".")
    return bool(
        quoted and _ARCS.match(place.value) and not _ADDRESS_WORD.search(place.before[-24:])
    )


# --- figures in lists -----------------------------------------------------------------------------

_LIST_BEFORE = re.compile(r"\d\s?[,;]\s{0,2}$")
_LIST_AFTER = re.compile(r"\s?[,;]\s{0,2}\d")
_CARD_WORD = re.compile(r"\b(?:cards?|pans?|visa|mastercard|amex|discover|credit|debit)\b")
_RANGE = re.compile(r"\bchr(?:om(?:osome)?)?[\w.]{0,3}[:\s]$")
_FLOAT_BEFORE = re.compile(r"[-+]?\d{1,9}\.\d{1,17}\s?,\s?$")
_FLOAT_AFTER = re.compile(r"\s?,\s?[-+]?\d{1,9}\.\d")
_GEO_WORD = re.compile(
    r"\b(?:lat|lon|lng|long|latitude|longitude|gps|coord\w{0,7}|location|position)\b"
)


def _figures(place: Place) -> bool:
    """Groups of digits out of a longer list, or a range on a chromosome: no card."""
    if _RANGE.search(place.before):
        return True
    if _CARD_WORD.search(place.before):
        return False
    listed = "," in place.value or ";" in place.value
    return listed and bool(_LIST_BEFORE.search(place.before) or _LIST_AFTER.match(place.after))


def _vector(place: Place) -> bool:
    """Two components of a longer vector: no place on earth."""
    if _GEO_WORD.search(place.before):
        return False
    return bool(_FLOAT_BEFORE.search(place.before) or _FLOAT_AFTER.match(place.after))


_SIGHT = re.compile(r"\d\s?[h°]\s?$")


def _sky(place: Place) -> bool:
    """The minutes of a right ascension, `12h 5m 38s`, are no age."""
    return bool(_SIGHT.search(place.before)) and place.value.endswith("m")


# --- code -----------------------------------------------------------------------------------------

_IMPORT_BEFORE = re.compile(
    r"(?:^|[\s;>])(?:from|import|package|using|require|include|module)\s{1,2}$"
)
_IMPORT_AFTER = re.compile(r"\s{1,2}import\b|;|\s?\(")
_OPERATOR_AFTER = re.compile(r"\s(?:is(?: not)? none|==|!=|\+=|=|<=|>=)")
_KEYWORD_BEFORE = re.compile(r"(?:^|[\s(])(?:if|elif|and|or|not|return|assert|del|await|while)\s$")
_CHAIN = re.compile(r"(?:self|this|cls|super\(\))\.")


def _attribute(place: Place) -> bool:
    """A module that is imported, or a chain of attributes: `from a.b.local import c`."""
    if any(c.isdecimal() or c == "-" for c in place.value):
        return False
    if _CHAIN.match(place.value) or _IMPORT_AFTER.match(place.after):
        return True
    if _IMPORT_BEFORE.search(place.before):
        return True
    return bool(_KEYWORD_BEFORE.search(place.before) and _OPERATOR_AFTER.match(place.after))


def _escaped(place: Place) -> bool:
    r"""A path or a formula with doubled backslashes, `\\exp\\left`; a share starts with four."""
    inner = place.value[2:]
    return place.value.startswith("\\\\") and not inner.startswith("\\") and "\\\\" in inner


_ALGORITHM = re.compile(r"[\w.+-]{1,60}@(?:openssh\.com|libssh\.org|lysator\.liu\.se|ssh\.com)")
_REMOTE = re.compile(r"git@[\w.-]{1,60}")


def _algorithm(place: Place) -> bool:
    """An algorithm of SSH (RFC 4251, section 6) or the remote of a repository: no mailbox."""
    if _REMOTE.fullmatch(place.value):
        return place.after.startswith((":", "/"))
    named = _ALGORITHM.fullmatch(place.value)
    return bool(named and any(c in "-0123456789" for c in place.value.partition("@")[0]))


_KEY_AFTER = re.compile(r"[\"'`]?\s?[:=]\s?[\"'`]?\d{6}")


def _key(place: Place) -> bool:
    """A lower-case key before a long figure, `exp: 1700000000`, is nobody's name."""
    return (
        place.value.isascii()
        and place.value.isalpha()
        and _is_lower(place)
        and bool(_KEY_AFTER.match(place.after))
    )


def _is_lower(place: Place) -> bool:
    return place.text[place.span.start : place.span.end].islower()


# --- books of books -------------------------------------------------------------------------------

_VERSE = re.compile(r"\s\d{1,3}[:.]\d{1,3}(?![\d:])(?!\s?[ap]\.?m)")
_BOOKS = frozenset({
    "genesis", "exodus", "leviticus", "numbers", "deuteronomy", "joshua", "judges", "ruth",
    "samuel", "kings", "chronicles", "ezra", "nehemiah", "esther", "job", "psalm", "psalms",
    "proverbs", "ecclesiastes", "isaiah", "jeremiah", "lamentations", "ezekiel", "daniel",
    "hosea", "joel", "amos", "obadiah", "jonah", "micah", "nahum", "habakkuk", "zephaniah",
    "haggai", "zechariah", "malachi", "matthew", "mark", "luke", "john", "acts", "romans",
    "corinthians", "galatians", "ephesians", "philippians", "colossians", "thessalonians",
    "timothy", "titus", "philemon", "hebrews", "james", "peter", "jude", "revelation",
    "surah", "quran", "gita", "mahabharata", "ramayana", "dhammapada", "mormon", "nephi",
    "alma", "torah",
})  # fmt: skip


def _verse(place: Place) -> bool:
    """The name of a book of scripture before chapter and verse: `John 3:16`."""
    words = place.value.split()
    return bool(words) and words[-1] in _BOOKS and bool(_VERSE.match(place.after))


# --- law ------------------------------------------------------------------------------------------

_CITED = _NAMES | _NUMBERS | frozenset({"DATE_TIME", "ICD10_CODE", "LICENSE_PLATE", "AGE"})


def _citation(place: Place) -> bool:
    """Inside a legal citation; a name beside one, as of a party, stands."""
    span = place.span
    if span.entity in _NAMES and not any(c.isdecimal() or c == "." for c in place.value):
        return False
    return in_citation(place.text, span.start, span.end)


VETOES = (
    Veto("library", _NUMBERS, _library),
    Veto("tracker", frozenset({"BATES_NUMBER"}), _tracker, over_certain=True),
    Veto("epoch", _NUMBERS, _epoch),
    Veto("cell", frozenset({"PHONE_NUMBER"}), _cell),
    Veto("digest", _NUMBERS, _digest),
    Veto("version", _ADDRESSES, _version, over_certain=True),
    Veto("release", frozenset({"DATE_TIME", "CARE_DATE", "DATE_OF_BIRTH"}), _release),
    Veto("arc", _ADDRESSES | {"CARE_DATE", "DATE_OF_BIRTH", "DATE_TIME"}, _arc, over_certain=True),
    Veto("figures", frozenset({"CREDIT_CARD"}), _figures, over_certain=True),
    Veto("vector", frozenset({"GEO_COORDINATE"}), _vector),
    Veto("sky", frozenset({"AGE"}), _sky),
    Veto("attribute", frozenset({"INTERNAL_HOST"}), _attribute),
    Veto("escaped", frozenset({"UNC_PATH"}), _escaped),
    Veto("algorithm", frozenset({"EMAIL_ADDRESS"}), _algorithm, over_certain=True),
    Veto("key", _NAMES, _key),
    Veto("verse", _NAMES, _verse, over_certain=True),
    Veto("citation", _CITED, _citation),
)
"""Every veto there is, in the order in which they are asked."""

_BY_ENTITY = {
    entity: tuple(v for v in VETOES if entity in v.entities)
    for entity in frozenset().union(*(v.entities for v in VETOES))
}
