"""Tokens by prefix: the checks that issuers document, and the literals that spare a search."""

import random
import re
import string
import zlib

import pytest

from gatekeeper.detect.recognizers import all_recognizers
from gatekeeper.detect.recognizers.keys import SEED
from gatekeeper.detect.recognizers.tokens import CI, CLOUD, MODELS, PACKAGES, SAAS, _checked

BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase


@pytest.mark.parametrize("group", [CLOUD, CI, PACKAGES, MODELS, SAAS], ids=lambda g: g.name)
def test_a_literal_that_spares_the_search_stands_in_the_form(group) -> None:
    for pattern in group.patterns:
        (needed,) = pattern.needs
        plain = re.sub(r"A\{20,22\}", "A" * 20, pattern.regex.replace("\\", ""))
        assert needed in plain, pattern.name


def test_what_ignores_case_is_not_gated_by_a_literal_in_one_case() -> None:
    gated = [p for r in all_recognizers() if r.ignore_case for p in r.patterns if p.needs]
    assert all(n.lower() == n.upper() for p in gated for n in p.needs)


def test_the_check_of_classic_tokens() -> None:
    draw = random.Random(4)  # noqa: S311
    body = "".join(draw.choices(BASE62, k=30))
    crc, digits = zlib.crc32(body.encode()), ""
    while crc:
        crc, digit = divmod(crc, 62)
        digits = BASE62[digit] + digits
    good = "gh" + "p_" + body + digits.rjust(6, "0")
    wrong = good[:-1] + ("A" if good[-1] != "A" else "B")
    assert _checked(good, 0, len(good), 0.95) == 0.99
    assert _checked(wrong, 0, len(wrong), 0.95) == 0.75


def test_seed_phrases_by_their_checksum() -> None:
    assert SEED.find is not None
    good = "legal winner thank year wave sausage worth useful legal winner thank yellow"
    (found,) = SEED.find(f"Keep it: {good}.")
    assert found == (9, 9 + len(good), 0.99)
    assert list(SEED.find(good.replace("yellow", "zoo"))) == []
    said = "the seed phrase was " + good.replace("yellow", "zoo")
    assert [score for _, _, score in SEED.find(said)] == [0.7]
    assert list(SEED.find("plain words " * 4000)) == []
