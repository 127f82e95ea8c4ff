"""Markings that close a document, and numbers of a legal matter.

A marking is written as one: in capitals, as a heading, or in a set phrase. The same words as a topic
("What is attorney-client privilege?") are no finding.
"""

from __future__ import annotations

import re

from gatekeeper.detect.recognizers.spec import (
    END,
    SEPARATOR,
    START,
    Pattern,
    Recognizer,
    before,
    labelled,
    not_dull,
    one,
)

_DASH = r"[ ]?[-–—/‑ ][ ]?"
_AC_UPPER = rf"(?:ATTORNEY|SOLICITOR|LAWYER){_DASH}CLIENT"
_AC_TITLE = rf"(?:Attorney|Solicitor|Lawyer){_DASH}Client"
_AC_LOWER = rf"(?:[Aa]ttorney|[Ss]olicitor|[Ll]awyer){_DASH}[Cc]lient"
_PAPER = r"(?:e-?mail|communication|document|message|letter|memo(?:randum)?|transmission|attachment|file|draft)s?"


def marking(name: str, entity: str, *patterns: tuple[str, float]) -> Recognizer:
    """Phrases in the case they are given in."""
    made = tuple(Pattern(f"phrase {n}", START + p + END, s) for n, (p, s) in enumerate(patterns, 1))
    return Recognizer(name, entity, made, ignore_case=False)


