"""Docket and case numbers: US federal and state courts, appeals, Europe, India, the Commonwealth."""

from __future__ import annotations

import re

from gatekeeper.detect.lazy import lazy
from gatekeeper.detect.recognizers.citations import in_citation
from gatekeeper.detect.recognizers.spec import SEPARATOR, START, Pattern, Recognizer, dull

_KIND = r"(?:cv|cr|mc|md|mj|bk|ap|po|gj|civ|crim|sw|misc|mag|ml|pr|rj|te|at)"
_JUDGE = r"(?:[- ]?\([A-Z]{2,4}\)){1,3}|(?:-[A-Z0-9]{1,5}){1,4}"
_FEDERAL = rf"\d{{1,2}}:\d{{2,4}}[- ]?{_KIND}[- ]?\d{{3,6}}(?:{_JUDGE})?(?![\w-])"
_OFFICELESS = rf"\d{{2,4}}[- ]?{_KIND}[-–]\d{{3,6}}(?:{_JUDGE})?(?![\w-])"
_DIVISION = r"(?-i:\d{2} (?:Civ|Cr|Crim|Cv|Misc|Mag|MC|CV|CR|MD)\.? \d{3,5})(?: ?\([A-Z]{2,4}\)){0,3}(?![\w-])"

# State courts number in forms that nothing else has: their letters name the court or the kind.
_STATES = "|".join((
    r"\d{4}-?(?:CV|CR|CF|CC|CP|DR|SC|CM|CH|DP|JV|PC|CA|GS|MH|PR|TR|FA|AD|CT)-?\d{5,7}(?:-[A-Z0-9]{1,4})?",  # many states
    r"\d{2}(?:ST|VE|CH|SM|PS|LB|TO|NW|AV|BB|BU|CM|GD|IN|NO|TR)(?:CV|CP|CR|FL|PB|UD)\d{5}",  # Los Angeles
    r"(?:BC|BS|EC|GC|KC|LC|MC|NC|PC|SC|TC|VC|YC|RG|HG)\d{6}(?:\d\d)?",  # California, older
    r"37-\d{4}-\d{8}-CU-[A-Z]{2}-[A-Z]{3}|30-\d{4}-\d{8}(?:-CU-[A-Z]{2}-[A-Z]{3})?|34-\d{4}-\d{8}",
    r"C(?:GC|PF|UD)-\d{2}-\d{6}",  # San Francisco
    r"CP-\d{2}-(?:CR|MD|SA|JV)-\d{7}-\d{4}|MJ-\d{5}-(?:CR|CV|TR|NT)-\d{7}-\d{4}",  # Pennsylvania
    r"\d{2}[A-Z]\d{2}-\d{4}-[A-Z]{2}-\d{6}",  # Indiana
    r"\d{2}-[CKX]-\d{2}-\d{6}",  # Maryland
    r"\d{2}-(?:CV|CR|CO|FA|PR|JV|VB|HR|ET|TX)-\d{2}-\d{1,6}",  # Minnesota
    r"[A-Z]{3}-[A-Z]{1,2}-\d{4,6}-\d{2}",  # New Jersey
    r"\d{2}[A-Z]{2}-(?:CC|CR|AC|PR|DR)\d{5}(?:-\d{2})?",  # Missouri
    r"\d{2} (?:CVS|CVD|CRS|SP|JA|JB)\s\d{3,6}",  # North Carolina
    r"\d{2,4}[- ](?:CH|L|LA|CF|D|MR|P|M\d)[- ]0?\d{5,6}",  # Illinois
    r"\d{2}-\d{6}-(?:CZ|CK|NO|NI|NH|NF|DM|DO|FC|FH|AR|AA|CB|CD|CH|PD|PZ)",  # Michigan
    r"[A-Z]{4}\d{4}-\d{5}|\d{4}(?:CV|CR|SC|CS|RO|AC)\d{5,6}",  # Massachusetts
    r"CV-?\d{4}-\d{6}|(?:CV|CR)-\d{2}-\d{6}(?:-[A-Z]{1,2})?",  # Arizona, Ohio
    r"\d{4}-(?:CA|CF|DR|CP|DP|CC|SC|MM|GA)-\d{6}(?:-[A-Z0-9-]{1,12})?",  # Florida
    r"D[CM]-\d{2}-\d{5}(?:-[A-Z])?",  # Dallas
))  # fmt: skip
_LABELS = (
    r"case|docket|index|cause|(?:civil|criminal|crim\.?|civ\.?|cr\.?|class)[ _](?:action|case|docket|suit|file|no\b)|"
    r"court[ _](?:file|case|docket)|superior[ _]court(?:[ _]case)?|indictment|ind\.|complaint|adv(?:ersary|\.)?[ _]?(?:proceeding|proc?\.?|case)?|"
    r"bankruptcy[ _](?:case|petition)?|appeal|appellate(?:[ _]case)?|c\.?a\.?|petition|suit|claim|cause of action|civil|criminal|crim\.|"
    r"court of appeals?|sup(?:reme|\.)[ _]ct\.?|supreme court|misc\.?|proceeding|mdl(?:[ _]docket)?|warrant|arbitration|aaa[ _]case|"
    r"jams[ _](?:ref(?:erence|\.)?|case)|citation|trial[ _]court|lower[ _]court|file"
)
_NUMBER = r"(?:[ _-]{0,2}(?:numbers?|nos?\b\.?|num\b\.?|nbr\b\.?|\#|n°|nº|id\b))"
_VALUE = r"(?=[A-Z0-9:/. -]{0,20}\d{3})(?:\d{1,4}[ -]?)?[A-Z0-9][A-Z0-9:/.-]{2,24}[A-Z0-9](?:(?-i: ?\([A-Z]{2,4}\))){0,3}"
_COURT = lazy(
    r"\b(?:court|courts|plaintiffs?|defendants?|v\.?|vs\.?|judge|county|hearing|docket|motion|petitioners?|respondents?|"
    r"appell(?:ant|ee|ate)s?|trial|filed|district|circuit|complaint|attorneys?|counsel|litigation|lawsuit|prosecut\w*|"
    r"sentenc\w*|convict\w*|indict\w*|bankruptcy|debtor|judgment|appeals?|order|hon|superior|chancery|arbitrat\w*|"
    r"tribunal|magistrate|deposition|subpoena|settlement|verdict|jury|plea|probation|custody|divorce|mediation|in re)\b"
)
_STRONG = lazy(
    r"(?:docket|index|cause|indictment|adv|court|civil|criminal|crim|bankruptcy|appeal|mdl|petition|suit|proceeding|trial|jams|aaa)"
)
_MONTHS = r"(?:19|20)\d{2}"


