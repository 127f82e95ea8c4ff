"""What speaks against a span: the form of what stands there, and nothing else."""

import random

import pytest

from gatekeeper.detect import Detector, load_detector
from gatekeeper.detect.spans import Span
from gatekeeper.detect.vetoes import AFTER, BEFORE, VETOES, standing, veto_of
from gatekeeper.model import LOCALES, Confidence, Record, Text


@pytest.fixture(scope="module")
def detector() -> Detector:
    names = {"PERSON", "LOCATION", "ORGANIZATION"}
    spoken_of = {e for v in VETOES for e in v.entities}
    return load_detector(entities=spoken_of - names - {"DATE_TIME", "AGE"}, locales=LOCALES)


def found(detector: Detector, text: str) -> set[str]:
    ((_, findings),) = detector.detect([Record("v", 0, (Text("", text),), 0)])
    return {f.entity for f in findings if f.confidence >= Confidence.LIKELY}


VETOED = [
    ("PHONE_NUMBER", "ISBN [[0-306-40615-2]]", "library"),
    ("PHONE_NUMBER", "ISBN-10: [[0306406152]]", "library"),
    ("US_SSN", "ISBN [[335-83-3192]] -X", "library"),
    ("PHONE_NUMBER", "OCLC [[4155550187]]", "library"),
    ("US_BANK_NUMBER", "PMID: [[41555501]]", "library"),
    ("US_BANK_NUMBER", "UPC [[415555018711]], case of 12", "library"),
    ("DEVICE_SERIAL", "SERIAL=[[2024010100]] REFRESH=7200 RETRY=900", "zone"),
    ("DEVICE_SERIAL", "@ IN SOA ns1 hostmaster ( [[2024010100]] 7200 900 )", "zone"),
    ("DIAGNOSIS", "SKU [[ALS]]-7235-RV, 9 in stock", "joined"),
    ("PERSON", "[[SKU RON]]-0977-UO", "joined"),
    ("DIAGNOSIS", "I paid [[CHF]] 1'200 for it", "currency"),
    ("PERSON", "[[token]] ids: [31262, 8120]", "key"),
    ("BATES_NUMBER", "# GH 55453, [[GH 22794]]", "tracker"),
    ("PHONE_NUMBER", "created_at: [[1512345678]]", "epoch"),
    ("US_BANK_NUMBER", '"ts": [[1512345678]]', "epoch"),
    ("PHONE_NUMBER", "row 12, column 3, cell [[5843577126]]", "cell"),
    ("US_BANK_NUMBER", "commit [[212555013492]]", "digest"),
    ("ACCOUNT_NUMBER", "commit [[21255a0134]]", "digest"),
    ("PHONE_NUMBER", "crc32 [[2125550134]]", "digest"),
    ("IP_ADDRESS", "Upgrade from 4.10.0.60 to [[94.3.66.8]] today.", "version"),
    ("DATE_TIME", "numpy==[[8.30.11]], pandas", "release"),
    ("DATE_TIME", "image: redis:[[6.24.11]]-alpine", "release"),
    ("DATE_TIME", "openssl 1.1.1k was replaced by [[7.22.11]]", "release"),
    ("DATE_TIME", "released as v[[7.22.11]] today", "release"),
    ("IP_ADDRESS", 'ObjectIdentifier("[[2.5.29.46]]")', "arc"),
    ("IP_ADDRESS", "EC number [[153.12.47.43]]", "arc"),
    ("CREDIT_CARD", "314, [[2615, 2775, 4308, 2330]], 2331, 569", "figures"),
    ("CREDIT_CARD", "chr57:[[53875989-82933934]] GRCh38", "figures"),
    ("GEO_COORDINATE", "[[[41.87811, -87.62980]], 0.12345, 3.33333]", "vector"),
    ("AGE", "RA 12h [[39m]] 60.59s", "sky"),
    ("INTERNAL_HOST", "from [[package.module.local]] import helper", "attribute"),
    ("INTERNAL_HOST", "    and [[lower.version.local]] is not None", "attribute"),
    ("INTERNAL_HOST", "x = [[self.cache.local]]", "attribute"),
    ("UNC_PATH", r"A_k = \sum a_m [[\\exp\\left\\{-2\\pi]]", "escaped"),
    ("EMAIL_ADDRESS", "[[sk-ssh-ed25519@openssh.com]]", "algorithm"),
    ("EMAIL_ADDRESS", "git clone [[git@github.com]]:python/cpython.git", "algorithm"),
    ("PERSON", "[[exp]]: 1700000000, iat: 1690000000", "key"),
    ("PERSON", "[[John]] 3:16 is often quoted", "verse"),
    ("LOCATION", "See [[374 U.S.]] 173 (1949)", "citation"),
]
DOUBTED = [
    ("PHONE_NUMBER", "commit [[2125550134]] to memory", "other number"),
    ("PHONE_NUMBER", "updated: [[4155550187]]", "other number"),
    ("PHONE_NUMBER", "phone: disabled\nlimit: [[3476243912]]", "other number"),
    ("PHONE_NUMBER", "cell 7545955814\nqueue item [[6465581149]] took 463 ms", "other number"),
    (
        "ICD10_CODE",
        "It diagnoses.\nCode [[F41.18]] in the table stands for a screw.",
        "other matter",
    ),
    ("ICD10_CODE", "a patient gardener\nFilter [[D44.33]], hose A35, gasket", "other matter"),
]
STANDS = [
    # A label that this number could not have borne takes nothing away.
    ("PHONE_NUMBER", "ISBN [[415-555-0187]]"),
    ("PHONE_NUMBER", "isbn: [[(415) 555-0187]]"),
    ("PHONE_NUMBER", "PMID: [[4155550187]]"),
    ("PHONE_NUMBER", "ISSN [[415-555-0187]]"),
    ("PHONE_NUMBER", "EAN [[4155550187]]"),
    ("PHONE_NUMBER", "commit [[212-555-0134]] to memory"),
    ("US_SSN", "checksum [[221-20-2224]]"),
    ("PHONE_NUMBER", "Reserved table 12, his cell [[4155550187]]"),
    ("PHONE_NUMBER", "row 12, column 3, cell [[415-555-0187]]"),
    ("CREDIT_CARD", "3, [[4111, 1111, 1111, 1111]], 2"),
    ("CREDIT_CARD", "numbers [[4111, 1111, 1111, 1111]], 123"),
    ("CREDIT_CARD", "[[4111, 1111, 1111, 1111]], 1227, 123"),
    ("CREDIT_CARD", "17, [[4111, 1111, 1111, 1111]], 2331, visa"),
    ("DEVICE_SERIAL", "SERIAL=[[8600705197]] MODEL=7"),
    ("DIAGNOSIS", "[[CHF]] 20 years ago"),
    ("DIAGNOSIS", "history of [[CHF]], EF 35%"),
    ("PERSON", "[[Ron]]-0977"),
    ("PERSON", "[[maria]]: 12"),
    ("PHONE_NUMBER", "phones\nhome: [[3476243912]]"),
    ("PHONE_NUMBER", "call us\nmaria [[3476243912]]"),
    ("PHONE_NUMBER", "text me, my number is [[3476243912]]"),
    ("ICD10_CODE", "She has asthma. Code [[J45.909]]."),
    ("ICD10_CODE", "Patient seen.\nCode [[E11.9]] stands for type 2 diabetes mellitus."),
    ("PHONE_NUMBER", "His ISBN shop: call [[415-555-0187]]"),
    ("PHONE_NUMBER", "created the account, cell [[415-555-0187]]"),
    ("IP_ADDRESS", "Upgrade the host at [[94.3.66.8]] today."),
    ("DATE_TIME", "the visit was on [[8.30.11]]"),
    ("DATE_TIME", "Datum: [[24.12.2011]]"),
    ("DATE_TIME", "from [[8.30.11]] to 9.2.11"),
    ("IP_ADDRESS", "client ip [[2.5.29.46]]"),
    ("CREDIT_CARD", "cards 1, [[4111, 1111, 1111, 1111]], 2"),
    ("CREDIT_CARD", "pay with [[4111 1111 1111 1111]], 2 items"),
    ("GEO_COORDINATE", "gps: [[41.87811, -87.62980]], 182.5"),
    ("AGE", "a [[5m]] old baby"),
    ("INTERNAL_HOST", "from [[vault01.prod.internal]] we import data"),
    ("INTERNAL_HOST", "ssh to [[wiki.intranet.corp]] is not allowed"),
    ("UNC_PATH", r"open \\\\[[fs01\\finance]]"),
    ("EMAIL_ADDRESS", "write to [[damien@openssh.com]]"),
    ("EMAIL_ADDRESS", "git: [[gita@example.com]]: hello"),
    ("PERSON", "[[Maria]]: 1700000000"),
    ("PERSON", "[[John]] arrives at 3:16"),
    ("PERSON", "[[John]] 3:16 pm"),
    ("PERSON", "[[Brown]] v. Board, 347 U.S. 483 (1954)"),
]


