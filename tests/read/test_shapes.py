"""The shapes of fine-tuning: roles, places, JSON in strings, images and other media."""

import base64
import json
from typing import Any

import pytest

from gatekeeper.model import Media
from tests.read.helpers import (
    jsonl,
    read,
    records,
    resolve,
    stands,
    texts,
    total,
    unscanned,
    values,
)

CANARY = 'canary é😀 "q" \\ \t z'
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(range(200))).decode()

SHAPES: dict[str, Any] = {
    "chat": {"messages": [{"role": "user", "content": CANARY, "name": "n"}]},
    "parts": {"messages": [{"role": "user", "content": [{"type": "text", "text": CANARY}]}]},
    "refusal": {"messages": [{"role": "assistant", "refusal": CANARY, "weight": 1}]},
    "tool-result": {"messages": [{"role": "tool", "tool_call_id": "c1", "content": CANARY}]},
    "tools": {"tools": [{"type": "function", "function": {"name": "f", "description": CANARY}}]},
    "function-call": {"messages": [{"role": "assistant", "function_call": {"arguments": CANARY}}]},
    "completion": {"prompt": CANARY, "completion": "x"},
    "preference": {
        "input": {"messages": [{"role": "user", "content": "x"}]},
        "preferred_output": [{"role": "assistant", "content": CANARY}],
        "non_preferred_output": [{"role": "assistant", "content": "y"}],
    },
    "reinforcement": {"messages": [], "reference": {"patient notes": [CANARY, 5]}},
    "sharegpt": {"conversations": [{"from": "human", "value": CANARY}]},
    "alpaca": {"instruction": "x", "input": CANARY, "output": "y"},
    "text": {"text": CANARY},
    "trl": {"prompt": "x", "chosen": "y", "rejected": CANARY},
    "odd": {"a/b": {"c~d": {"": [[CANARY]]}}},
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("ascii_only", [True, False])
def test_every_shape_says_where_its_texts_stand(shape: str, ascii_only: bool) -> None:
    row = SHAPES[shape]
    items = read("a.jsonl", jsonl(row, ascii_only=ascii_only))
    (text,) = [t for t in texts(items) if CANARY in t.value]
    assert stands(text, resolve(row, text.pointer), CANARY)


@pytest.mark.parametrize(
    ("message", "role"),
    [
        ({"role": "user", "content": CANARY}, "user"),
        ({"content": CANARY, "role": "assistant"}, "assistant"),
        ({"role": "user", "content": [{"type": "text", "text": CANARY}]}, "user"),
        ({"from": "human", "value": CANARY}, "user"),
        ({"from": "gpt", "value": CANARY}, "assistant"),
        ({"from": "maria@example.com", "value": CANARY}, ""),
    ],
)
def test_the_role_is_that_of_the_enclosing_message(message: dict[str, Any], role: str) -> None:
    items = read("a.jsonl", jsonl({"messages": [message]}))
    assert {t.role for t in texts(items) if t.value == CANARY} == {role}


@pytest.mark.parametrize("ascii_only", [True, False])
@pytest.mark.parametrize("depth", [1, 2, 3])
def test_json_in_a_string_is_opened_and_every_inner_text_placed(
    ascii_only: bool, depth: int
) -> None:
    inner: Any = {"patient": CANARY, "mrn": 12345678, "list": ["plain canary", {"k\n1": "v"}]}
    for _ in range(depth):
        inner = json.dumps(inner, ensure_ascii=ascii_only)
    row = {"messages": [{"role": "assistant", "tool_calls": [{"function": {"arguments": inner}}]}]}
    items = read("a.jsonl", jsonl(row))
    pointer = "/messages/0/tool_calls/0/function/arguments"
    found = {(t.value, t.key, t.is_key): t for t in texts(items) if t.pointer == pointer}
    assert (inner, "arguments", False) in found
    for value, key, is_key in [
        (CANARY, "patient", False),
        ("12345678", "mrn", False),
        ("plain canary", "list", False),
        ("k\n1", "list", True),
        ("v", "k\n1", False),
    ]:
        text = found[value, key, is_key]
        assert text.role == "assistant"
        first, after = text.locate(0, 1)
        assert inner[first:after] in (value[0], "\\")
        if depth == 1:
            assert stands(text, inner, value)
        if depth == 1 and "\\" not in json.dumps(value, ensure_ascii=ascii_only):
            assert text.offsets is None


@pytest.mark.parametrize("value", ["{not json}", "[1, 2", "{'a': 1}", "[see note]", '{"a": 1} x'])
def test_a_string_that_only_looks_like_json_is_read_as_it_stands(value: str) -> None:
    assert values(read("a.jsonl", jsonl({"text": value}))) == {value}


def media(row: Any) -> tuple[set[tuple[str, str]], list[tuple[str, str, int]], set[str]]:
    """(entity, pointer) of the media, (reason, place, bytes) of the opaque parts, the texts."""
    data = jsonl(row)
    items = read("a.jsonl", data)
    assert total(items) == len(data)
    assert all(u.opaque for u in unscanned(items))
    seen: set[Media] = {m for r in records(items) for m in r.media}
    opaque = [(u.reason, u.at, u.size_bytes) for u in unscanned(items)]
    return {(m.entity, m.pointer) for m in seen}, opaque, values(items)


def user(*parts: Any) -> Any:
    return {"messages": [{"role": "user", "content": list(parts)}]}


def test_an_image_in_a_data_uri_is_present_and_opaque() -> None:
    part = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}}
    found, opaque, seen = media(user({"type": "text", "text": "look"}, part))
    pointer = "/messages/0/content/1/image_url/url"
    assert found == {("IMAGE_PRESENT", pointer)}
    assert opaque == [("image", f"record 0 {pointer}", len(PNG))]
    assert {"look", "data:image/png;base64,"} <= seen
    assert PNG not in seen


