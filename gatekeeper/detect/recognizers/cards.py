"""Payment cards: account numbers, magnetic-stripe data, verification codes, PINs, expiry dates.

What PCI DSS v4.0.1 calls account data: the PAN (3.4, 3.5) and sensitive authentication data, which
may not be kept after authorisation even encrypted (3.3.1). A PAN cut to its first six or eight and
last four digits is no PAN (3.4.1) and is left alone.
"""

from __future__ import annotations

import re
from functools import cache

from gatekeeper.detect.lazy import lazy
from gatekeeper.detect.recognizers.card_rows import in_row
from gatekeeper.detect.recognizers.spec import (
    END,
    SEPARATOR,
    START,
    Pattern,
    Recognizer,
    before,
    digits_of,
    dull,
    labelled,
    luhn,
    one,
)

# Issuer ranges: (first, last) of the leading digits, and the lengths that go with them
# (ISO/IEC 7812-1; ranges as the networks publish them).
_LONG = frozenset({16, 17, 18, 19})
_STRONG = (
    (4, 4, {13, 16, 19}),  # Visa, and Elo's and Dankort's ranges within
    (51, 55, {16}), (2221, 2720, {16}),  # Mastercard
    (34, 34, {15}), (37, 37, {15}),  # American Express
    (6011, 6011, _LONG), (644, 649, _LONG), (65, 65, _LONG),  # Discover, RuPay, Elo, Verve
)  # fmt: skip
_WEAK = (
    (3528, 3589, _LONG),  # JCB
    (300, 305, {14, 16}), (3095, 3095, {14, 16}), (36, 36, {14, 16}), (38, 39, {14, 16}),  # Diners
    (62, 62, set(range(13, 20))), (81, 82, _LONG),  # UnionPay, RuPay
    (2200, 2204, _LONG), (2205, 2205, {16}),  # Mir, Borica
    (508, 508, {16}), (353, 353, {16}), (356, 356, {16}),  # RuPay
    (9792, 9792, {16}), (9860, 9860, {16}), (8600, 8600, {16}), (9704, 9704, {16, 19}),  # Troy, Humo, Uzcard, Napas
    (50, 50, set(range(12, 20))), (56, 58, set(range(12, 20))),  # Maestro, Elo, Verve
    (60, 61, set(range(13, 20))), (63, 63, set(range(12, 20))), (66, 69, set(range(12, 20))),
    (1946, 1946, {16}), (1, 1, {15}),  # GPN, UATP
)  # fmt: skip
_PUBLISHED = frozenset(
    (
        "4111111111111111", "4242424242424242", "4012888888881881", "4000056655665556", "4222222222222",
        "5555555555554444", "5105105105105100", "5200828282828210", "2223003122003222", "2223000048400011",
        "378282246310005", "371449635398431", "378734493671000", "6011111111111117", "6011000990139424",
        "3530111333300000", "3566002020360505", "30569309025904", "38520000023237", "6200000000000005",
        "3056930009020004", "36227206271667", "6555900000604105", "4000000000000002", "4917610000000000",
    )
)  # fmt: skip
"""Test numbers that networks and processors publish: nobody meets one of these by chance."""

_NO_CARD = lazy(
    r"(?:\bid|_id|uuid|order|tracking|imei|imeisv|iccid|sim|serial|isbn|ean|gtin|upc|sku|asin|invoice|"
    r"timestamp|seed|hash|digest|checksum|nonce|transaction|txn|trace|span|request|session|reference|"
    r"refs?|ticket|parcel|shipment|barcode|epoch|build|commit|tweet|status|snowflake|channel|guild|message|"
    r"user|customer|case|batch|lot|part|model|meter|version|phone|tel|fax|[*+/^<>×]|\be[+-]?)"
    r"(?:[ _-]?(?:number|no|num|nr|id|code|key|\#))?\.?[\"'`*]{0,3}\s{0,2}(?:[:=#|]|is|was)?\s{0,2}[\"'`*(\[]{0,3}$"
)
_CARD_WORDS = lazy(
    r"card|visa|master ?card|\bmc\b|maestro|amex|american express|discover|diners|\bjcb\b|rupay|unionpay|"
    r"union pay|\bmir\b|\btroy\b|\belo\b|\bpan\b|\bcc\b|"
    r"cvv|cvc|karte|tarjeta|carte bancaire|cart[ãa]o|carta di|卡号|カード|카드|карт"
)
_PAY_WORDS = lazy(r"debit|credit|charge|\bpay|paid|billing|billed|checkout")
"""What is paid with a card, and with much else: they speak for a number of their own sentence."""
_SENTENCE_END = lazy(r"[.!?]\s")
_CARD_AFTER = lazy(
    r"\s{0,3}[,;|/(]?\s{0,3}(?:exp\w{0,8}|valid|good thru|cvv|cvc|cid\b|security code|visa|master|amex|"
    r"(?:0[1-9]|1[0-2])\s?[/|-]\s?(?:20)?[2-4]\d(?!\d))"
)
_NEUTRAL_LABEL = lazy(
    r"(?:\bnumber|\bno\.?|\bnum|\bvalue|\baccount)[\"'`*]{0,3}\s{0,2}[:=]\s{0,2}[\"'`*]{0,2}$"
)
_REGULAR = (
    [4, 4, 4, 4],
    [4, 4, 4, 4, 3],
    [4, 6, 5],
    [4, 6, 4],
    [6, 13],
    [4, 4, 4, 1],
    [8, 8],
    [4, 5, 6],
)


