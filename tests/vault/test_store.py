"""Storing, listing, opening: what the vault holds, and what becomes of the originals."""

from __future__ import annotations

import base64
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from gatekeeper.errors import ConfigError, DatasetChanged, InputError, VaultError
from gatekeeper.vault import KEPT_HARD_LINK, UNLINKED, Damaged, Manifest, load_identities
from gatekeeper.vault.opening import decrypt_case
from tests.vault.kit import FACTS, NOW, Place, digest

FILES = {
    "train.jsonl": b'{"text": "one"}\n' * 9000,
    "more/and/more/test.csv": b"a,b\n1,2\n",
    "empty": b"",
}


def test_a_dataset_becomes_a_case_and_comes_back(place: Place) -> None:
    sources = place.write(FILES)
    case = place.store(sources)
    assert [r.outcome for r in case.removals] == [UNLINKED] * 3
    assert not any(path.exists() for path, _ in sources)
    assert place.opened(case.id) == place.opened(case.id, place.spare) == FILES
    assert place.vault().verify(case.id) == case.manifest
    assert place.vault().list() == (case.manifest,)


def test_everything_is_private_and_nothing_is_left_over(place: Place) -> None:
    place.store(place.write(FILES))
    root = place.root / "vault"
    for path in [root, *root.rglob("*")]:
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode == (0o700 if path.is_dir() else 0o600), path
    assert list((root / "tmp").iterdir()) == list((root / "journal").iterdir()) == []
    assert (root / ".gitignore").read_bytes() == b"*\n"


@pytest.mark.skipif(shutil.which("age") is None, reason="the age tool is not installed")
def test_a_case_opens_with_age_and_tar_alone(place: Place) -> None:
    case = place.store(place.write(FILES))
    data = place.vault().layout.case(case.id) / "data.age"
    (place.root / "out").mkdir()
    command = f"age -d -i {place.identity} {data} | tar x -C {place.root / 'out'}"
    subprocess.run(["bash", "-o", "pipefail", "-c", command], check=True)
    for name, content in FILES.items():
        assert (place.root / "out" / "data" / name).read_bytes() == content
    assert (place.root / "out" / "gatekeeper-case.json").stat().st_size > 0


def encodings(text: str) -> list[bytes]:
    raw = text.encode()
    shifted = [base64.b64encode(b"\0" * n + raw)[4:-4].rstrip(b"=") for n in range(3)]
    return [raw, raw.hex().encode(), raw.hex().upper().encode(), text.encode("utf-16-le"),
            text.encode("utf-16-be"), raw[::-1], *shifted]  # fmt: skip


def test_the_vault_shows_neither_content_nor_name_nor_digest(place: Place) -> None:
    canary, name = "Quillon-Varsanyi-7315", "zebrafinch-cohort.jsonl"
    content = f'{{"text": "{canary}"}}\n'.encode() * 40
    sources = place.write({name: content})

    class Full:
        """A log on a full disk: the store stops with the case written and its journal open."""

        def append(self, event: str, fields: object) -> None:
            raise OSError(28, "no space")

        records, newest = place.log.records, place.log.newest

    vault = place.vault()
    stopped = type(vault)(vault.layout, vault.gate, Full(), lock_timeout_s=1)
    with pytest.raises(VaultError, match="not finished: no space left on device"):
        place.store(sources, stopped)
    assert sources[0][0].read_bytes() == content
    assert list((place.root / "vault/journal").iterdir())
    needles = [n for t in (canary, name) for n in encodings(t)]
    needles += [digest(content)[7:].encode(), bytes.fromhex(digest(content)[7:])]
    for _ in range(2):
        held = {p: p.read_bytes() for p in (place.root / "vault").rglob("*") if p.is_file()}
        assert len(held) > 5
        found = [(p, n) for p, data in held.items() for n in needles if n in data or n in bytes(p)]
        assert found == []
        assert [r.state for r in place.vault().recover()] in (["finished"], [])
    assert not sources[0][0].exists()


def test_hard_linked_originals_are_stored_and_kept(place: Place) -> None:
    sources = place.write({"a": b"linked", "b": b"alone"})
    os.link(sources[0][0], place.root / "second")
    case = place.store(sources)
    assert [r.outcome for r in case.removals] == [KEPT_HARD_LINK, UNLINKED]
    assert sources[0][0].read_bytes() == (place.root / "second").read_bytes() == b"linked"
    assert not sources[1][0].exists()
    assert place.opened(case.id) == {"a": b"linked", "b": b"alone"}