def test_an_image_elsewhere_is_present_and_its_address_is_read() -> None:
    url = "https://example.com/maria.png"
    found, opaque, seen = media(user({"type": "image_url", "image_url": {"url": url}}))
    assert found == {("IMAGE_URL", "/messages/0/content/0/image_url/url")}
    assert [reason for reason, _, _ in opaque] == ["remote-image"]
    assert url in seen


@pytest.mark.parametrize(
    ("row", "entity"),
    [
        (user({"type": "input_audio", "input_audio": {"data": PNG}}), "AUDIO_PRESENT"),
        (user({"type": "file", "file": {"file_data": PNG, "filename": "x.pdf"}}), "FILE_PRESENT"),
        (user({"type": "file", "file": {"file_id": "file-1"}}), "FILE_PRESENT"),
        (user({"type": "x", "y": f"data:application/pdf;base64,{PNG}"}), "FILE_PRESENT"),
        ({"messages": [{"role": "assistant", "audio": {"id": "audio_1"}}]}, "AUDIO_PRESENT"),
        ({"text": f"see ![scan](data:image/jpeg;base64,{PNG}) there"}, "IMAGE_PRESENT"),
        ({"picture": PNG}, "IMAGE_PRESENT"),
        ({"image": "train/0001.JPG"}, "IMAGE_URL"),
        ({"images": ["https://example.com/1"]}, "IMAGE_URL"),
        ({"image": {"bytes": PNG, "path": None}}, "IMAGE_PRESENT"),
        ({"image": {"bytes": None, "path": "1.png"}}, "IMAGE_URL"),
        ({"arguments": json.dumps({"p": f"data:image/png;base64,{PNG}"})}, "IMAGE_PRESENT"),
    ],
)
def test_media_is_never_passed_silently(row: Any, entity: str) -> None:
    found, opaque, seen = media(row)
    assert {e for e, _ in found} == {entity}
    assert len(opaque) == 1
    assert not any(PNG in text for text in seen if not text.startswith("{"))


def test_text_around_an_embedded_image_is_read_where_it_stands() -> None:
    value = f"before ![x](data:image/png;base64,{PNG}) {CANARY} after"
    items = read("a.jsonl", jsonl({"text": value}))
    (text,) = [t for t in texts(items) if CANARY in t.value]
    assert stands(text, value, CANARY)
    assert any(t.value.startswith("before ") for t in texts(items))


def test_text_where_base64_should_be_is_read() -> None:
    found, opaque, seen = media(user({"input_audio": {"data": f"not base64: {CANARY}"}}))
    assert found
    assert opaque
    assert f"not base64: {CANARY}" in seen


def test_words_about_images_are_no_images() -> None:
    found, opaque, _ = media(
        {"image": "a cat on a mat", "text": "see photo.png in the data: folder"}
    )
    assert not found
    assert not opaque


@pytest.mark.parametrize(
    "row",
    [
        {"input_ids": [101, 2023, 102], "attention_mask": [1, 1, 1]},
        {"chosen_input_ids": [5, 6]},
        {"photo": {"bytes": None, "path": "a/b.png"}},
    ],
)
def test_what_hides_its_content_is_opaque(row: dict[str, Any]) -> None:
    (opaque,) = unscanned(read("a.jsonl", jsonl(row)))
    assert opaque.opaque


def test_lists_of_numbers_and_plain_paths_are_not_opaque() -> None:
    row = {"ids": [101, 2023], "scores": [1, 2], "file": {"path": "a.py", "bytes": 10, "n": 1}}
    assert unscanned(read("a.jsonl", jsonl(row))) == []
