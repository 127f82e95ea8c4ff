"""The service's shape checks: what it refuses, by line and pointer, without a value."""

import io
import json
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
