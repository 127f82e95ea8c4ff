"""What a company writes on its papers, and what stands in them about its people and plans."""

from __future__ import annotations

import re

from gatekeeper.detect.recognizers.spec import (
    END,
    SEPARATOR,
    START,
    Pattern,
    Recognizer,
    before,
    one,
)

MARKINGS = (
    Recognizer("ConfidentialityRecognizer", "CONFIDENTIALITY_MARKING", (
        Pattern("upper case", START + r"(?:(?:FOR )?(?:COMPANY )?INTERNAL USE ONLY|(?:COMPANY|STRICTLY|HIGHLY|COMMERCIAL(?:LY)? IN|BUSINESS) CONFIDEN(?:TIAL|CE)|CONFIDENTIAL (?:AND|&) PROPRIETARY|PROPRIETARY (?:AND|&) CONFIDENTIAL|COMPANY PROPRIETARY|TRADE SECRET(?= ?[-–—:.!\n]|$)|DO NOT (?:DISTRIBUTE|FORWARD|CIRCULATE)|NOT FOR (?:PUBLIC )?(?:RELEASE|DISTRIBUTION)|RESTRICTED DISTRIBUTION|INTERNAL ONLY|EYES ONLY)" + END, 0.8),
        Pattern("title case", START + r"(?:For Internal Use Only|Internal Use Only|Company Confidential|Strictly Confidential|Commercial in Confidence|Confidential (?:and|&) Proprietary|Proprietary (?:and|&) Confidential|Do Not Distribute|Business Confidential)" + END, 0.75),
        Pattern("alone on a line", r"^[ \t*#_>\[(]{0,6}(?P<value>CONFIDENTIAL)[ \t*_\])!.]{0,4}$", 0.7),
        Pattern("as classification", START + r"[Cc]lassification[ \t]{0,2}:[ \t]{0,2}(?P<value>[Cc]onfidential|[Ii]nternal|[Rr]estricted|CONFIDENTIAL|INTERNAL|RESTRICTED)" + END, 0.65),
    ), ignore_case=False),
    one("ConfidentialityPhraseRecognizer", "CONFIDENTIALITY_MARKING", START + r"(?:this (?:document|email|e-mail|message|report|presentation|file) (?:is|contains) (?:strictly )?(?:confidential|company confidential|proprietary)|(?:is|are|marked|classified) (?:for )?internal use only)" + END, 0.65),
    # FIRST TLP 2.0: RED and AMBER bind the reader; GREEN and CLEAR (once WHITE) may go on
    Recognizer("TlpRecognizer", "TLP_MARKING", (
        Pattern("label", START + r"TLP ?[:=-] ?(?:RED|AMBER(?: ?\+ ?STRICT)?)" + END, 0.85),
        Pattern("words", START + r"(?-i:TLP (?:RED|AMBER(?:\+STRICT)?)|Traffic Light Protocol:? (?:RED|AMBER))" + END, 0.8),
        Pattern("green", START + r"TLP ?[:=-] ?GREEN" + END, 0.4),
    ), needs=("tlp", "traffic light protocol")),
)  # fmt: skip

# --- inside information ----------------------------------------------------------------------------