@cache
def _ranges() -> tuple[tuple[int, str, str, frozenset[int]], ...]:
    return tuple(
        (strength, str(first), str(last), frozenset(lengths))
        for strength, ranges in ((2, _STRONG), (1, _WEAK))
        for first, last, lengths in ranges
    )


def issuer(digits: str) -> int:
    """2 for a range of the large networks, 1 for another, 0 for none."""
    for strength, first, last, lengths in _ranges():
        if first <= digits[: len(first)] <= last and len(digits) in lengths:
            return strength
    return 0


def is_pan(digits: str) -> bool:
    """Whether `digits` pass Luhn and lie in the range of some issuer."""
    return luhn(digits) and len(set(digits)) > 1 and issuer(digits) > 0


def _pan(text: str, start: int, end: int, score: float) -> float:
    """Luhn, issuer range, even grouping; a bare run behind another label is no card."""
    digits = digits_of(text, start, end)
    if not is_pan(digits):
        return 0.0
    strength = issuer(digits)
    near = before(text, start, 48)
    groups = [len(g) for g in re.split(r"\D+", text[start:end]) if g]
    spoken = _CARD_AFTER.match(text[end : end + 24].lower()) is not None
    named = spoken or _CARD_WORDS.search(near)
    if groups == [4, 4, 4, 4] and not named and in_row(text, start, end, is_pan):
        return 0.4
    if _spoken_of(near) and not _NO_CARD.search(near):
        return 0.95
    if len(groups) > 1:
        if groups not in _REGULAR:
            return 0.65 if spoken else 0.4
        return 0.92 if strength == 2 or spoken else 0.62
    if spoken:
        return 0.92
    if _NO_CARD.search(near):
        return 0.35
    return _bare(text, start, end, digits, strength)


def _spoken_of(near: str) -> bool:
    """Whether a card is spoken of in `near`, the lower-case text before a number."""
    return bool(_CARD_WORDS.search(near) or _PAY_WORDS.search(_SENTENCE_END.split(near)[-1]))


def _bare(text: str, start: int, end: int, digits: str, strength: int) -> float:
    """An unbroken run without a word about cards: one id in fifty looks like one by chance."""
    if digits in _PUBLISHED:
        return 0.62
    if strength < 2 or len(digits) not in {15, 16}:
        return 0.45
    lead = re.sub(r"\\[nrt]|_", " ", text[max(0, start - 32) : start])
    if not lead.strip() and not text[end : end + 8].strip():
        return 0.62
    prose = re.search(r"[^\W\d_]{2,}[,:]?[ \n]\Z", lead) and re.match(
        r"[.;!?)]?(?:\s+[^\W\d]|\s*\Z)", text[end : end + 12]
    )
    return 0.62 if prose or _NEUTRAL_LABEL.search(lead.lower()) else 0.5


def _stripe(text: str, start: int, end: int, score: float) -> float:
    """The account number in the data passes Luhn and has an issuer."""
    found = re.search(r"\d{12,19}", text[start:end])
    return score if found and is_pan(found[0]) else 0.0


def _code(text: str, start: int, end: int, score: float) -> float:
    """Digits in a row or all the same stand for a code, unless a card is beside them."""
    if dull(text[start:end]) and not re.search(
        r"\d{4}[ -]?\d{4}[ -]?\d{4}", text[max(0, start - 80) : start]
    ):
        return min(score, 0.24)
    return score


