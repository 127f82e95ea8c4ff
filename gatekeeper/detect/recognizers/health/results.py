"""Laboratory results, vital signs and scores, as measured in somebody."""

from __future__ import annotations

import re

from gatekeeper.detect.lazy import lazy
from gatekeeper.detect.recognizers.spec import END, START, Pattern, Recognizer

_UNIT = (
    r"(?:mg/d[lL]|mmol/(?:[lL]|mol)|[µu]mol/[lL]|nmol/[lL]|pmol/[lL]|g/d[lL]|g/[lL]|ng/m[lL]|pg/m[lL]|[µmu]?IU/m?[lL]|m?U/[lL]|[IU]U/m?[lL]|mEq/[lL]|"
    r"mm/h(?:r)?|[xX×*]\s?10\^?[3689³⁹](?:/[µu]?[lL])?|[KkMm]/[µu][lL]|cells/(?:[µu][lL]|mm3)|/[µu][lL]|copies/m[lL]|fL|pg\b|bpm|beats per minute|breaths per minute|mm\s?Hg|%|ng/d[lL]|"
    r"[µum]c?g/[md]?[lL]|kg/m\^?[2²]|°\s?[CF]|[lL]/min|m[lL]/min(?:/1\.73\s?m\^?[2²])?|sec(?:onds)?|kPa|[lL]pm)"
)
_ANALYTE = (
    r"(?:h(?:a|emo)?(?:globin)?[ -]?a1c|hba1c|a1c|hemoglobin|haemoglobin|hgb|hb|hematocrit|haematocrit|hct|wbc(?: count)?|white (?:blood )?cell count|rbc|mcv|"
    r"platelets?(?: count)?|plt|neutrophils?|lymphocytes?|eosinophils?|anc|sodium|potassium|chloride|bicarbonate|co2|creatinine|cr|bun|urea|egfr|gfr|glucose|(?:fasting |random )?blood (?:sugar|glucose)|fbs|"
    r"calcium|magnesium|phosph(?:ate|orus)|albumin|total protein|bilirubin|alt|ast|sgot|sgpt|alp|alkaline phosphatase|ggt|ldh|ldl(?:-c)?|hdl(?:-c)?|triglycerides|"
    r"(?:total )?cholesterol|tsh|free t[34]|ft4|t3|t4|psa|crp|esr|sed rate|inr|ptt|aptt|pt|troponin(?:[ -][it])?|bnp|nt-?probnp|ferritin|iron saturation|tibc|"
    r"vitamin (?:d|b12)|25-oh vitamin d|b12|folate|lactate|lactic acid|ammonia|spo2|o2 sat(?:uration)?|oxygen saturation|heart rate|hr|pulse|bmi|temp(?:erature)?|uric acid|cortisol|prolactin|testosterone|"
    r"respiratory rate|rr|resp(?:irations)?|d-dimer|lipase|amylase|ck|ck-mb|cpk|cd4(?: count)?|viral load|b?-?hcg|ejection fraction|lvef|ef|fev1|peak flow|ph|pco2|po2|procalcitonin|"
    r"microalbumin|urine protein|anion gap|osmolality|digoxin level|lithium level|vancomycin trough|phenytoin level)"
)
_QUESTION = r"(?:of|is|was|at|to|came back|level|value|result|count|measured|today|reading|from|rose|fell|dropped|elevated|high|low|(?:\([HL]\))|[:=,(|-])"
_ALONE = r"(?:hba1c|a1c|hgb|hb|wbc|rbc|plt|creatinine|egfr|bun|tsh|inr|psa|ldl|hdl|spo2|crp|esr|troponin|ferritin|bnp|hct|cd4|bmi|gcs|anc|alt|ast|fev1|lvef)"
_COMMON = frozenset(
    [
        "should",
        "normal",
        "target",
        "below",
        "under",
        "above",
        "over",
        "less",
        "more",
        "range",
        "ranges",
        "between",
        "goal",
        "typical",
        "healthy",
        "recommended",
        "upper",
        "limit",
        "optimal",
        "reference",
        "ideal",
        "usually",
        "typically",
        "threshold",
        "cutoff",
        "guideline",
        "guidelines",
        "aim",
    ]
)


_WEATHER = lazy(r"temp", re.IGNORECASE)
_OUTSIDE = lazy(
    r"average|weather|forecast|oven|outside|room|water|sea|degrees|summer|winter|high of|low of|air|cpu|gpu|surface|climate"
)


def _bodily(text: str, start: int, end: int) -> bool:
    """Whether a temperature is one that a body has, and no weather is near."""
    figure = re.search(r"\d{2,3}(?:[.,]\d)?", text[start:end])
    value = float(figure.group().replace(",", ".")) if figure else 0.0
    near = text[max(0, start - 40) : end + 20].lower()
    return (34 <= value <= 43 or 93 <= value <= 110) and not _OUTSIDE.search(near)


