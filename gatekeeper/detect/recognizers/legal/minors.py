"""References to a minor in a proceeding (FRCP 5.2(a)(3)): initials, guardians, juvenile courts."""

from __future__ import annotations

from gatekeeper.detect.recognizers.legal.topic import about
from gatekeeper.detect.recognizers.spec import Pattern, Recognizer

_INITIALS = r"(?:[A-Z]\.\s?){2,4}"
_CHILD = r"(?:minor(?: child(?:ren)?)?|juvenile|child|infant|person under (?:the age of )?(?:18|eighteen)|youth)"
_NAME = r"(?:[A-Z][\w’'-]{1,20} ){1,3}?(?:[A-Z][\w’'-]{1,20}|[A-Z]\.)"


def _not_talk(text: str, start: int, end: int, score: float) -> float:
    """What is asked about, or explained, names no minor."""
    return 0.2 if score < 0.85 and about(text, start, end, 40) else score


RECOGNIZERS = (
    Recognizer("MinorRecognizer", "MINOR_REFERENCE", (
        Pattern("initials", rf"(?<![\w.])(?:[Ii]n (?:re|the (?:[Mm]atter|[Ii]nterests?) of):? )?{_INITIALS},? ?\(?(?:a|an|the|DOB[^,.\n]{{0,16}},?) ?(?:{_CHILD})\b\)?", 0.9),
        Pattern("initials behind", rf"(?<![\w.])(?:[Mm]inor(?: [Cc]hild| [Pp]laintiff| [Dd]efendant| [Vv]ictim| [Ss]on| [Dd]aughter| [Ww]itness)?|[Jj]uvenile(?: [Vv]ictim| [Rr]espondent)?|[Cc]hild [Vv]ictim),? \(?{_INITIALS}(?=[\s,;)’']|$)", 0.85),
        Pattern("initials and age", rf"(?<![\w.]){_INITIALS},? \(?(?:age[ds]?|who (?:is|was)|then) (?:[1-9]|1[0-7])(?:[- ]years?[- ]old)?(?=[\s,.;)])", 0.8),
        Pattern("name", rf"(?<![\w.]){_NAME},? \(?(?:a|an) (?:minor|infant)(?=[,.;)]| child\b| by\b|\s?$)", 0.75),
        Pattern("capitals", r"(?<![\w.])(?:[A-Z][A-Z.’'-]{0,20}\s){1,4}?[A-Z][A-Z.’'-]{0,20}, (?:A|AN) (?:MINOR|INFANT)(?: CHILD)?(?=[,.;)]| BY\b|\s?$)", 0.8),
        Pattern("through another", r"\ba minor,? (?:child,? )?by and through\b", 0.85),
        Pattern("guardian", r"\b(?:[Gg]uardian [Aa]d [Ll]item|GUARDIAN AD LITEM)\b", 0.75),
        Pattern("next friend", r"\b(?:[Bb]y and through|[Tt]hrough|[Bb]y|BY AND THROUGH|BY) (?:his|her|their|its|the|HIS|HER|THEIR) (?:(?:mother|father|parents?|guardian|grandmother|MOTHER|FATHER|PARENTS?)(?:,? and |,? AND ))?(?:next friend|natural (?:parent|guardian|mother|father)|legal guardian|NEXT FRIEND|NATURAL GUARDIAN|guardian ad litem|GUARDIAN AD LITEM)\b", 0.86),
        Pattern("as next friend", r"\b(?:[Aa]s|AS) (?:next friend|(?:parent|mother|father)(?:s)? and (?:natural |legal )?guardians?|NEXT FRIEND|(?:PARENT|MOTHER|FATHER) AND (?:NATURAL )?GUARDIAN)s? (?:of|for|to|OF|FOR)\b|\bp/n/g of\b", 0.8),
        Pattern("juvenile proceeding", r"\b(?:juvenile (?:delinquency|dependency|court)(?: petition| proceedings?| case| record| file)? (?:of|against|involving|concerning|no\.|number)|adjudicated (?:a )?(?:delinquent|dependent)|ward of the (?:juvenile )?court|child in need of (?:services|protection|care)|(?:a|A) [Pp]erson [Cc]oming [Uu]nder the [Jj]uvenile [Cc]ourt [Ll]aw|termination of parental rights (?:as )?to (?:[A-Z]\.|the minor))", 0.7),
        Pattern("the minor child", r"\b(?:the|THE) (?:minor (?:child|children|plaintiff|victim|defendant)|juvenile (?:respondent|defendant|offender)|MINOR CHILD)\b", 0.45),
        Pattern("in re", rf"\b[Ii]n (?:re|the (?:[Mm]atter|[Ii]nterests?) of):? {_INITIALS}(?=[,;\s]|$)", 0.75),
    ), ("court", "custody", "guardian", "appointed", "petition", "juvenile"), _not_talk, False,
       ("minor", "juvenile", "child", "guardian", "friend", "in re", "in the", "aged", "age ", "years", "who ", "then ", "ward of", "infant", "adjudicated", "parental", "p/n/g", "youth", "person under")),
)  # fmt: skip