_PAN_SHAPE = lazy(
    r"\d{12,19}(?!\d)|\d{4}([ .-])\d{4}\1\d{4}\1\d{4}(?!\d)|\d{4}[ -]\d{6}[ -]\d{5}(?!\d)"
)


_BETWEEN = lazy(r"\D{0,16}(?:(?:0[1-9]|1[0-2])\D{0,3}(?:20)?[2-4]\d\D{1,16})?")
"""Between a card number and what belongs to it: words, and its expiry date."""


def _pan_before(text: str, start: int) -> str:
    """The digits of the card number that ends before `start`, its expiry date between at most."""
    low = max(0, start - 64)
    for match in _PAN_SHAPE.finditer(text, low, start):
        digits = digits_of(match[0], 0, len(match[0]))
        if not is_pan(digits) or not _BETWEEN.fullmatch(text, match.end(), start):
            continue
        if not match[1] or len(digits) != 16 or not in_row(text, *match.span(), is_pan):
            return digits
    return ""


def _after_pan(text: str, start: int, end: int, score: float) -> float:
    """Behind a card number."""
    return score if _pan_before(text, start) else 0.0


def _code_after_pan(text: str, start: int, end: int, score: float) -> float:
    """Behind a card number and its expiry date; four digits are American Express's (15 digits)."""
    digits = _pan_before(text, start)
    return score if digits and (end - start == 3 or len(digits) == 15) else 0.0


_GAP = r"[ \u00a0\u2007\u2009\u202f.\-\u2010-\u2015_]"
_WIDE = r"(?:[ \t\u00a0]{1,3}|[ ]?[/|,:·•*\u2010-\u2015-][ ]?)"
_BEFORE = r"(?:(?<![\w.,+-]|\d[ ])|(?<=[_\u2e80-\u9fff\uac00-\ud7af])|(?<=\\[nrt])|(?<=[^\W\d_a-z0-9][.,-]))"
_AFTER = r"(?![a-z0-9]|[.,-]\d|[ ]\d{3,})"
_FOUR = r"\d{4}"
PAN = Recognizer("CreditCardRecognizer", "CREDIT_CARD", (
    Pattern("unbroken", rf"{_BEFORE}\d{{12,19}}(?![a-z0-9]|[.,-]\d)", 0.6),
    Pattern("grouped", rf"{_BEFORE}(?=\d{{0,8}}{_GAP})\d(?:{_GAP}?\d){{11,18}}{_AFTER}", 0.6),
    Pattern("in fours", rf"(?<![\w.,+]){_FOUR}(?P<s>{_WIDE}){_FOUR}(?P=s){_FOUR}(?P=s){_FOUR}(?![\w]|[.,]\d)", 0.6),
    Pattern("in fours and three", rf"(?<![\w.,+]){_FOUR}(?P<s>{_WIDE}){_FOUR}(?P=s){_FOUR}(?P=s){_FOUR}(?P=s)\d{{3}}(?![\w]|[.,]\d)", 0.6),
    Pattern("American Express", rf"(?<![\w.,+])3[47]\d\d(?P<s>{_WIDE})\d{{6}}(?P=s)\d{{5}}(?![\w]|[.,]\d)", 0.6),
), check=_pan)  # fmt: skip

TRACK = Recognizer("TrackDataRecognizer", "TRACK_DATA", (
    # ISO/IEC 7813: sentinel, PAN, separator, name, expiry YYMM, service code, discretionary data
    Pattern("track 1", r"%?B\d{12,19}\^[^^\n?]{2,26}\^\d{4}(?:\d{3}|\^)[^\n?\"']{0,60}\??", 0.98),
    Pattern("track 2", r"(?<![A-Za-z0-9])(?:;|%3B)?\d{12,19}=\d{4}[1-79]\d\d\d{0,24}\??(?![A-Za-z0-9])", 0.97),
    Pattern("track 2 equivalent", r"(?<![0-9A-F])\d{12,19}D\d{4}[1-79]\d\d\d{0,24}F?(?![0-9A-Z])", 0.95),
), check=_stripe, ignore_case=False)  # fmt: skip

