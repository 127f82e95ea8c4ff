"""What stands in a case is believed only where it is as we write it, even inside a ciphertext."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gatekeeper.errors import VaultError
from gatekeeper.model import canonical_bytes
from gatekeeper.vault import Manifest, age
from gatekeeper.vault.case import PREDICATE_TYPE, case_stanza, safe_names
from gatekeeper.vault.opening import Opened, decrypt_case
from gatekeeper.vault.statement import make_statement
from tests.vault.kit import Place, digest

IDENTITY = age.X25519Identity.generate()
FACTS: dict[str, Any] = {"id": "0" * 32, "sequence": 1, "time": "t", "route": "quarantine"}
DATA = b"content"


def described(*files: dict[str, Any]) -> bytes:
    return canonical_bytes({"files": list(files), "description": {"said": 1}})


def one(name: str = "data/a", **fields: Any) -> dict[str, Any]:
    return {"name": name, "bytes": len(DATA), "digest": digest(DATA), **fields}


def tar(*members: tuple[str, bytes], kind: bytes = tarfile.REGTYPE) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for number, (name, data) in enumerate(members):
            info = tarfile.TarInfo(name)
            info.type = kind if number else tarfile.REGTYPE
            info.size = len(data) if info.isreg() else 0
            info.linkname = "../../escape"
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def case(folder: Path, plain: bytes, *, bound: bool = True) -> tuple[Path, Manifest]:
    path = folder / "data.age"
    with path.open("wb") as out:
        stanza = case_stanza(FACTS if bound else {**FACTS, "id": "1" * 32})
        writer = age.encrypt(out, [IDENTITY.recipient], extra=[stanza])
        writer.write(plain)
        writer.close()
    sealed = path.read_bytes()
    return path, Manifest("0" * 32, 1, FACTS, digest(sealed), len(sealed))


def opened(path: Path, manifest: Manifest) -> Opened:
    work = path.with_name("out")
    work.mkdir()
    return decrypt_case(path, manifest, [IDENTITY], work)


GOOD = described(one())
JSON = "gatekeeper-case.json"


def test_a_case_as_we_write_it_opens(tmp_path: Path) -> None:
    path, manifest = case(tmp_path, tar((JSON, GOOD), ("data/a", DATA)))
    assert opened(path, manifest) == Opened(("a",), {"said": 1})
    assert (tmp_path / "out/a").read_bytes() == DATA
    (tmp_path / "out/a").unlink()
    (tmp_path / "out").rmdir()
    padded = tar((JSON, GOOD), ("data/a", DATA)) + bytes(5 << 20)  # read to its end all the same
    assert opened(*case(tmp_path, padded)).names == ("a",)


@pytest.mark.parametrize(
    ("plain", "says"),
    [
        (b"", "malformed"),
        (b"not a tar stream" * 100, "malformed"),
        (tar(("data/a", DATA)), "first member"),
        (tar((JSON, b"{}"), ("data/a", DATA)), "is malformed"),
        (tar((JSON, b"[" * 100_000)), "is malformed"),
        (tar((JSON, described({**one(), "name": 7}))), "unsafe name"),
        *(
            (tar((JSON, described(one(name))), (name, DATA)), "unsafe name")
            for name in ("a", "data", "/data/a", "data/../a", "data//a", "data/./a", "data/a:b",
                         "data/..", "data/a\\b", "data/a\nb", "data/")
        ),
        (tar((JSON, GOOD)), "not those that it announces"),
        (tar((JSON, GOOD), ("data/b", DATA)), "not those that it announces"),
        (tar((JSON, GOOD), ("data/a", DATA + b"x")), "not those that it announces"),
        (tar((JSON, GOOD), ("data/a", b""), kind=tarfile.SYMTYPE), "not those that it announces"),
        (tar((JSON, GOOD), ("data/a", b""), kind=tarfile.LNKTYPE), "not those that it announces"),
        (tar((JSON, GOOD), ("data/a", b""), kind=tarfile.FIFOTYPE), "not those that it announces"),
        (tar((JSON, GOOD), ("data/a", DATA[::-1])), "has not the digest"),
        (tar((JSON, GOOD), ("data/a", DATA), ("data/b", DATA)), "tar stream is malformed"),
        (tar((JSON, GOOD), ("data/a", DATA))[:2000], "malformed"),
    ],
)  # fmt: skip
def test_a_case_of_another_make_is_refused(tmp_path: Path, plain: bytes, says: str) -> None:
    path, manifest = case(tmp_path, plain)
    with pytest.raises(VaultError, match=says):
        opened(path, manifest)


def test_a_ciphertext_of_another_case_or_digest_is_refused(tmp_path: Path) -> None:
    whole = tar((JSON, GOOD), ("data/a", DATA))
    path, manifest = case(tmp_path, whole, bound=False)
    with pytest.raises(VaultError, match="bound to another case"):
        opened(path, manifest)
    (tmp_path / "out").rmdir()
    _, first = case(tmp_path, whole)
    path, _ = case(tmp_path, whole)
    with pytest.raises(VaultError, match="not the one that the manifest names"):
        opened(path, first)


def payload(change: Callable[[dict[str, Any]], object]) -> bytes:
    good = Manifest("0" * 32, 1, FACTS, digest(b""), 9).to_statement()
    found = json.loads(good)
    change(found)
    return canonical_bytes(found)


def test_a_manifest_comes_back() -> None:
    manifest = Manifest.from_statement(payload(lambda _: None))
    assert manifest == Manifest("0" * 32, 1, FACTS, digest(b""), 9)
    assert (manifest.time, manifest.route, manifest.recipients) == ("t", "quarantine", ())
    assert (manifest.revision, manifest.data_name, manifest.expires) == (1, "data.age", "")
    assert manifest.to_json() == {**FACTS, "ciphertext": {"digest": digest(b""), "bytes": 9}}


@pytest.mark.parametrize(
    "change",
    [
        lambda m: m["predicate"].pop("case"),
        lambda m: m["predicate"].update(ciphertextBytes="9"),
        lambda m: m["predicate"]["case"].update(id=7),
        lambda m: m["predicate"]["case"].update(id="../x"),
        lambda m: m["predicate"]["case"].update(sequence="1"),
        lambda m: m["predicate"]["case"].update(revision=2),
        lambda m: m["predicate"]["case"].update(revision=0),
        lambda m: m["predicate"]["case"].update(revision="1"),
        lambda m: m["subject"][0].update(name="data-2.age"),
        lambda m: m["subject"].append(m["subject"][0]),
        lambda m: m["subject"][0]["digest"].update(sha256="zz"),
    ],
)
def test_a_malformed_manifest_is_refused(change: Callable[[dict[str, Any]], object]) -> None:
    with pytest.raises(VaultError):
        Manifest.from_statement(payload(change))


def test_a_later_revision_names_its_own_file() -> None:
    later = Manifest("0" * 32, 1, {**FACTS, "revision": 3}, digest(b""), 9)
    assert (later.revision, later.data_name) == (3, "data-3.age")
    assert Manifest.from_statement(later.to_statement()) == later


def test_names_are_relative_to_the_folder_they_share() -> None:
    def names(*paths: str) -> list[str]:
        return safe_names([Path(p) for p in paths])

    assert names("/x/a.jsonl") == ["data/a.jsonl"]
    assert names("/x/a", "/x/y/a") == ["data/a", "data/y/a"]
    assert names("/x/y/a", "/x/z/a") == ["data/y/a", "data/z/a"]
    assert names("/x/a", "/x/A", "/x/2-A") == ["data/a", "data/2-A", "data/3-2-A"]
    assert names() == []


def test_a_statement_of_another_type_is_no_manifest(place: Place) -> None:
    stored = place.store(place.write({"a": DATA}))
    folder = place.vault().layout.case(stored.id)
    other = make_statement(PREDICATE_TYPE + "x", {}, [])
    (folder / "manifest.dsse").write_bytes(place.vault().gate.seal(other))
    with pytest.raises(VaultError, match="not of type"):
        place.vault().show(stored.id)
