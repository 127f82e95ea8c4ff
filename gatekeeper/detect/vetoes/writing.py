"""Code, algorithms, keys and books, which look like hosts, mailboxes and names."""

from __future__ import annotations

from gatekeeper.detect.lazy import lazy
from gatekeeper.detect.vetoes.place import Place

# --- code -----------------------------------------------------------------------------------------

_IMPORT_BEFORE = lazy(r"(?:^|[\s;>])(?:from|import|package|using|require|include|module)\s{1,2}$")
_IMPORT_AFTER = lazy(r"\s{1,2}import\b|;|\s?\(")
_OPERATOR_AFTER = lazy(r"\s(?:is(?: not)? none|==|!=|\+=|=|<=|>=)")
_KEYWORD_BEFORE = lazy(r"(?:^|[\s(])(?:if|elif|and|or|not|return|assert|del|await|while)\s$")
_CHAIN = lazy(r"(?:self|this|cls|super\(\))\.")


def attribute(place: Place) -> bool:
    """A module that is imported, or a chain of attributes: `from a.b.local import c`."""
    if any(c.isdecimal() or c == "-" for c in place.value):
        return False
    if _CHAIN.match(place.value) or _IMPORT_AFTER.match(place.after):
        return True
    if _IMPORT_BEFORE.search(place.before):
        return True
    return bool(_KEYWORD_BEFORE.search(place.before) and _OPERATOR_AFTER.match(place.after))


def escaped(place: Place) -> bool:
    r"""A path or a formula with doubled backslashes, `\\exp\\left`; a share starts with four."""
    inner = place.value[2:]
    return place.value.startswith("\\\\") and not inner.startswith("\\") and "\\\\" in inner


_ALGORITHM = lazy(r"[\w.+-]{1,60}@(?:openssh\.com|libssh\.org|lysator\.liu\.se|ssh\.com)")
_REMOTE = lazy(r"git@[\w.-]{1,60}")


def algorithm(place: Place) -> bool:
    """An algorithm of SSH (RFC 4251, section 6) or the remote of a repository: no mailbox."""
    if _REMOTE.fullmatch(place.value):
        return place.after.startswith((":", "/"))
    named = _ALGORITHM.fullmatch(place.value)
    return bool(named and any(c in "-0123456789" for c in place.value.partition("@")[0]))


_KEY_AFTER = lazy(r"[\"'`]?\s?[:=]\s?[\"'`]?\d{6}|(?:\s[a-z_]{1,16})?:\s?\[\s?-?\d")


def key(place: Place) -> bool:
    """A lower-case key before a long figure or a list is nobody's name: `token ids: [7, 9]`."""
    plain = place.value.isascii() and place.value.isalpha() and place.raw.islower()
    return plain and bool(_KEY_AFTER.match(place.after))


_DIGITS_AFTER = lazy(r"-\d{3,}(?![\d.,])")


def joined(place: Place) -> bool:
    """Capitals that a hyphen joins to a number are part of a code: `ALS-7235-RV`."""
    last = place.raw.rpartition(" ")[2]
    return last.isalpha() and last.isupper() and bool(_DIGITS_AFTER.match(place.after))


_AMOUNT = lazy(r"\s?\d[\d.,'’]{1,12}(?![\d%])(?!\s?(?:y|%|mo|w|d\b|mg|ml|pt))")


def currency(place: Place) -> bool:
    """Swiss francs by their code in ISO 4217, and an amount: `CHF 1200`, no heart failure."""
    return place.raw == "CHF" and bool(_AMOUNT.match(place.after))


# --- books of books -------------------------------------------------------------------------------

_VERSE = lazy(r"\s\d{1,3}[:.]\d{1,3}(?![\d:])(?!\s?[ap]\.?m)")
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


def verse(place: Place) -> bool:
    """The name of a book of scripture before chapter and verse: `John 3:16`."""
    words = place.value.split()
    return bool(words) and words[-1] in _BOOKS and bool(_VERSE.match(place.after))