MARKINGS = (
    marking(
        "PrivilegeRecognizer", "PRIVILEGE_MARKING",
        (rf"(?:{_AC_UPPER} )?PRIVILEGED? (?:AND|&) (?:STRICTLY )?CONFIDENTIAL(?: {_AC_UPPER}(?: (?:COMMUNICATION|PRIVILEGED?))?)?", 0.9),
        (rf"(?:PRIVILEGED[ :,-]{{1,3}})?{_AC_UPPER}(?:[ ](?:PRIVILEGED?|COMMUNICATIONS?)){{1,2}}(?: (?:COMMUNICATION|MATERIAL|INFORMATION|DOCUMENT))?", 0.9),
        (rf"CONFIDENTIAL {_AC_UPPER} COMMUNICATION", 0.9),
        (rf"(?:Confidential (?:and|&) Privileged|Privileged (?:and|&) Confidential)(?:[ ]?[-–—:,][ ]?{_AC_TITLE} (?:Communication|Privileged?))?", 0.85),
        (rf"{_AC_TITLE} (?:Privileged(?: Communication)?|Communication|Privilege(?=\s?(?:[-–—:\n]|$)))", 0.75),
        (rf"(?:[Tt]his|[Tt]he (?:attached|enclosed|following)) {_PAPER} (?:is|are|may be|contains?|and any attachments? (?:is|are))[^.\n]{{0,60}}?(?:{_AC_LOWER} privileged?|legally privileged|privileged and confidential)", 0.8),
        (rf"[Pp](?:rotected|rivileged|ROTECTED) (?:by|under|from disclosure by|BY) (?:the )?(?:{_AC_LOWER}|{_AC_UPPER}) (?:privilege|PRIVILEGE)", 0.5),
        (r"LEGALLY PRIVILEGED|LEGAL ADVICE PRIVILEGE|PRIVILEGED COMMUNICATION|PRIVILEGED MATERIAL|ATTORNEY PRIVILEGED", 0.85),
    ),
    marking(
        "WorkProductRecognizer", "WORK_PRODUCT_MARKING",
        (r"(?:ATTORNEY(?:['’]?S)?[ -])?(?:OPINION )?WORK[ -]PRODUCT(?: (?:PRIVILEGED?|PROTECTED|DOCTRINE|MATERIAL))?(?=\s?(?:[-–—:.;,*_)\]\n/]|$| AND | & |\())", 0.9),
        (r"ATTORNEY(?:['’]?S)?[ -]WORK[ -]PRODUCT", 0.9),
        (r"(?:Privileged[ ,]{1,2})?Attorney(?:['’]s)?[ -]Work[ -]Product", 0.75),
        (r"(?:[Pp]repared|PREPARED) (?:by counsel |at (?:the )?(?:direction|request) of counsel )?(?:in|IN) (?:anticipation|ANTICIPATION) (?:of|OF) (?:litigation|LITIGATION|trial)", 0.75),
        (r"(?:[Pp]repared|PREPARED) (?:at|AT) (?:the |THE )?(?:direction|request|DIRECTION|REQUEST) (?:of|OF) (?:counsel|COUNSEL)", 0.7),
        (r"(?:DRAFT|Draft)[ ]?[-–—][ ]?(?:for|FOR) (?:counsel|COUNSEL)(?:['’]S| review| REVIEW)?", 0.65),
    ),
    marking(
        "CommonInterestRecognizer", "COMMON_INTEREST_MARKING",
        (r"(?:COMMON[ -]INTEREST|JOINT[ -]DEFEN[SC]E)(?:[ /](?:PRIVILEGED?|COMMUNICATION|MATERIAL|AGREEMENT|DOCTRINE|PROTECTED))*(?=\s?(?:[-–—:.;,*_)\]\n/]|$| AND | & ))", 0.85),
        (r"(?:JOINT[ -]DEFEN[SC]E|COMMON[ -]INTEREST) (?:PRIVILEGED?|COMMUNICATION|AGREEMENT)", 0.9),
        (r"(?<=[Ss]ubject to (?:the |a |our )?)(?:[Cc]ommon[ -][Ii]nterest|[Jj]oint[ -][Dd]efen[sc]e)(?: and (?:joint[ -]defen[sc]e|common[ -]interest))? (?:[Pp]rivilege|[Aa]greement|[Dd]octrine)", 0.8),
        (r"(?:Joint[ -]Defen[sc]e|Common[ -]Interest) (?:Privileged?|Communication|Material)(?=\s?(?:[-–—:\n]|$))", 0.75),
    ),
    marking(
        "SealedRecognizer", "SEALED_MARKING",
        (r"(?:TO BE )?(?:FILED|LODGED|SUBMITTED|ORDERED) (?:EX PARTE (?:AND|&) )?UNDER SEAL", 0.9),
        (r"(?:UNDER SEAL|SEALED BY (?:THE )?(?:ORDER OF (?:THE )?)?COURT(?: ORDER)?|SEALED BY ORDER(?: OF (?:THE )?COURT)?|SEALED (?:DOCUMENT|MATTER|RECORD|EXHIBIT|FILING)|IN CAMERA REVIEW|FOR IN CAMERA (?:REVIEW|INSPECTION)|EX PARTE AND IN CAMERA|GRAND JURY MATERIAL)", 0.85),
        (r"Filed Under Seal(?=\s?(?:[-–—:.,*\n)]|$|pursuant|Pursuant))", 0.8),
        (r"(?:[Tt]his|[Tt]he) (?:case|matter|record|filing|document|exhibit|indictment|complaint|affidavit) (?:is|was|has been|remains) (?:filed |placed |kept )?(?:under seal|sealed by (?:order of )?the court)", 0.65),
    ),
    marking(
        "ProtectiveOrderRecognizer", "PROTECTIVE_ORDER_MARKING",
        (r"(?:HIGHLY CONFIDENTIAL[ ]?[-–—,:]?[ ]?)?(?:OUTSIDE )?(?:ATTORNEYS?['’]?S?['’]?|COUNSEL['’]?S?) EYES ONLY", 0.9),
        (r"(?:HIGHLY )?CONFIDENTIAL[ ]?[-–—,:][ ]?(?:OUTSIDE COUNSEL ONLY|SOURCE CODE|ATTORNEYS?['’]? ?ONLY|AEO)", 0.9),
        (r"(?:(?:HIGHLY )?CONFIDENTIAL[ ]?[-–—,:]?[ ]?)?(?:IS )?(?:SUBJECT TO|PRODUCED (?:UNDER|PURSUANT TO)|DESIGNATED UNDER)(?: (?:A|THE|STIPULATED))*(?: STIPULATED)? PROTECTIVE ORDER", 0.9),
        (r"(?:Highly )?Confidential[ ]?[-–—,:]?[ ]?(?:Outside )?(?:Attorneys?['’]?s?|Counsel['’]?s?['’]?) Eyes Only", 0.85),
        (r"(?:Confidential[ ]?[-–—,:]?[ ]?)?Subject to (?:the |a )?(?:Stipulated )?Protective Order", 0.75),
        (r"[Dd]esignated (?:as )?[\"“]?(?:HIGHLY )?(?:CONFIDENTIAL|Confidential)[\"”]? (?:under|pursuant to) (?:the|a) (?:stipulated )?[Pp]rotective [Oo]rder", 0.8),
    ),
)  # fmt: skip