@pytest.mark.parametrize("change", ["bytes", "grow", "shrink", "gone"])
def test_a_changed_dataset_is_not_stored_at_all(place: Place, change: str) -> None:
    sources = place.write({"a": b"first", "b": b"second"})
    path = sources[1][0]
    if change == "gone":
        path.unlink()
    else:
        path.write_bytes({"bytes": b"sEcond", "grow": b"second+", "shrink": b"sec"}[change])
    before = place.tree()
    with pytest.raises(DatasetChanged) as caught:
        place.store(sources)
    assert "second" not in str(caught.value)
    assert place.tree() == before
    assert place.vault().list() == ()


@pytest.mark.parametrize("kind", ["link", "fifo", "folder", "device"])
def test_only_regular_files_are_stored(place: Place, kind: str) -> None:
    (path, want) = place.write({"a": b"data"})[0]
    odd = path.with_name("odd")
    if kind == "link":
        odd.symlink_to(path)
    elif kind == "fifo":
        os.mkfifo(odd)
    elif kind == "folder":
        odd.mkdir()
    with pytest.raises(InputError):
        place.store([(Path("/dev/null") if kind == "device" else odd, want)])
    assert path.read_bytes() == b"data"


def test_a_file_in_the_vault_or_no_file_is_refused(place: Place) -> None:
    with pytest.raises(InputError, match="lies in the vault"):
        place.store([(place.root / "vault" / "config.yaml", digest(b""))])
    with pytest.raises(InputError, match="nothing to quarantine"):
        place.store([])


def test_without_a_recipient_nothing_is_touched(tmp_path: Path) -> None:
    place = Place(tmp_path)
    sources = place.write({"a": b"data"})
    with pytest.raises(ConfigError) as caught:
        place.store(sources)
    assert caught.value.exit_code == 2
    assert "gatekeeper keys init" in caught.value.hint
    with pytest.raises(ConfigError):
        place.vault().store(sources, description={}, facts=FACTS, recipients=(), now=NOW)
    assert place.tree() == {"data/a": b"data"}


def test_one_path_twice_is_one_file(place: Place) -> None:
    source = place.write({"a": b"data"})[0]
    same = (source[0].parent / ".." / "data" / "a", source[1])
    assert len(place.store([source, same]).removals) == 1


def test_odd_names_become_safe_and_distinct(place: Place) -> None:
    names = ["UPPER", "upper", "line\nfeed", "colon:and\\slash", "-dash", os.fsdecode(b"\xff\xfe"),
             "ünïcode", "..dots"]  # fmt: skip
    files = {name: name.encode("utf-8", "surrogateescape") for name in names}
    case = place.store(place.write(files))
    out = place.opened(case.id)
    assert sorted(out.values()) == sorted(files.values())
    assert all(name.isprintable() and not set(name) & set(":\\") for name in out)
    assert len({name.casefold() for name in out}) == len(names)


def test_another_identity_opens_nothing(place: Place, tmp_path: Path) -> None:
    case = place.store(place.write({"a": b"data"}))
    other = Place(tmp_path / "other")
    other.root.mkdir()
    other.init()
    with pytest.raises(VaultError, match="no identity matches"):
        place.opened(case.id, other.identity)


def test_a_manifest_of_another_gate_is_not_believed(place: Place, tmp_path: Path) -> None:
    other = Place(tmp_path / "other")
    other.root.mkdir()
    theirs = other.init().store(other.write({"a": b"data"}))
    ours = place.store(place.write({"a": b"data"}))
    for source, name in ((other, theirs.id), (place, ours.id)):
        shutil.copytree(source.vault().layout.case(name), place.root / "vault/cases" / ("0" * 32))
        with pytest.raises(VaultError):
            place.vault().show("0" * 32)
        assert isinstance(place.vault().list()[-1], Damaged)
        shutil.rmtree(place.root / "vault/cases" / ("0" * 32))
    assert place.vault().list() == (ours.manifest,)