def _state_form(value: str) -> bool:
    """Whether a number is built as courts build them: a year and a serial, or letters of a court."""
    return bool(
        re.fullmatch(r"(?:\d{2}|\d{4})[-/ ]\d{3,7}(?:[-/][A-Z0-9]{1,5}){0,2}", value, re.I)
        or re.fullmatch(r"\d{1,7}[-/](?:\d{2}|\d{4})(?:[-/][A-Z]{1,4})?", value, re.I)
        or re.fullmatch(
            r"[A-Z]{0,4}-?\d{2,4}[- ]?[A-Z]{1,5}[- ]?\d{3,8}(?:-[A-Z0-9]+)*", value, re.I
        )
        or re.fullmatch(r"[A-Z]{1,4}[- ]?\d{1,4}-\d{2,7}(?:-[A-Z0-9]+)*", value, re.I)
        or re.search(rf"\d:\d{{2}}-|-{_KIND}-", value, re.I)
    )


def _docket(text: str, start: int, end: int, score: float) -> float:
    """Not a citation or filler; behind the bare word "case" a court must be near, or its form."""
    value = text[start:end]
    if dull(value) or in_citation(text, start, end):
        return 0.0
    if score != _LABELLED:
        return score
    label = text[max(0, start - 40) : start].lower()
    near = text[max(0, start - 200) : end + 200].lower()
    if re.search(
        r"(?:support|help ?desk|service|customer|crm|salesforce|test|use|upper|lower)[ _-]?case",
        label,
    ):
        return 0.0
    words = _COURT.findall(near)
    if _STRONG.search(label.rpartition("\n")[2]) and not re.search(
        r"claim|warrant|citation", label
    ):
        return 0.8 if _state_form(value) or len(words) > 1 or "court" in label else 0.65
    if re.search(r"(?:claim|file|complaint|citation|warrant|arbitration)[^a-z]*(?:n|#|id)", label):
        return 0.7 if _state_form(value) and len(words) > 1 else 0.0
    if _state_form(value):
        return 0.75
    return 0.7 if words else 0.4


