"""Medications: names of the lexicon, stems of international names, a word with dose and frequency."""

from __future__ import annotations

from collections.abc import Iterator

from gatekeeper.detect.lazy import lazy
from gatekeeper.detect.recognizers.health_terms import lowered, may_hold, terms, triggers
from gatekeeper.detect.recognizers.spec import END, START, Pattern, Recognizer

_UNIT = r"(?:mgs?|mcg|µg|ug|micrograms?|milligrams?|units?|iu|u|meq|ml|g|gm|puffs?|mg/ml|mcg/h(?:r|our)?|%)"
_DOSE = lazy(rf"\s{{0,2}}(?:[a-z]{{2,3}}\s)?(?:\d{{1,5}}(?:[.,]\d{{1,4}})?\s?-?{_UNIT}\b)")
_GIVEN = lazy(
    r"\b(?:prescri(?:bed|ption for|be)|refill(?: of| for)?|administered|given|overdos(?:ed|e) (?:on|of)|started(?: on)?|restarted|"
    r"discontinued|stopped|titrated|tapered(?: off)?|weaned off|allergic to|dose of|allergies:?|meds?:|medications?:|rx:?|"
    r"patient (?:is )?(?:on|takes|taking)|pt (?:on|takes)|(?:she|he|i) (?:takes?|took|am on|is on|was on)|(?:i['’]m|he['’]s|she['’]s) (?:on|taking)|my)\s+(?:\w+\s){0,2}\Z"
)
_FREQUENCY = (
    r"(?:p\.?o\.?|i\.?v\.?|i\.?m\.?|s\.?c\.?|sub-?q|s\.?l\.?|b\.?i\.?d\.?|t\.?i\.?d\.?|q\.?i\.?d\.?|q\.?d\.?|q\.?h\.?s\.?|qam|qpm|qod|p\.?r\.?n\.?|"
    r"q ?\d{1,2} ?(?:h|hrs?|hours?)\b|(?:once |twice )?daily|nightly|weekly|(?:once|twice|three times|four times)(?: a| per)? (?:day|daily|week)|"
    r"every (?:\d{1,2} (?:hours?|days?|weeks?)|morning|night|evening|day|other day)|at bedtime|in the (?:morning|evening)|tab(?:let)?s?\b|cap(?:sule)?s?\b|"
    r"by mouth|subcutaneously|intravenously|orally|iv push|infusion|inhaler|patch)"
)
_NO_DRUG = frozenset(
    [
        "take",
        "takes",
        "taking",
        "took",
        "give",
        "gave",
        "given",
        "dose",
        "doses",
        "dosage",
        "about",
        "only",
        "than",
        "with",
        "plus",
        "and",
        "the",
        "for",
        "per",
        "total",
        "least",
        "most",
        "sodium",
        "protein",
        "carbs",
        "carbohydrate",
        "carbohydrates",
        "fat",
        "fats",
        "fiber",
        "fibre",
        "sugar",
        "sugars",
        "calcium",
        "iron",
        "potassium",
        "cholesterol",
        "caffeine",
        "magnesium",
        "zinc",
        "salt",
        "water",
        "energy",
        "omega",
        "collagen",
        "creatine",
        "alcohol",
        "food",
        "weight",
        "contains",
        "containing",
        "approximately",
        "around",
        "maximum",
        "minimum",
        "exceed",
        "exceeding",
        "consume",
        "eat",
        "drink",
        "add",
        "use",
        "using",
        "of",
        "to",
        "at",
        "is",
        "was",
        "by",
        "mg",
        "ml",
        "extra",
        "another",
        "vitamin",
        "supplement",
        "supplements",
        "powder",
        "tablet",
        "tablets",
        "capsule",
        "capsules",
        "pill",
        "pills",
        "daily",
        "increased",
        "decreased",
        "reduced",
        "from",
        "into",
        "up",
        "down",
        "over",
        "under",
        "medication",
        "medicine",
        "drug",
        "drugs",
        "mix",
        "dissolve",
        "inject",
        "injected",
        "solution",
        "strength",
        "strengths",
        "one",
        "two",
        "three",
        "four",
        "five",
        "half",
    ]
)
_STEMS = (
    r"(?:pril|sartan|statin|olol|prazole|conazole|tidine|cillin|cycline|floxacin|mycin|micin|ciclovir|navir|tegravir|buvir|asvir|"
    r"vudine|parin|xaban|gatran|dipine|azosin|triptan|setron|lukast|barbital|azepam|azolam|oxetine|triptyline|dronate|fibrate|"
    r"thiazide|platin|rubicin|taxel|trexate|limus|tinib|ciclib|parib|rafenib|degib|gliptin|gliflozin|glutide|glitazone|zumab|ximab|umab|"
    r"mumab|nercept|profen|coxib|caine|codone|morphone|azine|peridone|piprazole|racetam|gabalin|dopa|stigmine|curonium|terol|"
    r"asone|onide|olone|isone|ergine|tropium|fungin|bactam|penem|cef[a-z]{3,8}|oxacin)"
)
_NO_STEM = frozenset(
    [
        "april",
        "magazine",
        "magazines",
        "cocaine",
        "sulfa",
        "cuisine",
        "machine",
        "limus",
        "urine",
        "routine",
        "profane",
        "monsoon",
        "caiaphas",
        "solone",
        "parasone",
        "hexaone",
        "ozone",
        "stone",
        "marine",
        "nicotine",
        "novocaine",
        "gasone",
        "mycin",
        "bactam",
        "nystatine",
        "airtight",
        "reasone",
        "phosphine",
        "betrayazine",
        "trapezine",
        "gallone",
        "microcaine",
        "melamine",
        "terol",
        "cholesterol",
        "ergosterol",
        "sitosterol",
        "lanosterol",
        "clenbuterol",
        "glycerol",
        "hydrazine",
        "pyridazine",
        "pyrazine",
        "triazine",
        "thiazine",
        "oxazine",
        "benzodiazine",
        "phenazine",
        "atrazine",
        "simazine",
        "hexazine",
        "monazine",
        "azine",
        "inoxacin",
        "lone",
        "cyclone",
    ]
)