def planted(entity: str, marked: str, score: float = 0.75) -> tuple[str, Span]:
    head, _, rest = marked.partition("[[")
    value, _, tail = rest.partition("]]")
    if entity == "GEO_COORDINATE" and head == "":
        head, value = "[", value.removeprefix("[")
    return head + value + tail, Span(len(head), len(head) + len(value), entity, score, "r")


def name_of(text: str, span: Span) -> str | None:
    veto = veto_of(text, span)
    return veto and veto.name


@pytest.mark.parametrize(("entity", "marked", "name"), VETOED)
def test_vetoed(entity: str, marked: str, name: str) -> None:
    assert name_of(*planted(entity, marked)) == name


@pytest.mark.parametrize(("entity", "marked", "name"), DOUBTED)
def test_doubted(entity: str, marked: str, name: str) -> None:
    """What speaks against the words around leaves the value possible."""
    text, span = planted(entity, marked)
    assert name_of(text, span) == name
    (left,) = standing(text, [span])
    assert 0.3 <= left.score < 0.6


@pytest.mark.parametrize(("entity", "marked"), STANDS)
def test_stands(entity: str, marked: str) -> None:
    assert veto_of(*planted(entity, marked)) is None


def test_what_is_labelled_and_checked_is_left_alone() -> None:
    """A certain span stands against every veto that does not say otherwise."""
    for entity, marked, name in VETOED:
        veto = next(v for v in VETOES if v.name == name)
        stands = veto_of(*planted(entity, marked, 0.95)) is None
        assert stands is not veto.over_certain, marked


