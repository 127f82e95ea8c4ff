"""Markings that close a document: privilege, work product, common interest, seal, protective order.

A marking is written as one: in capitals, as a heading, or in a set phrase. The same words as a topic
("What is attorney-client privilege?") are no finding.
"""

from __future__ import annotations

from gatekeeper.detect.recognizers.legal.topic import spoken_of
from gatekeeper.detect.recognizers.spec import END, START, Pattern, Recognizer

_DASH = r"[ ]?[-–—/‑ ][ ]?"
_AC_UPPER = rf"(?:ATTORNEY|SOLICITOR|LAWYER|COUNSEL){_DASH}CLIENT"
_AC_TITLE = rf"(?:Attorney|Solicitor|Lawyer){_DASH}Client"
_AC_LOWER = rf"(?:[Aa]ttorney|[Ss]olicitor|[Ll]awyer){_DASH}[Cc]lient"
_PAPER = (
    r"(?:e-?mails?|communications?|documents?|messages?|letters?|memo(?:randum|s)?|transmissions?|attachments?|files?|"
    r"drafts?|materials?|notes?|threads?|correspondence|presentations?|reports?|discussions?|conversations?|slides?)"
)
THIS = (
    rf"(?:[Tt]his|[Tt]hese|[Oo]ur|[Mm]y|[Tt]he (?:attached|enclosed|following|foregoing|above|information(?: contained)?(?: in this)?|"
    rf"contents? of this)) (?:[a-z]+ ){{0,3}}?(?:{_PAPER}\b)?"
)
_ENDS = r"(?=\s{0,3}(?:[-–—:.;,*_)\]\n/|>\"”]|$|AND |& |\())"
ALONE = r"(?<![^\s\[(*_#>|\"“-])(?<![^\n\[(*_#>|\"“-][ ])"
"""Nothing but marks of emphasis or a bracket stands before, on the same line."""


def marking(
    name: str, entity: str, needs: tuple[str, ...], *patterns: tuple[str, float]
) -> Recognizer:
    """Phrases in the case they are given in, unless they are talked about."""
    made = tuple(Pattern(f"phrase {n}", START + p + END, s) for n, (p, s) in enumerate(patterns, 1))
    return Recognizer(name, entity, made, (), spoken_of, False, needs)


