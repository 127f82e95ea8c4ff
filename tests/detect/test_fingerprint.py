"""The fingerprint of a detector is known before the detector is."""

import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from gatekeeper.detect.fingerprint import _PACKAGES
from gatekeeper.detect.list_file import new_key
from gatekeeper.detect.loading import cached_detector, fingerprint_of
from gatekeeper.model.installed import MISSING, installed, versions
from tests.detect.test_lists import NAMES, load, put

OWN = """\
- name: Badge
  supported_entity: BADGE_ID
  supported_languages: [en]
  classes: [identifier]
  patterns: [{name: badge, regex: 'BDG-[0-9]{6}', score: 0.9}]
  examples: ["badge [[BDG-483920]] was lost"]
"""
HEAVY = {"presidio_analyzer", "spacy", "regex", "onnxruntime", "tokenizers", "numpy", "hyperscan"}


@pytest.mark.parametrize("entities", [{"US_SSN"}, {"PERSON", "US_SSN"}, {"USERNAME"}])
@pytest.mark.parametrize("locales", [(), ("gb", "de"), ("de", "gb")])
def test_it_is_that_of_the_detector(entities: set[str], locales: tuple[str, ...]) -> None:
    asked = (frozenset(entities), (), None, (), locales)
    assert fingerprint_of(*asked) == cached_detector(*asked).fingerprint


def test_it_is_that_of_the_detector_with_everything_of_ones_own(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(OWN)
    lists = load(put(tmp_path, new_key()[0], NAMES))
    asked = (frozenset({"BADGE_ID", "CUSTOMER_NAME", "PERSON"}), (own,), None, lists, ("in",))
    assert fingerprint_of(*asked) == cached_detector(*asked).fingerprint


@pytest.mark.parametrize("changed", ["entities", "own", "locales"])
def test_it_changes_with_what_decides(tmp_path: Path, changed: str) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(OWN)
    before = fingerprint_of(frozenset({"US_SSN"}), (own,), None, (), ("gb",))
    if changed == "own":
        own.write_text(OWN.replace("0.9", "0.8"))
    after = fingerprint_of(
        frozenset({"US_SSN", "US_ITIN"} if changed == "entities" else {"US_SSN"}),
        (own,),
        None,
        (),
        ("de",) if changed == "locales" else ("gb",),
    )
    assert after != before


def test_nothing_heavy_is_imported_for_it() -> None:
    code = (
        "import sys; from gatekeeper.detect.loading import fingerprint_of\n"
        "from gatekeeper.detect.catalogue import load_catalogue\n"
        "fingerprint_of(frozenset(load_catalogue().entities), (), None, ())\n"
        "print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {name.partition(".")[0] for name in done.stdout.split()} & HEAVY


@pytest.mark.parametrize("name", [*_PACKAGES, "PyYAML", "typing_extensions", "no-such-package"])
def test_versions_are_those_of_the_metadata(name: str) -> None:
    try:
        told = metadata.version(name)
    except metadata.PackageNotFoundError:
        told = MISSING
    assert installed(name) == told


def test_python_counts_as_well() -> None:
    assert versions(())["python"].endswith(sys.version.split()[0])