# --- settlement --------------------------------------------------------------------------------

_MONEY = r"(?:\$|USD|€|£|EUR|GBP)\s?\d(?:[\d,.]*\d)?(?:\s?(?:million|billion|k|m|bn))?"
_TOPIC = re.compile(r"\b(?:what|how|why|whether|explain|define|meaning|template|example of)\b")


def _terms(text: str, start: int, end: int, score: float) -> float:
    """A question about settlements has none of their terms."""
    return 0.4 if _TOPIC.search(before(text, start, 40)) else score


SETTLEMENT = Recognizer("SettlementRecognizer", "SETTLEMENT_TERMS", (
    Pattern("settlement and sum", rf"{START}(?:settlement (?:payment|amount|sum|proceeds|agreement|of)|settle(?:d|s)?(?: (?:the|this|all|its|their|his|her)(?: \w+){{1,3}})?|in settlement)[^.\n]{{0,120}}?{_MONEY}", 0.8),
    Pattern("sum and release", rf"{_MONEY}[^.\n]{{0,120}}?(?:in (?:full )?(?:settlement|release|satisfaction)|release of all claims|without (?:any )?admission of (?:liability|wrongdoing|fault))", 0.8),
    Pattern("confidential settlement", rf"{START}confidential settlement (?:agreement|communication|discussion|negotiation|terms|offer|conference)s?{END}", 0.75),
    Pattern("evidence rule", rf"{START}(?:settlement communication|(?:subject|pursuant) to (?:FRE|Fed(?:eral)?\.? R(?:ule|\.)?(?: of)? Evid(?:ence|\.)?|Rule) 408|FRE 408 (?:settlement|communication|protected))", 0.7),
), check=_terms)  # fmt: skip

# --- numbers of a matter -----------------------------------------------------------------------