_LABELLED = 0.751
_INDIAN = (
    r"(?-i:(?:Crl\.?|Criminal|Civil|Cr\.?|C\.|Cri\.|M\.?A\.?C\.?|Co\.|Comp\.|Arb\.|Election|Review|Contempt|Transfer|Regular|Second|First|Spl\.|Special|Misc\.|Original|Sessions|Company|Writ|Civ\.)\s?){0,2}"
    r"(?-i:A\.|App\.?|Appeal|M\.\s?P\.|M\.\s?C\.|Misc\.|M\.\s?A\.|R\.\s?P\.|R\.\s?C\.|Rev\.?|Revision|Petition|Pet\.|O\.\s?P\.|O\.\s?S\.|O\.\s?A\.|O\.\s?M\.\s?P\.|C\.\s?C\.|C\.\s?S\.|S\.\s?C\.|R\.\s?S\.\s?A\.|R\.\s?F\.\s?A\.|F\.\s?A\.|F\.\s?A\.\s?O\.|S\.\s?A\.|L\.\s?P\.\s?A\.|M\.\s?F\.\s?A\.|M\.\s?A\.\s?C\.\s?A\.|W\.\s?P\.|W\.\s?A\.|S\.\s?L\.\s?P\.|I\.\s?A\.|T\.\s?P\.|C\.\s?A\.|C\.\s?R\.\s?P\.|P\.\s?I\.\s?L\.|WP|SLP|CRP|CWP|CWJC|FAO|RSA|RFA|LPA|OMP|CRM|CRA|CRR|FIR|F\.\s?I\.\s?R\.|Suit|Case|Application|Appln\.|CS|OS|OA|MA|CC|SC|CP|IA|PIL)"
    r"(?:\s?-?\s?\((?-i:C|Crl\.?|CRL|Civil|Criminal|Cri|MD|L|OS|S|PIL|IPD|COMM|T|D|W|M|Cr\.?)\.?\))?"
    r"\s?(?:(?-i:Nos?\.?|NOS?\.?|\#)\s?)?(?:\d{1,6}(?:\s?[-–&,]\s?\d{1,6}){0,2})\s?(?:/|of\s|OF\s)\s?"
    rf"{_MONTHS}(?!\d)(?:/[A-Z]{{1,3}})?"
)
_APPLICATION = r"\d{1,6}/\d{2}(?!\d|/)"
_GERMAN = r"(?-i:(?:[IVX]{1,4} )?(?:\d{1,3} )?(?:ZR|ZB|ZA|StR|BvR|BvL|BvF|AZR|ABR|KR|RG|SR|AS|O|OH|U|C|W|T|S|Ws|Ks|KLs|Ls|Ds|Cs|Js|F|UF|WF|Ca|Sa|Ta|K|L|B|E|A|AR|XII ZB|VIII ZR|VI ZR) \d{1,6}/\d{2}(?:\.[A-Z]{1,2})?)"

