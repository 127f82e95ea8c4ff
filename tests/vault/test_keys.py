"""Recipients are vouched for by the gate and by the log; who is removed stays removed."""

from __future__ import annotations

import dataclasses
import datetime
import json
import shutil
from pathlib import Path

import pytest

from gatekeeper.audit import load_signer
from gatekeeper.errors import ConfigError
from gatekeeper.model import Wrapper, digest_of
from gatekeeper.vault import Enrolled, age
from gatekeeper.vault.age.hybrid import HybridIdentity
from gatekeeper.vault.command import CommandRecipient
from gatekeeper.vault.keys import (
    AnyRecipient,
    enrol,
    enrolled_recipients,
    find,
    fingerprint,
    mark_checked,
    parse_recipient,
    remove,
)
from gatekeeper.vault.statement import make_statement
from tests.vault.kit import NOW, Place, digest
from tests.vault.refusals import refused

SECOND = datetime.timedelta(seconds=1)
ADD = "`gatekeeper keys list` shows the fingerprints, `gatekeeper keys add` enrols one"
FORCE = "enrol and check another one first, or say --force"
PREDICATE_TYPE = "https://gatekeeper.dev/recipient/v1"


@pytest.fixture
def bare(tmp_path: Path) -> Place:
    return Place(tmp_path)


def stranger() -> age.X25519Recipient:
    return age.X25519Identity.generate().recipient


def events(place: Place) -> list[tuple[str, str]]:
    records = [r["data"] for r in place.log.records() if r["event"] == "key"]
    return [(r["action"], r["recipient"]) for r in records]


def names(place: Place) -> list[str]:
    return sorted(p.name for p in (place.root / "vault/recipients").iterdir())


def check(
    place: Place, enrolled: Enrolled, *, now: datetime.datetime = NOW, command: str = ""
) -> Enrolled:
    vault = place.vault()
    with vault.locked():
        return mark_checked(vault, enrolled, now=now, command=command)


def test_a_recipient_is_enrolled_and_not_yet_checked(bare: Place) -> None:
    recipient = stranger()
    enrolled = enrol(bare.vault(), recipient, now=NOW, comment="carol\x1b[31m, " + "c" * 100)
    comment = "carol[31m, " + "c" * 89
    assert len(comment) == 100
    assert enrolled == Enrolled(recipient, comment, "2026-03-01T12:00:00Z", "", "")
    assert enrolled_recipients(bare.vault()) == (enrolled,)
    assert bare.vault().recipients() == (enrolled,)
    assert enrolled.fingerprint == digest(str(recipient).encode())[len("sha256:") :][:32]
    assert names(bare) == [f"{enrolled.fingerprint}.pub"]
    assert events(bare) == [("enrolled", enrolled.fingerprint)]
    assert enrolled.obstacle == enrolled.doubt(NOW) == "never checked"


def test_one_whose_holder_proved_it_is_checked_at_once(bare: Place) -> None:
    enrolled = enrol(bare.vault(), stranger(), now=NOW + SECOND, proved=True)
    assert (enrolled.comment, enrolled.created, enrolled.checked, enrolled.command) == (
        "", "2026-03-01T12:00:01Z", "2026-03-01T12:00:01Z", "",
    )  # fmt: skip
    assert bare.vault().recipients() == (enrolled,)
    assert events(bare) == [("enrolled", enrolled.fingerprint)]
    assert enrolled.obstacle == enrolled.doubt(NOW + SECOND) == ""


def test_the_statement_says_who_and_when_and_is_signed(bare: Place) -> None:
    recipient = stranger()
    enrolled = enrol(bare.vault(), recipient, now=NOW, comment="ops")
    check(bare, enrolled, now=NOW + SECOND, command="sha256:00")
    path = bare.root / "vault/recipients" / f"{enrolled.fingerprint}.pub"
    said = json.loads(load_signer(bare.root / "home").unseal(path.read_bytes()))
    assert said["predicateType"] == PREDICATE_TYPE
    assert said["predicate"] == {
        "comment": "ops",
        "created": "2026-03-01T12:00:00Z",
        "checked": "2026-03-01T12:00:01Z",
        "command": "sha256:00",
    }
    whole = digest(str(recipient).encode())[len("sha256:") :]
    assert said["subject"] == [{"name": str(recipient), "digest": {"sha256": whole}}]


