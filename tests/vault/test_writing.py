"""What a store writes: outside of a ciphertext, inside of it, and whether it is on disk."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from gatekeeper.errors import DatasetChanged, VaultError
from gatekeeper.vault import Manifest, age, load_identities
from gatekeeper.vault.writing import HashedSink, HashedSource, verify_written
from tests.enforce.support import Sealed
from tests.vault.kit import FACTS, NOW, InPieces, Place, digest
from tests.vault.refusals import refused


def test_what_goes_through_is_hashed_and_no_more_is_read_than_asked_for() -> None:
    source = HashedSource(io.BytesIO(b"a line\nmore"))
    assert (source.readline(4), source.readline(9), source.read(2)) == (b"a li", b"ne\n", b"mo")
    assert source.digest == digest(b"a line\nmo")
    out = io.BytesIO()
    sink = HashedSink(out)
    assert (sink.write(b"a line\n"), sink.write(b"mo")) == (7, 2)
    assert (sink.digest, sink.size_bytes, out.getvalue()) == (source.digest, 9, b"a line\nmo")


def test_what_is_read_back_must_be_what_was_written(place: Place) -> None:
    manifest = place.store(place.write({"a": b"data"})).manifest
    data = place.vault().layout.case(manifest.case_id) / "data.age"
    with data.open("rb") as stream:
        key = age.file_key_of(age.read_header(stream), load_identities(place.identity))
    verify_written(data, manifest.facts, key, sealed=manifest.ciphertext)
    for written, plain in (("sha256:0", ""), (manifest.ciphertext, "sha256:0")):
        with refused("the ciphertext read back from disk is not the one that was written"):
            verify_written(data, manifest.facts, key, sealed=written, plain=plain)
    with refused("case: the ciphertext is bound to another case"):
        verify_written(data, {**manifest.facts, "x": 1}, key, sealed=manifest.ciphertext)
    with pytest.raises(VaultError, match="MAC"):
        verify_written(data, manifest.facts, bytes(16), sealed=manifest.ciphertext)


def test_what_is_outside_a_ciphertext_is_this(place: Place) -> None:
    case = place.store(place.write({"b": b"second", "a": b"first"}))
    data = (place.root / "vault/cases" / case.id / "data.age").read_bytes()
    facts = dict(case.manifest.facts)
    assert len(bytes.fromhex(facts.pop("sourceTag"))) == 32
    recipients = [load_identities(path)[0].recipient for path in (place.identity, place.spare)]
    by_name = {str(e.recipient): e.fingerprint for e in place.vault().recipients()}
    assert sorted(facts.pop("recipients")) == sorted(by_name[str(r)] for r in recipients)
    assert facts == {
        **FACTS, "id": case.id, "sequence": 1, "time": "2026-03-01T12:00:00Z", "files": 2,
    }  # fmt: skip
    recorded = [(r["event"], r["data"]) for r in place.log.records() if r["event"] != "key"]
    assert recorded == [
        (
            "quarantine",
            {"case": case.id, "ciphertext": digest(data), "bytes": len(data), "sequence": 1},
        ),
        ("removal", {"case": case.id, "unlinked": 2, "kept": 0}),
    ]


def test_what_is_inside_a_ciphertext_is_this(place: Place) -> None:
    sources = place.write({"b": b"second", "a": b"first"})
    case = place.store(sources)
    with (place.root / "vault/cases" / case.id / "data.age").open("rb") as stream:
        key = age.file_key_of(age.read_header(stream), load_identities(place.identity))
        plain = b"".join(age.decrypt_chunks(stream, key))
    with tarfile.open(fileobj=io.BytesIO(plain)) as archive:
        names = archive.getnames()
        first = archive.extractfile(names[0])
        assert first is not None
        said = json.loads(first.read())
    assert names == ["gatekeeper-case.json", "data/a", "data/b"]
    assert said == {
        "format": "gatekeeper.dev/case-v1",
        "files": [
            {"name": f"data/{path.name}", "bytes": size, "digest": want,
             "source": str(path)}
            for (path, want), size in ((sources[1], 5), (sources[0], 6))
        ],
        "description": {"decision": {"route": "quarantine"}},
    }  # fmt: skip


def sealed(place: Place, **contents: bytes) -> Manifest:
    """The manifest of a case of sealed bytes, which are in no file."""
    case = place.vault().store(
        [],
        description={},
        facts=FACTS,
        recipients=[e.recipient for e in place.vault().recipients()],
        now=NOW,
        snapshots=[(f"{name}.jsonl", Sealed(data)) for name, data in contents.items()],
    )
    assert case.removals == ()
    return case.manifest


def test_sealed_bytes_become_a_case_without_a_file(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Sealed, "open", lambda self: InPieces(self.data))
    manifest = sealed(place, b=b"2" * (3 << 20), a=b"")
    assert place.opened(manifest.case_id) == {"a.jsonl": b"", "b.jsonl": b"2" * (3 << 20)}
    assert manifest.facts["files"] == 2
    removal = place.log.newest("removal", case=manifest.case_id)
    assert removal is not None
    assert removal["data"] == {"case": manifest.case_id, "unlinked": 0, "kept": 0}


@pytest.mark.parametrize("claims", [7, 9])
def test_sealed_bytes_that_are_more_or_fewer_than_said_are_not_stored(
    place: Place, claims: int
) -> None:
    class Odd(Sealed):
        size_bytes = claims

    before = place.tree()
    says, do = (
        "it changed since it was scanned",
        "nothing was stored or removed; run the gate again",
    )
    with refused(f"a: {says}", hint=do, kind=DatasetChanged):
        place.vault().store(
            [], description={}, facts=FACTS, now=NOW, snapshots=[("a", Odd(b"8 bytes."))],
            recipients=[e.recipient for e in place.vault().recipients()],
        )  # fmt: skip
    assert place.tree() == before


TAG = "894e1b5cc9edde5e5c7f8946067e276a5e86d7c6c7f03c17132a9afaaa620f0f"


def test_the_tag_of_the_sources_tells_the_same_names_and_nothing_else(tmp_path: Path) -> None:
    """It is a keyed hash of the names, the same in every version: under the key of bytes 0 to 31
    that of `a.jsonl` is this.
    """
    place = Place(tmp_path)
    (tmp_path / "home").mkdir()
    key = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "home/gate.key").touch(0o600)
    (tmp_path / "home/gate.key").write_bytes(pem)
    place.init()
    tags = [
        sealed(place, **contents).facts["sourceTag"]
        for contents in ({"a": b"1"}, {"a": b"2"}, {"b": b"1"}, {"a": b"1", "b": b"1"})
    ]
    assert tags[0] == tags[1] == TAG
    assert len(set(tags)) == 3
