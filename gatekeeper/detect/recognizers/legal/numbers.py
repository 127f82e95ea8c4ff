"""Numbers of a legal matter: Bates, bar, client and matter; and of an alien before the authorities."""

from __future__ import annotations

import re

from gatekeeper.detect.lazy import lazy
from gatekeeper.detect.recognizers.citations import in_citation
from gatekeeper.detect.recognizers.spec import (
    SEPARATOR,
    START,
    Pattern,
    Recognizer,
    before,
    digits_of,
    dull,
    labelled,
    not_dull,
)

_NEEDS_NOUN = r"(?:[ \t_-]{0,2}(?:numbers?|nos?\b\.?|num\b\.?|nbr\b\.?|ids?\b|\#|n°)){1,2}"
_NOT_BATES = lazy(
    r"(?:INV|ORD|ORDER|REF|SKU|PO|SO|RMA|ID|TKT|TICKET|TASK|BUG|ISSUE|CASE|JIRA|CVE|CWE|RFC|ISO|IEC|DIN|EN|ASTM|IEEE|ISBN|ISSN|"
    r"DOI|PMID|PMC|NCT|HTTP|UTC|GMT|UTF|SHA|MD|AES|RSA|CRC|GPU|CPU|RTX|GTX|USD|EUR|GBP|JPY|TEL|FAX|MRN|SSN|DOB|VIN|IMEI|"
    r"PART|ITEM|MODEL|VER|REV|BUILD|SN|PN|ASIN|EAN|UPC|GTIN|CHEBI|CHEMBL|ENSG|ENST|ENSP|GSE|GSM|SRR|SRX|ERR|DRR|PRJNA|"
    r"SAMN|GO|HP|MONDO|OMIM|DRUGBANK|UNIPROT|KB|MS|ERROR|CODE|PAGE|LINE|FIG|TAB|EQ|TEST|USER|CUST|EMP|DEV|PROD|COL|ROW)[-_ ]?\d"
)


_SECOND = 0.65
_PREFIX = lazy(r"[A-Z]{2,10}(?:[-_][A-Z]{1,8}){0,2}(?=[-_ ]?\d)")


def _of_another(text: str, start: int, end: int) -> bool:
    """Whether a number behind another one has a prefix of its own, and no zeros to fill it up.

    `ABC001234 to ABC001239` is a production, `HIP 79734, SAO 195127` two catalogues.
    """
    mine = _PREFIX.match(text, start, end)
    theirs = [m[0] for m in _PREFIX.finditer(text, max(0, start - 40), start)]
    padded = re.search(r"[A-Z][-_ ]?0", text[start:end])
    return not padded and (mine is None or theirs[-1:] != [mine[0]])


def _bates(text: str, start: int, end: int, score: float) -> float:
    """Prefixes of orders, standards and databases are no producing party's."""
    if dull(text[start:end]) or in_citation(text, start, end):
        return 0.0
    if score >= 0.8:
        return score
    if _NOT_BATES.match(text[start:end]) or (score == _SECOND and _of_another(text, start, end)):
        return 0.0
    return (
        0.0
        if re.search(
            r"[#:/]\Z|(?:order|invoice|part|model|sku|ticket|serial|tracking|item)\W{0,3}(?:no|number|id|#)?\W{0,4}\Z",
            before(text, start),
        )
        else score
    )


def _bar(text: str, start: int, end: int, score: float) -> float:
    """Not the number of a chart's bar, nor of a bar exam."""
    near = before(text, start, 40)
    return (
        0.0
        if dull(text[start:end]) or re.search(r"(?:chart|exam|code|tool|side|menu|progress)", near)
        else score
    )


def _file(text: str, start: int, end: int, score: float) -> float:
    """A file number is a matter's only where there are lawyers."""
    near = text[max(0, start - 200) : end + 200].lower()
    lawyers = re.search(
        r"\b(?:client|counsel|attorneys?|law|llp|esq|solicitors?|legal|litigation|matter|retainer|firm)\b",
        near,
    )
    return 0.0 if dull(text[start:end]) else score if lawyers else 0.35


def _receipt(text: str, start: int, end: int, score: float) -> float:
    return 0.0 if dull(digits_of(text, start, end)) else score