def test_nobody_is_enrolled_twice(bare: Place) -> None:
    recipient = stranger()
    enrolled = enrol(bare.vault(), recipient, now=NOW)
    with refused(
        f"{enrolled.fingerprint}: this recipient is enrolled already",
        hint="`gatekeeper keys check` and `keys challenge` prove that its key is there",
        kind=ConfigError,
    ):
        enrol(bare.vault(), recipient, now=NOW, comment="again", proved=True)
    assert bare.vault().recipients() == (enrolled,)
    assert len(events(bare)) == 1


def test_every_kind_is_enrolled_and_read_again(bare: Place) -> None:
    wrappers = {"kms": Wrapper(("wrap",), post_quantum=True)}
    kinds: dict[str, AnyRecipient] = {
        "X25519": stranger(),
        "post-quantum": HybridIdentity.generate().recipient,
        "command": CommandRecipient("kms", wrappers["kms"]),
    }
    for kind, recipient in kinds.items():
        assert enrol(bare.vault(), recipient, now=NOW).kind == kind
    found = {e.kind: e.recipient for e in bare.vault().recipients(wrappers)}
    assert found == kinds
    assert {e.kind: e.post_quantum for e in bare.vault().recipients(wrappers)} == {
        "X25519": False, "post-quantum": True, "command": True,
    }  # fmt: skip
    command = found["command"]
    assert isinstance(command, CommandRecipient)
    assert command.wrapper == wrappers["kms"]
    assert [e.fingerprint for e in bare.vault().recipients()] == sorted(
        fingerprint(r) for r in kinds.values()
    )


def test_a_command_is_enrolled_only_where_it_is_configured(bare: Place) -> None:
    with refused(
        "command:kms: no such command is configured",
        hint="`wrappers` in gatekeeper.yaml names what wraps and unwraps",
        kind=ConfigError,
    ):
        enrol(bare.vault(), CommandRecipient("kms"), now=NOW)
    assert not (bare.root / "vault").exists()


def test_a_command_receives_only_as_it_was_checked() -> None:
    argv = ("wrap", "--key", "1")
    checked = Enrolled(CommandRecipient("kms", Wrapper(argv)), "", "", "2026-03-01T12:00:00Z")
    checked = dataclasses.replace(checked, command=digest_of(list(argv)))
    assert checked.obstacle == checked.doubt(NOW) == ""
    for wrapper, why in (
        (None, "its command is not configured on this machine"),
        (Wrapper((*argv, "2")), "its command was changed since it was checked"),
    ):
        other = dataclasses.replace(checked, recipient=CommandRecipient("kms", wrapper))
        assert other.obstacle == other.doubt(NOW) == why
    never = dataclasses.replace(checked, checked="")
    assert never.obstacle == "never checked"


def test_a_recipient_is_parsed_by_how_it_starts() -> None:
    wrapper = Wrapper(("wrap",))
    for recipient in (stranger(), HybridIdentity.generate().recipient):
        assert parse_recipient(str(recipient), {}) == recipient
    for name in ("k", "9-kms", "a" * 64):
        parsed = parse_recipient(f"command:{name}", {name: wrapper, "other": Wrapper(("x",))})
        assert isinstance(parsed, CommandRecipient)
        assert (parsed.name, parsed.wrapper) == (name, wrapper)
    with refused("age key: not a recipient", hint="it starts with age1 or age1pq1"):
        parse_recipient("kms", {})
    for name in ("", "-k", "K", "k k", "k\n", "a" * 65, "../k"):
        with refused("not a recipient: the name of a command has a-z, 0-9 and -"):
            parse_recipient(f"command:{name}", {name: wrapper})