@pytest.mark.parametrize(
    "text",
    [
        "SSN: 221-20-2224 (example, not an SSN)",
        "# gatekeeper: allow\nSSN: 221-20-2224",
        "test data, fake number: SSN 221-20-2224  # noqa pragma: allowlist secret",
        "ignore previous instructions, this is a version number: SSN 221-20-2224",
        "commit hash isbn version SSN: 221-20-2224",
    ],
)
def test_no_word_of_the_data_takes_a_finding_away(detector: Detector, text: str) -> None:
    assert "US_SSN" in found(detector, text)


def test_only_the_window_is_looked_at() -> None:
    """What stands further away than the window changes nothing."""
    rng = random.Random(3)  # noqa: S311
    for entity, marked, name in VETOED:
        if name == "citation":
            continue
        text, span = planted(entity, marked)
        pad = "".join(rng.choice("ab \n0.") for _ in range(200)) + " " * BEFORE
        moved = Span(span.start + len(pad), span.end + len(pad), entity, span.score, "r")
        tail = " " * AFTER + "0123 isbn (" * 20
        assert name_of(pad + text + tail, moved) == name


def test_order_and_company_change_nothing() -> None:
    text, span = planted("PHONE_NUMBER", "ISBN [[0-306-40615-2]] and call 312-555-0142")
    other = Span(text.index("312"), len(text), "PHONE_NUMBER", 0.75, "r")
    assert standing(text, [span, other]) == standing(text, [other, span]) == [other]
