"""Tables in memory → rows: every stored value is in some row, and row `n` is record `n`."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gatekeeper.errors import InputError, UsageError
from gatekeeper.integrations.canonical import line
from gatekeeper.integrations.rows import BATCH, is_one_shot, named_rows
from gatekeeper.integrations.stream import source_of

pandas = pytest.importorskip("pandas", reason="pandas is not installed")
pyarrow = pytest.importorskip("pyarrow", reason="pyarrow is not installed")


def rows(x: Any) -> list[Any]:
    (one,) = named_rows(x).values()
    return [json.loads(line(row)) for row in one()]


def test_iterables_of_dicts_texts_and_anything() -> None:
    assert rows([{"a": 1}, "text", [2]]) == [{"a": 1}, {"text": "text"}, {"value": [2]}]
    assert rows({"a": 1}.items()) == [{"value": ["a", 1]}]

    class Indexed:
        def __getitem__(self, index: int) -> dict[str, int]:
            return [{"n": 0}, {"n": 1}][index]

    assert rows(Indexed()) == [{"n": 0}, {"n": 1}]


@pytest.mark.parametrize(
    "x", [None, 3, b"bytes", {"a": 1}, io.StringIO("text"), str, len, io.BytesIO(b"x"), {}]
)
def test_what_is_no_dataset_is_named_by_its_type(x: object) -> None:
    with pytest.raises(UsageError, match=f"a {type(x).__name__} is no dataset"):
        named_rows(x)


def test_names_of_files_are_not_taken_for_texts(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text("{}")
    for mistaken in ([str(file)], ["text", str(file)], iter([file]), [{"a": 1}, file]):
        with pytest.raises(UsageError, match="names a file"):
            rows(mistaken)
    assert rows(["no\0name", "x" * 5000]) == [{"text": "no\0name"}, {"text": "x" * 5000}]


def test_a_frame_of_pandas() -> None:
    n = 2 * BATCH + 1
    frame = pandas.DataFrame({"text": [f"t{i}" for i in range(n)], "n": range(n)})
    assert rows(frame) == [{"text": f"t{i}", "n": i} for i in range(n)]
    assert rows(frame[["n"]].iloc[:0]) == []


def test_labels_attributes_and_twin_columns_of_pandas_are_there() -> None:
    frame = pandas.DataFrame([[1, "x"], [2, None]], columns=["a", "a"], index=["Ann", "Bob"])
    frame.attrs["owner"] = "Eve"
    assert rows(frame) == [
        {"index": "Ann", "a": 1, "a (2)": "x"},
        {"index": "Bob", "a": 2, "a (2)": None},
        {"attrs": {"owner": "Eve"}},
    ]
    levels = pandas.MultiIndex.from_tuples([("x", 1)], names=["who", None])
    wide = pandas.DataFrame(
        [[1]], index=levels, columns=pandas.MultiIndex.from_tuples([("p", "q")])
    )
    assert rows(wide) == [{"who": "x", "index": 1, "('p', 'q')": 1}]
    assert rows(pandas.DataFrame(index=["Ann"])) == [{"index": "Ann"}]
    assert rows(pandas.DataFrame(index=range(2))) == [{}, {}]
    named = pandas.DataFrame({"a": [1]}, index=pandas.RangeIndex(1, name="about Bob"))
    assert rows(named) == [{"about Bob": 0, "a": 1}]


def test_values_of_pandas() -> None:
    frame = pandas.DataFrame(
        {
            "at": [pandas.Timestamp("2020-01-02"), pandas.NaT],
            "some": pandas.array([1, None], dtype="Int64"),
            "kind": pandas.Categorical(["x", "y"]),
            "held": [{"deep": ["er"]}, b"\xff\xff"],
        }
    )
    first, second = rows(frame)
    assert first == {"at": "2020-01-02T00:00:00", "some": 1, "kind": "x", "held": {"deep": ["er"]}}
    assert second["at"] is second["some"] is None
    assert second["held"].startswith("data:application/octet-stream;base64,")
    assert rows(pandas.Series(["x"], index=["Ann"])) == [{"index": "Ann", "value": "x"}]


def test_tables_of_pyarrow() -> None:
    data = {"text": [f"t{i}" for i in range(BATCH + 1)]}
    expected = [{"text": t} for t in data["text"]]
    assert rows(pyarrow.table(data)) == expected
    assert rows(pyarrow.record_batch(data)) == expected
    assert rows(pyarrow.table(data).slice(BATCH)) == expected[BATCH:]
    twins = pyarrow.Table.from_arrays([pyarrow.array([1]), pyarrow.array(["x"])], names=["a", "a"])
    assert rows(twins) == [{"a": 1, "a (2)": "x"}]


def test_metadata_of_a_schema_follows_the_last_row() -> None:
    field = pyarrow.field("a", pyarrow.int64(), metadata={b"note": b"about Bob"})
    schema = pyarrow.schema([field], metadata={b"owner": b"Ann"})
    table = pyarrow.Table.from_arrays([pyarrow.array([1])], schema=schema)
    said = {"metadata": [{"owner": "Ann"}, {"note": "about Bob"}]}
    assert rows(table) == [{"a": 1}, said]
    assert rows(table.to_batches()[0]) == [{"a": 1}, said]


def test_frames_of_polars() -> None:
    polars = pytest.importorskip("polars", reason="polars is not installed")
    frame = polars.DataFrame({"a": [1, None], "b": [["x"], []], "c": [b"\xff", b"ok"]})
    first, second = rows(frame)
    assert first["b"] == ["x"]
    assert first["c"].startswith("data:")
    assert second == {"a": None, "b": [], "c": "ok"}
    with pytest.raises(UsageError, match="lazy") as caught:
        named_rows(frame.lazy())
    assert "collect" in caught.value.hint


def test_datasets_of_hugging_face() -> None:
    datasets = pytest.importorskip("datasets", reason="datasets is not installed")
    whole = datasets.Dataset.from_dict({"a": [3, 1, 2], "t": ["x", "y", "z"]})
    hidden = whole.with_format("numpy", columns=["a"])
    expected = [{"a": 3, "t": "x"}, {"a": 1, "t": "y"}, {"a": 2, "t": "z"}]
    assert rows(whole)[:3] == expected
    assert rows(hidden)[:3] == expected
    assert rows(whole.sort("a"))[:3] == [expected[1], expected[2], expected[0]]
    assert rows(whole.to_iterable_dataset())[:3] == expected
    stream = datasets.IterableDataset.from_generator(lambda: iter(expected)).filter(
        lambda row: row["a"] > 1
    )
    assert rows(stream) == [expected[0], expected[2]]
    splits = named_rows(datasets.DatasetDict(train=whole, test=whole.select([1])))
    assert list(splits) == ["dataset/train", "dataset/test"]
    assert json.loads(line(next(splits["dataset/test"]()))) == expected[1]


def test_pictures_of_hugging_face_are_opaque_without_being_decoded() -> None:
    datasets = pytest.importorskip("datasets", reason="datasets is not installed")
    features = datasets.Features({"image": {"bytes": datasets.Value("binary"),
                                            "path": datasets.Value("string")}})  # fmt: skip
    held = {"bytes": b"\x89PNG\r\n\x1a\n\x00", "path": None}
    made = datasets.Dataset.from_dict({"image": [held]}, features=features)
    assert rows(made)[0]["image"]["bytes"].startswith("data:image/")


def test_a_dict_of_tables_is_one_dataset_of_splits() -> None:
    frame = pandas.DataFrame({"a": [1]})
    assert list(named_rows({"train": frame, "test": frame})) == ["dataset/train", "dataset/test"]
    with pytest.raises(UsageError):
        named_rows({"train": frame, "size": 3})


def test_one_shot_iterators_are_known() -> None:
    assert is_one_shot(iter([1]))
    assert is_one_shot(x for x in [1])
    assert is_one_shot(pyarrow.table({"a": [1]}).to_reader())
    assert not is_one_shot([1])
    assert not is_one_shot(pandas.DataFrame())
    with pytest.raises(UsageError, match="only once"):
        named_rows(pyarrow.table({"a": [1]}).to_reader())


def test_the_stream_is_read_as_it_is_made() -> None:
    given: list[int] = []

    def endless() -> Iterator[dict[str, str]]:
        while True:
            given.append(1)
            yield {"text": "x" * 1000}

    stream = source_of("dataset", endless).open()
    assert stream.read(5000).startswith(b'{"text":"xxx')
    assert len(given) < 1000


def test_the_digest_is_that_of_the_rows() -> None:
    def digest(*texts: str) -> str:
        reading = source_of("dataset", lambda: iter([{"text": t} for t in texts])).read()
        assert sum(hasattr(item, "texts") for item in reading) == len(texts)
        return reading.digest

    assert digest("a", "b") == digest("a", "b")
    assert digest("a", "b") != digest("b", "a")


CANARY = "canary-7f3a9c"


def raising(error: Exception) -> Iterator[dict[str, str]]:
    yield {"text": "fine"}
    raise error


@pytest.mark.parametrize(
    "error", [ValueError(CANARY), KeyError(CANARY), OSError(5, CANARY), RecursionError(CANARY)]
)
def test_of_what_an_iteration_raises_only_the_type_stays(error: Exception) -> None:
    source = source_of("dataset", lambda: raising(error))
    with pytest.raises(InputError, match="at record 1") as caught:
        list(source.read())
    assert type(error).__name__ in str(caught.value)
    assert caught.value.__context__ is None
    assert caught.value.__cause__ is None
    assert CANARY not in str(caught.value) + caught.value.hint


def test_a_row_that_no_line_can_be_made_of_is_named_by_its_number() -> None:
    endless: dict[str, Any] = {CANARY: 1}
    endless["self"] = endless
    source = source_of("dataset", lambda: iter([{"a": 1}, endless]))
    with pytest.raises(
        InputError, match=r"record 1 cannot be written as json: RecursionError"
    ) as c:
        list(source.read())
    assert c.value.__context__ is None
    assert CANARY not in str(c.value)