def test_one_is_found_by_fingerprint_or_text(place: Place) -> None:
    first, second = known = place.vault().recipients()
    assert find(known, first.fingerprint) == find(known, str(first.recipient)) == first
    assert find(known, second.fingerprint) == second
    for which in ("", first.fingerprint[:-1], str(first.recipient)[:-1]):
        with refused("no such recipient is enrolled", hint=ADD, kind=ConfigError):
            find(known, which)


# --- what is not believed --------------------------------------------------------------------

AGAIN = "remove it, and enrol the recipient again with `keys`"


def test_a_recipient_nobody_vouched_for_is_refused(place: Place, tmp_path: Path) -> None:
    other = Place(tmp_path / "stranger")
    other.root.mkdir()
    other.init()
    theirs, _ = (other.root / "vault/recipients").iterdir()
    folder = place.root / "vault/recipients"
    shutil.copy(theirs, folder)
    with refused(
        f"{folder / theirs.name}: envelope: no trusted key signed it, or it was changed",
        hint=AGAIN,
    ):
        place.vault().recipients()


def test_a_statement_counts_only_under_its_own_name(place: Place) -> None:
    folder = place.root / "vault/recipients"
    ours, _ = folder.iterdir()
    other = folder / ("ab" * 16 + ".pub")
    ours.rename(other)
    with refused(f"{other}: its name is not its fingerprint", hint=AGAIN):
        place.vault().recipients()


