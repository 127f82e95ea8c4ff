"""Codes of health care: ICD, ICD-O, SNOMED CT, LOINC, RxNorm, NDC, CPT, HCPCS."""

from __future__ import annotations

import re

from gatekeeper.detect.recognizers.spec import (
    END,
    Pattern,
    Recognizer,
    before,
    digits_of,
    labelled,
    luhn,
)

_ICD = r"[A-TV-Z]\d[0-9AB](?:\.?[0-9A-TV-Z]{1,4})?|U0[79]\.\d"
_ICD_DOTTED = r"[A-TV-Z]\d[0-9AB]\.[0-9A-TV-Z]{1,4}"
_CODES = r"(?:[ _-]?(?:code|dx|diagnosis))?s?"
_LIST = r"(?:[,;/ ]{1,3}(?:and )?)"

# The tables of the Verhoeff check: multiplication of the dihedral group D5, and its permutation.
_D5 = (
    "0123456789", "1234067895", "2340178956", "3401289567", "4012395678",
    "5987604321", "6598710432", "7659821043", "8765932104", "9876543210",
)  # fmt: skip
_PERMUTED = (
    "0123456789", "1576283094", "5803796142", "8916043527", "9453126870", "4286573901",
    "2793806415", "7046913258",
)  # fmt: skip


def verhoeff(digits: str) -> bool:
    """Whether `digits` pass the Verhoeff check (SNOMED CT identifiers, section 5.7)."""
    check = 0
    for n, digit in enumerate(reversed(digits)):
        check = int(_D5[check][int(_PERMUTED[n % 8][int(digit)])])
    return check == 0


def _snomed(text: str, start: int, end: int, score: float) -> float:
    """The check digit, and one of the partitions in use before it."""
    digits = digits_of(text, start, end)
    held = verhoeff(digits) and digits[-3:-1] in {"00", "01", "02", "03", "10", "11", "12", "13"}
    return score if held else 0.0


def _loinc(text: str, start: int, end: int, score: float) -> float:
    """Modulo 10 over the number with its check digit (LOINC Users' Guide, appendix C)."""
    return score if luhn(digits_of(text, start, end)) else 0.0


def _icd10(text: str, start: int, end: int, score: float) -> float:
    """Shapes that are cells, versions, roads or vitamins are no codes."""
    if score >= 0.8:
        return score
    near = before(text, start, 16)
    return (
        0.0
        if re.search(
            r"(?:version|table|figure|fig\.?|section|sheet|cell|v|vitamin|model|ver\.?)[ .]{0,2}\Z",
            near,
        )
        else score
    )


def _ndc(text: str, start: int, end: int, score: float) -> float:
    return score if len(set(digits_of(text, start, end))) > 2 else 0.0


