"""Ids of other countries: what Presidio ships, what the verdicts say, and what chance hits."""

from collections import Counter
from functools import cache
from random import Random

import pytest

from gatekeeper.detect import Detector, load_catalogue, load_detector
from gatekeeper.detect.national import LEFT_OUT, locale_of, national_entities, national_ids
from gatekeeper.detect.own import load_own
from gatekeeper.errors import ConfigError
from gatekeeper.model import LOCALES, Confidence, Finding, Record, Text
from tests.detect.national_kinds import KINDS
from tests.detect.national_vectors import spoilt

NUMBERS = 4000


@cache
def detector() -> Detector:
    return load_detector(entities=national_entities(), locales=LOCALES)


def found(text: str, key: str = "content") -> tuple[Finding, ...]:
    ((_, findings),) = detector().detect([Record("t", 0, (Text("/x", text, key),), 0)])
    return findings


def tiers(text: str) -> dict[str, Confidence]:
    return {f.entity: f.confidence for f in found(text)}


def test_every_country_recognizer_of_presidio_is_here_or_left_out() -> None:
    from presidio_analyzer import EntityRecognizer
    from presidio_analyzer import predefined_recognizers as shipped

    known: dict[str, str] = {}
    for cls in vars(shipped).values():
        code = getattr(cls, "COUNTRY_CODE", None)
        if isinstance(cls, type) and issubclass(cls, EntityRecognizer) and code not in {None, "us"}:
            known |= dict.fromkeys(cls().supported_entities, {"uk": "gb"}.get(code, code))
    left_out = set(LEFT_OUT) & set(known)
    assert {e: c for e, c in known.items() if e not in left_out} == locale_of()
    names = {i.recognizer for i in national_ids(LOCALES)}
    assert names <= set(vars(shipped))


def test_locales_are_the_countries_of_the_recognizers() -> None:
    assert set(LOCALES) - {"us"} == set(locale_of().values())
    assert national_ids(["us"]) == ()


def test_every_canary_is_found() -> None:
    assert detector().attest(national_entities()).entities == national_entities()


def test_what_certainly_is_a_person_s_number_is_no_telephone() -> None:
    catalogue = load_catalogue().extended(i.info() for i in national_ids(["gb", "de"]))
    phone = catalogue.entities["PHONE_NUMBER"]
    assert {"UK_NHS", "DE_TAX_ID"} <= phone.yields_to
    assert "UK_VEHICLE_REGISTRATION" not in phone.yields_to
    assert "UK_NHS" not in load_catalogue().entities["PHONE_NUMBER"].yields_to


@pytest.mark.parametrize("entity", sorted(e for e, k in KINDS.items() if k.checked))
def test_wrong_check_digits_are_possible_behind_a_label_and_nothing_without(entity: str) -> None:
    kind, r = KINDS[entity], Random(entity)
    for _ in range(3):
        value = kind.make(r)
        assert tiers(f"{kind.labels[0]}: {value}")[entity] is Confidence.CERTAIN
        assert tiers(f"{kind.labels[0]}: {spoilt(value)}").get(entity) is Confidence.POSSIBLE
        assert entity not in tiers(f"It says {spoilt(value)} on page 3.")


def test_a_word_nearby_speaks_for_a_number_that_holds() -> None:
    value = "478 454 7487"
    assert tiers(f"The NHS gave her another number, {value}.")["UK_NHS"] is Confidence.LIKELY
    assert "UK_NHS" not in tiers(f"They gave her another number, {value}.")
    assert "UK_NHS" not in tiers("The NHS gave her another number, 478 454 7488.")


def test_chance_hits_few_numbers_that_stand_alone() -> None:
    r = Random(9)
    forms = ["#" * n for n in range(8, 15)]
    forms += [
        "###-###-####",
        "### ### ###",
        "#### #### ####",
        "######-####",
        "AA######",
        "A#######A",
    ]
    forms += ["AAAAA####A", "AA#######", "########A", "####/######/##", "###-##-#####", "AA## AAA"]
    counts: Counter[str] = Counter()
    for n in range(NUMBERS):
        form = forms[n % len(forms)]
        value = "".join(
            r.choice("0123456789") if c == "#" else r.choice("ABCDEFGHJKLMNPRST") if c == "A" else c
            for c in form
        )
        counts.update(
            f.entity for f in found(f"We saw {value} there.") if f.confidence > Confidence.POSSIBLE
        )
    assert sum(counts.values()) <= NUMBERS // 1000, counts


def test_letters_that_match_without_regard_to_case_are_no_crash() -> None:
    for text in ("GSTIN: 27AAPFU0939F1Z\u212a", "NRIC: \u017f1234567D", "DNI: ١٢٣٤٥٦٧٨Z"):
        found(text)


def test_a_recognizer_of_ones_own_may_not_take_a_shipped_name(tmp_path: object) -> None:
    from pathlib import Path

    path = Path(str(tmp_path)) / "recognizers.yaml"
    path.write_text(
        "- {name: NhsRecognizer, supported_entity: OURS,"
        " patterns: [{name: a, regex: 'x{9}', score: 0.5}]}\n"
    )
    with pytest.raises(ConfigError, match="a shipped recognizer has this name"):
        load_own((path,))
