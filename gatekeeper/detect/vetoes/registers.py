"""Numbers of registers, clocks, tables and digests: what they are follows from their own form.

A label alone takes nothing away: a telephone number behind `ISBN` stands unless it is an ISBN. So
each register is held to the length its numbers have, and to their check digit where it has one.
"""

from __future__ import annotations

from gatekeeper.detect.lazy import lazy
from gatekeeper.detect.vetoes.place import Place

# --- registers of books, papers and goods ---------------------------------------------------------


def _isbn(digits: str, value: str) -> bool:
    """ISO 2108: ten characters modulo 11, or thirteen as an article number."""
    if len(digits) == 13:
        return digits.startswith(("978", "979")) and _article(digits)
    if len(digits) == 9 and value.endswith("x"):
        figures = [*map(int, digits), 10]
    elif len(digits) == 10:
        figures = [*map(int, digits)]
    else:
        return False
    return sum(n * figure for n, figure in zip(range(10, 0, -1), figures, strict=True)) % 11 == 0


def _article(digits: str) -> bool:
    """Modulo 10 with weights 3 and 1 from the right (GS1 General Specifications, 7.9)."""
    weighted = (int(c) * (1 + 2 * (n % 2)) for n, c in enumerate(reversed(digits)))
    return sum(weighted) % 10 == 0


_REGISTERS = (
    (lazy(r"isbn(?:-?1[03])?"), _isbn),
    (lazy(r"e?issn(?:-l)?"), lambda d, v: len(d) + v.endswith("x") == 8),
    (lazy(r"doi"), lambda d, v: v.startswith("10.")),
    (lazy(r"oclc"), lambda d, v: 1 <= len(d) <= 10 and v.isdecimal()),
    (lazy(r"lccn"), lambda d, v: 8 <= len(d) <= 10 and v.isalnum()),
    (lazy(r"pmid|pmcid"), lambda d, v: len(d) <= 8),
    (lazy(r"arxiv"), lambda d, v: len(d) in {7, 8, 9}),
    (lazy(r"ean(?:-?13)?|gtin"), lambda d, v: len(d) in {8, 12, 13, 14}),
    (lazy(r"upc"), lambda d, v: len(d) in {8, 12}),
    (lazy(r"asin"), lambda d, v: len(v) == 10 and v.isalnum()),
    (lazy(r"bibcode"), lambda d, v: len(v) >= 15),
    (lazy(r"hs code"), lambda d, v: len(d) in {4, 6, 8, 10} and set(v) <= set(d) | {"."}),
    (lazy(r"cas(?: no\.?| number)?"), lambda d, v: v.count("-") == 2),
    (lazy(r"go"), lambda d, v: v.isdecimal() and len(d) == 7),
    (lazy(r"orcid"), lambda d, v: len(d) + v.endswith("x") == 16),
)
"""The label of a register, and whether (digits, value) may be a number of it."""
_LABEL = lazy(
    r"(?<![^\W_])(?P<name>" + "|".join(p.pattern for p, _ in _REGISTERS) + r")[\"'`]?[\s:=#.]{0,3}$"
)
_VALUE = lazy(r"(?P<name>oclc|isbn|issn|lccn|pmid|pmcid|pmc|doi|arxiv|ean|upc)[\s:]?(?=\d)")
_REST = lazy(r"\s?-[\dx](?!\w)")


def library(place: Place) -> bool:
    """Behind the name of a register of books, papers or goods, in the form that register gives."""
    inside = _VALUE.match(place.value)
    if inside:
        return True
    label = _LABEL.search(place.before)
    if label is None or not place.digits:
        return False
    rest = _REST.match(place.after)  # what was found may lack the check digit: 5-653-41993(-1)
    value = place.value + (rest[0] if rest else "")
    digits = "".join(c for c in value if c.isdecimal())
    return any(held(digits, value) for name, held in _REGISTERS if name.fullmatch(label["name"]))


_TRACKER = lazy(
    r"(?:gh|gl|pr|mr|bug|bpo|issue|trac|pep|rfc|cve|cwe|llvm|rust|numpy|scipy)[-_ #]{0,2}\d"
)


def tracker(place: Place) -> bool:
    """The number of an issue or of a request, `GH 22794`, out of a list of them."""
    return bool(_TRACKER.match(place.value))


# --- clocks, tables and zones ---------------------------------------------------------------------

_CLOCK_KEY = lazy(
    r"(?:\bts|time(?:stamp)?(?:_?ms)?|epoch|unix(?:time)?|(?:^|[\s\"'_,{&?])(?:exp|iat|nbf|mtime|ctime)|"
    r"_at|modified|created|updated|expires(?:_in)?)[\"'`]{0,2}\s{0,2}[:=]?\s{0,2}[\"'`]?$"
)


def epoch(place: Place) -> bool:
    """Seconds, milliseconds or microseconds from 2001 to 2033, behind a key that says so.

    They begin with 1, which no telephone number of the North American plan does.
    """
    value = place.value
    return (
        value.isdecimal()
        and value.startswith("1")
        and len(value) in {10, 13, 16}
        and bool(_CLOCK_KEY.search(place.before))
    )


_CELL = lazy(
    r"\b(?:(?:row|col(?:umn)?|sheet|table)[\s:#]{0,2}[\"']?\w{1,16}[\"']?\s?[,;/|]?\s(?:and\s)?){1,3}"
    r"(?:in\s)?cell[\s:#]{0,2}$"
)


def cell(place: Place) -> bool:
    """A figure in a cell of a table is no cell phone; one written as a telephone number may be."""
    return place.value.isdecimal() and bool(_CELL.search(place.before))


_ZONE_BEFORE = lazy(r"\bsoa\b|(?:\b|_)ttl\b[\s=:]{0,3}\d")
_ZONE_AFTER = lazy(r"[\s;,]{1,3}[\"']?refresh\b")


def zone(place: Place) -> bool:
    """The serial of a zone, beside the other fields of an SOA record (RFC 1035, 3.3.13)."""
    plain = place.value.isdecimal() and len(place.value) <= 10
    return plain and bool(_ZONE_BEFORE.search(place.before) or _ZONE_AFTER.match(place.after))


# --- digests --------------------------------------------------------------------------------------

_DIGEST = lazy(
    r"(?:\bsha-?\d{0,3}|md5(?:sum)?|crc(?:32|64)?|adler(?:32)?|checksum|digest|etag|integrity)"
    r"[\"'`]?[\s:=@]{1,3}[\"'`]?$"
)
_COMMIT = lazy(r"(?:commit|blob|revision|cherry-pick|revert|git show)[\"'`]?[\s:=@]{1,3}[\"'`]?$")
_HEX = frozenset("0123456789abcdef")
_TELLING = 12
"""Digits from which a decimal number behind `commit` is an abbreviated digest all the same."""


def digest(place: Place) -> bool:
    """A hexadecimal word behind the name of a digest or of a commit.

    Behind `commit` ten decimal digits may be what somebody commits to memory: an abbreviated
    digest of that length has a letter in 99 of 100 cases.
    """
    if not _HEX.issuperset(place.value):
        return False
    if _DIGEST.search(place.before):
        return True
    if not _COMMIT.search(place.before):
        return False
    return not place.value.isdecimal() or len(place.value) >= _TELLING