_FEDERAL = (
    r"\d{1,2}:\d{2}-(?:cv|cr|mc|md|mj|bk|ap|po|gj|civ|crim|sw)-\d{3,6}(?:-[A-Z0-9]{1,5}){0,3}"
)
NUMBERS = (
    Recognizer("DocketRecognizer", "DOCKET_NUMBER", (
        Pattern("federal", rf"(?<![\w:.-]){_FEDERAL}(?![\w-])", 0.9),
        Pattern("federal, no office", r"(?<![\w:.-])\d{2,4}-(?:cv|cr|civ|crim|bk|mc|mj)-\d{3,6}(?:-[A-Z]{1,5}){0,3}(?![\w-])", 0.8),
        Pattern("state, labelled", rf"{START}(?:case|docket|index|cause|civil action|civ\. action|crim(?:inal)?\.? (?:case|action))[ _]?(?:numbers?|nos?\.?|num\b|\#){SEPARATOR}(?P<value>(?=[A-Z0-9:/.-]{{0,24}}\d{{3}})(?:\d{{1,4}}[ -]?)?[A-Z0-9][A-Z0-9:/.-]{{3,22}}[A-Z0-9])(?![\w])", 0.75),
        Pattern("appeals", r"(?<![\w])No\. (?P<value>\d{2}-\d{3,5})(?:\s?\((?:\d{1,2}(?:st|nd|rd|th)|Fed\.|D\.C\.) Cir)", 0.8),
        Pattern("Massachusetts", r"(?<![\w-])\d{4}(?:CV|CR)\d{5,6}(?![\w-])", 0.75),
        Pattern("multidistrict", r"(?<![\w])MDL (?:No\. |Docket No\. )?\d{3,4}(?![\w])", 0.65),
    ), check=not_dull),
    Recognizer("BatesRecognizer", "BATES_NUMBER", (
        Pattern("labelled", labelled(r"bates(?:[ _-]?(?:stamp(?:ed)?|range|label(?:l?ed)?|begin|beg|end|start|page|prefix))?(?:[ _-]?n(?:o|um|umber)?s?\.?)?|beg[ _-]?bates|end[ _-]?bates|beg(?:in)?doc|enddoc|prod(?:uction)?[ _-]?beg", r"[A-Z][A-Z&]{1,11}[-_ ]?(?:[A-Z]{1,8}[-_ ]?)?\d{4,10}"), 0.9),
        Pattern("zero-padded", r"(?<![\w.#/-])(?-i:[A-Z]{2,8})[-_]?0\d{6,9}(?![\w-])", 0.45),
        Pattern("zero-padded, alone", r"\A\s{0,2}(?P<value>(?-i:[A-Z]{2,8})[-_]?000\d{4,7})\s{0,2}\Z", 0.65),
        Pattern("range", r"(?<![\w.#/-])(?-i:[A-Z]{2,10})[-_ ]?\d{6,10}\s?(?:-|–|—|through|to)\s?(?-i:[A-Z]{2,10})[-_ ]?\d{6,10}(?![\w-])", 0.75),
    ), ("bates", "produced", "production", "exhibit", "stamped", "deposition", "discovery")),
    one("BarNumberRecognizer", "BAR_NUMBER", labelled(r"(?:state[ _-])?bar(?:[ _-](?:card|roll|id|registration))?|sbn|attorney[ _-](?:registration|bar|id)|juris", r"[A-Z]{0,2}\d{4,8}", noun=r"(?:[ \t_-]{0,2}(?:numbers?|nos?\b\.?|num\b\.?|ids?\b|\#)){1,2}"), 0.85, check=not_dull),
    one("BarNumberShortRecognizer", "BAR_NUMBER", rf"\(?(?:SBN|CSB|CBN){SEPARATOR}(?P<value>\d{{5,7}})(?!\w)", 0.8),
    Recognizer("MatterNumberRecognizer", "MATTER_NUMBER", (
        Pattern("client and matter", labelled(r"(?:client[ /_-]{0,3})?matter|c/m|client[ _-]matter", r"\d{3,6}[./-]\d{3,6}", noun=r"(?:[ \t_-]{0,2}(?:numbers?|nos?\b\.?|num\b\.?|ids?\b|\#)){0,2}"), 0.85),
        Pattern("matter", labelled(r"matter", r"(?=[A-Z0-9.-]{0,20}\d{3})[A-Z0-9][A-Z0-9.-]{3,20}[A-Z0-9]", noun=r"(?:[ \t_-]{0,2}(?:numbers?|nos?\b\.?|num\b\.?|ids?\b|\#)){1,2}"), 0.8),
    ), check=not_dull),
)  # fmt: skip

MINORS = Recognizer("MinorRecognizer", "MINOR_REFERENCE", (
    Pattern("initials", r"(?<![\w.])(?:[A-Z]\.\s?){2,3},? (?:a|the) (?:minor|juvenile|minor child)\b", 0.9),
    Pattern("name", r"(?<![\w.])(?:[A-Z][a-z]+ ){1,3}?(?:[A-Z][a-z]+|[A-Z]\.),? a minor(?=[,.;)]| child\b| by\b)", 0.75),
    Pattern("through another", r"\ba minor,? (?:child,? )?by and through\b", 0.85),
    Pattern("guardian", r"\b(?:[Gg]uardian [Aa]d [Ll]item|GUARDIAN AD LITEM)\b", 0.75),
    Pattern("next friend", r"\b(?:by and through|through|BY AND THROUGH) (?:his|her|their|its|the|HIS|HER) (?:(?:mother|father|parent|guardian) and )?(?:next friend|natural guardian|NEXT FRIEND)\b", 0.8),
    Pattern("the minor child", r"\b(?:the|THE) (?:minor (?:child|children|plaintiff|victim|defendant)|juvenile (?:respondent|defendant|offender)|MINOR CHILD)\b", 0.45),
    Pattern("in re", r"\b[Ii]n (?:re|the (?:[Mm]atter|[Ii]nterest) of):? (?:[A-Z]\.\s?){2,3}(?=[,;\s]|$)", 0.75),
), ("court", "custody", "guardian", "appointed", "petition", "juvenile"), ignore_case=False)  # fmt: skip

RECOGNIZERS = (*MARKINGS, SETTLEMENT, *NUMBERS, MINORS)