INSIDE = Recognizer("InsideInformationRecognizer", "INSIDE_INFORMATION", (
    Pattern("marking", START + r"(?:(?:CONTAINS )?MATERIAL NON-?PUBLIC INFORMATION|CONTAINS MNPI|MNPI(?= ?[-–—:] )|BOARD CONFIDENTIAL|FOR (?:THE )?BOARD (?:MEMBERS )?ONLY|BOARD (?:MATERIALS?|PAPERS?|DECK|MINUTES) ?[-–—:/] ?(?:DRAFT|CONFIDENTIAL|STRICTLY CONFIDENTIAL)|EMBARGOED UNTIL|UNDER EMBARGO UNTIL|DRAFT ?[-–—:/] ?NOT FOR RELEASE|(?:PRELIMINARY|DRAFT)(?: AND|,| &)? UNAUDITED|UNAUDITED DRAFT|NOT YET ANNOUNCED|PRE-ANNOUNCEMENT DRAFT|INSIDER LIST)" + END, 0.8),
    Pattern("marking in title case", r"^[ \t*#_>\[(]{0,6}(?P<value>(?:Contains )?Material Non-?[Pp]ublic Information|Board (?:Confidential|[Mm]aterials? ?[-–—:] ?[Cc]onfidential)|Insider [Ll]ist|Embargoed until)" + END, 0.75),
    Pattern("unpublished figures", START + r"(?i:(?:unreleased|unpublished|not yet (?:published|announced|released|public)|pre-announcement|pre-earnings)[ -](?:(?:preliminary |unaudited )?(?:Q[1-4]|H[12]|FY ?\d{2,4}|first-quarter|second-quarter|third-quarter|fourth-quarter|quarterly|full-year|annual|fiscal|earnings|revenue)(?:[ -](?:results|figures|numbers|earnings|revenue|guidance|forecast)){0,2}))" + END, 0.75),
    Pattern("deal", START + r"(?i:(?:confidential|non-binding|draft|signed|our) (?:letter of intent|offer|bid|term sheet) (?:to (?:acquire|buy|merge with)|for the (?:acquisition|purchase|takeover|merger) of))" + END, 0.75),
), ignore_case=False)  # fmt: skip

# --- people of the house ---------------------------------------------------------------------------

_MONEY = r"(?:(?:USD|EUR|GBP|CHF|INR|Rs\.?|[$€£₹])\s?\d{1,3}(?:[,.' ]?\d{3}){1,3}(?:\.\d\d)?(?:k\b)?|(?:[$€£]\s?)?\d{2,3}(?:\.\d)?k\b|\d{2,3}[,.']\d{3}(?:[.,]\d\d)?(?:\s?(?:USD|EUR|GBP|CHF|euros?|dollars|pounds|€))?|\d{4,7}(?:\s?(?:USD|EUR|GBP|CHF|euros?|dollars|pounds|€)))"
_PAY = r"(?:(?:base|annual|gross|net|monthly|yearly|current|starting|new)[ _-]){0,2}(?:salary|compensation|base[ _-]pay|bonus|pay|wage|remuneration|gehalt|salaire)"
_WHOSE = (
    r"(?:her|his|their|my|your|the employee's|(?-i:[A-Z][a-z]{1,20}(?: [A-Z][a-z'-]{1,20})?)['’]s)"
)


def _no_range(text: str, start: int, end: int, score: float) -> float:
    """A range of pay is an advertisement."""
    after = text[end : end + 12]
    if re.match(r"\s?(?:[-–—]|to\b)\s?[$€£]?\d", after):
        return 0.0
    if re.search(
        r"(?:average|median|minimum|maximum|mean|expected|typical|range)\W{0,3}(?:\w{1,12}\W){0,3}$",
        before(text, start, 40),
    ):
        return 0.0
    return score


COMPENSATION = Recognizer("CompensationRecognizer", "COMPENSATION", (
    Pattern("somebody's", rf"{START}{_WHOSE}\s{_PAY}(?:\s(?:is|was|will be|of|at|to|from|now|went up|rose|increased|raised|in \d{{4}}))*{SEPARATOR}(?P<value>{_MONEY})", 0.8),
    Pattern("labelled", rf"{START}(?:base|annual|gross|monthly|current)[ _-](?:salary|pay|compensation|bonus){SEPARATOR}(?P<value>{_MONEY}|\d{{4,7}}(?:\.\d\d)?){END}", 0.65),
    Pattern("key", rf"^(?:salary|gehalt|bonus|base pay|compensation): (?P<value>{_MONEY}|\d{{4,7}}(?:\.\d\d)?)$", 0.7),
    Pattern("earns", rf"{START}(?:he|she|they|i|(?-i:[A-Z][a-z]{{1,20}} [A-Z][a-z'-]{{1,20}}))\s(?:earns?|earned|makes?|is paid|was paid)\s(?P<value>{_MONEY})(?=\s(?:an?|per|each)\s(?:year|month|annum)|/(?:yr|year|mo))", 0.8),
    Pattern("appraisal", rf"{START}(?:performance|appraisal|annual review)[ _-](?:rating|review|score|grade|appraisal|result){SEPARATOR}(?P<value>(?:far |partially |fully )?(?:exceeds?|exceeded|meets?|met|below|under|does not meet)(?: expectations?)?|needs improvement|unsatisfactory|outstanding|[1-5](?:\.\d)?\s?(?:/|out of)\s?5){END}", 0.75),
    Pattern("plan", rf"{START}(?:he|she|they|i|{_WHOSE[3:-1]}|(?-i:[A-Z][a-z]{{1,20}} [A-Z][a-z'-]{{1,20}}))\s(?:is|was|has been|were|will be)\s(?:put|placed)?\s?(?P<value>on a (?:performance improvement plan|pip|final written warning)){END}", 0.8),
), check=_no_range, needs=("salary", "gehalt", "salaire", "pay", "compensation", "bonus", "wage", "remuneration", "earn", "makes", "paid", "make ", "performance", "apprais", "review", "pip", "written warning"))  # fmt: skip

