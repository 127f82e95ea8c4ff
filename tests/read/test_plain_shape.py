"""A record of a plain shape has the texts that a walk gives, and nothing beside them."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from gatekeeper.detect.views.structure import _is_part
from gatekeeper.detect.words import CARRIERS, label_of
from gatekeeper.read import shapes
from gatekeeper.read.limits import DEFAULT
from gatekeeper.read.plain_shape import PLAIN_KEYS, plain_texts
from gatekeeper.read.strict_json import parse
from gatekeeper.read.walk import walk

strings = st.text(max_size=12) | st.sampled_from(
    ['{"a": 1}', "[1]", " x", "\n\ny", "data:image/png;base64,AAAA", "iVBORw0KGgo" + "A" * 80]
)
keys = st.sampled_from([*sorted(PLAIN_KEYS), "name", "image", "mrn", "input_ids"])
values = st.recursive(
    strings
    | st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=400, deadline=None)
@given(values)
def test_its_strings_are_those_of_the_walk(value: object) -> None:
    parsed = parse(json.dumps(value), DEFAULT)
    plain = plain_texts(parsed, DEFAULT)
    if plain is None:
        return
    walked = walk(parsed, DEFAULT)
    assert walked.media == []
    assert plain.strings == tuple(t.value for t in walked.texts)
    assert list(plain) == walked.texts
    assert not any(t.is_key or t.offsets for t in walked.texts)


def test_its_keys_say_nothing_of_what_stands_under_them() -> None:
    media = {key for pair in (*shapes.INLINE_KEYS, *shapes.ELSEWHERE_KEYS) for key in pair}
    assert PLAIN_KEYS <= shapes.KNOWN_KEYS
    assert PLAIN_KEYS <= CARRIERS
    assert not PLAIN_KEYS & (media | set(shapes.REFERENCE_KEYS))
    assert not any(map(_is_part, PLAIN_KEYS))
    assert not any(map(label_of, PLAIN_KEYS))


def test_chats_are_plain_and_labels_are_not() -> None:
    chat = {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}
    assert plain_texts(parse(json.dumps(chat), DEFAULT), DEFAULT)
    for other in ({"mrn": "1"}, {"content": {"mrn": "1"}}, ["a"], "a", {"content": '{"mrn": 1}'}):
        assert plain_texts(parse(json.dumps(other), DEFAULT), DEFAULT) is None