_GENERAL = lazy(
    r"[^.;\n]{0,12}\b(?:is|are|was)\b (?:considered |the |a |usually )*(?:normal|typical|healthy|high|low|target|threshold|goal|limit)"
)


_ALONE_SCORE = 0.65
_THOUSANDS = lazy(r"(?:wbc|plt|anc|cd4|ferritin|bnp|troponin|psa|alt|ast)\b", re.IGNORECASE)
"""Analytes whose figures reach a thousand in the units in use; of the others none does."""


def _measured(text: str, start: int, end: int, score: float) -> float:
    """Textbook ranges ("below 5.7 %") are nobody's result, nor is a figure that no body reaches."""
    if score == _ALONE_SCORE and not _THOUSANDS.match(text, start):
        figure = re.search(r"\d+(?=(?:[.,]\d+)?\Z)", text[start:end])
        if figure and len(figure[0]) > 3:
            return 0.0
    if _WEATHER.match(text[start : start + 4]) and not _bodily(text, start, end):
        return 0.4
    words = set(re.split(r"[\s,.;]+", text[max(0, start - 40) : end].lower()))
    general = _GENERAL.match(text[end : end + 40].lower())
    return 0.4 if words & _COMMON or general else score


RECOGNIZERS = (
    Recognizer("LabResultRecognizer", "LAB_RESULT", (
        Pattern("analyte and unit", rf"{START}{_ANALYTE}{END}(?:\s{{0,2}}{_QUESTION}){{0,3}}\s{{0,2}}[<>]?\d{{1,6}}(?:[.,]\d{{1,3}})?\s{{0,2}}{_UNIT}(?!\w)", 0.75),
        Pattern("analyte alone", rf"{START}{_ALONE}(?:\s{{0,2}}(?:of|is|was|at|count|[:=|])){{1,2}}\s{{0,2}}[<>]?\d{{1,5}}(?:[.,]\d{{1,3}})?(?![\w.,/]\d|\w)", _ALONE_SCORE),
        Pattern("panel", r"(?<![\w-])(?-i:Na|K|Cl|HCO3|BUN|Cr|Glu|WBC|Hgb|Hct|Plt|HGB|HCT|PLT|INR|AST|ALT|Mg|Ca|HR|RR|BP|SpO2|Temp|TSH|CRP|ESR|LDL|HDL)[: ]{1,2}\d{1,4}(?:\.\d{1,2})?[,;/]?\s{1,2}(?-i:Na|K|Cl|HCO3|CO2|BUN|Cr|Glu|WBC|Hgb|Hct|Plt|HGB|HCT|PLT|INR|AST|ALT|Mg|Ca|Phos|HR|RR|BP|SpO2|Temp|T|TSH|CRP|ESR|LDL|HDL)[: ]{1,2}\d{1,4}(?:[./]\d{1,3})?(?![\w])", 0.75),
        Pattern("blood pressure", rf"{START}(?:bp|b/p|blood pressure)(?:\s{{0,2}}(?:of|is|was|at|reading|[:=|]|today)){{0,3}}\s{{0,2}}\d{{2,3}}\s?/\s?\d{{2,3}}(?!\d)(?:\s?mm\s?Hg)?", 0.75),
        Pattern("pressure with unit", r"(?<![\w./-])\d{2,3}\s?/\s?\d{2,3}\s?mm\s?Hg" + END, 0.7),
        Pattern("score", rf"{START}(?:gcs|glasgow coma (?:scale|score)|apgars?(?: scores?)?|phq-?9(?: score)?|gad-?7(?: score)?|mmse|moca|nihss|ecog(?: (?:ps|status))?|gleason(?: score)?|pain(?: (?:score|level|scale))?)(?:\s{{0,2}}(?:of|is|was|at|[:=])){{0,2}}\s{{0,2}}\d{{1,2}}(?:\s?(?:/|and|out of|\+)\s?\d{{1,2}}){{0,2}}(?![\w/])", 0.65),
        Pattern("test result", rf"{START}(?:hiv|hepatitis [abc]|hep [bc]|covid(?:-19)?|sars-cov-2|strep|influenza(?: [ab])?|flu|rpr|vdrl|chlamydia|gonorrh?ea|syphilis|tb|ppd|quantiferon|pregnancy|blood culture|urine culture|drug screen|tox screen|urine drug screen)(?: (?:test|pcr|antigen|antibody|screen|rapid test|serology)){{0,2}}(?:\s{{0,2}}(?:is|was|came back|result|[:=])){{1,2}}\s{{0,2}}(?:positive|negative|reactive|non-?reactive|detected|not detected){END}", 0.75),
    ), check=_measured),
)  # fmt: skip