TICKET = Recognizer("TicketIdRecognizer", "TICKET_ID", (
    Pattern("service desk", r"(?<![A-Za-z0-9_-])(?:INC|CHG|RITM|PRB|SCTASK|CTASK)\d{7,10}(?![A-Za-z0-9])", 0.8),
    Pattern("labelled", r"(?<![A-Za-z])(?:[Tt]icket|TICKET|[Jj]ira|JIRA|[Ii]ncident|INCIDENT|[Cc]hange [Rr]equest|[Ss]upport [Cc]ase|[Pp]roblem [Rr]ecord)(?:[ _-]?(?:[Kk]ey|KEY|[Ii][Dd]|[Nn]o\.?|[Nn]umber|\#))?[\"'`*]{0,3}\s{0,2}(?:[:=#]|is|was)?\s{0,2}[\"'`*\[(]{0,3}(?P<value>[A-Z][A-Z0-9]{1,9}-\d{1,7})(?![A-Za-z0-9-])", 0.75),
), ignore_case=False)  # fmt: skip

_GENERIC = (
    "user username users you your yourname yourusername me name ubuntu ec2-user centos debian "
    "fedora admin administrator root pi runner runneradmin vscode node jovyan app appuser public "
    "default shared guest git jenkins docker vagrant deploy www-data dev developer example test "
    "tester foo bar alice bob carol john jane linuxbrew circleci travis gitpod codespace coder "
    "sandbox work workspace student someone myuser myname owner home tmp data postgres mysql "
    "hadoop spark airflow nobody builder build conda all "
)
_NOBODY = frozenset(_GENERIC.split())


def _home(text: str, start: int, end: int, score: float) -> float:
    """A folder that is somebody's: not the user of a manual page, an image or a build machine."""
    who = re.split(r"[/\\]+", text[start:end].lower().partition(":")[2] or text[start:end].lower())
    names = [
        part for part in who if part and part not in {"home", "users", "documents and settings"}
    ]
    name = names[0] if names else ""
    return (
        0.35
        if name in _NOBODY or name.startswith(("my", "your", "<", "$", "{", "%")) or len(name) < 3
        else score
    )


HOME = Recognizer("HomePathRecognizer", "SOURCE_PATH", (
    Pattern("unix", r"(?:(?<![\w./~-])|(?<=file://))(?:/home|/Users|/export/home)/[a-z][\w.-]{1,31}(?:/[^\s\"'`<>|:;,()\[\]{}]{1,200})(?<![.,;])", 0.7, ("/home/", "/Users/")),
    Pattern("windows", r"(?<![\w])[A-Za-z]:\\{1,2}(?:Users|Documents and Settings)\\{1,2}[\w.-]{2,32}(?:\\{1,2}[^\s\"'`<>|:;,*?\\]{1,80}){1,12}(?<![.,;)])", 0.7, ("Users", "Documents and Settings")),
), check=_home, ignore_case=False)  # fmt: skip

RECOGNIZERS = (*MARKINGS, INSIDE, COMPENSATION, TICKET, HOME)
