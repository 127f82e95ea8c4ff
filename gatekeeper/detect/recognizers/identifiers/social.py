"""Social security and taxpayer numbers of the United States, and what is made of them."""

from __future__ import annotations

from gatekeeper.detect.recognizers.identifiers.labels import other_label
from gatekeeper.detect.recognizers.spec import (
    END,
    SEPARATOR,
    START,
    Pattern,
    Recognizer,
    digits_of,
    labelled,
)

_FILLERS = frozenset({"123456789", "987654321", "078051120", "219099999", "457555462"})
"""Published on a wallet card, in a pamphlet, in an advertisement (SSA)."""


def _issued(digits: str) -> bool:
    """Areas and groups that are never issued (SSA, POMS RM 10201)."""
    if len(digits) != 9 or digits[:3] in {"000", "666"} or digits[0] == "9":
        return False
    return digits[3:5] != "00" and digits[5:] != "0000" and len(set(digits)) > 1


def _ssn(text: str, start: int, end: int, score: float) -> float:
    digits = digits_of(text, start, end)
    if not _issued(digits):
        return 0.0
    separators = {c for c in text[start:end] if not c.isdecimal() and c not in "\"'"}
    if len(separators) > 1 and score < 0.8:
        return 0.0
    if not separators and score < 0.3 and other_label(text, start):
        return 0.0
    return score if digits not in _FILLERS else 0.2


def _hicn(text: str, start: int, end: int, score: float) -> float:
    digits = digits_of(text, start, end)[:9]
    return score if len(digits) < 9 or _issued(digits) else 0.0


def _last_four(text: str, start: int, end: int, score: float) -> float:
    digits = digits_of(text, start, end)
    return 0.0 if digits in {"0000", "1234"} and score < 0.7 else score


_GAP = r"[-. \u00a0–—‑−/]"
_LABEL = (
    r"ssns?|ss[ ]?\#|social[ _-]?security(?:[ _-](?:number|no\.?|num|\#))?|soc\.?[ _-]?sec\.?|ss[ _-]?n(?:um|br|o)?|"
    r"social(?=[ ]?(?:is|was|:|=|\#|number|no\b|num\b|\d))|socsec|sozialversicherungsnummer \(us\)|tax[ _-]?id[ /(]{1,2}ssn\)?"
)
_SHAPE = rf"\d{{3}}{_GAP}?\d{{2}}{_GAP}?\d{{4}}"
_BIC = r"(?:A|B[1-9A-Y]?|C[1-9A-Z]|D[1-9A-Z]?|E[1-9A-M]?|F[1-8]|J[1-4]|K[1-9A-M]|M1?|T[A-Z2]?|W[1-9A-T]?)"
_ITIN = r"(?:5\d|6[0-5]|7\d|8[0-8]|9[0-24-9])"

RECOGNIZERS = (
    Recognizer("UsSsnRecognizer", "US_SSN", (
        Pattern("dashed", r"(?<![0-9A-Za-z_.-])\d{3}[-‑–]\d{2}[-‑–]\d{4}(?![0-9A-Za-z_-]|\.\d)", 0.65),
        Pattern("spaced", r"(?<![0-9A-Za-z_.-])\d{3}(?P<s>[ .\u00a0—−])\d{2}(?P=s)\d{4}(?![0-9A-Za-z_-]|\.\d)", 0.5),
        Pattern("labelled", labelled(_LABEL, _SHAPE), 0.95),
        Pattern("glued", rf"{START}ssn[:\#=]?(?P<value>\d{{3}}-\d{{2}}-\d{{4}})(?!\d)", 0.9),
        Pattern("label behind", r"(?<![0-9A-Za-z_.,$€£/+-])(?P<value>\d{3}[- ]?\d{2}[- ]?\d{4})(?=\s?(?:\(|,|=|-|is (?:my|his|her|the|their) )\s?(?:ssn|social security|ss\#|social)\b)", 0.85),
    ), ("ssn", "ssns", "social", "security", "ss", "socsec"), _ssn),
    Recognizer("UsSsnBareRecognizer", "US_SSN", (
        Pattern("bare", r"(?<![0-9A-Za-z_.,$€£/+#-])\d{9}(?![0-9A-Za-z_]|[.,/-]\d)", 0.26),
    ), ("ssn", "ssns", "socsec"), _ssn, needs=("ssn", "socsec")),
    Recognizer("UsSsnLastFourRecognizer", "US_SSN_LAST4", (
        Pattern("labelled", rf"{START}(?:last[ _-]?(?:4|four)(?:[ _-]?digits)?(?:[ _-]?(?:of|for))?(?:[ _-](?:the|your|her|his|my|their|patient['’]?s?|client['’]?s?))?[ _-]?(?:ssn|social(?:[ _-]security(?:[ _-]number)?)?|ss\#)|(?:ssn|social(?:[ _-]security(?:[ _-]number)?)?)[ _-]?\(?(?:last[ _-]?(?:4|four)(?:[ _-]?digits)?|l4|4)\)?|(?:ssn|social(?: security(?: number)?)?) (?:is )?(?:ending|ends)(?: in| with)?){SEPARATOR}(?P<value>\d{{4}}){END}(?![-/.]\d)", 0.75),
        Pattern("masked", r"(?<![\w*•#-])(?:[Xx*•#]{3}[- ]?[Xx*•#]{2}|[Xx*•]{5})[- ]?(?P<value>\d{4})(?![\w-])", 0.65),
    ), ("ssn", "social"), _last_four, needs=("ssn", "social", "ss#", "x", "*", "•", "#")),
    Recognizer("UsHicnRecognizer", "US_HICN", (
        Pattern("dashed", rf"(?<![\w.-])\d{{3}}-\d{{2}}-\d{{4}}[ -]?(?-i:{_BIC})(?![\w-])", 0.75),
        Pattern("labelled", labelled(r"hicn?|health insurance claim(?=[ _-]?n)|medicare(?:[ _-](?:claim|hic))?(?=[ _-]?(?:id|n(?:o|um)|\#|:))|railroad(?: retirement)?(?: board)?(?: medicare)?", rf"(?:\d{{3}}[- ]?\d{{2}}[- ]?\d{{4}}[- ]?{_BIC}|(?:A|MA|PA|WA|WCA|WD|H|MH|PH|WH|WCH|WCD|JA|CA)[- ]?(?:\d{{6}}|\d{{3}}-?\d{{2}}-?\d{{4}}))"), 0.9),
    ), ("medicare", "hicn", "hic", "claim"), _hicn),
    Recognizer("UsItinRecognizer", "US_ITIN", (
        Pattern("dashed", rf"(?<![\w.-])9\d{{2}}-{_ITIN}-\d{{4}}(?![\w-]|\.\d)", 0.65),
        Pattern("spaced", rf"(?<![\w.-])9\d{{2}} {_ITIN} \d{{4}}(?![\w-]|\.\d)", 0.35),
        Pattern("labelled", labelled(r"itins?|(?:individual[ _-])?tax(?:payer)?[ _-]?(?:identification|id|number)|tin", rf"9\d{{2}}[- ]?{_ITIN}[- ]?\d{{4}}"), 0.95),
    ), ("itin", "taxpayer", "tin", "tax", "w7"), needs=("9",)),
)  # fmt: skip