RECOGNIZERS = (
    Recognizer("Icd10Recognizer", "ICD10_CODE", (
        Pattern("labelled", labelled(rf"icd[ _-]?-?(?:10|11)?(?:[ _-]?cm|[ _-]?gm)?{_CODES}|(?:primary[ _-]|secondary[ _-]|principal[ _-]|admitting[ _-])?(?:dx|diagnos[ei]s)[ _-]?codes?|principal[ _-]diagnosis|problem[ _-]codes?|condition[ _-]codes?", _ICD), 0.9),
        Pattern("dotted, behind a cue", labelled(r"assessment|dx|diagnos[ei]s|impression|problems?|a/p|encounter for", _ICD_DOTTED), 0.8),
        Pattern("in brackets behind a name", rf"(?<=[a-z] ?)[(\[](?:ICD-?10(?:-CM)?:? ?)?(?P<value>(?-i:{_ICD_DOTTED}))[)\]]", 0.7),
        Pattern("next in a list", rf"(?<=(?-i:[A-TV-Z]\d[0-9AB](?:\.[0-9A-TV-Z]{{1,4}})?){_LIST})(?P<value>(?-i:{_ICD_DOTTED}))(?![\w.-])", 0.5),
        Pattern("dotted", r"(?<![\w.#/-])(?-i:[A-TV-Z]\d[0-9AB]\.[0-9A-TV-Z]{1,4})(?![\w-]|\.\w)", 0.4),
    ), ("icd", "icd10", "dx", "diagnosis", "diagnosed", "assessment", "diagnoses", "impression", "patient"), _icd10),
    Recognizer("Icd9Recognizer", "ICD9_CODE", (
        Pattern("labelled", labelled(rf"icd[ _-]?-?9(?:[ _-]?cm)?{_CODES}", r"(?:\d{3}(?:\.?\d{1,2})?|V\d{2}(?:\.?\d{1,2})?|E\d{3}(?:\.?\d)?)"), 0.9),
        Pattern("labelled, dotted", labelled(r"(?:dx|diagnos[ei]s)[ _-]?codes?", r"(?:\d{3}\.\d{1,2}|V\d{2}\.\d{1,2}|E\d{3}\.\d)"), 0.75),
    ), needs=("icd", "code")),
    Recognizer("IcdOncologyRecognizer", "ICD_O_CODE", (
        Pattern("labelled", labelled(r"icd[ _-]?-?o(?:[ _-]?[23])?|morphology|histology(?:[ _-](?:type|behavior))?", r"[89]\d{3}/[0-3679]", noun=rf"{_CODES}"), 0.9),
        Pattern("bare", r"(?<![\w./-])[89]\d{3}/[0-3679](?![\w/.-])", 0.35),
    ), ("histology", "morphology", "carcinoma", "tumor", "pathology", "adenocarcinoma"), needs=("/",)),
    Recognizer("SnomedRecognizer", "SNOMED_CODE", (
        Pattern("labelled", labelled(r"snomed(?:[ _-]?ct)?(?:[ _-]?(?:code|concept|id|identifier))?|sctid|sct", r"\d{6,18}"), 0.9),
        Pattern("with its term", r"(?<![\w.-])\d{6,18}(?=\s?\|\s?(?![^|\n]{0,80}?\d\.\d)[A-Z][^|\n]{2,80}\|)", 0.75),
    ), check=_snomed, needs=("snomed", "sct", "|")),
    Recognizer("LoincRecognizer", "LOINC_CODE", (
        Pattern("labelled", labelled(r"loinc(?:[ _-]?(?:code|num))?", r"\d{1,5}-\d"), 0.9),
        Pattern("bare", r"(?<![\w./-])\d{3,5}-\d(?![\w/.-])", 0.26),
    ), ("loinc", "observation"), _loinc, needs=("loinc", "observation")),
    Recognizer("RxNormRecognizer", "RXNORM_CODE", (
        Pattern("labelled", labelled(r"rx[ _-]?norm(?:[ _-]?(?:code|cui|id))?|rxcui", r"\d{2,8}"), 0.9),
    ), needs=("rx",)),
    Recognizer("NdcRecognizer", "NDC_CODE", (
        Pattern("labelled", labelled(r"ndc(?:[ _-]?(?:10|11|code))?|national drug code", r"(?:\d{4}-\d{4}-\d{2}|\d{5}-\d{3}-\d{2}|\d{5}-\d{4}-\d{1,2}|\d{5}-\d{3,4}|\d{11}|\d{10})"), 0.9),
        Pattern("bare", r"(?<![\w-])\d{5}-\d{4}-\d{2}(?![\w-])", 0.4),
    ), ("ndc", "drug", "dispensed", "tablet", "tablets", "pharmacy", "capsule", "capsules"), _ndc),
    Recognizer("ProcedureCodeRecognizer", "PROCEDURE_CODE", (
        Pattern("cpt", labelled(r"(?:hcpcs[/ ])?cpt(?:[ _-]?4)?(?:[/ ]hcpcs)?(?:[ _-]?codes?)?|procedure[ _-]?codes?|billing[ _-]?codes?|service[ _-]?codes?|e[/&]m[ _-]codes?", r"\d{4}[0-9TFUM](?:-\d{2}|-[A-Z]{2})?"), 0.85),
        Pattern("next in a list", rf"(?<=(?i:cpt)(?i:[ _-]?codes?)?:?\s\d{{4}}[0-9TF](?:-\d\d)?{_LIST})(?P<value>\d{{4}}[0-9TF](?:-\d\d)?){END}", 0.75),
        Pattern("hcpcs", labelled(r"hcpcs(?:[ _-]?codes?)?|j[ -]?code|(?:procedure|service|cpt)[ _-]?codes?", r"[A-V]\d{4}(?:-[A-Z0-9]{2})?"), 0.85),
        Pattern("pcs", labelled(rf"icd[ _-]?-?10[ _-]?pcs{_CODES}", r"[0-9A-HJ-NP-Z]{7}"), 0.9),
    ), needs=("cpt", "hcpcs", "code", "pcs")),
)  # fmt: skip
