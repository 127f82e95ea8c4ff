"""Terms of a settlement: a sum beside a settlement or a release, set phrases, FRE 408."""

from __future__ import annotations

import re

from gatekeeper.detect.lazy import lazy
from gatekeeper.detect.recognizers.legal.topic import about
from gatekeeper.detect.recognizers.spec import END, START, Pattern, Recognizer

_MONEY = (
    r"(?:(?:US|C|A|HK|NZ)?\$|USD|€|£|EUR|GBP|INR|₹|Rs\.?)\s?\d(?:[\d,.]{0,15}\d)?(?:\s?(?:million|billion|thousand|lakhs?|crores?|k|m|bn|mn)\b)?"
    r"|(?<![\d,.])\d{1,3}(?:,\d{3}){1,4}(?:\.\d\d)? (?:dollars|euros|pounds|USD|EUR)"
)
_NO_ADMISSION = r"(?:without|no|not an?) (?:any )?(?:admission|admitting)(?: or denying)? (?:of )?(?:any )?(?:liability|wrongdoing|fault|guilt|negligence)"
_HIS = r"(?: (?:the|this|all|its|their|his|her|our|any|and)(?: [\w'’-]{1,20}){1,4})?"


_BARE = lazy(r"settle[ds]? (?:for|at) ", re.IGNORECASE)
_CASE = lazy(
    r"\b(?:part(?:y|ies)|plaintiffs?|defendants?|case|claims?|lawsuits?|suits?|litigation|dispute|court|matter|counsel|insurer)\b"
)


def _terms(text: str, start: int, end: int, score: float) -> float:
    """A question about settlements has none of their terms."""
    if about(text, start, end):
        return 0.4
    bare = _BARE.match(text, start)
    around = text[max(0, start - 150) : end + 100].lower()
    return 0.4 if bare and not _CASE.search(around) else score


RECOGNIZERS = (
    Recognizer("SettlementRecognizer", "SETTLEMENT_TERMS", (
        Pattern("settlement and sum", rf"{START}(?:settlement (?:payment|amount|sum|proceeds|agreement|offer|demand|value|range|authority|figure|fund|check|of)|settle(?:d|s)?{_HIS}(?: out of court)?(?: with [^.\n?;]{{1,60}}?)?(?= for | at | in the | by |,)|in (?:full )?settlement|(?:(?:our|their|his|her|the) )?(?:(?:our|their|his|her|opening|final|last|bottom[- ]line) )(?:settlement )?(?:demand|offer) (?:is|was|of))[^.\n?;]{{0,120}}?(?:{_MONEY})", 0.8),
        Pattern("sum and release", rf"(?:{_MONEY})[^.\n?;]{{0,120}}?(?:in (?:full )?(?:and final )?(?:settlement|release|satisfaction)|(?:general )?release of (?:all|any and all) claims|{_NO_ADMISSION}|in exchange for (?:a |the )?(?:general |mutual |full )?(?:release|dismissal))", 0.8),
        Pattern("release and sum", rf"{START}(?:release(?:s|d)? (?:of )?(?:all|any and all) claims|mutual (?:general )?releases?|{_NO_ADMISSION}|full and final (?:settlement|release|satisfaction))[^.\n?;]{{0,160}}?(?:{_MONEY})", 0.75),
        Pattern("confidential settlement", rf"{START}confidential settlement (?:agreement|communication|discussion|negotiation|term|offer|conference|proposal|demand|amount)s?{END}", 0.75),
        Pattern("terms are confidential", rf"{START}(?:terms|amount|existence) of (?:the|this|our|that) settlement(?: agreement)? (?:is|are|shall (?:be|remain)|remains?|will (?:be|remain)) (?:kept )?(?:strictly )?confidential{END}", 0.75),
        Pattern("release clause", rf"{START}(?:hereby )?(?:releases?|acquits?|remises?)(?:,? and (?:forever )?discharges?|,? and forever discharges?|, acquits?,? and forever discharges?)[^.\n]{{0,100}}?(?:from )(?:all|any and all) (?:claims|causes of action|liabilit)", 0.75),
        Pattern("no admission", rf"{START}(?:this|the) (?:settlement|agreement|payment|compromise|release)[^.\n?;]{{0,60}}?(?:is not|shall not be|does not constitute|without|is made without) (?:an |any |construed as (?:an )?)?admission (?:of|by)[^.\n?;]{{0,40}}?(?:liability|wrongdoing|fault)", 0.75),
        Pattern("evidence rule", rf"{START}(?:(?:confidential )?settlement communications?(?: (?:pursuant|subject) to)?|(?:subject|pursuant) to|inadmissible under|protected (?:by|under)|privileged under)[ ,:;–—-]{{1,3}}(?:(?:the )?FRE|Fed(?:eral|\.)?\s?R(?:ules?|\.)?(?: of)?\s?Evid(?:ence|\.)?|Rule|Evidence Code(?: section| §)?|ER)\s?(?:408|1152|1154){END}", 0.75),
        Pattern("evidence rule, marking", rf"{START}(?:(?:FRE|RULE|F\.R\.E\.|FED\. R\. EVID\.) 408 (?:settlement(?: communication)?|communication|protected|confidential)|settlement communication(?=\s?(?:[-–—:*\])\n]|$))|for settlement purposes only|without prejudice (?:and|&|save) (?:subject to contract|as to costs|without admission))", 0.7),
    ), check=_terms, needs=("settle", "release", "408", "admission", "discharge", "prejudice", "1152", "demand", "offer")),
)  # fmt: skip
