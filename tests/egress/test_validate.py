"""The service's shape checks: what it refuses, by line and pointer, without a value."""

import io
import json
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.egress.tokens import ROW_MAX, Tokens, estimate
from gatekeeper.egress.validate import MIN_ROWS, Problem, problems_in, read_lines
from tests.enforce.support import CANARY, chat_rows, jsonl, leaks

USER = {"role": "user", "content": f"about {CANARY}"}
GOOD = {"role": "assistant", "content": "yes"}


def found(row: object) -> list[Problem]:
    """The problems of `row` among enough good rows of the same shape."""
    line = row if isinstance(row, bytes) else json.dumps(row).encode()
    others = jsonl(chat_rows(MIN_ROWS)).splitlines()
    return list(problems_in([*others, line]))


def preference(**changes: object) -> dict[str, object]:
    return {
        "input": {"messages": [USER]},
        "preferred_output": [GOOD],
        "non_preferred_output": [GOOD],
        **changes,
    }


def test_good_rows_have_no_problem() -> None:
    assert not list(problems_in(jsonl(chat_rows(MIN_ROWS)).splitlines()))
    assert not list(problems_in([json.dumps({"prompt": "a", "completion": "b"}).encode()] * 10))
    assert not list(problems_in([json.dumps(preference()).encode()] * 10))


@pytest.mark.parametrize(
    ("row", "pointer", "what"),
    [
        (b'{"messages": [', "", "not valid JSON"),
        (b"", "", "an empty line"),
        (b"[1, 2]", "", "not a JSON object"),
        (b'{"messages": NaN}', "", "not valid JSON"),
        (b"\xff\xfe", "", "not valid JSON"),
        (b"[" * 100_000, "", "not valid JSON"),
        ({"massages": []}, "", "has neither"),
        ({"text": "plain"}, "", "for local training"),
        ({"prompt": "a", "completion": "b"}, "", "and lines before it"),
        ({"messages": []}, "/messages", "not a list of messages"),
        ({"messages": "hello"}, "/messages", "not a list of messages"),
        ({"messages": ["hello", GOOD]}, "/messages/0", "not an object"),
        ({"messages": [USER]}, "/messages", "no message is from the assistant"),
        ({"messages": [{"role": CANARY, "content": "x"}, GOOD]}, "/messages/0/role", "not a role"),
        ({"messages": [{"content": "x"}, GOOD]}, "/messages/0/role", "missing"),
        ({"messages": [{"role": "user"}, GOOD]}, "/messages/0/content", "missing"),
        ({"messages": [{"role": "user", "content": 7}, GOOD]}, "/messages/0/content", "neither"),
        ({"messages": [USER, {"role": "assistant", "content": ""}]}, "/messages/1/content",
         "an empty assistant message"),
        ({"messages": [USER, {**GOOD, "weight": 2}]}, "/messages/1/weight", "neither 0 nor 1"),
        ({"messages": [USER, {**GOOD, "weight": True}]}, "/messages/1/weight", "neither 0 nor 1"),
        ({"messages": [USER, GOOD], "tools": {}}, "/tools", "not a list"),
        ({"messages": [USER, GOOD], "parallel_tool_calls": 1}, "/parallel_tool_calls", "neither"),
    ],
)  # fmt: skip
def test_what_the_service_refuses(row: object, pointer: str, what: str) -> None:
    (problem,) = found(row)
    assert (problem.line, problem.pointer, problem.sure) == (MIN_ROWS + 1, pointer, True)
    assert what in problem.what
    assert not leaks(str(problem))


@pytest.mark.parametrize(
    ("row", "pointer"),
    [
        ({"messages": [GOOD, USER]}, "/messages/1"),
        ({"messages": [{**USER, "weight": 1}, GOOD]}, "/messages/0/weight"),
        ({"messages": [USER, {"role": "tool", "content": "x"}, GOOD]}, "/messages/1/tool_call_id"),
    ],
)
def test_what_the_service_may_refuse_is_advice(row: object, pointer: str) -> None:
    (problem,) = found(row)
    assert (problem.pointer, problem.sure) == (pointer, False)


@pytest.mark.parametrize(
    ("row", "pointer"),
    [
        ({"prompt": 1, "completion": "b"}, "/prompt"),
        ({"prompt": "a", "completion": ""}, "/completion"),
        (preference(input={"rows": []}), "/input"),
        (preference(input={"messages": []}), "/input/messages"),
        (preference(preferred_output=[{"role": "assistant", "content": None}]),
         "/preferred_output/0/content"),
    ],
)  # fmt: skip
def test_other_shapes_are_checked_too(row: object, pointer: str) -> None:
    problems = list(problems_in([json.dumps(row).encode()] * MIN_ROWS))
    assert {(p.pointer, p.sure) for p in problems} == {(pointer, True)}
    assert len(problems) == MIN_ROWS


