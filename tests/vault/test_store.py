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
from gatekeeper.vault.destroying import destroy
from gatekeeper.vault.journal import QUARANTINE, Intent
from gatekeeper.vault.opening import decrypt_case
from tests.vault.kit import FACTS, NOW, Place, digest
from tests.vault.refusals import refused

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
    assert (root / "config.yaml").read_bytes() == b"format: gatekeeper.dev/vault-v1\n"
    assert sorted(p.name for p in root.iterdir()) == sorted(
        [".gitignore", "audit", "cases", "config.yaml", "journal", "lock", "people", "recipients",
         "tmp"]
    )  # fmt: skip


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
    with refused(
        f"{place.root}/vault: the case was not finished: no space left on device",
        hint="an original that is not in the vault is where it was; "
        "`gatekeeper quarantine recover` ends what was begun",
    ):
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
    says, do = (
        "it changed since it was scanned",
        "nothing was stored or removed; run the gate again",
    )
    if change == "gone":
        says, do = "it is gone since it was scanned", ""
    with refused(f"{path}: {says}", hint=do, kind=DatasetChanged):
        place.store(sources)
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
    path = place.root / "data" / ".." / "vault" / "config.yaml"
    with refused(f"{path}: it lies in the vault already", kind=InputError):
        place.store([(path, digest(b""))])
    with refused("there is nothing to quarantine", kind=InputError):
        place.store([])


def test_without_a_recipient_nothing_is_touched(tmp_path: Path) -> None:
    place = Place(tmp_path)
    sources = place.write({"a": b"data"})
    with pytest.raises(ConfigError) as caught:
        place.store(sources)
    assert caught.value.exit_code == 2
    assert "gatekeeper keys init" in caught.value.hint
    says, do = "quarantine needs a recipient and there is none", "`gatekeeper keys init FILE`"
    with refused(says, hint=do, kind=ConfigError):
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
        says = "the manifest is that of another case"
        if source is other:
            says = "envelope: no trusted key signed it, or it was changed"
        with refused(f"case {'0' * 32}: {says}"):
            place.vault().show("0" * 32)
        assert place.vault().list()[-1] == Damaged("0" * 32, f"case {'0' * 32}: {says}")
        shutil.rmtree(place.root / "vault/cases" / ("0" * 32))
    assert place.vault().list() == (ours.manifest,)


@pytest.mark.parametrize("bad", ["", "..", "../x", "0" * 31, "0" * 31 + "G", "0" * 32 + "\n"])
def test_a_case_id_is_no_path(place: Place, bad: str) -> None:
    says, do = "not a case id: it has 32 characters of 0-9a-f", "`gatekeeper quarantine list` shows"
    for act in (place.vault().show, place.vault().manifest, place.vault().tombstone):
        with refused(says, hint=f"{do} the cases"):
            act(bad)
    with refused(f"case {'0' * 32}: not in this vault, or a part of it is missing"):
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
            if not fails(vault.verify, case.id):
                passed.append((name, at))
            if name == "data.age" and not fails(decrypted, place, case.manifest):
                passed.append(("opened", at))
        (folder / name).write_bytes(whole)
    assert passed == []


def decrypted(place: Place, manifest: Manifest) -> None:
    data = place.vault().layout.case(manifest.case_id) / manifest.data_name
    with tempfile.TemporaryDirectory() as work:
        decrypt_case(data, manifest, load_identities(place.identity), Path(work))


def fails(act: Callable[..., object], *args: object) -> bool:
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
    with refused(f"case {case.id}: case: the ciphertext is bound to another case"):
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
            with refused(f"case {case.id}: permission denied"):
                place.vault().show(case.id)
    data = place.vault().layout.case(case.id) / "data.age"
    whole = data.read_bytes()
    data.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    assert place.vault().show(case.id) == case.manifest
    with refused(f"case {case.id}: the ciphertext was changed"):
        place.vault().verify(case.id)
    data.write_bytes(whole + b"x")
    with refused(f"case {case.id}: the ciphertext has not the size that the manifest names"):
        place.vault().show(case.id)
    data.unlink()
    with refused(f"case {case.id}: its ciphertext is missing"):
        place.vault().show(case.id)
    data.symlink_to("/dev/null")
    with refused(f"case {case.id}: {data}: a symbolic link or a device, not a regular file"):
        place.vault().show(case.id)


