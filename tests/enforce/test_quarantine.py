"""The quarantine route: a decision and its sources become a case, or nothing happens."""

from __future__ import annotations

import json
import tarfile
from io import BytesIO
from pathlib import Path

import pytest

from gatekeeper.audit import audit_chain, load_trusted_keys
from gatekeeper.enforce.quarantine import open_vault, quarantine
from gatekeeper.errors import ConfigError, DatasetChanged
from gatekeeper.model import Route
from gatekeeper.vault import Vault, age, load_identities
from gatekeeper.vault.opening import decrypt_case
from tests.audit.kit import decision
from tests.enforce.support import Sealed
from tests.vault.kit import NOW, digest

CONTENT = b'{"text": "synthetic"}\n'


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    vault = open_vault(tmp_path / "state" / "vault")
    for name in ("identity", "spare"):
        vault.init_identity(tmp_path / name, now=NOW)
    return vault


@pytest.fixture
def source(tmp_path: Path) -> tuple[Path, str]:
    path = tmp_path / "odd\x1b[31mname.jsonl"
    path.write_bytes(CONTENT)
    return path, digest(CONTENT)


def test_a_decided_dataset_is_quarantined(
    vault: Vault, source: tuple[Path, str], tmp_path: Path
) -> None:
    done = quarantine(decision(subject=source[1]), [source], vault, now=NOW)
    assert not source[0].exists()
    shown = done.to_json()
    json.dumps(shown)
    assert (shown["files"], shown["sequence"]) == (1, 1)
    ((name, outcome),) = done.removal
    assert outcome == "unlinked"
    assert name.isprintable()
    assert done.warnings == ()
    manifest = vault.show(done.case)
    assert manifest.facts["route"] == "quarantine"
    assert set(manifest.facts["digests"]) == {"policies", "detector"}
    (tmp_path / "out").mkdir()
    decrypt_case(
        vault.layout.case(done.case) / manifest.data_name,
        manifest,
        load_identities(tmp_path / "identity"),
        tmp_path / "out",
    )
    assert [p.read_bytes() for p in (tmp_path / "out").iterdir()] == [CONTENT]
    chain = audit_chain(vault.layout.root, load_trusted_keys())
    assert chain.check().head.seq == 4  # key, key, quarantine, removal


def test_the_decision_travels_inside(
    vault: Vault, source: tuple[Path, str], tmp_path: Path
) -> None:
    made = decision(subject=source[1])
    done = quarantine(made, [source], vault, now=NOW)
    stream = BytesIO((vault.layout.case(done.case) / "data.age").read_bytes())
    key = age.file_key_of(age.read_header(stream), load_identities(tmp_path / "identity"))
    plain = BytesIO(b"".join(age.decrypt_chunks(stream, key)))
    with tarfile.open(fileobj=plain) as archive:
        first = archive.extractfile("gatekeeper-case.json")
        assert first is not None
        found = json.loads(first.read())
    assert found["description"]["decision"] == made.to_json()
    assert found["files"][0]["digest"] == source[1]


def test_only_what_was_decided_on_is_taken(vault: Vault, source: tuple[Path, str]) -> None:
    with pytest.raises(DatasetChanged, match="not made on these bytes"):
        quarantine(decision(), [source], vault, now=NOW)
    for route in (Route.ALLOW, Route.ON_PREM):
        with pytest.raises(ValueError, match="the route is"):
            quarantine(decision(route, source[1]), [source], vault, now=NOW)
    assert source[0].read_bytes() == CONTENT


def test_without_recipients_nothing_is_made(tmp_path: Path, source: tuple[Path, str]) -> None:
    vault = open_vault(tmp_path / "state" / "vault")
    with pytest.raises(ConfigError) as caught:
        quarantine(decision(subject=source[1]), [source], vault, now=NOW)
    assert caught.value.exit_code == 2
    assert "gatekeeper keys init" in caught.value.hint
    assert source[0].read_bytes() == CONTENT
    assert not (tmp_path / "state").exists()


def test_configured_recipients_come_first(
    vault: Vault, source: tuple[Path, str], tmp_path: Path
) -> None:
    vault.init_identity(tmp_path / "third", now=NOW)
    (first,), (third,) = (load_identities(tmp_path / n) for n in ("identity", "third"))
    people = [third, first]
    written = [str(p.recipient) for p in people]
    done = quarantine(decision(subject=source[1]), [source], vault, recipients=written, now=NOW)
    assert len(done.recipients) == 2
    assert done.warnings == ()
    header = age.read_header(BytesIO((vault.layout.case(done.case) / "data.age").read_bytes()))
    assert all(age.file_key_of(header, [p]) for p in people)


def test_sealed_bytes_become_a_case_without_a_file(vault: Vault, tmp_path: Path) -> None:
    sealed = Sealed(CONTENT)
    before = sorted(p.name for p in tmp_path.iterdir())
    done = quarantine(
        decision(subject=sealed.digest), [], vault, now=NOW, snapshots=[("upload.jsonl", sealed)]
    )
    assert (done.files, done.removal) == (1, ())
    assert sorted(p.name for p in tmp_path.iterdir()) == before
    manifest = vault.verify(done.case)
    (tmp_path / "out").mkdir()
    decrypt_case(
        vault.layout.case(done.case) / manifest.data_name,
        manifest,
        load_identities(tmp_path / "identity"),
        tmp_path / "out",
    )
    assert [(p.name, p.read_bytes()) for p in (tmp_path / "out").iterdir()] == [
        ("upload.jsonl", CONTENT)
    ]
    assert list(vault.layout.journal.iterdir()) == []


def test_sealed_bytes_cut_off_after_the_case_is_there_are_recovered(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed = Sealed(CONTENT)

    def cut(*arguments: object, **more: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Vault, "finish", cut)
    with pytest.raises(KeyboardInterrupt):
        quarantine(
            decision(subject=sealed.digest), [], vault, now=NOW, snapshots=[("x.jsonl", sealed)]
        )
    monkeypatch.undo()
    (ended,) = vault.recover()
    assert (ended.state, ended.removals) == ("finished", ())
    assert vault.recover() == ()
    vault.verify(ended.case_id)


def test_sealed_bytes_that_are_not_those_of_the_decision_make_no_case(vault: Vault) -> None:
    with pytest.raises(DatasetChanged):
        quarantine(
            decision(subject=digest(CONTENT)),
            [],
            vault,
            now=NOW,
            snapshots=[("x.jsonl", Sealed(CONTENT + b" "))],
        )
    with pytest.raises(DatasetChanged):
        quarantine(
            decision(subject=digest(CONTENT)),
            [],
            vault,
            now=NOW,
            snapshots=[("x.jsonl", Sealed(CONTENT + b" ", digest(CONTENT)))],
        )
    assert vault.list() == ()
