"""Health facts: codes, medications, diagnoses, results."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import yaml

from gatekeeper.detect.recognizers.spec import (
    END,
    START,
    Pattern,
    Recognizer,
    labelled,
    one,
)

_DATA = Path(__file__).parents[1] / "data"


@cache
def _phrases(file: str) -> str:
    """The phrases of a lexicon as one pattern; a blank in them matches a hyphen or a line break."""
    lists = yaml.safe_load((_DATA / file).read_text(encoding="utf-8"))
    return _trie(sorted({str(p).strip() for values in lists.values() for p in values}))


def _trie(words: list[str]) -> str:
    """A pattern for any of `words`, the longest first, that looks at each character once."""
    ends = "" in words
    heads: dict[str, list[str]] = {}
    for word in words:
        if word:
            heads.setdefault(word[0], []).append(word[1:])
    branches = [_letter(head) + _trie(tails) for head, tails in heads.items()]
    if not branches:
        return ""
    joined = branches[0] if len(branches) == 1 and not ends else f"(?:{'|'.join(branches)})"
    return joined + "?" * ends


def _letter(character: str) -> str:
    return r"(?:-|[ ]\s?)" if character == " " else re.escape(character)


_ICD = r"[A-TV-Z]\d[0-9AB](?:\.[0-9A-TV-Z]{1,4})?"
_ICD_DOTTED = r"[A-TV-Z]\d[0-9AB]\.[0-9A-TV-Z]{1,4}"
CODES = (
    Recognizer("Icd10Recognizer", "ICD10_CODE", (
        Pattern("labelled", labelled(r"icd[ _-]?-?(?:10|9|11)?(?:[ _-]?cm)?(?:[ _-]?(?:code|dx))?|dx[ _-]?codes?|diagnos[ei]s[ _-]?codes?|principal[ _-]diagnosis|problem[ _-]codes?", _ICD), 0.9),
        Pattern("dotted, behind a cue", labelled(r"assessment|dx|diagnos[ei]s|impression|problems?|a/p", _ICD_DOTTED), 0.8),
        Pattern("dotted", r"(?<![\w.#/-])(?-i:[A-TV-Z]\d[0-9AB]\.[0-9A-TV-Z]{1,4})(?![\w.-])", 0.4),
    ), ("icd", "icd10", "dx", "diagnosis", "diagnosed", "assessment", "diagnoses", "impression", "patient")),
    Recognizer("NdcRecognizer", "NDC_CODE", (
        Pattern("labelled", labelled(r"ndc", r"(?:\d{4}-\d{4}-\d{2}|\d{5}-\d{3}-\d{2}|\d{5}-\d{4}-\d{1,2}|\d{11}|\d{10})"), 0.9),
        Pattern("bare", r"(?<![\w-])\d{5}-\d{4}-\d{2}(?![\w-])", 0.4),
    ), ("ndc", "drug", "dispensed", "tablet", "pharmacy", "capsule")),
    Recognizer("ProcedureCodeRecognizer", "PROCEDURE_CODE", (
        Pattern("cpt", labelled(r"cpt(?:[ _-]?4)?|procedure(?=[ _-]?code)|billing(?=[ _-]?code)", r"\d{4}[0-9TFU](?:-\d{2})?"), 0.85),
        Pattern("hcpcs", labelled(r"hcpcs|j[ -]?code", r"[A-V]\d{4}"), 0.85),
    )),
)  # fmt: skip


def _lexicon(name: str, entity: str, file: str) -> Recognizer:
    return one(name, entity, rf"{START}(?:{_phrases(file)})s?{END}", 0.7)


_UNIT = (
    r"(?:mg/d[lL]|mmol/[lL]|[µu]mol/[lL]|g/d[lL]|ng/m[lL]|pg/m[lL]|mIU/[lL]|m?U/[lL]|[IU]U/m?[lL]|mEq/[lL]|"
    r"mm/h|[xX×]\s?10\^?[39]/[lL]|cells/[µu][lL]|/[µu][lL]|fL|bpm|mm\s?Hg|%|ng/d[lL]|[µu]g/[md]?[lL]|kg/m\^?[2²]|°\s?[CF])"
)
_ANALYTE = (
    r"(?:h(?:a|emo)?(?:globin)?[ -]?a1c|hba1c|a1c|hemoglobin|haemoglobin|hgb|hb|hematocrit|hct|wbc|rbc|"
    r"platelets?|plt|sodium|potassium|chloride|bicarbonate|creatinine|bun|egfr|gfr|glucose|blood sugar|"
    r"calcium|magnesium|phosphate|albumin|bilirubin|alt|ast|alp|ggt|ldl(?:-c)?|hdl(?:-c)?|triglycerides|"
    r"cholesterol|tsh|free t4|ft4|psa|crp|esr|inr|troponin(?: [it])?|bnp|nt-probnp|ferritin|"
    r"vitamin (?:d|b12)|b12|folate|lactate|spo2|oxygen saturation|heart rate|pulse|bmi|temperature|"
    r"respiratory rate|d-dimer|lipase|amylase|ck|cd4(?: count)?|viral load|hcg)"
)
_QUESTION = r"(?:of|is|was|at|to|came back|level|value|result|measured|today|reading|[:=,(])"
_COMMON = "should|normal|target|below|under|above|over|less|more|range|between|goal"


def _measured(text: str, start: int, end: int, score: float) -> float:
    """Textbook ranges ("below 5.7 %") are nobody's result."""
    words = set(text[max(0, start - 30) : end + 20].lower().replace(",", " ").split())
    return 0.4 if words & set(_COMMON.split("|")) else score


LAB_RESULT = Recognizer("LabResultRecognizer", "LAB_RESULT", (
    Pattern("analyte and unit", rf"{START}{_ANALYTE}{END}(?:\s{{0,2}}{_QUESTION}){{0,3}}\s{{0,2}}[<>]?\d{{1,5}}(?:[.,]\d{{1,3}})?\s{{0,2}}{_UNIT}(?!\w)", 0.75),
    Pattern("analyte alone", rf"{START}(?:hba1c|a1c|hgb|wbc|creatinine|egfr|tsh|inr|psa|ldl|hdl|spo2|crp|troponin|ferritin|bnp)(?:\s{{0,2}}(?:of|is|was|at|[:=])){{1,2}}\s{{0,2}}[<>]?\d{{1,5}}(?:[.,]\d{{1,3}})?(?![\w.,]\d|\w)", 0.65),
    Pattern("blood pressure", rf"{START}(?:bp|blood pressure)(?:\s{{0,2}}(?:of|is|was|at|reading|[:=]|today)){{0,3}}\s{{0,2}}\d{{2,3}}\s?/\s?\d{{2,3}}(?!\d)(?:\s?mm\s?Hg)?", 0.75),
    Pattern("pressure with unit", r"(?<![\w./-])\d{2,3}\s?/\s?\d{2,3}\s?mm\s?Hg" + END, 0.7),
), check=_measured)  # fmt: skip

RECOGNIZERS = (
    *CODES,
    _lexicon("MedicationRecognizer", "MEDICATION", "medications.yaml"),
    _lexicon("DiagnosisRecognizer", "DIAGNOSIS", "diagnoses.yaml"),
    LAB_RESULT,
)
