"""The catalogue: what it holds, and that it takes nothing it does not know."""

import sys
from pathlib import Path

import pytest

from gatekeeper.detect.catalogue import entities_closed, load_catalogue, marked_text
from gatekeeper.errors import PolicyError
from gatekeeper.model import Confidence

GOOD = """\
classes:
  secret: A credential
tiers: {possible: 0.3, likely: 0.6, certain: 0.9}
entities:
  TOKEN:
    title: A token
    classes: [secret]
    canaries: ["a [[b]]", ["c [[", "d]]"]]
  IMAGE: {title: An image, classes: [secret], media: true}
"""


def load(tmp_path: Path, text: str) -> object:
    path = tmp_path / "catalogue.yaml"
    path.write_text(text)
    return load_catalogue(path)


def test_the_shipped_catalogue() -> None:
    catalogue = load_catalogue()
    assert {"PERSON", "US_SSN", "PRIVATE_KEY", "TLP_MARKING"} <= set(catalogue.entities)
    assert catalogue.derived == {
        "phi": ("identifier", "health"),
        "special": ("special_category", "identifier"),
    }
    assert "PRIVATE_KEY" in catalogue.resolve("secret")
    letters = {letter for e in catalogue.entities.values() for letter in e.hipaa}
    assert letters == set("ABCDEFGHIJKLMNOPQR")
    assert catalogue.digest.startswith("sha256:")
    with pytest.raises(KeyError):
        catalogue.resolve("phi")


def test_vocabulary_is_what_policies_may_say() -> None:
    words = load_catalogue().vocabulary()
    assert words.entities == frozenset(load_catalogue().entities)
    assert [len(g) > 3 for g in words.groups("phi")] == [True, True]


def test_tiers() -> None:
    info = load_catalogue().entities["US_SSN"]
    assert info.tier(0.29) is None
    assert info.tier(0.3) is Confidence.POSSIBLE
    assert info.tier(0.25 + 0.35) is Confidence.LIKELY
    assert info.tier(0.9) is Confidence.CERTAIN


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("title: A token", "titel: A token", 6),
        ("classes: [secret]\n    can", "classes: [secrets]\n    can", 7),
        ('["a [[b]]", ["c [[", "d]]"]]', '["a [[b]]"]', 6),
        ('"a [[b]]"', '"a b"', 8),
        ("likely: 0.6", "likely: 0.1", 3),
        ("likely: 0.6, ", "", 3),
        ("  IMAGE: {", "  TOKEN: {", 9),
        ("tiers: {", "tires: {", 3),
    ],
)
def test_what_it_does_not_know_is_refused_with_its_line(
    tmp_path: Path, old: str, new: str, line: int
) -> None:
    load(tmp_path, GOOD)
    load_catalogue.cache_clear()
    assert old in GOOD
    with pytest.raises(PolicyError, match=rf"^catalogue\.yaml:{line}: "):
        load(tmp_path, GOOD.replace(old, new))


def test_a_circle_of_yielding_is_refused(tmp_path: Path) -> None:
    text = GOOD.replace(
        "    classes: [secret]\n    can", "    classes: [secret]\n    yields_to: [IMAGE]\n    can"
    )
    text = text.replace("media: true", "media: true, yields_to: [TOKEN]")
    with pytest.raises(PolicyError, match="yields to itself"):
        load(tmp_path, text)


def test_closing_over_what_is_yielded_to() -> None:
    closed = entities_closed(load_catalogue(), ["DATE_TIME"])
    assert {"DATE_TIME", "DATE_OF_BIRTH", "FAX_NUMBER"} <= closed
    assert "PERSON" not in closed


def test_marked_text() -> None:
    canary = marked_text("a [[b]] c")
    assert canary is not None
    assert (canary.text, canary.start, canary.end) == ("a b c", 2, 3)
    assert marked_text("a [[b]] [[c]]") is None
    assert marked_text("a [[]]") is None


def test_it_needs_no_detector() -> None:
    import subprocess

    code = (
        "from gatekeeper.detect import load_catalogue; load_catalogue().vocabulary(); import sys;"
        "print({'presidio_analyzer', 'spacy', 'regex', 'phonenumbers'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