@pytest.mark.parametrize("rows", [0, 1, MIN_ROWS - 1])
def test_too_few_rows_are_said_of_the_file(rows: int) -> None:
    (problem,) = problems_in(jsonl(chat_rows(rows)).splitlines())
    assert problem.sure
    assert str(problem) == f"the file: has {rows} rows; the service asks for {MIN_ROWS} at least"


CALL = {"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}}
PNG = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
LARGE = "data:image/png;base64," + "A" * 13_400_000
ANSWERS = {"role": "assistant", "tool_calls": [CALL]}


def asking(*parts: object) -> dict[str, object]:
    return {"messages": [{"role": "user", "content": list(parts)}, GOOD]}


def calling(**changes: object) -> dict[str, object]:
    return {"messages": [USER, {"role": "assistant", "tool_calls": [{**CALL, **changes}]}]}


@pytest.mark.parametrize(
    ("row", "pointer", "what"),
    [
        (asking({"type": "text"}), "/messages/0/content/0/text", "not a string"),
        (asking({"type": "input_audio"}), "/messages/0/content/0/type", "not a kind"),
        (asking("text"), "/messages/0/content/0/type", "not a kind"),
        (asking({"type": "refusal", "refusal": "x"}), "/messages/0/content/0/type", "not a kind"),
        (asking({"type": "image_url"}), "/messages/0/content/0/image_url/url", "missing"),
        (asking({"type": "image_url", "image_url": {"url": "file:///x"}}),
         "/messages/0/content/0/image_url/url", "neither"),
        (asking({"type": "image_url", "image_url": {"url": "data:image/gif;base64,AA"}}),
         "/messages/0/content/0/image_url/url", "neither"),
        (asking({"type": "image_url", "image_url": {"url": LARGE}}),
         "/messages/0/content/0/image_url/url", "more than 10000000 bytes"),
        (asking({"type": "image_url", "image_url": {**PNG["image_url"], "detail": "fine"}}),
         "/messages/0/content/0/image_url/detail", "none of"),
        (asking(*[PNG] * 11), "/messages", "11 images"),
        ({"messages": [{"role": "system", "content": [PNG]}, GOOD]},
         "/messages/0/content/0", "not from the user"),
        (calling(type="code"), "/messages/1/tool_calls/0", "not a call"),
        (calling(id=None), "/messages/1/tool_calls/0/id", "missing"),
        (calling(function={"name": "a b", "arguments": "{}"}),
         "/messages/1/tool_calls/0/function/name", "not letters"),
        (calling(function={"name": "f", "arguments": "{"}),
         "/messages/1/tool_calls/0/function/arguments", "holds JSON"),
        (calling(function={"name": "f", "arguments": {}}),
         "/messages/1/tool_calls/0/function/arguments", "holds JSON"),
        ({"messages": [USER, {**ANSWERS, "tool_calls": "x"}]}, "/messages/1/tool_calls",
         "not a list"),
        ({"messages": [{**USER, "tool_calls": [CALL]}, GOOD]}, "/messages/0/tool_calls",
         "not from the assistant"),
        ({"messages": [USER, GOOD], "tools": [{"type": "web"}]}, "/tools/0", "not a tool"),
        ({"messages": [USER, GOOD], "tools": [{"type": "function", "function": {}}]},
         "/tools/0/function/name", "missing"),
        ({"messages": [USER, GOOD],
          "tools": [{"type": "function", "function": {"name": "f", "parameters": "x"}}]},
         "/tools/0/function/parameters", "JSON Schema"),
    ],
)  # fmt: skip
def test_parts_images_and_tools_are_checked(row: object, pointer: str, what: str) -> None:
    (problem,) = found(row)
    assert (problem.pointer, problem.sure) == (pointer, True)
    assert what in problem.what
    assert not leaks(str(problem))


@pytest.mark.parametrize(
    "row",
    [
        asking({"type": "text", "text": "x"}, *[PNG] * 10),
        asking({"type": "image_url", "image_url": {"url": "https://a.example/x.png"}}),
        {"messages": [USER, ANSWERS, {"role": "tool", "content": "1", "tool_call_id": "a"}, GOOD]},
        {"messages": [USER, {"role": "assistant",
                             "content": [{"type": "refusal", "refusal": "no"}]}]},
    ],
)  # fmt: skip
def test_good_parts_and_calls_have_no_problem(row: object) -> None:
    assert not found(row)


@pytest.mark.parametrize(
    ("row", "pointer"),
    [
        ({"messages": [{**USER, "extra": 1}, GOOD]}, "/messages/0"),
        ({"messages": [USER, {**GOOD, "weight": 0}]}, "/messages"),
        ({"messages": [USER, {"role": "tool", "content": "1", "tool_call_id": "b"}, GOOD]},
         "/messages/1/tool_call_id"),
    ],
)  # fmt: skip
def test_more_advice(row: object, pointer: str) -> None:
    (problem,) = found(row)
    assert (problem.pointer, problem.sure) == (pointer, False)


def lines(row: object) -> list[bytes]:
    return [json.dumps(row).encode()] * MIN_ROWS


ASKED = {"messages": [USER], "answer": 4}


@pytest.mark.parametrize(
    ("row", "method", "what"),
    [
        ({"messages": [USER, GOOD]}, "supervised", ""),
        ({"prompt": "a", "completion": "b"}, "supervised", ""),
        (preference(), "dpo", ""),
        (ASKED, "reinforcement", ""),
        (preference(), "supervised", "does not train on"),
        ({"messages": [USER, GOOD]}, "dpo", "does not train on"),
        ({"prompt": "a", "completion": "b"}, "reinforcement", "does not train on"),
        ({"messages": [USER, GOOD]}, "reinforcement", "the last is not from the user"),
        (preference(preferred_output=[USER]), "dpo", "neither from the assistant"),
        (preference(non_preferred_output=[{"role": "tool", "content": "1", "tool_call_id": "a"}]),
         "dpo", "no message is from the assistant"),
        (preference(input={"messages": [{"role": "user", "content": [PNG]}]}), "dpo", "an image"),
    ],
)  # fmt: skip
def test_rows_are_those_of_the_method(row: object, method: str, what: str) -> None:
    problems = [p for p in problems_in(lines(row), method=method) if p.sure]
    assert len(problems) == (MIN_ROWS if what else 0)
    assert all(what in p.what for p in problems)


def test_a_validation_file_may_be_short_but_not_empty() -> None:
    row = lines({"messages": [USER, GOOD]})[:1]
    (problem,) = problems_in(row, role="validation")
    assert not problem.sure
    (problem,) = problems_in([], role="validation")
    assert problem.sure


def test_too_many_rows_with_images_are_said_of_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gatekeeper.egress.validate.IMAGE_ROWS_MAX", MIN_ROWS - 1)
    (problem,) = problems_in(lines(asking(PNG)))
    assert (problem.line, problem.sure) == (0, True)
    assert "rows with images" in problem.what


def test_a_row_of_very_many_tokens_is_advice() -> None:
    tokens = Tokens()
    long = {"messages": [{"role": "user", "content": "word " * (ROW_MAX + 1)}, GOOD]}
    problems = list(problems_in([*lines(ASKED | {"messages": [USER, GOOD]}), *lines(long)[:1]],
                                tokens=tokens))  # fmt: skip
    (problem,) = problems
    assert (problem.line, problem.sure) == (MIN_ROWS + 1, False)
    assert "an estimate" in problem.what
    assert tokens.longest > ROW_MAX
    assert tokens.rows == MIN_ROWS + 1


def test_a_large_file_is_counted_at_the_rate_of_its_beginning(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("gatekeeper.egress.tokens.COUNTED_CHARACTERS", 1_000)
    row = {"messages": [{"role": "user", "content": "Add seven and eight, please. " * 9}, GOOD]}
    one, many = Tokens(), Tokens()
    one.add(row)
    for _ in range(50):
        many.add(row)
    assert many.total == 50 * one.total
    assert many.longest == one.longest
    image = {"messages": [{"role": "user", "content": [PNG]}, GOOD]}
    assert many.add(image) < 20


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("", 0, 0),
        ("Hello, world!", 3, 5),
        ("The quick brown fox jumps over the lazy dog.", 9, 13),
        ("1234567", 3, 3),
        ("def f(x):\n    return x + 1\n", 9, 16),
        ("données à l'école", 4, 10),
        ("data:image/png;base64,AAAA", 0, 0),
    ],
)
def test_tokens_are_about_those_of_the_services_tokenizers(
    text: str, least: int, most: int
) -> None:
    assert least <= estimate(text) <= most


def test_tool_calls_take_the_place_of_content() -> None:
    call = {"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    assert not found({"messages": [USER, {"role": "assistant", "tool_calls": [call]}]})
    assert not found({"messages": [USER, {"role": "assistant", "refusal": "no"}]})


@given(st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["messages", "role", "content", "weight", "prompt", "completion", "input",
                         "preferred_output", "non_preferred_output", "tools"]),
        inner, max_size=5),
    max_leaves=20,
))  # fmt: skip
def test_no_row_is_too_strange_for_it(row: object) -> None:
    for problem in problems_in([json.dumps(row).encode()]):
        assert problem.what


def test_lines_are_split_at_line_feeds_alone() -> None:
    data = '{"a": "x\u2028y\x85z"}\r\n{}\n'.encode()
    assert list(read_lines(io.BytesIO(data))) == ['{"a": "x\u2028y\x85z"}'.encode(), b"{}"]


def test_memory_does_not_grow_with_the_rows() -> None:
    line = jsonl(chat_rows(1)).strip()

    def peak(rows: int) -> int:
        tracemalloc.start()
        for _ in problems_in(line for _ in range(rows)):
            pass
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(100)
    assert peak(20_000) < peak(200) + 100_000
