"""Power cuts: the short form. `make powercuts` cuts at 500 random instants on ext4 and on xfs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bench.faults import disk
from bench.faults.disk import Disk, copy_sparse
from bench.faults.operations import ON_CASES, OPERATIONS
from bench.faults.place import Place
from bench.faults.powercut import (
    Bench,
    ended,
    first_missed,
    forked,
    random_cuts,
    step_cuts,
    strict_cuts,
    strict_place,
    sync_sites,
    unkept_promises,
)
from bench.faults.steps import Step, Steps
from bench.faults.strict import StrictDisk
from gatekeeper.errors import ReceiptError


def without_lines(site: str) -> str:
    """A site without the numbers of its lines, and without the file of the sync itself."""
    frames = [frame.split(":")[0] + " " + frame.split()[-1] for frame in site.split(" < ")]
    return " < ".join([frames[0].split()[-1], *frames[1:]])


@pytest.mark.parametrize("operation", OPERATIONS)
def test_what_is_promised_is_on_the_strictest_disk(operation: str, tmp_path: Path) -> None:
    op = OPERATIONS[operation]
    folder = strict_place(op, tmp_path)
    assert unkept_promises(op, folder) == []
    cuts = [*strict_cuts(op, folder, every=False)]
    assert [c for c in cuts if c.violations] == []
    assert len(cuts) > len(op.promises)


@pytest.mark.parametrize("operation", ["quarantine", "rotate"])
def test_each_sync_is_missed_when_it_is_left_out(operation: str, tmp_path: Path) -> None:
    """But for one, which is there for a log whose last writer was killed: see the next test."""
    op = OPERATIONS[operation]
    folder = strict_place(op, tmp_path)
    sites = sync_sites(op, folder)
    assert len(sites) >= 12
    unmissed = {
        " < ".join(without_lines(site).split(" < ")[:2])
        for site in sites
        if not first_missed(strict_cuts(op, folder, skip=site, every=False, judged=False))
    }
    assert unmissed == {"sync_directory < log.py append"}


@pytest.mark.parametrize("is_synced", [True, False])
def test_the_head_of_a_killed_writer_is_synced_first(
    is_synced: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Place(tmp_path / "place").init()
    disk_, found = StrictDisk(place.root), tmp_path / "found"

    def two_writers() -> None:
        def before(step: Step) -> None:
            if step.name == "create" and step.path.endswith(".head.new") and step.number == 2:
                disk_.write_out(found)
                os._exit(9)  # the power is gone when the second record is written, and no head

        steps = Steps(place.root, before, synced=disk_.sync)
        log = place.log
        with monkeypatch.context() as patch:  # the first is killed before it syncs its head
            patch.setattr("gatekeeper.vault.durable.sync_directory", lambda path: None)
            log.append("key", {"recipient": "0" * 32, "action": "checked"})
        if not is_synced:
            monkeypatch.setattr("gatekeeper.audit.log.sync_directory", lambda path: None)
        log.append("key", {"recipient": "1" * 32, "action": "checked"})
        steps.end()

    assert ended(forked(two_writers)) == 9
    after = Place(found).copied(place.root)
    if is_synced:
        assert after.log.mend()
        assert after.log.check().head.seq == 7
    else:
        with pytest.raises(ReceiptError, match="beyond its signed head"):
            after.log.check()


def test_the_strictest_disk_keeps_what_was_synced_alone(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "folder").mkdir(parents=True)
    (root / "old").write_bytes(b"old")
    disk_ = StrictDisk(root)
    (root / "old").write_bytes(b"newer")
    (root / "lost").write_bytes(b"not synced")
    (root / "folder" / "synced").write_bytes(b"bytes and entry")
    (root / "folder" / "empty").write_bytes(b"entry alone")
    disk_.sync(root / "folder" / "synced")
    disk_.sync(root / "folder")
    disk_.keep(root / "old")
    (root / "old").rename(root / "renamed")

    def found(name: str) -> dict[str, bytes]:
        target = tmp_path / name
        disk_.write_out(target)
        files = (p for p in target.rglob("*") if p.is_file())
        return {str(p.relative_to(target)): p.read_bytes() for p in files}

    kept = {"folder/synced": b"bytes and entry", "folder/empty": b""}
    assert found("first") == {"old": b"old", **kept}
    disk_.sync(root)
    assert found("second") == {"renamed": b"old", "lost": b"", **kept}
    disk_.sync(root / "renamed")
    assert found("third") == {"renamed": b"newer", "lost": b"", **kept}


@pytest.mark.parametrize("kind", disk.KINDS)
class TestDevices:
    @pytest.fixture(autouse=True)
    def can(self, kind: str) -> None:
        if why := disk.missing(kind):
            pytest.skip(why)

    def test_power_cuts_lose_nothing(self, kind: str, tmp_path: Path) -> None:
        bench = Bench(OPERATIONS["quarantine"], Disk(kind, tmp_path))
        cuts = [*random_cuts(bench, 4)]
        assert [c for c in cuts if c.violations] == []
        assert len(cuts) == 4

    def test_a_cut_loses_what_was_not_synced(self, kind: str, tmp_path: Path) -> None:
        here = Disk(kind, tmp_path)
        here.make()
        with here.mounted() as mount:
            (mount / "kept").write_bytes(b"synced")
            os.sync()
            (mount / "lost").write_bytes(b"not synced")
            copy_sparse(here.image, tmp_path / "copy.img")
            here.cut()
        for image in (here.image, tmp_path / "copy.img"):
            with here.mounted(image) as mount:
                assert (mount / "kept").read_bytes() == b"synced"
                assert not (mount / "lost").exists()

    def test_a_sync_left_out_is_missed(self, kind: str, tmp_path: Path) -> None:
        op = OPERATIONS["quarantine"]
        folder = tmp_path / "strict"
        folder.mkdir()
        sites = sync_sites(op, strict_place(op, folder))
        bench = Bench(op, Disk(kind, tmp_path))
        manifest = next(s for s in sites if "write_new < writing.py" in without_lines(s))
        assert first_missed(step_cuts(bench, skip=manifest, every=False))


def test_every_operation_on_a_case_promises_something() -> None:
    assert all(len(OPERATIONS[name].promises) >= 5 for name in ON_CASES)
    assert all(OPERATIONS[name].promises[-1].step == "exit" for name in OPERATIONS)


def test_a_copied_place_is_the_same(tmp_path: Path) -> None:
    place = strict_place(OPERATIONS["quarantine"], tmp_path) / "place"
    assert Place(place).copied(tmp_path / "other").tree() == Place(place).tree()
