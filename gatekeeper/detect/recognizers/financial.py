"""Payment cards, bank accounts, verification codes."""

from __future__ import annotations

import re

from gatekeeper.detect.recognizers.spec import (
    Pattern,
    Recognizer,
    before,
    digits_of,
    dull,
    labelled,
    luhn,
    not_dull,
    one,
)

# Issuer ranges: (first, last) of the leading digits, and the lengths that go with them
# (ISO/IEC 7812-1; ranges as the networks publish them).
_STRONG = (
    (4, 4, {13, 16, 19}),  # Visa
    (51, 55, {16}), (2221, 2720, {16}),  # Mastercard
    (34, 34, {15}), (37, 37, {15}),  # American Express
    (6011, 6011, {16, 19}), (644, 649, {16, 19}), (65, 65, {16, 19}),  # Discover
)  # fmt: skip
_WEAK = (
    (3528, 3589, {16, 19}),  # JCB
    (300, 305, {14, 16}), (36, 36, {14}), (38, 39, {14, 16}),  # Diners
    (62, 62, {16, 17, 18, 19}), (81, 81, {16}),  # UnionPay
    (50, 50, set(range(12, 20))), (56, 58, set(range(12, 20))),  # Maestro
    (60, 61, set(range(13, 20))), (63, 63, set(range(12, 20))), (66, 69, set(range(12, 20))),
)  # fmt: skip
_NO_CARD = re.compile(
    r"(?:\bid|_id|uuid|order|tracking|imei|iccid|serial|isbn|ean|gtin|sku|invoice|timestamp|seed|"
    r"hash|transaction|reference|ticket|parcel|shipment|barcode|epoch|[=*+/^<>×]|e[+-]?)"
    r"(?:[ _-]?(?:number|no|num|id|\#))?[\"'`*]{0,3}\s{0,2}(?:[:=#]|is)?\s{0,2}[\"'`*(]{0,3}$"
)
_CARD_WORDS = re.compile(r"card|visa|master|amex|discover|\bpan\b|\bcc\b|debit|credit|charge|pay")


def _issuer(digits: str) -> int:
    """2 for a range of the large networks, 1 for another, 0 for none."""
    for strength, ranges in ((2, _STRONG), (1, _WEAK)):
        for first, last, lengths in ranges:
            head = int(digits[: len(str(first))])
            if first <= head <= last and len(digits) in lengths:
                return strength
    return 0


def _card(text: str, start: int, end: int, score: float) -> float:
    """Luhn, issuer range, even grouping; a bare run behind another label is no card."""
    digits = digits_of(text, start, end)
    if not luhn(digits) or len(set(digits)) < 2:
        return 0.0
    issuer = _issuer(digits)
    if not issuer:
        return 0.0
    near = before(text, start, 40)
    if _CARD_WORDS.search(near):
        return 0.95
    groups = [len(g) for g in re.split(r"\D", text[start:end]) if g]
    if len(groups) > 1:
        regular = groups[:-1] in ([4, 4, 4], [4, 4, 4, 4], [4, 6], [6])
        return 0.92 if regular and issuer == 2 else 0.62 if regular else 0.4
    if _NO_CARD.search(near):
        return 0.35
    return 0.62 if issuer == 2 else 0.45


def _aba(text: str, start: int, end: int, score: float) -> float:
    """The 3-7-1 check of ABA routing numbers."""
    digits = digits_of(text, start, end)
    total = sum(int(d) * w for d, w in zip(digits, (3, 7, 1) * 3, strict=True))
    return score if total % 10 == 0 and digits != "000000000" else 0.0


def _bank(text: str, start: int, end: int, score: float) -> float:
    return 0.0 if dull(text[start:end]) else score


_CARD = r"(?<![\w.,-]|\d[ ])\d(?:[ \u00a0\u202f\u2009.-]?\d){11,18}(?![\w]|[.,-]\d|[ ]\d{3})"
RECOGNIZERS = (
    Recognizer("CreditCardRecognizer", "CREDIT_CARD", (Pattern("pan", _CARD, 0.6),),
               ("card", "credit", "debit", "visa", "mastercard", "amex", "discover", "pan", "cc"), _card),
    Recognizer("CvvRecognizer", "CVV", (
        Pattern("cvv", labelled(r"cvv2?|cvc2?|cvn|card[ _-]verification(?:[ _-](?:code|value|number))?|(?:card[ _-])?security[ _-]code[ ]\((?:cvc|cvv|cid)2?\)", r"\d{3,4}"), 0.85),
        Pattern("security code", labelled(r"(?:card[ _-])?security[ _-]code", r"\d{3,4}"), 0.45),
    ), ("card", "visa", "mastercard", "amex", "expires", "exp", "expiry")),
    one("UsBankRecognizer", "US_BANK_NUMBER", labelled(r"(?:bank|checking|chequing|savings?|deposit|direct[ _-]deposit)[ _-]?(?:accounts?|accts?|a/c)", r"\d(?:[ -]?\d){5,16}"), 0.85, check=_bank),
    one("UsBankShortRecognizer", "US_BANK_NUMBER", labelled(r"(?:accounts?|accts?|a/c)(?=[ _-]{0,2}(?:n(?:o|um|br)|\#|:|=))", r"\d(?:[ -]?\d){5,16}"), 0.3, "bank", "checking", "savings", "routing", "aba", "deposit", check=_bank),
    one("AbaRoutingRecognizer", "ABA_ROUTING_NUMBER", labelled(r"(?:aba|routing|rtn|transit)(?:[ _-](?:routing|transit))?", r"[0-36-8]\d{3}-?\d{4}-?\d"), 0.95, check=_aba),
    one("EthereumRecognizer", "CRYPTO", r"(?<![\w])0x[0-9a-f]{40}(?![\w])", 0.45, "wallet", "eth", "ethereum", "usdt", "crypto", "address", check=not_dull),
)  # fmt: skip
