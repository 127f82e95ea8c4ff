"""Whoever copies the vault and the host, without an identity, learns nothing of the dataset."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import urllib.parse
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.faults.operations import FILES, ask, open_release
from bench.faults.place import Place, now
from gatekeeper.cli import main
from gatekeeper.errors import VaultError
from tests.laws.worlds import World

VALUES = ("AKIA" + "Q3EGRZ7XWN5TPL2V", "536-90-4399", "Quenby Thistlewaite")
NAME = "payroll-of-thistlewaite"
TEXT = f"aws_access_key_id = {VALUES[0]}, SSN {VALUES[1]} of {VALUES[2]}"
ROW = json.dumps({"text": TEXT}) + "\n"


def encodings(text: str) -> Iterator[tuple[str, bytes]]:
    """`text` as it may stand somewhere."""
    data = text.encode()
    yield "utf-8", data
    yield "utf-16-le", text.encode("utf-16-le")
    yield "utf-16-be", text.encode("utf-16-be")
    yield "hex", data.hex().encode()
    yield "HEX", data.hex().upper().encode()
    yield "url", urllib.parse.quote(text, safe="").encode()
    yield "reversed", data[::-1]
    yield "json", json.dumps(text)[1:-1].encode()
    for shift in range(3):  # base64 of a text that stands anywhere in another one
        code = base64.b64encode(b"\0" * shift + data)
        stop = len(code) - 4 if (len(data) + shift) % 3 else len(code)
        yield f"base64 at {shift}", code[4 if shift else 0 : stop]


def digests(data: bytes) -> Iterator[tuple[str, bytes]]:
    """What a digest of `data` without a key looks like."""
    for name in ("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha3_256", "blake2b",
                 "blake2s"):  # fmt: skip
        raw = hashlib.new(name, data).digest()
        for size in {len(raw), min(len(raw), 16)}:
            yield f"{name}, {size} bytes", raw[:size]
            yield f"{name}, {size} bytes, hex", raw[:size].hex().encode()
            yield f"{name}, {size} bytes, base64", base64.b64encode(raw[:size]).rstrip(b"=")[:-1]
    yield "blake2b-256", hashlib.blake2b(data, digest_size=32).digest()
    yield "blake2b-256, hex", hashlib.blake2b(data, digest_size=32).hexdigest().encode()


def needles(texts: tuple[str, ...], digested: tuple[bytes, ...]) -> dict[bytes, str]:
    found = {code: f"{text} as {how}" for text in texts for how, code in encodings(text)}
    return {
        **found,
        **{code: f"{how} of {data[:20]!r}" for data in digested for how, code in digests(data)},
    }


def searched(folder: Path, sought: dict[bytes, str]) -> list[str]:
    """Where something of it stands: in the names of files, in their bytes, also inflated."""
    found = []
    for path in sorted(folder.rglob("*")):
        contents = [str(path.relative_to(folder)).encode()]
        if path.is_file():
            data = path.read_bytes()
            contents.append(data)
            for wbits in (47, -15):  # zlib or gzip; raw
                with contextlib.suppress(zlib.error):
                    contents.append(zlib.decompressobj(wbits).decompress(data))
        found += [f"{path.name}: {why}" for c in contents for n, why in sought.items() if n in c]
    return found


def searched_receipts(folder: Path, sought: dict[bytes, str]) -> list[str]:
    """The same for what the envelopes hold, whatever the shift of their base64."""
    statements = [base64.b64decode(json.loads(p.read_bytes())["payload"]) for p in folder.iterdir()
                  if p.suffix == ".json"]  # fmt: skip
    assert statements
    return [why for statement in statements for n, why in sought.items() if n in statement]


def test_the_search_finds_what_is_there(tmp_path: Path) -> None:
    for number, (_, code) in enumerate([*encodings(VALUES[2]), *digests(VALUES[1].encode())]):
        (tmp_path / f"{number}").write_bytes(b"x" * number + code + b"y")
    b64 = base64.b64encode(b"It is " + VALUES[2].encode() + b", as said")
    for shift in range(3):
        (tmp_path / f"b64-{shift}").write_bytes(base64.b64encode(b"z" * shift + b64))
        (tmp_path / f"plain-{shift}").write_bytes(
            base64.b64encode(b"z" * shift + VALUES[2].encode() + b"and more")
        )
    (tmp_path / "zipped").write_bytes(zlib.compress(VALUES[0].encode() * 3))
    (tmp_path / f"of-{NAME}.txt").touch()
    found = searched(tmp_path, needles((*VALUES, NAME), tuple(v.encode() for v in VALUES)))
    names = {line.split(":")[0] for line in found}
    assert {p.name for p in tmp_path.iterdir()} - names == {f"b64-{n}" for n in range(3)}


class Host:
    """A gate's host whose two identities were taken away after a dataset was quarantined."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root = folder / "host"
        self.root.mkdir()
        self.keys = folder / "elsewhere"
        self.keys.mkdir()
        world = World(self.root, policies="internal")
        monkeypatch.chdir(world.root)
        monkeypatch.setenv("GATEKEEPER_HOME", str(self.root / "home"))
        monkeypatch.setenv("GATEKEEPER_CACHE", str(self.root / "cache"))
        for name in ("operations", "recovery"):
            assert main(["keys", "init", str(self.keys / name)]) == 0
        dataset = world.root / "data" / f"{NAME}.jsonl"
        dataset.parent.mkdir(exist_ok=True)
        dataset.write_text(ROW, encoding="utf-8")
        assert main(["gate", str(dataset)]) == 20
        assert not dataset.exists()
        self.vault = world.root / "vault"
        self.receipts = world.root / ".gatekeeper" / "receipts"
        (case,) = (self.vault / "cases").iterdir()
        self.case = case.name
        self.names = (NAME, str(dataset.relative_to(self.root)))


