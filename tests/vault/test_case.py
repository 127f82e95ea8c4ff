"""What stands in a case is believed only where it is as we write it, even inside a ciphertext."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gatekeeper.model import canonical_bytes, digest_of
from gatekeeper.vault import Manifest, age
from gatekeeper.vault.case import (
    MAX_DESCRIPTION_BYTES,
    PREDICATE_TYPE,
    Member,
    TarWriter,
    case_stanza,
    describe,
    safe_names,
)
from gatekeeper.vault.opening import Opened, decrypt_case
from gatekeeper.vault.statement import make_statement
from tests.vault.kit import Place, digest
from tests.vault.refusals import refused

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


def first(name: str, size: int = 0, kind: bytes = tarfile.REGTYPE) -> bytes:
    """The header of a first member, and nothing after it."""
    info = tarfile.TarInfo(name)
    info.size, info.type = size, kind
    return info.tobuf(tarfile.PAX_FORMAT)


BROKEN = "its tar stream is malformed"
NOT_FIRST = "its first member is not gatekeeper-case.json"
NO_DESCRIPTION = "gatekeeper-case.json is malformed"
UNSAFE = "a file in it has an unsafe name"
OTHERS = "its files are not those that it announces (data/a)"


@pytest.mark.parametrize(
    ("plain", "says"),
    [
        (b"", BROKEN),
        (b"not a tar stream" * 100, BROKEN),
        (bytes(1024), NOT_FIRST),
        (tar(("data/a", DATA)), NOT_FIRST),
        (first(JSON, MAX_DESCRIPTION_BYTES + 1), NOT_FIRST),
        (first(JSON, MAX_DESCRIPTION_BYTES), BROKEN),
        (first(JSON, kind=tarfile.DIRTYPE), NO_DESCRIPTION),
        (tar((JSON, b"")), NO_DESCRIPTION),
        (tar((JSON, b"{}"), ("data/a", DATA)), NO_DESCRIPTION),
        (tar((JSON, b"[]")), NO_DESCRIPTION),
        (tar((JSON, b"[" * 100_000)), NO_DESCRIPTION),
        (tar((JSON, canonical_bytes({"files": []}))), NO_DESCRIPTION),
        (tar((JSON, canonical_bytes({"files": [], "description": []}))), NO_DESCRIPTION),
        *(
            (tar((JSON, described({k: v for k, v in one().items() if k != name}))), NO_DESCRIPTION)
            for name in ("name", "bytes", "digest")
        ),
        (tar((JSON, described({**one(), "name": 7}))), UNSAFE),
        *(
            (tar((JSON, described(one(name))), (name, DATA)), UNSAFE)
            for name in ("a", "data", "/data/a", "data/../a", "data//a", "data/./a", "data/a:b",
                         "data/..", "data/a\\b", "data/a\nb", "data/", "date/a")
        ),
        (tar((JSON, GOOD)), OTHERS),
        (tar((JSON, GOOD), ("data/b", DATA)), OTHERS),
        (tar((JSON, GOOD), ("data/a", DATA + b"x")), OTHERS),
        (tar((JSON, GOOD), ("data/a", b""), kind=tarfile.SYMTYPE), OTHERS),
        (tar((JSON, GOOD), ("data/a", b""), kind=tarfile.LNKTYPE), OTHERS),
        (tar((JSON, GOOD), ("data/a", b""), kind=tarfile.FIFOTYPE), OTHERS),
        (tar((JSON, GOOD), ("data/a", DATA[::-1])), "data/a has not the digest it was stored with"),
        (tar((JSON, GOOD), ("data/a", DATA), ("data/b", DATA)), BROKEN),
        (tar((JSON, GOOD), ("data/a", DATA))[:2000], BROKEN),
    ],
)  # fmt: skip
def test_a_case_of_another_make_is_refused(tmp_path: Path, plain: bytes, says: str) -> None:
    path, manifest = case(tmp_path, plain)
    with refused(f"case: {says}"):
        opened(path, manifest)


def test_a_ciphertext_of_another_case_or_digest_is_refused(tmp_path: Path) -> None:
    whole = tar((JSON, GOOD), ("data/a", DATA))
    path, manifest = case(tmp_path, whole, bound=False)
    with refused("case: the ciphertext is bound to another case"):
        opened(path, manifest)
    (tmp_path / "out").rmdir()
    _, other = case(tmp_path, whole)
    path, _ = case(tmp_path, whole)
    with refused("case: the ciphertext is not the one that the manifest names"):
        opened(path, other)


def test_a_ciphertext_carries_the_stanza_of_its_case() -> None:
    stanza = case_stanza(FACTS)
    assert (stanza.type, stanza.body) == ("gatekeeper.dev/case-v1", b"")
    assert stanza.args == ("0" * 32, digest_of(FACTS))
    assert case_stanza({**FACTS, "route": "block"}).args != stanza.args


def test_a_tar_stream_is_read_by_any_tar() -> None:
    out = io.BytesIO()
    writer = TarWriter(out)
    files = {"data/ünïcode": b"x" * 513, "data/" + "long" * 60: b"y" * 512, "data/empty": b""}
    for name, data in files.items():
        with writer.member(name, len(data)) as sink:
            sink.write(data)
    writer.close()
    assert out.getvalue().endswith(bytes(1024))
    assert len(out.getvalue()) % 512 == 0
    out.seek(0)
    with tarfile.open(fileobj=out) as archive:
        found = {m.name: (m.mode, m.uid, archive.extractfile(m)) for m in archive}
        assert all((mode, uid) == (0o600, 0) for mode, uid, _ in found.values())
        assert {name: s.read() for name, (_, _, s) in found.items() if s} == files
        assert archive.offset == len(out.getvalue()) - 1024  # and nothing follows its end


def test_a_description_says_what_each_file_is() -> None:
    members = [Member("data/a", 7, digest(DATA))]
    assert json.loads(describe(members, ["/x/a"], {"said": 1})) == {
        "format": "gatekeeper.dev/case-v1",
        "files": [one(source="/x/a")],
        "description": {"said": 1},
    }
    with pytest.raises(ValueError, match="zip"):
        describe(members, [], {})


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
    ("change", "says"),
    [
        (lambda m: m["predicate"].pop("case"), "malformed"),
        (lambda m: m["predicate"].update(ciphertextBytes="9"), "malformed"),
        (lambda m: m["predicate"].update(ciphertextBytes=True), "malformed"),
        (lambda m: m["subject"].append(m["subject"][0]), "malformed"),
        (lambda m: m["subject"].clear(), "malformed"),
        (lambda m: m["predicate"]["case"].update(id=7), "it names no case"),
        (lambda m: m["predicate"]["case"].update(sequence="1"), "it names no case"),
        (lambda m: m["subject"][0]["digest"].update(sha256="zz"), "malformed digest"),
        *(
            (lambda m, n=n: m["predicate"]["case"].update(revision=n),
             "it does not name the file of its revision")
            for n in (2, 0, -1, "1")
        ),
        (lambda m: m["subject"][0].update(name="data-2.age"),
         "it does not name the file of its revision"),
    ],
)  # fmt: skip
def test_a_malformed_manifest_is_refused(
    change: Callable[[dict[str, Any]], object], says: str
) -> None:
    with refused(f"case manifest: {says}"):
        Manifest.from_statement(payload(change))


def test_a_manifest_names_a_case_by_its_id() -> None:
    says, do = "not a case id: it has 32 characters of 0-9a-f", "`gatekeeper quarantine list` shows"
    with refused(says, hint=f"{do} the cases"):
        Manifest.from_statement(payload(lambda m: m["predicate"]["case"].update(id="../x")))


def test_a_later_revision_names_its_own_file() -> None:
    later = Manifest("0" * 32, 1, {**FACTS, "revision": 3}, digest(b""), 9)
    assert (later.revision, later.data_name) == (3, "data-3.age")
    assert Manifest.from_statement(later.to_statement()) == later


def test_names_are_relative_to_the_folder_they_share() -> None:
    def names(*paths: str) -> list[str]:
        return safe_names([Path(p) for p in paths])

    assert names("/x/XL a.jsonl") == ["data/XL a.jsonl"]
    assert names("/x/a:b\\c\n") == ["data/a_b_c_"]
    assert names("/x/a", "/x/y/a") == ["data/a", "data/y/a"]
    assert names("/x/y/a", "/x/z/a") == ["data/y/a", "data/z/a"]
    assert names("/x/a", "/x/A", "/x/2-A") == ["data/a", "data/2-A", "data/3-2-A"]
    assert names() == []


def test_a_statement_of_another_type_is_no_manifest(place: Place) -> None:
    stored = place.store(place.write({"a": DATA}))
    folder = place.vault().layout.case(stored.id)
    other = make_statement(PREDICATE_TYPE + "x", {}, [])
    (folder / "manifest.dsse").write_bytes(place.vault().gate.seal(other))
    with refused(f"case {stored.id}: signed statement: not of type {PREDICATE_TYPE}"):
        place.vault().show(stored.id)