def _by_name(text: str) -> Iterator[tuple[int, int, float]]:
    for start, end, _ in terms(text, "medication"):
        yield start, end, 0.7
    low = lowered(text)
    for start, end, _ in terms(text, "kitchen"):
        near = low[max(0, start - 40) : start]
        yield start, end, 0.7 if _DOSE.match(low, end) or _GIVEN.search(near) else 0.35


def _stem(text: str, start: int, end: int, score: float) -> float:
    """A stem is a hint; with a dose behind it, or a verb of care before, it is a medicine."""
    low = lowered(text)
    if low[start:end] in _NO_STEM or low[start:end].rstrip("s") in _NO_STEM:
        return 0.0
    cared = _DOSE.match(low, end) or _GIVEN.search(low[max(0, start - 40) : start])
    return 0.7 if cared else score


def _dosed(text: str, start: int, end: int, score: float) -> float:
    return 0.0 if lowered(text)[start:end] in _NO_DRUG else score


RECOGNIZERS = (
    Recognizer("MedicationRecognizer", "MEDICATION", (), find=_by_name, triggers=triggers("medication", "kitchen"), may=may_hold("medication", "kitchen")),
    Recognizer("MedicationStemRecognizer", "MEDICATION", (
        Pattern("stem", rf"{START}[a-z]{{2,12}}{_STEMS}{END}", 0.35),
    ), (), _stem),
    Recognizer("MedicationDoseRecognizer", "MEDICATION", (
        Pattern("dose and frequency", rf"{START}(?P<value>[a-z][a-z-]{{3,22}}(?: (?:XR|ER|SR|CR|XL|LA|DR|IR|HCl|sodium|succinate|tartrate))?) \d{{1,4}}(?:\.\d{{1,3}})? ?(?:mg|mcg|µg|units?|iu|meq)(?:/\d{{1,3}} ?(?:mg|ml))?,? (?:\d{{1,2}} )?{_FREQUENCY}(?!\w)", 0.75),
        Pattern("sig", rf"{START}(?:meds?|medications?|rx|sig|current medications|home medications|discharge medications)\s?:\s?(?P<value>[a-z][a-z-]{{3,22}}) \d{{1,4}}(?:\.\d{{1,3}})? ?(?:mg|mcg|units?|meq)(?!\w)", 0.75),
    ), (), _dosed, needs=("mg", "mcg", "µg", "μg", "unit", "iu", "meq")),
)  # fmt: skip