def test_a_ciphertext_that_cannot_be_read_to_its_end_is_told(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = place.store(place.write({"a": b"data"}))
    data = place.vault().layout.case(case.id) / "data.age"

    def fails(*_: object) -> None:
        raise OSError(5, "a bad block")

    monkeypatch.setattr(os, "posix_fadvise", fails, raising=False)
    with refused(f"{data}: input/output error"):
        place.vault().verify(case.id)


def test_a_case_that_was_destroyed_is_listed_and_not_shown(place: Place) -> None:
    case = place.vault().store(
        place.write({"a": b"data"}),
        description={},
        facts={**FACTS, "expires": "2026-03-01T12:00:00Z"},
        recipients=[e.recipient for e in place.vault().recipients()],
        now=NOW,
    )
    gone = destroy(place.vault(), case.id, None, place.person("ann"), now=NOW)
    for act in (place.vault().show, place.vault().verify):
        with refused(f"case {case.id}: it was destroyed on 2026-03-01"):
            act(case.id)
    assert place.vault().manifest(case.id) == case.manifest
    assert place.vault().list() == (gone,)


def test_cases_are_listed_in_their_order_and_damaged_ones_last(place: Place) -> None:
    cases = [place.store(place.write({"a": b"%d" % n})).manifest for n in range(5)]
    folder = place.root / "vault/cases"
    assert place.vault().list() == tuple(cases)
    (folder / "0").mkdir()
    no_id = "not a case id: it has 32 characters of 0-9a-f"
    (folder / cases[3].case_id / "manifest.dsse").unlink()
    missing = f"case {cases[3].case_id}: not in this vault, or a part of it is missing"
    expected = (Damaged("0", no_id), Damaged(cases[3].case_id, missing))
    assert place.vault().list() == (*cases[:3], *cases[4:], *expected)
    shutil.rmtree(folder)
    folder.write_bytes(b"")
    with refused(f"{folder}: not a directory"):
        place.vault().list()


def test_a_manifest_has_a_largest_size(place: Place) -> None:
    case = place.store(place.write({"a": b"data"}))
    path = place.vault().layout.case(case.id) / "manifest.dsse"
    large = Manifest(case.id, 1, {**case.manifest.facts, "more": "x" * (1 << 20)}, digest(b""), 1)
    path.write_bytes(place.vault().gate.seal(large.to_statement()))
    says = "envelope: not a JSON object, or a key stands in it twice"
    with refused(f"case {case.id}: {says}"):
        place.vault().manifest(case.id)


def kept_both(
    place: Place,
    sources: list[tuple[Path, str]],
    rename: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    says: str,
) -> Manifest:
    """Store `sources` while `rename` disturbs: the case is there, and nothing was removed."""
    with monkeypatch.context() as patch:
        patch.setattr(os, "rename", rename)
        with pytest.raises(DatasetChanged) as caught:
            place.store(sources)
    (manifest,) = place.vault().list()
    assert isinstance(manifest, Manifest)
    assert str(caught.value) == says
    assert (
        caught.value.hint == f"nothing was removed; case {manifest.case_id} holds what was scanned"
    )
    return manifest


def test_a_dataset_that_changes_at_the_last_is_kept_beside_its_case(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources = place.write({"a": b"first", "b": b"second"})
    rename = os.rename

    def edit(old: str, new: str, **folders: int) -> None:
        if folders:  # an original is moved, and no part of the vault
            sources[1][0].write_bytes(b"edited")
        rename(old, new, **folders)

    manifest = kept_both(
        place, sources, edit, monkeypatch, f"{sources[1][0]}: it changed since it was scanned"
    )
    assert [path.read_bytes() for path, _ in sources] == [b"first", b"edited"]
    assert place.opened(manifest.case_id) == {"a": b"first", "b": b"second"}
    assert place.log.newest("removal") is None
    assert list((place.root / "vault/journal").iterdir()) == []


def test_a_dataset_that_goes_away_meanwhile_is_not_said_to_be_removed(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources = place.write({"a": b"first", "b": b"second"})
    rename = os.rename

    def take(old: str | Path, new: str | Path, **folders: int) -> None:
        rename(old, new, **folders)
        if str(old).endswith(".part"):
            sources[1][0].unlink()

    manifest = kept_both(
        place, sources, take, monkeypatch, f"{sources[1][0]}: it is gone since it was scanned"
    )
    assert sources[0][0].exists()
    assert place.opened(manifest.case_id) == {"a": b"first", "b": b"second"}


def test_where_another_file_took_a_name_the_hint_says_so(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources = place.write({"a": b"first"})
    path = sources[0][0]
    rename = os.rename

    def replaced(old: str, new: str, **folders: int) -> None:
        if folders:
            path.write_bytes(b"edited")
        rename(old, new, **folders)
        if folders:
            path.write_bytes(b"a new file")

    with monkeypatch.context() as patch:
        patch.setattr(os, "rename", replaced)
        with pytest.raises(DatasetChanged) as caught:
            place.store(sources)
    (left,) = set(path.parent.iterdir()) - {path}
    assert (
        caught.value.hint
        == f"its name is taken, or cannot be given back; the bytes that were there are in {left}"
    )
    assert (path.read_bytes(), left.read_bytes()) == (b"a new file", b"edited")


def test_what_cannot_be_dropped_is_left_to_recover(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault = place.vault()
    sources = [(path, digest(b"other")) for path, _ in place.write({"a": b"data"})]

    def refuse(_: object) -> None:
        raise OSError(30, "read-only")

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", refuse)
        with pytest.raises(DatasetChanged):  # the first error is the one to tell
            place.store(sources, vault)
    assert len(list((place.root / "vault/tmp").iterdir())) == 1
    assert [r.state for r in vault.recover()] == ["dropped"]
    assert list((place.root / "vault/tmp").iterdir()) == []


def test_a_store_ends_first_what_another_left(place: Place) -> None:
    first = place.store(place.write({"a": b"data"}))
    sources = place.write({"a": b"data"})
    vault = place.vault()
    vault.journal.begin(Intent(first.id, QUARANTINE, tuple(sources)))
    vault.journal.let_go(first.id)
    place.store(place.write({"b": b"other"}))
    assert not sources[0][0].exists()
    assert list((place.root / "vault/journal").iterdir()) == []


def test_recover_mends_the_log_too(place: Place) -> None:
    place.store(place.write({"a": b"data"}))
    with (place.root / "vault/audit/log.jsonl").open("ab") as log:
        log.write(b'{"data":')
    assert place.log.check().torn_bytes > 0
    assert place.vault().recover() == ()
    assert place.log.check().torn_bytes == 0


def test_what_cannot_be_recovered_is_told(place: Place) -> None:
    place.vault().layout.create()
    (place.root / "vault/journal").rmdir()
    (place.root / "vault/journal").write_bytes(b"")
    with refused(f"{place.root}/vault: not recovered: not a directory"):
        place.vault().recover()


def test_a_vault_is_made_where_no_folder_is(place: Place) -> None:
    vault = type(place.vault()).open(
        place.root / "a/b/vault", gate=place.vault().gate, log=place.log
    )
    vault.layout.create()
    before = sorted(vault.layout.root.rglob("*"))
    vault.layout.create()
    assert sorted(vault.layout.root.rglob("*")) == before
    assert len(before) == 8


def test_a_vault_that_is_not_there_has_nothing_to_recover(tmp_path: Path) -> None:
    place = Place(tmp_path)
    assert place.vault().recover() == place.vault().list() == place.vault().recipients() == ()
    assert place.tree() == {}


def test_a_vault_of_another_format_is_left_alone(place: Place) -> None:
    (place.root / "vault/config.yaml").write_text("format: gatekeeper.dev/vault-v9\n")
    with refused(f"{place.root}/vault/config.yaml: not a vault of a format known here"):
        place.vault()
    (place.root / "vault/config.yaml").unlink()
    (place.root / "vault/config.yaml").mkdir()
    with refused(f"{place.root}/vault/config.yaml: is a directory"):
        place.vault()


def test_the_vault_and_the_audit_import_no_heavy_library() -> None:
    code = (
        "import sys, gatekeeper.vault, gatekeeper.audit, gatekeeper.enforce.quarantine\n"
        "print([m for m in ('presidio_analyzer', 'spacy', 'pydantic', 'yaml', 'rich', 'click', "
        "'openai', 'pyarrow') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert out.stdout.strip() == "[]"
