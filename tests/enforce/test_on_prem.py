"""The hand-off folder: whole or not at all, byte for byte, with recipes that fit the rows."""

from __future__ import annotations

import gzip
import json
import stat
from pathlib import Path

import pytest
import yaml

from gatekeeper.enforce.local_data import Content
from gatekeeper.enforce.on_prem import DEFAULT_BASE_MODEL, HandedOff, hand_off, read_hand_off
from gatekeeper.errors import ConfigError, DatasetChanged, InputError
from gatekeeper.model import Route
from tests.enforce.support import Sealed, chat_rows, decision, digest, jsonl

CHAT = jsonl(chat_rows())
SHAREGPT = jsonl([{"conversations": [{"from": "human", "value": "a"}]}])
ALPACA = jsonl(
    [
        {"instruction": "Translate.", "input": "one", "output": "eins"},
        {"instruction": "Say hello.", "input": "", "output": "hello"},
    ]
)
HOSTED_PREFERENCE = jsonl(
    [
        {
            "input": {"messages": [{"role": "user", "content": "q"}], "tools": [{"type": "x"}]},
            "preferred_output": [{"role": "assistant", "content": "y"}],
            "non_preferred_output": [{"role": "assistant", "content": "n"}],
        }
    ]
)
PREFERENCE = jsonl([{"prompt": "q", "chosen": "y", "rejected": "n"}])
CSV = b"id,prompt,completion\n1,a,b\n"


def make(
    tmp_path: Path, *files: tuple[str, bytes], route: Route = Route.ON_PREM, **options: object
) -> HandedOff:
    sources = []
    for number, (name, data) in enumerate(files):
        path = tmp_path / f"source-{number}"
        path.write_bytes(data)
        sources.append((name, path, digest(data)))
    receipt = tmp_path / "receipt.json"
    receipt.write_bytes(b"{}")
    made = decision(*(data for _, data in files), route=route)
    return hand_off(
        made,
        sources,
        tmp_path / "out" / "handoff",
        receipt_path=receipt,
        **options,  # type: ignore[arg-type]
    )


def test_the_folder_holds_the_data_byte_for_byte(tmp_path: Path) -> None:
    made = make(tmp_path, ("data/train set.jsonl", CHAT))
    assert {p.name for p in made.path.iterdir()} == {
        "data", "sft.yaml", "axolotl.yaml", "llamafactory", "offline.env",
        "receipt.dsse.json", "README.md", "handoff.json",
    }  # fmt: skip
    assert (made.path / "data" / "train.jsonl").read_bytes() == CHAT
    assert made.files[0].digest == digest(CHAT)
    assert list((tmp_path / "out").iterdir()) == [made.path]


