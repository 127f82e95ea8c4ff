"""Which paths belong to a dataset."""

from pathlib import Path

import pytest

from gatekeeper.hooks.selection import Selection


@pytest.mark.parametrize(
    ("entry", "path", "held"),
    [
        ("data", "data/a.jsonl", True),
        ("data/", "data/deep/down/a.jsonl", True),
        ("./data", "data/a.jsonl", True),
        ("data", "data", True),
        ("data", "database/a.jsonl", False),
        ("data", "src/data/a.jsonl", False),
        ("data", "Data/A.JSONL", True),
        ("dáta", "da\u0301ta/a.jsonl", True),
        ("data/set one.jsonl", "data/set one.jsonl", True),
        ("training/**", "training/x/y.csv", True),
        ("training/**", "training.md", False),
        ("**/data", "data/a.jsonl", True),
        ("**/data", "src/x/data/a.jsonl", True),
        ("data/**/raw", "data/raw/a", True),
        ("data/**/raw", "data/x/y/raw/a", True),
        ("*.jsonl", "anywhere/a.jsonl", True),
        ("data/*/train", "data/v1/train/a.csv", True),
        ("data[1]", "data[1]/a.jsonl", True),
        ("data[12]", "data2/a.jsonl", True),
        (".", "anything/at/all", True),
        ("../other", "data/a.jsonl", False),
    ],
)
def test_entries_and_paths(tmp_path: Path, entry: str, path: str, held: bool) -> None:
    assert Selection.of(tmp_path, [entry]).holds(tmp_path.resolve(), path) is held


def test_the_folder_of_the_configuration_may_lie_above_the_repository(tmp_path: Path) -> None:
    chosen = Selection.of(tmp_path, ["repo/data"])
    assert chosen.holds(tmp_path.resolve() / "repo", "data/a.jsonl")
    assert not chosen.holds(tmp_path.resolve() / "repo2", "data/a.jsonl")


def test_a_root_with_glob_characters_is_meant_literally(tmp_path: Path) -> None:
    root = tmp_path / "a[b]*"
    chosen = Selection.of(root, ["data/*.csv"])
    assert chosen.holds(root, "data/x.csv")
    assert not chosen.holds(tmp_path / "ab", "data/x.csv")


@pytest.mark.parametrize(
    ("entry", "link", "hides"),
    [
        ("a/data", "a", True),
        ("a/data", "b", False),
        ("a/b/*.csv", "a", True),
        ("a", "a/data", False),
    ],
)
def test_a_link_above_a_dataset_hides_it(
    tmp_path: Path, entry: str, link: str, hides: bool
) -> None:
    assert Selection.of(tmp_path, [entry]).is_above(tmp_path.resolve(), link) is hides


def test_a_union_holds_what_either_holds(tmp_path: Path) -> None:
    both = Selection.of(tmp_path, ["a"]) | Selection.of(tmp_path, ["b/*"])
    assert both.holds(tmp_path.resolve(), "a/x")
    assert both.holds(tmp_path.resolve(), "b/x")
    assert not both.holds(tmp_path.resolve(), "c/x")