RECOGNIZERS = (
    Recognizer("DocketRecognizer", "DOCKET_NUMBER", (
        Pattern("federal", rf"(?<![\w:.-]){_FEDERAL}", 0.9),
        Pattern("federal, no office", rf"(?<![\w:.-]){_OFFICELESS}", 0.8),
        Pattern("federal, with division", rf"(?<![\w:.-]){_DIVISION}", 0.75),
    ), check=_docket, needs=("cv", "cr", "mc", "md", "mj", "bk", "ap", "po", "gj", "civ", "sw", "misc", "mag", "ml", "pr", "rj", "te", "at")),
    Recognizer("StateDocketRecognizer", "DOCKET_NUMBER", (
        Pattern("by its form", rf"(?<![\w:./#-])(?-i:{_STATES})(?![\w-])", 0.62),
        Pattern("labelled", rf"{START}(?:{_LABELS}){_NUMBER}{SEPARATOR}(?P<value>{_VALUE})(?![\w])", _LABELLED),
        Pattern("file of the registry", rf"{START}(?-i:[A-Z]\.?[A-Z]?\.? ?No\. )(?P<value>\d{{4}}-\d{{4}}-[A-Z]{{2,4}})(?!\w)", 0.85),
    ), ("court", "case", "docket", "plaintiff", "defendant", "filed", "cause"), _docket),
    Recognizer("AppealDocketRecognizer", "DOCKET_NUMBER", (
        Pattern("circuit", r"(?<![\w])No\. (?P<value>\d{2}-\d{3,5}(?:-[a-z]{2,3})?)(?:,? (?:\d{1,6} WL|20\d\d WL)|,? slip op|\s?\((?:\d{1,2}(?:st|nd|rd|th|d)|Fed\.|D\.C\.) Cir)", 0.8),
        Pattern("caption", r"^[ \t*#>_]{0,8}(?-i:Nos?\.|NOS?\.|Case Nos?\.) (?P<value>\d{2}-\d{2,5}(?:-[a-z]{2,3})?)(?=(?:,| and| &|\s{0,3}$|[*_]{1,2}\s{0,3}$))", 0.7),
        Pattern("terms of court", r"(?<![\w])(?-i:Nos?\.|Application Nos?\.|Application|No) (?P<value>\d{2}[AMO]\d{1,4})(?!\w)", 0.8),
        Pattern("number", r"(?<![\w.] )(?<!\w)(?-i:Nos?\.) (?P<value>\d{2}-\d{2,5})(?![\w-])", 0.4),
        Pattern("multidistrict", r"(?<![\w])(?-i:MDL) (?:(?-i:Docket )?(?-i:Nos?\.) )?\d{3,4}(?![\w])", 0.65),
    ), ("cir", "circuit", "appeal", "appeals", "certiorari", "petitioner", "petitioners", "respondent", "respondents", "argued", "appellant", "appellee", "court", "docketed", "supreme", "v", "vs", "docket", "cert"), _docket, needs=("no", "mdl", "application")),
    Recognizer("EuropeanDocketRecognizer", "DOCKET_NUMBER", (
        Pattern("application", rf"{START}(?:applications?|requ[êe]tes?|app(?:l|n)?\.|case|beschwerden?)\s\(?(?:nos?\.?|numbers?|n°s?|nºs?|nr\.?)\s?(?P<value>{_APPLICATION})", 0.85),
        Pattern("and another", r"(?<=\d/\d\d(?:,|,? and|,? &| et)\s)(?:no\. )?(?P<value>\d{2,6}/\d{2}(?!\d|/))", 0.4),
        Pattern("number", r"(?<![\w.])(?-i:nos?\.)\s(?P<value>\d{2,6}/\d{2}(?!\d|/))", 0.45),
        Pattern("German", rf"(?<!\w)(?-i:Az\.?|Aktenzeichen|Gesch(?:äfts)?(?:zeichen|\.-?Nr\.)|Gz\.):?\s{{0,2}}(?P<value>{_GERMAN}|\d{{1,3}} [A-Za-z]{{1,4}} \d{{1,6}}/\d{{2}})(?!\w)", 0.85),
        Pattern("German court", rf"(?<=(?-i:BGH|BVerfG|OLG \w{{2,20}}|LG \w{{2,20}}|AG \w{{2,20}}|BAG|BFH|BSG|BVerwG),? (?:(?-i:Urteil|Beschluss|Urt\.|Beschl\.) (?:vom|v\.) \d{{1,2}}\. ?\w{{1,9}}\.? ?\d{{4}},? ?(?:[-–,] ?)?)?){_GERMAN}(?!\w)", 0.75),
        Pattern("French", r"(?<!\w)(?:R\.?G\.?|n° de r(?:é|e)pertoire(?: g(?:é|e)n(?:é|e)ral)?|pourvois?|arr[êe]t|d(?:é|e)cision|minute|parquet)\s{0,2}(?:n°|nº|no\.?|num(?:é|e)ro|:)\s{0,2}:?\s{0,2}(?P<value>[A-Z]?\s?\d{2,4}[-/]\d{2,5}(?:\.\d{3})?)(?!\w)", 0.8),
        Pattern("Spanish", r"(?<!\w)(?:autos|procedimiento(?: ordinario| abreviado)?|rollo(?: de apelaci(?:ó|o)n)?|expediente|recurso(?: de \w{4,12})?|diligencias previas|juicio \w{4,10}|sentencia)\s{0,2}(?:n(?:ú|u)m(?:\.|ero)|n[º°.]o?\.?|:)?\s{0,2}(?P<value>\d{1,6}/(?:19|20)\d{2})(?!\d)", 0.75),
    ), ("application", "applications", "court", "judgment", "v", "lodged", "applicant", "applicants"), _docket, needs=("/", "-")),
    Recognizer("IndianDocketRecognizer", "DOCKET_NUMBER", (
        Pattern("India", rf"(?<![\w.]){_INDIAN}", 0.8),
        Pattern("England", r"(?<!\w)(?-i:(?:HQ|HC|HT|CO|QB|KB|CL|FL|PT|BL|CR|IP|LM|AD|FD|ZC|BV|LV|MA|NG)-?\d{2,4}[A-Z-]{0,3}\d{4,8}|[A-Z]\d{2}[A-Z]{2}\d{3})(?!\w)", 0.35),
    ), ("claim", "court", "high", "division"), _docket, needs=("/", "of 1", "of 2", "-")),
)  # fmt: skip