@pytest.mark.parametrize("bad", ["", "..", "../x", "0" * 31, "0" * 31 + "G", "0" * 32 + "\n"])
def test_a_case_id_is_no_path(place: Place, bad: str) -> None:
    with pytest.raises(VaultError, match="not a case id"):
        place.vault().show(bad)
    with pytest.raises(VaultError, match="not in this vault"):
        place.vault().show("0" * 32)


def test_every_damaged_byte_of_a_case_is_detected(place: Place) -> None:
    case = place.store(place.write({"a": b"some data"}))
    vault, folder = place.vault(), place.vault().layout.case(case.id)
    passed = []
    for name, step in (("manifest.dsse", 1), ("data.age", 11)):
        whole = (folder / name).read_bytes()
        for at in range(0, len(whole), step):
            broken = bytearray(whole)
            broken[at] ^= 1 << at % 8
            (folder / name).write_bytes(broken)
            if not refused(vault.verify, case.id):
                passed.append((name, at))
            if name == "data.age" and not refused(decrypted, place, case.manifest):
                passed.append(("opened", at))
        (folder / name).write_bytes(whole)
    assert passed == []


def decrypted(place: Place, manifest: Manifest) -> None:
    data = place.vault().layout.case(manifest.case_id) / manifest.data_name
    with tempfile.TemporaryDirectory() as work:
        decrypt_case(data, manifest, load_identities(place.identity), Path(work))


def refused(act: Callable[..., object], *args: object) -> bool:
    try:
        act(*args)
    except VaultError:
        return True
    return False


def test_showing_a_case_checks_what_its_ciphertext_is_bound_to(place: Place) -> None:
    case = place.store(place.write({"a": b"some data"}))
    path = place.vault().layout.case(case.id) / "data.age"
    other = ("0" if case.id[0] != "0" else "1") + case.id[1:]
    path.write_bytes(path.read_bytes().replace(case.id.encode(), other.encode()))
    with pytest.raises(VaultError, match="bound to another case"):
        place.vault().show(case.id)


def test_sequences_have_no_gap(place: Place) -> None:
    for number in range(1, 5):
        assert place.store(place.write({"a": b"%d" % number})).manifest.sequence == number
        with pytest.raises(DatasetChanged):
            place.store([(path, digest(b"other")) for path, _ in place.write({"b": b"x"})])
    numbers = [m.sequence for m in place.vault().list() if isinstance(m, Manifest)]
    assert numbers == [1, 2, 3, 4]


def test_what_the_system_keeps_back_is_told(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    case = place.store(place.write({"a": b"data"}))
    opened = os.open
    for name in ("manifest.dsse", "data.age"):

        def refuse(path: str | Path, flags: int, *more: int, name: str = name, **at: int) -> int:
            if Path(path).name == name:
                raise PermissionError(13, "no")
            return opened(path, flags, *more, **at)

        with monkeypatch.context() as patch:
            patch.setattr(os, "open", refuse)
            with pytest.raises(VaultError, match=f"case {case.id}: permission denied"):
                place.vault().show(case.id)
    data = place.vault().layout.case(case.id) / "data.age"
    whole = data.read_bytes()
    data.write_bytes(whole + b"x")
    with pytest.raises(VaultError, match="has not the size that the manifest names"):
        place.vault().show(case.id)
    data.unlink()
    with pytest.raises(VaultError, match=f"case {case.id}: its ciphertext is missing"):
        place.vault().show(case.id)
    data.symlink_to("/dev/null")
    with pytest.raises(VaultError, match="a symbolic link"):
        place.vault().show(case.id)


def test_a_vault_that_is_not_there_has_nothing_to_recover(tmp_path: Path) -> None:
    place = Place(tmp_path)
    assert place.vault().recover() == place.vault().list() == place.vault().recipients() == ()
    assert place.tree() == {}


def test_a_vault_of_another_format_is_left_alone(place: Place) -> None:
    (place.root / "vault/config.yaml").write_text("format: gatekeeper.dev/vault-v9\n")
    with pytest.raises(VaultError, match="not a vault of a format known here"):
        place.vault()


def test_the_vault_and_the_audit_import_no_heavy_library() -> None:
    code = (
        "import sys, gatekeeper.vault, gatekeeper.audit, gatekeeper.enforce.quarantine\n"
        "print([m for m in ('presidio_analyzer', 'spacy', 'pydantic', 'yaml', 'rich', 'click', "
        "'openai', 'pyarrow') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert out.stdout.strip() == "[]"