RECOGNIZERS = (
    marking(
        "PrivilegeRecognizer", "PRIVILEGE_MARKING", ("privileg", "client"),
        (rf"(?:{_AC_UPPER}[ ,:–—-]{{1,3}})?(?:LEGALLY )?PRIVILEGED?[ ]?(?:AND|&|/|\+|,)[ ]?(?:STRICTLY )?CONFIDENTIAL(?:[ ]?[-–—:,]?[ ]?{_AC_UPPER}(?: (?:COMMUNICATION|PRIVILEGED?))?)?", 0.9),
        (r"(?:STRICTLY )?CONFIDENTIAL[ ]?(?:AND|&|/|\+|,)[ ]?(?:LEGALLY )?PRIVILEGED", 0.9),
        (rf"(?:(?:SUBJECT TO|PROTECTED BY|PRIVILEGED)[ :,–—-]{{1,3}}(?:THE )?)?{_AC_UPPER}(?:[ ](?:PRIVILEGED?|COMMUNICATIONS?)){{1,2}}(?: (?:COMMUNICATION|MATERIAL|INFORMATION|DOCUMENT))?", 0.9),
        (rf"CONFIDENTIAL[ ,:–—-]{{1,3}}{_AC_UPPER}(?: COMMUNICATION)?", 0.9),
        (rf"(?:Confidential (?:and|&) (?:Legally )?Privileged|(?:Legally )?Privileged (?:and|&) (?:Strictly )?Confidential)(?:[ ]?[-–—:,][ ]?{_AC_TITLE} (?:Communication|Privileged?))?", 0.85),
        (rf"{_AC_TITLE} (?:Privileged(?: Communication)?|Communication|Privilege(?=\s?(?:[-–—:\n*\])]|$)))", 0.75),
        (rf"{THIS}[^.\n?]{{0,80}}?(?:{_AC_LOWER}[ -]privileged?(?: (?:communication|information|and confidential))?|legally privileged|privileged (?:and|&) confidential|confidential (?:and|&) (?:legally )?privileged|(?:solicitor|legal professional|legal advice|litigation) privilege)", 0.8),
        (rf"[Pp](?:rotected|rivileged|ROTECTED) (?:by|under|from disclosure by|BY) (?:the )?(?:{_AC_LOWER}|{_AC_UPPER}) (?:privilege|PRIVILEGE)", 0.5),
        (r"LEGALLY PRIVILEGED|(?:SUBJECT TO )?LEGAL (?:PROFESSIONAL|ADVICE) PRIVILEGE|(?:SUBJECT TO )?LITIGATION PRIVILEGE|PRIVILEGED (?:COMMUNICATION|MATERIAL|DOCUMENT|LEGAL ADVICE|INFORMATION)|ATTORNEY PRIVILEGED|A/C PRIV(?:ILEGED?)?\b|(?:REDACTED|WITHHELD)[ ]?(?:[-–—:]|FOR|AS)[ ]?PRIVILEGED?(?: INFORMATION)?", 0.85),
        (rf"{ALONE}(?:PRIVILEGED|LEGAL PRIVILEGE|Legally Privileged|Privileged Communication){_ENDS}", 0.65),
        (r"(?:[Ss]ubject|Re|RE|Fwd|FW):[ ]?\[?(?P<value>(?:PRIVILEGED|Privileged))(?=[\]:\s])", 0.8),
    ),
    marking(
        "WorkProductRecognizer", "WORK_PRODUCT_MARKING", ("work", "prepared", "counsel", "mental"),
        (rf"(?:ATTORNEYS?['’]?S?[ -]|COUNSEL['’]?S?[ -])?(?:OPINION )?WORK[ -]?PRODUCT(?: (?:PRIVILEGED?|PROTECTED|DOCTRINE|MATERIAL|OF COUNSEL))?{_ENDS}", 0.9),
        (r"(?:ATTORNEYS?['’]?S?|COUNSEL['’]?S?)[ -]WORK[ -]?PRODUCT", 0.9),
        (r"(?:Privileged[ ,]{1,2})?Attorney(?:['’]s)?[ -]Work[ -]Product", 0.75),
        (rf"{THIS}[^.\n?]{{0,60}}?(?:attorney|opinion|counsel['’]s|privileged)[ -]work[ -]product", 0.8),
        (rf"{THIS}[^.\n?]{{0,100}}?work[ -]product (?:doctrine|privilege|protection|immunity)", 0.75),
        (r"(?:[Pp]repared|PREPARED|[Cc]reated|CREATED) (?:by counsel |by [Aa]ttorneys? |BY COUNSEL |at (?:the )?(?:direction|request) of counsel )?(?:in|IN) (?:anticipation|ANTICIPATION|contemplation) (?:of|OF) (?:pending |PENDING )?(?:litigation|LITIGATION|trial|TRIAL)", 0.75),
        (r"(?:[Pp]repared|PREPARED|[Cc]reated|[Uu]ndertaken) (?:at|AT) (?:the |THE )?(?:direction|request|DIRECTION|REQUEST) (?:of|OF) (?:(?:legal|outside|in-house|LEGAL|OUTSIDE) )?(?:counsel|COUNSEL)", 0.7),
        (r"(?:[Cc]ontains?|[Rr]eflects?|CONTAINS?|REFLECTS?|[Dd]isclos(?:es|ing)) (?:the |THE )?(?:[Mm]ental [Ii]mpressions|MENTAL IMPRESSIONS)(?:[,\s]{1,2}(?:and |or |AND |OR )?(?:conclusions|opinions|legal theories|thought processes|strategy|CONCLUSIONS|OPINIONS|LEGAL THEORIES)){0,4}(?: (?:of|OF) (?:\w+ )?(?:counsel|attorneys?|COUNSEL|ATTORNEYS?))?", 0.8),
        (r"(?:DRAFT|Draft)[ ]?[-–—:(][ ]?(?:for|FOR|to|TO) (?:(?:review|REVIEW) (?:by|BY) )?(?:counsel|COUNSEL|attorney|ATTORNEY)(?:['’][sS])?(?: review| REVIEW| eyes| EYES)?", 0.65),
    ),
    marking(
        "CommonInterestRecognizer", "COMMON_INTEREST_MARKING", ("interest", "joint"),
        (rf"(?:COMMON[ -]INTEREST|JOINT[ -]DEFEN[SC]E|JOINT PROSECUTION)(?:[ /](?:PRIVILEGED?|COMMUNICATIONS?|MATERIALS?|AGREEMENT|DOCTRINE|PROTECTED)){{0,4}}{_ENDS}", 0.85),
        (r"(?:JOINT[ -]DEFEN[SC]E|COMMON[ -]INTEREST)(?:(?:/| AND | & )(?:COMMON[ -]INTEREST|JOINT[ -]DEFEN[SC]E))? (?:PRIVILEGED?|COMMUNICATION|AGREEMENT|MATERIAL)", 0.9),
        (r"(?<=(?:[Ss]ubject to|[Pp]ursuant to|[Pp]rotected (?:by|under)|[Cc]overed by|[Ss]hared under|under) (?:the |a |our |that certain |their )?(?:[Pp]arties['’] )?)(?:[Cc]ommon[ -][Ii]nterest|[Jj]oint[ -][Dd]efen[sc]e)(?:(?: and |/)(?:[Jj]oint[ -][Dd]efen[sc]e|[Cc]ommon[ -][Ii]nterest))? (?:(?:and [Cc]onfidentiality )?[Aa]greement|[Pp]rivilege|[Dd]octrine|[Aa]rrangement)", 0.8),
        (r"(?:Joint[ -]Defen[sc]e|Common[ -]Interest)(?: (?:and|&) (?:Joint[ -]Defen[sc]e|Common[ -]Interest))? (?:Privileged?|Communications?|Materials?)(?=\s?(?:[-–—:*\])\n]|$))", 0.75),
    ),
    marking(
        "SealedRecognizer", "SEALED_MARKING", ("seal", "camera", "grand jury"),
        (r"(?:(?:PUBLIC )?REDACTED VERSION OF (?:A )?DOCUMENT )?(?:TO BE )?(?:FILED|LODGED|SUBMITTED|ORDERED|PLACED|CONDITIONALLY FILED|SOUGHT TO BE FILED)[ ,]{1,2}(?:EX PARTE[ ,]{1,2}(?:IN CAMERA[ ,]{1,2})?(?:AND|&)? ?)?UNDER SEAL", 0.9),
        (r"(?:UNDER SEAL|SEALED (?:BY|PURSUANT TO) (?:THE )?(?:ORDER OF (?:THE )?)?COURT(?: ORDER)?|SEALED BY ORDER(?: OF (?:THE )?COURT)?|SEALED (?:DOCUMENT|MATTER|RECORD|EXHIBIT|FILING|CASE|INDICTMENT|COMPLAINT|TRANSCRIPT|AFFIDAVIT|WARRANT|MOTION)S?|(?:SUBMITTED )?(?:FOR )?IN CAMERA(?: (?:REVIEW|INSPECTION|SUBMISSION|ONLY))|EX PARTE AND IN CAMERA|(?:SECRET )?GRAND JURY (?:MATERIALS?|MATTER|INFORMATION|TESTIMONY|TRANSCRIPT)|FED(?:\.|ERAL) ?R(?:\.|ULE) ?CRIM(?:\.|INAL) ?P(?:\.|ROCEDURE)? 6\(E\) MATERIAL)", 0.85),
        (rf"{ALONE}(?:SEALED|IN CAMERA){_ENDS}", 0.65),
        (r"(?:Conditionally )?(?:Filed|Lodged|Submitted) Under Seal(?=\s?(?:[-–—:.,*\])\n]|$|pursuant|Pursuant))|Sealed (?:by Order of (?:the )?Court|Pursuant to Court Order|by Court Order)|Under Seal(?=\s?(?:[-–—:*\])\n]|$))|Grand Jury Material(?=\s?(?:[-–—:*\])\n]|$))", 0.8),
        (r"(?:[Tt]his|[Tt]he|[Tt]hese|[Tt]hose|[Hh]is|[Hh]er|[Oo]ur) (?:entire )?(?:case|matter|records?|filings?|documents?|exhibits?|indictment|complaint|affidavit|transcript|motion|declaration|docket|file|brief|proceedings?|plea agreement) (?:is|are|was|were|has been|have been|remains?|shall (?:remain|be)|will be) (?:to be )?(?:filed |placed |kept |lodged |submitted )?(?:under seal|sealed (?:by|pursuant to) (?:an? )?(?:(?:order of )?(?:the |this )?court|court order))", 0.65),
    ),
    marking(
        "ProtectiveOrderRecognizer", "PROTECTIVE_ORDER_MARKING", ("eyes only", "confidential", "protective", "502", "aeo", "restricted"),
        (r"(?:HIGHLY CONFIDENTIAL[ ]?[-–—,:]?[ ]?)?(?:FOR )?(?:OUTSIDE )?(?:ATTORNEYS?['’]?S?['’]?|COUNSEL['’]?S?)[ -]EYES[ -]ONLY", 0.9),
        (r"(?:(?:HIGHLY|STRICTLY) )?(?:CONFIDENTIAL|RESTRICTED)[ ]?[-–—,:/(][ ]?(?:(?:FOR )?(?:OUTSIDE )?(?:COUNSEL|ATTORNEYS?)['’]?S?['’]? ?(?:EYES )?ONLY|(?:RESTRICTED )?SOURCE CODE|AEO|OCEO)", 0.9),
        (r"(?:(?:(?:HIGHLY )?CONFIDENTIAL|CONFIDENTIAL (?:BUSINESS )?INFORMATION)[ ]?[-–—,:]?[ ]?)?(?:IS |MATERIAL )?(?:SUBJECT TO|PRODUCED (?:UNDER|PURSUANT TO)|DESIGNATED (?:UNDER|PURSUANT TO)|FILED PURSUANT TO|PROTECTED BY|PURSUANT TO)(?: (?:A|AN|THE|THIS|STIPULATED|AGREED|COURT['’]?S?)){0,3} (?:PROTECTIVE|CONFIDENTIALITY) ORDER", 0.9),
        (r"(?:Highly )?Confidential[ ]?[-–—,:]?[ ]?(?:For )?(?:Outside )?(?:Attorneys?['’]?s?['’]?|Counsel['’]?s?['’]?)(?: Eyes)? Only|Attorneys?['’]?s?['’]?[ -]Eyes[ -]Only", 0.85),
        (r"(?:Confidential[ ]?[-–—,:]?[ ]?)?Subject to (?:the |a )?(?:Stipulated )?(?:Protective|Confidentiality) Order", 0.75),
        (r"[Dd]esignat(?:ed|es|ion)(?: (?:as|it|them|this \w+|these \w+|the \w+(?: \w+)?)){0,3} [\"“']?(?:HIGHLY |Highly )?(?:CONFIDENTIAL|Confidential)(?:[ ]?[-–—][ ]?[A-Z’' ]{3,30})?[\"”']?,? (?:under|pursuant to|in accordance with) (?:the|a|this) (?:stipulated |agreed |parties['’] )?[Pp]rotective [Oo]rder", 0.8),
        (r"(?:[Ss]ubject to|[Pp]ursuant to|[Pp]rotected (?:by|under)|SUBJECT TO|PURSUANT TO|[Uu]nder) (?:(?:the|a|an|THE|our) )?(?:(?:FRE|Fed\. ?R\. ?Evid\.|Federal Rule of Evidence|FEDERAL RULE OF EVIDENCE|Rule|RULE|Evidence Code) ?502\(d\)(?: (?:[Oo]rder|ORDER|[Ss]tipulation|clawback))?|(?:502\(d\)) (?:[Oo]rder|ORDER))", 0.75),
        (r"[\[(][ ]?(?P<value>AEO|OCEO|CONFIDENTIAL[ -]AEO)[ ]?[\])]", 0.75),
    ),
)  # fmt: skip