_CVV_WORD = (
    r"(?:card[ _-])?(?:cvv2?|cvc2?|cvn2?|cav2|cvd)(?:[ _-]?(?:code|number|value))?|card[ _-]verification(?:[ _-](?:code|value|number))?|"
    r"(?:card[ _-])?security[ _-]code[ ]\((?:cvc|cvv|cid)2?\)|card[ _-]?security[ _-](?:code|value)|"
    r"(?:c[oó]digo de seguridad|code de s[ée]curit[ée]|pr[üu]fziffer)(?= (?:der|de la|de|du)? ?(?:karte|tarjeta|carte)| ?\()"
)
CVV = Recognizer("CvvRecognizer", "CVV", (
    Pattern("cvv", labelled(_CVV_WORD, r"\d{3,4}"), 0.85),
    Pattern("security code", labelled(r"(?:security[ _-]code|\bcid)", r"\d{3,4}"), 0.45),
    Pattern("three digits on the back", rf"{START}(?:three|3|four|4)[ -]digits?(?: code)? on the (?:back|front)(?: of (?:the|my|his|her) card)?(?:\sare\s|{SEPARATOR})(?P<value>\d{{3,4}}){END}", 0.8),
), ("card", "visa", "mastercard", "amex", "expires", "exp", "expiry"), _code)  # fmt: skip
CVV_AFTER = one("CvvBehindExpiryRecognizer", "CVV", r"(?<=\d[\s,;|/]{1,3})(?:exp\w{0,8}\.?[:\s]{1,2})?(?:0[1-9]|1[0-2])[/|-]?(?:20)?[2-4]\d[\s,;|/]{1,3}(?P<value>\d{3,4})(?![\w/]|[.,-]\d)", 0.85, check=_code_after_pan)  # fmt: skip

_PIN = r"\d{4,6}"
PIN = Recognizer("CardPinRecognizer", "CARD_PIN", (
    Pattern("of a card", labelled(r"(?:atm|card|debit(?: card)?|credit card|bank(?: card)?|cash ?card|chip)(?:['’]s)?[ _-](?:pin|pin[ _-]code|pin[ _-]number)", r"\d{4,12}", noun=""), 0.85),
    Pattern("for a card", rf"{START}pin(?: code| number)? (?:for|of|to) (?:the|my|his|her|your|this) (?:\w{{2,12}} )?(?:card|account|atm){SEPARATOR}(?P<value>{_PIN}){END}", 0.85),
    Pattern("beside card words", labelled(r"pin(?:[ _-](?:code|number))?", _PIN, noun=""), 0.35),
), ("card", "atm", "debit", "cvv", "visa", "mastercard", "withdraw", "withdrawal", "cash"), _code)  # fmt: skip
PIN_BLOCK = one(
    "PinBlockRecognizer", "CARD_PIN",
    labelled(r"(?:encrypted[ _-])?pin[ _-]?block(?:[ _-]data)?(?: \(?(?:iso ?-?[0-4]|format[ _-]?[0-4])\)?)?|\b(?:de|field) ?52", r"[0-9a-f]{16}", noun=""), 0.9,
)  # fmt: skip


def _expiry(text: str, start: int, end: int, score: float) -> float:
    """A month and a year; behind a bare `exp`, only near a card."""
    near = text[max(0, start - 80) : start].lower()
    if re.search(
        r"food|milk|passport|licen[cs]e|certificate|contract|warranty|best before|lot\b|batch", near
    ):
        return min(score, 0.35)
    if score < 0.6 and (
        re.search(r"\d{4}[ .-]?\d{4}[ .-]?\d{3}", near)
        or _CARD_WORDS.search(near + text[end : end + 40].lower())
    ):
        return 0.8
    return score


_MONTH_YEAR = r"(?:0[1-9]|1[0-2])\s?[/-]\s?(?:20)?[2-4]\d"
EXPIRY = Recognizer("CardExpiryRecognizer", "CARD_EXPIRY", (
    Pattern("labelled", labelled(r"(?:card|cc)[ _-](?:expir(?:y|ation|es)|exp)(?:[ _-]date)?", _MONTH_YEAR, noun=""), 0.85),
    Pattern("good thru", labelled(r"(?:good|valid)[ _-](?:thru|through)", _MONTH_YEAR, noun=""), 0.8),
    Pattern("exp", labelled(r"exp(?:\.|iry|ires|iration)?(?:[ _-](?:date|on))?", _MONTH_YEAR, noun=""), 0.45),
), check=_expiry)  # fmt: skip
EXPIRY_AFTER = one("CardExpiryBehindPanRecognizer", "CARD_EXPIRY", rf"(?<=\d[\s,;|/]{{1,3}})(?P<value>{_MONTH_YEAR})(?![\w/]|[.,-]\d)", 0.8, check=_after_pan)  # fmt: skip

RECOGNIZERS = (PAN, TRACK, CVV, CVV_AFTER, PIN, PIN_BLOCK, EXPIRY, EXPIRY_AFTER)
