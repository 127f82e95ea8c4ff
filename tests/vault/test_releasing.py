"""A release: once, whole, and not before everything was verified and judged."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import NoReturn

import pytest

from gatekeeper.errors import DetectorError, VaultError
from gatekeeper.vault import Opened, Recovered, Released, load_identities
from gatekeeper.vault.approvals import DESTROY
from gatekeeper.vault.journal import RELEASE as RELEASE_ACT
from gatekeeper.vault.journal import Intent, Journal
from gatekeeper.vault.people import remove
from gatekeeper.vault.releasing import WORK_PREFIX, release
from gatekeeper.vault.workflow import approve, read_asked
from tests.vault.kit import NOW, Place

FILES = {"train.jsonl": b'{"text": "one"}\n' * 9000, "more/test.csv": b"a,b\n1,2\n", "empty": b""}


@pytest.fixture
def case_id(place: Place) -> str:
    return place.store(place.write(FILES)).id


def passes(opened: Opened, folder: Path) -> None:
    assert {n: (folder / n).read_bytes() for n in opened.names} == FILES


def let_out(
    place: Place, case_id: str, request_id: str, out: Path | None = None, *, judge: object = passes
) -> Released:
    return release(
        place.vault(), case_id, request_id, load_identities(place.identity),
        out or place.root / "out", now=NOW, judge=judge,  # type: ignore[arg-type]
    )  # fmt: skip


def left_over(place: Place) -> list[str]:
    """Work folders and journal entries that are still there."""
    works = [p.name for p in place.root.iterdir() if p.name.startswith(WORK_PREFIX)]
    return works + [p.name for p in (place.root / "vault/journal").iterdir()]


def events(place: Place) -> list[str]:
    return [r["event"] for r in place.log.records() if str(r["event"]).startswith("release")]


def test_what_was_approved_comes_out_once(place: Place, case_id: str) -> None:
    request_id = place.asked(case_id)
    done = let_out(place, case_id, request_id)
    out = place.root / "out"
    assert {str(p.relative_to(out)): p.read_bytes() for p in done.files} == FILES
    assert sorted(p for p in out.rglob("*") if p.is_file()) == sorted(done.files)
    assert done.manifest == place.vault().show(case_id)
    assert done.request.id == request_id
    for path in [out, *out.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)
    assert left_over(place) == []
    used, ended = (r["data"] for r in place.log.records() if r["event"].startswith("release"))
    assert used == {
        "case": case_id, "request": request_id, "ciphertext": done.manifest.ciphertext,
    }  # fmt: skip
    assert ended == {"case": case_id, "request": request_id, "files": 3}
    with pytest.raises(VaultError, match=f"{request_id}: it was used already") as caught:
        let_out(place, case_id, request_id, place.root / "again")
    assert caught.value.hint == "ask again"
    assert not (place.root / "again").exists()
    assert let_out(place, case_id, place.asked(case_id), place.root / "again").files


def test_what_was_not_approved_stays(place: Place, case_id: str) -> None:
    for request_id, why in (
        (place.asked(case_id, approvals=1), "1 of 2 approvals missing"),
        (place.asked(case_id, action=DESTROY), "it asks to destroy the case"),
        ("0" * 32, "there is none of this case"),
    ):
        with pytest.raises(VaultError, match=why):
            let_out(place, case_id, request_id)
    assert not (place.root / "out").exists()
    assert left_over(place) == []


def test_a_release_never_overwrites(place: Place, case_id: str) -> None:
    request_id = place.asked(case_id)
    full, file, link = (place.root / n for n in ("full", "file", "link"))
    full.mkdir()
    (full / "mine").write_bytes(b"mine")
    file.write_bytes(b"mine")
    link.symlink_to(full)
    for out, says, hint in (
        (full, "full: is not empty", "name a new or an empty folder"),
        (file, "file: is there already", "name a new folder"),
        (link, "link: is there already", "name a new folder"),
        (place.root / "vault" / "out", "out: is in the vault", "name a folder outside of it"),
        (place.root / "no" / "parent", "parent: the case was not released: no such file", ""),
    ):
        with pytest.raises(VaultError, match=says) as caught:
            let_out(place, case_id, request_id, out)
        assert caught.value.hint == hint
    assert (full / "mine").read_bytes() == file.read_bytes() == b"mine"
    assert left_over(place) == events(place) == []
    (place.root / "empty").mkdir()
    assert let_out(place, case_id, request_id, place.root / "empty").files


def test_what_the_judge_keeps_back_leaves_nothing(place: Place, case_id: str) -> None:
    request_id = place.asked(case_id)
    seen = []

    def refuses(_: Opened, folder: Path) -> NoReturn:
        seen.append(folder)
        assert (folder / "train.jsonl").read_bytes() == FILES["train.jsonl"]
        raise DetectorError("cannot judge")

    with pytest.raises(DetectorError, match="cannot judge"):
        let_out(place, case_id, request_id, judge=refuses)
    assert seen[0].name.startswith(f"{WORK_PREFIX}{case_id[:8]}-")
    assert not (place.root / "out").exists()
    assert left_over(place) == events(place) == []
    assert let_out(place, case_id, request_id).files  # and the approvals still hold


def test_a_damaged_case_gives_nothing_out(place: Place, case_id: str) -> None:
    request_id = place.asked(case_id)
    data = place.vault().layout.case(case_id) / "data.age"
    whole = data.read_bytes()
    judged: list[object] = []
    for at in (len(whole) // 2, len(whole) - 1):
        data.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(VaultError):
            let_out(place, case_id, request_id, judge=lambda *a: judged.append(a))
        assert not (place.root / "out").exists()
        assert left_over(place) == events(place) == []
    assert judged == []


def test_another_identity_opens_nothing(place: Place, case_id: str) -> None:
    other = Place(place.root / "other")
    other.root.mkdir()
    other.init()
    with pytest.raises(VaultError, match="no identity matches"):
        release(place.vault(), case_id, place.asked(case_id), load_identities(other.identity),
                place.root / "out", now=NOW, judge=passes)  # fmt: skip
    assert left_over(place) == events(place) == []


def test_only_one_of_two_at_once_comes_out(place: Place, case_id: str) -> None:
    request_id = place.asked(case_id)

    def rival(*_: object) -> None:
        with pytest.raises(VaultError, match="what was begun with it has not ended") as caught:
            let_out(place, case_id, request_id, place.root / "rival")
        assert "quarantine recover" in caught.value.hint
        assert place.vault().recover() == ()  # it is in somebody's hands

    assert let_out(place, case_id, request_id, judge=rival).files
    assert not (place.root / "rival").exists()


def test_who_lost_an_approval_meanwhile_gets_nothing(place: Place, case_id: str) -> None:
    request_id = place.asked(case_id)

    def meanwhile(*_: object) -> None:
        remove(place.vault(), place.person("bob").id)

    with pytest.raises(VaultError, match="1 of 2 approvals missing"):
        let_out(place, case_id, request_id, judge=meanwhile)
    assert not (place.root / "out").exists()
    assert left_over(place) == events(place) == []


def test_a_name_taken_meanwhile_is_not_overwritten(place: Place, case_id: str) -> None:
    request_id = place.asked(case_id)

    def meanwhile(*_: object) -> None:
        (place.root / "out").mkdir()
        (place.root / "out/mine").write_bytes(b"mine")

    with pytest.raises(VaultError, match="out: is not empty"):
        let_out(place, case_id, request_id, judge=meanwhile)
    assert [p.name for p in (place.root / "out").iterdir()] == ["mine"]
    assert left_over(place) == events(place) == []


def cut_off(place: Place, case_id: str, work: Path) -> None:
    vault = place.vault()
    journal = Journal(vault.layout.journal, vault.gate)
    journal.begin(Intent(case_id, RELEASE_ACT, ((work, ""),)))
    journal.let_go(case_id)


def test_recover_clears_what_a_release_had_written(place: Place, case_id: str) -> None:
    work = place.root / f"{WORK_PREFIX}x"
    for make, state in ((True, "dropped"), (False, "finished")):
        cut_off(place, case_id, work)
        if make:
            (work / "more").mkdir(parents=True)
            (work / "more/a").write_bytes(b"plain")
        assert place.vault().recover() == (Recovered(case_id, state),)
        assert left_over(place) == []
        assert place.vault().recover() == ()
    assert place.opened(case_id) == FILES


def test_recover_removes_no_folder_that_is_none_of_a_release(place: Place, case_id: str) -> None:
    mine = place.root / "mine"
    mine.mkdir()
    cut_off(place, case_id, mine)
    (ended,) = place.vault().recover()
    assert (ended.state, mine.is_dir()) == ("damaged", True)
    assert ended.why == "journal: a release names a folder that is none of its own"


def test_an_error_that_stops_the_clearing_leaves_it_to_recover(
    place: Place, case_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    request_id = place.asked(case_id)
    rmdir = os.rmdir

    def refuses(*_: object) -> NoReturn:
        raise DetectorError("cannot judge")

    def stuck(path: object, **more: object) -> None:
        raise OSError(5, "stuck")

    with monkeypatch.context() as patch:
        patch.setattr(os, "rmdir", stuck)
        with pytest.raises(DetectorError):
            let_out(place, case_id, request_id, judge=refuses)
    assert os.rmdir is rmdir
    assert len(left_over(place)) == 2
    with pytest.raises(VaultError, match="what was begun with it has not ended"):
        let_out(place, case_id, request_id)
    assert [r.state for r in place.vault().recover()] == ["dropped"]
    assert left_over(place) == []
    assert let_out(place, case_id, request_id).files


def test_a_request_that_was_used_says_so(place: Place, case_id: str) -> None:
    request_id = place.asked(case_id)
    let_out(place, case_id, request_id)
    vault = place.vault()
    assert read_asked(vault, case_id, request_id, NOW).state == "used"
    with pytest.raises(VaultError, match=f"request {request_id}: it was used already"):
        approve(vault, case_id, request_id, place.person("dan"), days=1, now=NOW)