def digested(*texts: str) -> tuple[bytes, ...]:
    return tuple(text.encode() for text in texts)


def test_vault_and_host_hold_nothing_of_a_quarantined_dataset(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = Host(tmp_path, monkeypatch)
    of_values = needles(VALUES, digested(*VALUES, TEXT))
    of_names = needles(host.names, digested(*host.names, f"{NAME}.jsonl"))
    of_file = needles((), (ROW.encode(),))
    for key in (host.root / "home").rglob("*.key"):  # nothing that lies on the host opens it
        assert main(["quarantine", "rotate", host.case, "-i", str(key)]) == 1
    for _ in range(2):
        assert searched(host.root, of_values) == []
        assert searched(host.vault, of_file) == []
        assert searched(host.root, of_names) == []
        assert searched_receipts(host.receipts, of_names) == []
        key = str(host.keys / "recovery")
        assert main(["quarantine", "rotate", host.case, "-i", key]) == 0


def test_each_identity_may_be_lost(tmp_path: Path) -> None:
    place = Place(tmp_path / "place").init()
    third = place.root / "keys" / "third"
    place.vault().init_identity(third, now=now())
    identities = (*place.identities, third)
    for number in range(3):
        files = {f"{number}-{name}": content for name, content in FILES.items()}
        place.write(files)
        place.store(files)
    expected = [
        {f"{number}-{name}": content for name, content in FILES.items()} for number in range(3)
    ]
    for lost in identities:
        away = lost.rename(tmp_path / "away")
        for other in identities:
            if other != lost:
                assert [*place.opened(other).values()] == expected
        with pytest.raises(VaultError, match="no such file"):
            place.opened(lost)
        away.rename(lost)


def test_without_any_identity_nothing_is_given_out_and_nothing_is_harmed(tmp_path: Path) -> None:
    place = Place(tmp_path / "place").init()
    place.write(FILES)
    case = place.store(FILES).id
    request = ask(place, case)
    stranger = Place(tmp_path / "stranger").init()
    for path in place.identities:
        path.rename(path.with_suffix(".away"))
    stranger.identities[0].rename(place.identities[0])
    before = place.tree()
    with pytest.raises(VaultError, match="identity"):
        open_release(place, case, request)
    assert place.tree() == before
    place.identities[0].unlink()
    for path in place.identities:
        path.with_suffix(".away").rename(path)
    open_release(place, case, request)
    assert place.released() == dict(FILES)