def test_nobody_else_can_read_it(tmp_path: Path) -> None:
    made = make(tmp_path, ("a.jsonl", CHAT))
    for path in (made.path, *made.path.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    made = make(tmp_path, ("a.jsonl", CHAT), ("b.jsonl", jsonl(chat_rows(3))))
    assert read_hand_off(made.path) == made
    assert [f.file for f in made.files] == ["data/train-00001.jsonl", "data/train-00002.jsonl"]


def test_the_trl_config_is_relative_and_reports_to_nobody(tmp_path: Path) -> None:
    config = yaml.safe_load((make(tmp_path, ("a.jsonl", CHAT)).path / "sft.yaml").read_text())
    assert config["model_name_or_path"] == DEFAULT_BASE_MODEL
    assert config["dataset_name"] == "./data"
    assert config["output_dir"] == "./out"
    assert (config["report_to"], config["push_to_hub"], config["use_peft"]) == ("none", False, True)
    assert config["assistant_only_loss"] is False
    assert config["env"]["HF_HUB_OFFLINE"] == "1"


def test_assistant_only_loss_needs_a_template_with_marks(tmp_path: Path) -> None:
    model = tmp_path / "model"
    model.mkdir()
    (model / "chat_template.jinja").write_text("{% generation %}x{% endgeneration %}")
    made = make(tmp_path, ("a.jsonl", CHAT), base_model=str(model))
    assert yaml.safe_load((made.path / "sft.yaml").read_text())["assistant_only_loss"] is True


@pytest.mark.parametrize(
    ("name", "data", "command", "others"),
    [
        ("a.jsonl", CHAT, "sft", {"axolotl.yaml", "llamafactory"}),
        ("a.ndjson", SHAREGPT, "sft", {"axolotl.yaml", "llamafactory"}),
        ("a.jsonl", ALPACA, "sft", {"axolotl.yaml", "llamafactory"}),
        ("a.jsonl.gz", gzip.compress(CHAT), "sft", {"axolotl.yaml", "llamafactory"}),
        ("a.csv", CSV, "sft", {"axolotl.yaml", "llamafactory"}),
        ("a.tsv", CSV.replace(b",", b"\t"), "sft", {"axolotl.yaml", "llamafactory"}),
        ("a.json", b"[" + CHAT.splitlines()[0] + b"]", "sft", {"axolotl.yaml", "llamafactory"}),
        ("notes.md", b"# Notes\n", "sft", {"axolotl.yaml", "llamafactory"}),
        ("a.jsonl", PREFERENCE, "dpo", {"llamafactory"}),
        ("a.jsonl", HOSTED_PREFERENCE, "dpo", set()),
        ("a.csv", b"name,age\nx,1\n", "", set()),
        ("a.jsonl", b'{"graded": 1}\n', "", set()),
        ("a.bin", b"\x00\x01", "", set()),
        ("a.jsonl.gz", b"not gzip", "", set()),
    ],
)
def test_recipes_fit_the_shape(
    tmp_path: Path, name: str, data: bytes, command: str, others: set[str]
) -> None:
    made = make(tmp_path, (name, data))
    assert made.command == command
    assert bool(made.why_not) is not bool(command)
    assert (made.path / f"{command or 'sft'}.yaml").exists() is bool(command)
    found = {p.name for p in made.path.iterdir()} & {"axolotl.yaml", "llamafactory"}
    assert found == others
    assert (made.path / made.files[0].file).read_bytes() == data


def test_parquet_is_told_by_its_columns(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    parquet.write_table(pa.table({"text": ["a", "b"]}), tmp_path / "t.parquet")
    made = make(tmp_path, ("t.parquet", (tmp_path / "t.parquet").read_bytes()))
    assert (made.command, made.files[0].file) == ("sft", "data/train.parquet")


def test_zstd_is_looked_into(tmp_path: Path) -> None:
    zstandard = pytest.importorskip("zstandard")
    assert make(tmp_path, ("a.jsonl.zst", zstandard.compress(CHAT))).command == "sft"


def test_alpaca_becomes_prompts_and_completions(tmp_path: Path) -> None:
    made = make(tmp_path, ("a.jsonl", ALPACA))
    lines = (made.path / "trl" / "train.jsonl").read_bytes()
    assert [json.loads(line) for line in lines.splitlines()] == [
        {"prompt": "Translate.\n\none", "completion": "eins"},
        {"prompt": "Say hello.", "completion": "hello"},
    ]
    (converted,) = made.converted
    assert (converted.digest, converted.name) == (digest(lines), "data/train.jsonl")
    assert yaml.safe_load((made.path / "sft.yaml").read_text())["dataset_name"] == "./trl"


def test_a_hosted_preference_keeps_all_it_had(tmp_path: Path) -> None:
    made = make(tmp_path, ("a.jsonl", HOSTED_PREFERENCE))
    row = json.loads((made.path / "trl" / "train.jsonl").read_bytes())
    hosted = json.loads(HOSTED_PREFERENCE)
    assert row == {
        "prompt": hosted["input"]["messages"],
        "tools": hosted["input"]["tools"],
        "chosen": hosted["preferred_output"],
        "rejected": hosted["non_preferred_output"],
    }


def test_a_row_that_cannot_be_converted_stops_it(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="line 3"):
        make(tmp_path, ("a.jsonl", ALPACA + b'{"instruction": 7, "input": "x"}\n'))
    assert not list((tmp_path / "out").iterdir())


def test_several_shapes_cannot_be_trained_at_once(tmp_path: Path) -> None:
    made = make(tmp_path, ("a.jsonl", CHAT), ("b.csv", CSV))
    assert not made.command
    assert "several formats" in made.why_not


def test_llamafactory_looks_at_the_data_folder(tmp_path: Path) -> None:
    made = make(tmp_path, ("a.jsonl", CHAT))
    info = json.loads((made.path / "llamafactory" / "dataset_info.json").read_text())
    named = made.path / "llamafactory" / info["gatekeeper"]["file_name"]
    assert named.resolve() == (made.path / "data").resolve()


def test_what_has_no_path_comes_as_its_snapshot(tmp_path: Path) -> None:
    (tmp_path / "r").write_bytes(b"{}")
    made = hand_off(
        decision(CHAT, route=Route.ON_PREM),
        [Content("stdin", Sealed(CHAT), digest(CHAT), "jsonl")],
        tmp_path / "h",
        receipt_path=tmp_path / "r",
    )
    assert (made.command, made.files[0].file) == ("sft", "data/train.jsonl")
    assert (made.path / "data" / "train.jsonl").read_bytes() == CHAT


# --- refusals -------------------------------------------------------------------------------


def test_a_source_that_changed_leaves_nothing_behind(tmp_path: Path) -> None:
    source = tmp_path / "a.jsonl"
    source.write_bytes(CHAT + b"\n")
    (tmp_path / "r").write_bytes(b"{}")
    with pytest.raises(DatasetChanged, match="changed since it was scanned"):
        hand_off(
            decision(CHAT, route=Route.ON_PREM),
            [("a.jsonl", source, digest(CHAT))],
            tmp_path / "out" / "h",
            receipt_path=tmp_path / "r",
        )
    assert not list((tmp_path / "out").iterdir())


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(CHAT)
    (tmp_path / "link").symlink_to(tmp_path / "real")
    (tmp_path / "r").write_bytes(b"{}")
    with pytest.raises(InputError, match="symbolic link"):
        hand_off(
            decision(CHAT, route=Route.ON_PREM),
            [("a.jsonl", tmp_path / "link", digest(CHAT))],
            tmp_path / "h",
            receipt_path=tmp_path / "r",
        )


def test_a_quarantined_dataset_is_not_handed_off(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="quarantined"):
        make(tmp_path, ("a.jsonl", CHAT), route=Route.QUARANTINE)


def test_what_may_leave_may_also_stay(tmp_path: Path) -> None:
    assert make(tmp_path, ("a.jsonl", CHAT), route=Route.ALLOW).command == "sft"


def test_other_content_than_was_decided_on_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "a"
    source.write_bytes(CHAT)
    made = decision(b"other", route=Route.ON_PREM)
    with pytest.raises(ValueError, match="not made on these sources"):
        hand_off(
            made, [("a.jsonl", source, digest(CHAT))], tmp_path / "h", receipt_path=tmp_path / "r"
        )


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "out" / "handoff").mkdir(parents=True)
    make(tmp_path, ("a.jsonl", CHAT))
    with pytest.raises(ConfigError, match="there already"):
        make(tmp_path, ("a.jsonl", CHAT))
    assert read_hand_off(tmp_path / "out" / "handoff").files


def test_a_missing_receipt_stops_it(tmp_path: Path) -> None:
    source = tmp_path / "a"
    source.write_bytes(CHAT)
    with pytest.raises(Exception, match="receipt cannot be read"):
        hand_off(
            decision(CHAT, route=Route.ON_PREM),
            [("a.jsonl", source, digest(CHAT))],
            tmp_path / "h",
            receipt_path=tmp_path / "none",
        )
    assert not (tmp_path / "h").exists()


@pytest.mark.parametrize(
    "document",
    [b"", b"[]", b"{}", b'{"handoff": 1}', b'{"handoff": 2}', b"[" * 100_000, b"\xff"],
)
def test_a_damaged_hand_off_is_a_config_error(tmp_path: Path, document: bytes) -> None:
    (tmp_path / "handoff.json").write_bytes(document)
    with pytest.raises(ConfigError):
        read_hand_off(tmp_path)


@pytest.mark.parametrize("file", ["../secret", "/etc/passwd", "data/../../x", "out/x", "data/"])
def test_a_hand_off_names_no_file_outside_itself(tmp_path: Path, file: str) -> None:
    made = make(tmp_path, ("a.jsonl", CHAT))
    document = json.loads((made.path / "handoff.json").read_text())
    document["data"][0]["file"] = file
    (made.path / "handoff.json").write_text(json.dumps(document))
    with pytest.raises(ConfigError, match="damaged"):
        read_hand_off(made.path)