_BATES = r"(?-i:[A-Z][A-Z0-9&]{1,11}(?:[-_. ](?:[A-Z]{1,8}|\d{1,3}))?[-_ ]?)\d{4,10}"
_PREFIXED = r"(?-i:[A-Z]{2,10}(?:[-_][A-Z]{1,8}){0,2})[-_ ]?\d{5,10}"
_STATES = (
    r"al|ak|az|ar|ca|co|ct|de|fl|ga|hi|id|il|in|ia|ks|ky|la|me|md|ma|mi|mn|ms|mo|mt|ne|nv|nh|nj|nm|ny|nc|nd|oh|ok|or|pa|ri|sc|sd|tn|tx|ut|vt|va|wa|wv|wi|wy|d\.?c\.?|"
    r"alabama|alaska|arizona|arkansas|cal(?:if)?\.?|california|colorado|connecticut|delaware|fla\.?|florida|georgia|hawaii|idaho|ill\.?|illinois|indiana|iowa|kansas|kentucky|"
    r"louisiana|maine|maryland|mass\.?|massachusetts|mich\.?|michigan|minn\.?|minnesota|mississippi|missouri|montana|nebraska|nevada|new (?:hampshire|jersey|mexico|york)|"
    r"north (?:carolina|dakota)|ohio|oklahoma|oregon|penn\.?|pennsylvania|rhode island|south (?:carolina|dakota)|tenn\.?|tennessee|tex\.?|texas|utah|vermont|virginia|wash\.?|washington|west virginia|wis\.?|wisconsin|wyoming"
)
_BAR_LABELS = (
    rf"(?:(?:{_STATES})[ _])?(?:state[ _-])?bar(?:[ _-](?:card|roll|id|registration|reg\.?|member(?:ship)?|license))?|"
    rf"attorney[ _-](?:registration|reg\.?|bar|id|i\.d\.|license|lic\.?)|att(?:orne)?y\.?(?:[ _-]?(?:reg\.?|lic\.?|i\.?d\.?))?|juris|ardc|(?:{_STATES})[ _](?:attorney|att[’']?y\.?)|"
    r"(?:supreme|sup\.)[ _](?:court|ct\.?)[ _](?:reg(?:istration|\.)?|i\.?d\.?|attorney)|bpr|bbo|vsb|wsba|osb|isb|usb|fbn|p\.?h\.?v\.?|pro hac vice|abn|roll|sra|law society|barrister"
)
RECOGNIZERS = (
    Recognizer("BatesRecognizer", "BATES_NUMBER", (
        Pattern("labelled", labelled(r"bates(?:[ _-]?(?:stamp(?:ed)?|range|label(?:l?ed)?|begin|beg|end|start|page|prefix|numbered|(?:beg|end)?attach))?(?:[ _-]?n(?:o|um|umber|br)?s?\.?)?|(?:beg|end|begin|prod(?:uction)?)[ _-]?(?:bates|doc|control|no)(?:[ _-]?(?:no|num|number|id))?|prod(?:uction)?[ _-]?beg(?:in)?|control[ _-]?(?:number|no\.?|num)", rf"(?:{_BATES})"), 0.9),
        Pattern("second of a range", rf"(?<=(?-i:[A-Z]{{2,10}})[-_ ]?\d{{4,10}}\s?(?:-|–|—|through|thru|to|and|&|,)\s?)(?P<value>{_PREFIXED})(?![\w-])", _SECOND),
        Pattern("range", rf"(?<![\w.#/-]){_PREFIXED}\s?(?:-|–|—|through|thru|to)\s?(?:(?-i:[A-Z]{{2,10}}(?:[-_][A-Z]{{1,8}}){{0,2}})[-_ ]?)?\d{{5,10}}(?![\w-])", 0.75),
        Pattern("zero-padded, alone", r"\A\s{0,2}(?P<value>(?-i:[A-Z]{2,8})[-_]?000\d{4,7})\s{0,2}\Z", 0.65),
        Pattern("line of its own", r"^[ \t]{0,80}(?P<value>(?-i:[A-Z]{2,8}(?:[-_][A-Z]{2,8})?)[-_ ]?000\d{4,7})[ \t\r]{0,20}$", 0.62),
        Pattern("zero-padded", r"(?<![\w.#/-])(?-i:[A-Z]{2,8}(?:[-_][A-Z]{1,8}){0,2})[-_ ]?0\d{5,9}(?![\w-])", 0.45),
    ), ("bates", "produced", "production", "exhibit", "stamped", "deposition", "discovery", "ex"), _bates),
    # Of one such number nothing follows; many of them in sequence, over a dataset, are a production.
    Recognizer("BatesShapeRecognizer", "BATES_NUMBER", (
        Pattern("shape", r"(?<![\w.#/-])(?-i:[A-Z]{2,10}(?:[-_][A-Z]{1,8}){0,2})[-_]?\d{6,10}(?![\w-])", 0.35),
    ), check=_bates),
    Recognizer("BarNumberRecognizer", "BAR_NUMBER", (
        Pattern("labelled", labelled(_BAR_LABELS, r"[A-Z]{0,2}-?\d{4,8}", noun=_NEEDS_NOUN), 0.85),
        Pattern("short label", rf"\(?{START}(?:SBN|CSB|CBN|WSBA|OSB|ARDC|BBO|FBN|VSB|BPR|NYSBA){SEPARATOR}(?P<value>\d{{5,8}})(?!\w)", 0.8),
        Pattern("Michigan", r"(?<=(?-i:[A-Z][a-z]{1,20}|Esq\.),? ?)\((?P<value>(?-i:P)\d{5})\)", 0.65),
    ), (), _bar, needs=("bar", "sbn", "att", "juris", "ardc", "bpr", "bbo", "vsb", "wsba", "osb", "isb", "usb", "fbn", "hac", "csb", "cbn", "(p", "roll", "sra", "law society", "p.h.v", "phv", "abn", "reg")),
    Recognizer("MatterNumberRecognizer", "MATTER_NUMBER", (
        Pattern("client and matter", labelled(r"(?:client[ /_&-]{0,3}(?:and )?)?matter|c/m|c-m|client[ _-]matter", r"[A-Z]{0,3}\d{3,7}[./-]\d{3,7}", noun=r"(?:[ \t_-]{0,2}(?:numbers?|nos?\b\.?|num\b\.?|ids?\b|\#)){0,2}"), 0.85),
        Pattern("matter", labelled(r"(?:client[ /_&-]{0,3})?matter|billing matter|engagement", r"(?=[A-Z0-9.-]{0,20}\d{3})[A-Z0-9][A-Z0-9.-]{3,20}[A-Z0-9]", noun=_NEEDS_NOUN), 0.8),
    ), check=not_dull, needs=("matter", "c/m", "c-m", "engagement")),
    Recognizer("LegalFileRecognizer", "MATTER_NUMBER", (
        Pattern("file", labelled(r"our[ _](?:file|ref(?:erence|\.)?)|file(?=[ _-]?(?:no\b|num|\#))|client(?=[ _-]?(?:n|\#))", r"(?=[A-Z0-9./-]{0,20}\d{3})[A-Z0-9]{1,8}[./-][A-Z0-9./-]{2,14}[A-Z0-9]", noun=r"(?:[ \t_-]{0,2}(?:numbers?|nos?\b\.?|num\b\.?|ids?\b|\#)){0,2}"), 0.65),
    ), check=_file, needs=("file", "our ref", "client")),
    Recognizer("ImmigrationNumberRecognizer", "IMMIGRATION_NUMBER", (
        Pattern("labelled", labelled(r"(?-i:A)[-#]{1,2}(?=[ _-]?(?:number|no\b|\#|\d))|(?-i:A)(?=[ _]?(?-i:N(?:umber|UMBER|o\b|O\b)|\#))|a(?=[ ]number:)|alien(?:[ _-](?:registration|reg\.?|file))?|uscis(?:[ _-]online)?(?:[ _-]account)?|a-?file|registration(?= number \(a)|green[ _-]card", r"A?[- ]?(?:\d{3}[- ]?\d{3}[- ]?\d{3}|\d{8})", noun=_NEEDS_NOUN), 0.9),
        Pattern("behind A", r"(?<![\w-])(?-i:A)[ -]?\d{3}[- ]\d{3}[- ]\d{3}(?![\w-])", 0.62),
        Pattern("glued", r"(?<![\w-])(?-i:A)[ -]?\d{9}(?![\w-])", 0.35),
        Pattern("receipt", r"(?<![\w-])(?-i:EAC|WAC|LIN|SRC|NBC|MSC|IOE|YSC|VSC|TSC)[- ]?\d{10}(?![\w-])", 0.85),
        Pattern("I-94, visa", labelled(r"i-?94(?:[ _-](?:admission|record|arrival))?|visa(?:[ _-](?:control|foil))?|sevis", r"(?:N00)?\d{8,11}|[0-9]{9}[A-Z][0-9]", noun=_NEEDS_NOUN), 0.8),
    ), ("alien", "immigration", "uscis", "removal", "respondent", "asylum", "deportation", "eoir", "petition", "visa"), _receipt),
)  # fmt: skip