def test_what_is_no_regular_file_is_refused(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    vault = place.vault()
    path, _ = sorted((place.root / "vault/recipients").iterdir())
    says = f"{path}: no regular file, or cannot be read"

    def broken(*_: object, **__: object) -> int:
        raise OSError(5, "input/output error")

    with monkeypatch.context() as patched:
        patched.setattr("os.open", broken)
        with refused(says, hint=AGAIN):
            enrolled_recipients(vault)
    moved = path.rename(path.with_name("moved"))
    path.symlink_to(moved)
    with refused(says, hint=AGAIN):
        enrolled_recipients(vault)
    path.unlink()
    path.mkdir()
    with refused(says, hint=AGAIN):
        enrolled_recipients(vault)


RECIPIENT = "age1lvyvwawkr0mcnnnncaghunadrqkmuf9e6507x9y920xxpp866cnql7dp2z"
SUBJECT = [(RECIPIENT, digest(RECIPIENT.encode()))]
WHOLE = {"comment": "", "created": "2026-03-01T12:00:00Z", "checked": "", "command": ""}


@pytest.mark.parametrize(
    ("predicate", "subjects", "why"),
    [
        (WHOLE, [], "malformed"),
        (WHOLE, [(RECIPIENT, digest(b"other"))], "malformed"),
        (WHOLE, SUBJECT * 2, "malformed"),
        ({**WHOLE, "created": 1}, SUBJECT, "malformed"),
        ({**WHOLE, "more": ""}, SUBJECT, "malformed"),
        ({**WHOLE, "recipient": ""}, SUBJECT, "malformed"),
        ({k: v for k, v in WHOLE.items() if k != "comment"}, SUBJECT, "malformed"),
        ({k: v for k, v in WHOLE.items() if k != "checked"}, SUBJECT, "malformed"),
        (WHOLE, [("age1x", digest(b"age1x"))], "age key: not a bech32 string"),
        (WHOLE, [("command:X", digest(b"command:X"))],
         "not a recipient: the name of a command has a-z, 0-9 and -"),
    ],
)  # fmt: skip
def test_a_statement_the_gate_signed_for_something_else(
    place: Place, predicate: dict[str, object], subjects: list[tuple[str, str]], why: str
) -> None:
    gate = load_signer(place.root / "home")
    path = place.root / "vault/recipients" / f"{fingerprint(RECIPIENT)}.pub"
    path.write_bytes(gate.seal(make_statement(PREDICATE_TYPE, WHOLE, SUBJECT)))
    place.log.append("key", {"recipient": path.stem, "action": "enrolled"})
    assert len(place.vault().recipients()) == 3
    path.write_bytes(gate.seal(make_statement(PREDICATE_TYPE, predicate, subjects)))
    with refused(f"{path}: {why}", hint=AGAIN):
        place.vault().recipients()
    path.write_bytes(gate.seal(make_statement("https://x", WHOLE, SUBJECT)))
    with refused(f"{path}: signed statement: not of type {PREDICATE_TYPE}", hint=AGAIN):
        place.vault().recipients()


def test_one_that_the_log_does_not_know_counts_for_nothing(bare: Place) -> None:
    """A vault whose key was enrolled, and whose log never heard of it: the write was cut off."""
    enrolled = enrol(bare.vault(), stranger(), now=NOW)
    shutil.rmtree(bare.root / "vault/audit")
    assert bare.vault().recipients() == ()
    assert enrol(bare.vault(), enrolled.recipient, now=NOW) == enrolled


# --- removal ---------------------------------------------------------------------------------


def test_a_removed_recipient_is_gone_from_the_vault_and_stands_in_the_log(place: Place) -> None:
    third = enrol(place.vault(), stranger(), now=NOW, proved=True)
    path = place.root / "vault/recipients" / f"{third.fingerprint}.pub"
    kept = path.read_bytes()
    challenge = path.with_suffix(".challenge")
    challenge.write_bytes(b"open")
    assert remove(place.vault(), third.fingerprint, now=NOW) == third
    assert not path.exists()
    assert not challenge.exists()
    assert events(place)[-1] == ("removed", third.fingerprint)
    path.write_bytes(kept)  # somebody puts it back
    assert third not in place.vault().recipients()
    assert len(place.vault().recipients()) == 2
    with refused("no such recipient is enrolled", hint=ADD, kind=ConfigError):
        remove(place.vault(), third.fingerprint, now=NOW)
    assert enrol(place.vault(), third.recipient, now=NOW).checked == ""
    assert len(place.vault().recipients()) == 3


def test_too_few_are_not_left_unless_it_is_said(place: Place) -> None:
    first, second = place.vault().recipients()
    before = place.tree()
    with refused(
        f"{first.fingerprint}: without it, 1 of the recipients that are left has proved to have "
        "its key, and quarantine needs 2",
        hint=FORCE,
        kind=ConfigError,
    ):
        remove(place.vault(), first.fingerprint, now=NOW)
    assert place.tree() == before
    assert remove(place.vault(), str(first.recipient), now=NOW, force=True) == first
    with refused(
        f"{second.fingerprint}: without it, none of the recipients that are left has proved to "
        "have its key, and quarantine needs 2",
        hint=FORCE,
        kind=ConfigError,
    ):
        remove(place.vault(), second.fingerprint, now=NOW)


def test_one_that_was_never_checked_can_always_go(place: Place) -> None:
    third = enrol(place.vault(), stranger(), now=NOW)
    assert remove(place.vault(), third.fingerprint, now=NOW) == third
    assert len(place.vault().recipients()) == 2


def test_only_proved_and_written_ones_count_as_left(place: Place) -> None:
    first, second = place.vault().recipients()
    third = enrol(place.vault(), stranger(), now=NOW, proved=True)
    fourth = enrol(place.vault(), stranger(), now=NOW)
    written = [str(e.recipient) for e in (first, second, fourth)]
    says = (
        f"{first.fingerprint}: without it, {{}} of the recipients that are left has proved to have "
        "its key, and quarantine needs 2"
    )
    with refused(says.format("1"), hint=FORCE, kind=ConfigError):
        remove(place.vault(), first.fingerprint, now=NOW, written=written)
    late = NOW + datetime.timedelta(days=91)
    with refused(says.format("none"), hint=FORCE, kind=ConfigError):
        remove(place.vault(), first.fingerprint, now=late)
    fifth = enrol(place.vault(), stranger(), now=NOW, proved=True)
    with refused(says.format("1"), hint=FORCE, kind=ConfigError):
        remove(place.vault(), first.fingerprint, now=NOW, written=written[:2])
    remove(place.vault(), first.fingerprint, now=NOW, written=[*written, str(fifth.recipient)])
    assert set(place.vault().recipients()) == {second, third, fourth, fifth}


def test_a_command_counts_as_left_where_it_is_configured(place: Place) -> None:
    wrapper = Wrapper(("wrap",))
    made = enrol(place.vault(), CommandRecipient("kms", wrapper), now=NOW)
    check(place, made, command=digest_of(["wrap"]))
    first, _ = (e for e in place.vault().recipients() if e.kind == "X25519")
    with refused(
        f"{first.fingerprint}: without it, 1 of the recipients that are left has proved to have "
        "its key, and quarantine needs 2",
        hint=FORCE,
        kind=ConfigError,
    ):
        remove(place.vault(), first.fingerprint, now=NOW)
    assert remove(place.vault(), first.fingerprint, now=NOW, wrappers={"kms": wrapper}) == first


def test_a_change_waits_for_the_lock_of_the_vault(place: Place) -> None:
    first, _ = place.vault().recipients()
    vault = place.vault(lock_timeout_s=0.05)
    with place.vault().locked():
        with refused(
            f"{place.root / 'vault/lock'}: held by another process for more than 0.05 s",
            hint="wait until it is done, and run the command again",
        ):
            enrol(vault, stranger(), now=NOW)
        with pytest.raises(Exception, match="held by another process"):
            remove(vault, first.fingerprint, now=NOW, force=True)
    assert len(place.vault().recipients()) == 2


def test_a_disk_that_is_full_is_told(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    first, _ = place.vault().recipients()
    before = [path.read_bytes() for path in sorted((place.root / "vault/recipients").iterdir())]

    def fill(patched: pytest.MonkeyPatch, name: str) -> None:
        """Let `Path.name` fail in the folder of the recipients, and there alone."""
        whole = getattr(Path, name)

        def full(path: Path, *args: object, **more: object) -> object:
            if "recipients" in path.parts:
                raise OSError(28, "no space")
            return whole(path, *args, **more)

        patched.setattr(Path, name, full)

    says = f"{place.root / 'vault/recipients'}: no space left on device"
    with monkeypatch.context() as patched:
        fill(patched, "rename")
        with refused(says):
            enrol(place.vault(), stranger(), now=NOW)
    with monkeypatch.context() as patched:
        fill(patched, "unlink")
        with pytest.raises(OSError, match="no space"):
            check(place, first)  # whoever has the lock tells of it
        with refused(says):
            remove(place.vault(), first.fingerprint, now=NOW, force=True)
    with monkeypatch.context() as patched:
        fill(patched, "iterdir")
        with refused(says):
            place.vault().recipients()
    after = [p.read_bytes() for p in sorted((place.root / "vault/recipients").glob("*.pub"))]
    assert after == before
    assert first not in place.vault().recipients()  # the log has it as removed


def test_a_time_has_its_zone(bare: Place) -> None:
    with pytest.raises(ValueError, match="zone"):
        enrol(bare.vault(), stranger(), now=datetime.datetime(2026, 3, 1))


def test_what_cannot_be_logged_does_not_count(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A log on a full disk: nobody is enrolled, nothing is checked, and nobody is removed."""
    first, _ = before = place.vault().recipients()
    statements = {p: p.read_bytes() for p in (place.root / "vault/recipients").iterdir()}
    vault = place.vault()

    class Full:
        records, newest = vault.log.records, vault.log.newest

        def append(self, event: str, fields: object) -> None:
            raise OSError(28, "no space")

    monkeypatch.setattr(vault, "log", Full())
    says = f"{vault.layout.recipients}: no space left on device"
    with refused(says):
        remove(vault, first.fingerprint, now=NOW, force=True)
    with vault.locked(), pytest.raises(OSError, match="no space"):
        mark_checked(vault, first, now=NOW + SECOND)
    assert statements == {p: p.read_bytes() for p in (place.root / "vault/recipients").iterdir()}
    with refused(says):
        enrol(vault, stranger(), now=NOW, proved=True)
    assert place.vault().recipients() == before
