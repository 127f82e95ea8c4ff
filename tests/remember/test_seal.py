"""The key of the memory: this user's alone, or there is no memory."""

import os
import stat
from pathlib import Path

import pytest

from gatekeeper.remember import open_memory
from gatekeeper.remember.seal import KEY_BYTES, KEY_NAME, Seal, forget_key, load_key


def test_the_key_is_made_once_and_is_private(tmp_path: Path) -> None:
    first = load_key(tmp_path / "home")
    assert first is not None
    assert len(first) == KEY_BYTES
    assert load_key(tmp_path / "home") == first
    assert stat.S_IMODE((tmp_path / "home" / KEY_NAME).stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "home").stat().st_mode) == 0o700
    assert [p.name for p in (tmp_path / "home").iterdir()] == [KEY_NAME]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o610, 0o601])
def test_a_key_that_others_may_touch_is_no_key(tmp_path: Path, mode: int) -> None:
    load_key(tmp_path)
    (tmp_path / KEY_NAME).chmod(mode)
    assert load_key(tmp_path) is None
    assert open_memory(tmp_path, tmp_path / "cache") is None


@pytest.mark.parametrize("size", [0, KEY_BYTES - 1, KEY_BYTES + 1, 4096])
def test_a_key_of_another_length_is_no_key(tmp_path: Path, size: int) -> None:
    (tmp_path / KEY_NAME).touch(mode=0o600)
    (tmp_path / KEY_NAME).write_bytes(b"k" * size)
    assert load_key(tmp_path) is None


@pytest.mark.parametrize("kind", ["link", "dangling", "twice", "folder", "pipe"])
def test_only_a_file_of_its_own_is_a_key(tmp_path: Path, kind: str) -> None:
    load_key(tmp_path / "other")
    place = tmp_path / "home" / KEY_NAME
    place.parent.mkdir()
    if kind == "link":
        place.symlink_to(tmp_path / "other" / KEY_NAME)
    elif kind == "dangling":
        place.symlink_to(tmp_path / "nowhere")
    elif kind == "twice":
        os.link(tmp_path / "other" / KEY_NAME, place)
    elif kind == "folder":
        place.mkdir()
    else:
        os.mkfifo(place, 0o600)
    assert load_key(place.parent) is None
    assert not (tmp_path / "nowhere").exists()


def test_a_home_that_cannot_be_made_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert load_key(tmp_path / "file" / "home") is None


def test_who_is_late_takes_the_key_that_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    winners: list[bytes | None] = []
    link = os.link

    def be_late(*names: object) -> None:
        if not winners:
            winners.append(None)
            winners[0] = load_key(tmp_path)
        link(*names)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "link", be_late)
    assert [load_key(tmp_path)] == winners
    assert [p.name for p in tmp_path.iterdir()] == [KEY_NAME]


def test_a_forgotten_key_is_another_one(tmp_path: Path) -> None:
    before = load_key(tmp_path)
    forget_key(tmp_path)
    assert load_key(tmp_path) not in (None, before)


def test_names_and_seals_say_nothing_without_the_key() -> None:
    one, other = Seal(b"1" * 32), Seal(b"2" * 32)
    assert one.name(b"about") != other.name(b"about")
    assert one.name(b"about") != one.name(b"abou")
    assert one.name(b"about") != one.seal(b"about", b"").hex()
    assert one.seal(b"ab", b"c") != one.seal(b"a", b"bc")
    assert one.holds(one.seal(b"a", b"b"), b"a", b"b")
    assert not other.holds(one.seal(b"a", b"b"), b"a", b"b")
