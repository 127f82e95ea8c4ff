"""Diagnoses and procedures: terms of the lexicon, and a phrase behind what a note says before one."""

from __future__ import annotations

from collections.abc import Iterator

from gatekeeper.detect.lazy import lazy
from gatekeeper.detect.recognizers.health_terms import lowered, may_hold, terms, triggers
from gatekeeper.detect.recognizers.spec import END, START, Pattern, Recognizer

_PATIENT = lazy(
    r"\b(?:diagnos(?:ed|is|es)(?: (?:with|of|as))?|dx(?:['’]?d)?(?: with)?|h/o|hx(?: of)?|history (?:of|significant for)|suffer(?:s|ed|ing) from|"
    r"present(?:s|ed|ing) with|complain(?:s|ed|ing) of|c/o|treated for|admitted (?:for|with)|hospitali[sz]ed (?:for|with)|positive for|"
    r"tested positive for|denies|reports|patient (?:has|had|with)|pt (?:has|with)|(?:she|he|i|mother|father|wife|husband|son|daughter|brother|sister|mom|dad) (?:has|have|had)|"
    r"i['’]ve (?:had|got)|battl(?:es|ed|ing)|struggl(?:es|ed|ing) with|living with|died of|due to|secondary to|pmh|assessment|impression|"
    r"chief complaint|cc|reason for visit|problem list|a/p|s/p|my)\b[:\s]{0,3}(?:(?:a|an|the|his|her|severe|mild|moderate|chronic|acute|recurrent|new|worsening|active|known|"
    r"possible|stage \w{1,3}|metastatic|bilateral|left|right|uncontrolled|early|late|intermittent|persistent)\s){0,3}\Z"
)
_NOT_SO = lazy(r"\s(?:of justice|of power|economy|in mathematics|film|movie)\b")
_HEADS = (
    r"(?:itis|osis|emia|aemia|oma|opathy|algia|uria|pnea|plegia|penia|megaly|rrhea|syndrome|disease|disorder|cancer|tumou?r|carcinoma|"
    r"infection|failure|deficiency|fracture|insufficiency|stenosis|hemorrhage|embolism|infarction|ulcer|hernia|dystrophy|palsy|neuropathy|injury|"
    r"abscess|lesion|aneurysm|dependence|withdrawal|overdose|psychosis|depression|anxiety|diabetes)"
)
_NO_SUFFIX = frozenset(
    [
        "academia",
        "bohemia",
        "nostalgia",
        "epidemia",
        "macadamia",
        "bulimias",
        "arthritis",
        "telepathy",
        "empathy",
        "sympathy",
        "apathy",
        "homeopathy",
        "osteopathy",
        "naturopathy",
        "psychopathy",
        "allopathy",
        "antipathy",
        "idiopathy",
        "uremias",
        "omegaly",
        "gravitis",
    ]
)


def _diagnoses(text: str) -> Iterator[tuple[int, int, float]]:
    for start, end, _ in terms(text, "condition"):
        yield start, end, 0.7
    low = lowered(text)
    for start, end, _ in terms(text, "doubtful"):
        if not _NOT_SO.match(low, end):
            said = _PATIENT.search(low[max(0, start - 60) : start])
            yield start, end, 0.7 if said else 0.35


def _suffix(text: str, start: int, end: int, score: float) -> float:
    return 0.0 if lowered(text)[start:end] in _NO_SUFFIX else score


def _procedures(text: str) -> Iterator[tuple[int, int, float]]:
    for start, end, _ in terms(text, "procedure"):
        yield start, end, 0.7


_NO_SCOPY = frozenset(
    [
        "spectroscopy",
        "microscopy",
        "telescopy",
        "fluoroscopy",
        "dichotomy",
        "anatomy",
        "radioscopy",
        "stroboscopy",
        "horoscopy",
        "cryoscopy",
        "ebullioscopy",
    ]
)


def _scopy(text: str, start: int, end: int, score: float) -> float:
    return 0.0 if lowered(text)[start:end] in _NO_SCOPY else score


_CUES = (
    r"(?:diagnos(?:ed|is|es)(?: (?:with|of|as|is|was))?|dx(?:['’]?d)?(?: with)?|h/o|hx of|(?:past )?medical history(?: of| significant for)?|history of|suffer(?:s|ed|ing) from|"
    r"present(?:s|ed) with|treated for|hospitali[sz]ed for|tested positive for|admitting diagnosis|discharge diagnosis|principal diagnosis|final diagnosis|assessment|impression|pmh|pmhx)"
)
RECOGNIZERS = (
    Recognizer("DiagnosisRecognizer", "DIAGNOSIS", (), find=_diagnoses, triggers=triggers("condition", "doubtful"), may=may_hold("condition", "doubtful")),
    Recognizer("DiagnosisCueRecognizer", "DIAGNOSIS", (
        Pattern("behind a cue", rf"{START}{_CUES}\s{{0,2}}:?\s(?:\d\.\s)?(?:an?\s|the\s|acute\s|his\s|her\s)?(?P<value>(?:[a-z][\w’'-]{{1,20}} ){{0,4}}?[a-z][\w’'-]{{0,18}}{_HEADS}){END}", 0.75),
        Pattern("suffix", rf"{START}[a-z]{{4,18}}(?:itis|aemia|emia|algia|plegia|opathy|penia|megaly|osclerosis){END}", 0.35),
    ), ("diagnosed", "diagnosis", "dx", "hx", "pmh", "suffers"), _suffix),
    Recognizer("ProcedureRecognizer", "MEDICAL_PROCEDURE", (
        Pattern("named by what is cut or seen", rf"{START}(?:[a-z]{{3,20}}ectomy|[a-z]{{4,20}}(?:ostomy|oscopy|plasty|centesis|orrhaphy|desis)){END}", 0.62),
        Pattern("surgery", rf"{START}(?:underwent|undergoing|scheduled for|status post|s/p|recovering from)\s(?:an? |the |emergency |elective |left |right |bilateral ){{0,3}}(?P<value>(?:[a-z][\w-]{{1,20}} ){{0,3}}?(?:surgery|operation|transplant|biopsy|resection|repair|replacement|removal|implantation|graft|excision|ablation|dialysis|infusion|catheterization|mri|ct scan|bypass)){END}", 0.7),
        Pattern("imaging of a part", rf"{START}(?:(?:ct|mri|mra|ultrasound|x-ray|xray|pet)(?: scan)? of (?:the |his |her |left |right |my ){{0,2}}(?:head|brain|chest|abdomen|pelvis|spine|neck|knee|shoulder|hip|lumbar spine|cervical spine|liver|kidneys?|heart|breast|thyroid|ankle|wrist|foot|hand)|(?:head|brain|chest|abdominal|pelvic|lumbar|cervical|cardiac|breast|renal) (?:ct|mri|ultrasound|x-ray|xray)){END}", 0.65),
    ), (), _scopy, find=_procedures, triggers=triggers("procedure")),
)  # fmt: skip
