"""A holder proves to have a key: where it is at hand, and from elsewhere, by an answer."""

from __future__ import annotations

import base64
import datetime
import io
import json
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from gatekeeper.audit import load_signer
from gatekeeper.errors import ConfigError
from gatekeeper.model import Wrapper, digest_of
from gatekeeper.vault import Enrolled, age, choose_recipients, load_identities
from gatekeeper.vault.age.hybrid import HybridIdentity
from gatekeeper.vault.command import CommandIdentity, CommandRecipient
from gatekeeper.vault.keys import AnyRecipient, enrol, remove
from gatekeeper.vault.opening import decrypt_case
from gatekeeper.vault.possession import (
    AnyIdentity,
    Challenge,
    answer,
    challenge,
    check_answer,
    check_possession,
    prove,
)
from gatekeeper.vault.statement import make_statement
from tests.vault.kit import FACTS, NOW, Place, digest, kms
from tests.vault.refusals import refused

SECOND = datetime.timedelta(seconds=1)
WEEK = datetime.timedelta(days=7)
LATER = NOW + datetime.timedelta(days=3)
PREDICATE_TYPE = "https://gatekeeper.dev/challenge/v1"
NO_MATCH = ("age: no identity matches a recipient of this file",
            "use the identity file of one of its recipients")  # fmt: skip
NOBODY = "`gatekeeper keys list` shows the fingerprints, `gatekeeper keys add` enrols one"


class Holder:
    """Somebody with an identity, enrolled in a vault and not yet checked."""

    def __init__(
        self, place: Place, identity: AnyIdentity | None = None, comment: str = ""
    ) -> None:
        self.place = place
        self.identity = identity or age.X25519Identity.generate()
        recipient: AnyRecipient = self.identity.recipient
        self.wrappers: dict[str, Wrapper] = {}
        if isinstance(recipient, CommandRecipient) and recipient.wrapper:
            self.wrappers[recipient.name] = recipient.wrapper
        self.name = enrol(place.vault(), recipient, now=NOW, comment=comment).fingerprint

    @property
    def enrolled(self) -> Enrolled:
        (found,) = (
            e for e in self.place.vault().recipients(self.wrappers) if e.fingerprint == self.name
        )
        return found

    def challenge(self, now: datetime.datetime = NOW) -> Challenge:
        return challenge(self.place.vault(), self.name, now=now, wrappers=self.wrappers)

    def answer(self, made: Challenge) -> str:
        return answer(made.text.encode(), [self.identity])

    def check(self, said: str, now: datetime.datetime = NOW) -> Enrolled:
        return check_answer(self.place.vault(), said.encode(), now=now, wrappers=self.wrappers)

    @property
    def open_challenge(self) -> Path:
        return self.place.root / "vault/recipients" / f"{self.name}.challenge"


@pytest.fixture
def holder(place: Place) -> Holder:
    return Holder(place, comment="carol")


def events(place: Place) -> list[tuple[str, str]]:
    records = [r["data"] for r in place.log.records() if r["event"] == "key"]
    return [(r["action"], r["recipient"]) for r in records]


# --- at hand ---------------------------------------------------------------------------------


def test_possession_is_proved_by_opening() -> None:
    mine, other = age.X25519Identity.generate(), age.X25519Identity.generate()
    check_possession(mine.recipient, [other, mine])
    with refused(NO_MATCH[0], hint=NO_MATCH[1]):
        check_possession(mine.recipient, [other])


def test_an_identity_that_gives_the_wrong_key_proves_nothing(tmp_path: Path) -> None:
    wrong = Wrapper(kms(tmp_path).wrap, ("printf", "1234567890123456"))
    with refused("age header: bad header MAC: the file was changed"):
        check_possession(CommandRecipient("kms", wrong), [CommandIdentity("kms", wrong)])


def test_an_identity_at_hand_is_checked_and_recorded(place: Place, holder: Holder) -> None:
    before = holder.enrolled
    checked = prove(place.vault(), [holder.identity], now=LATER)
    assert checked == (holder.enrolled,)
    assert (holder.enrolled.created, holder.enrolled.checked, holder.enrolled.comment) == (
        before.created, "2026-03-04T12:00:00Z", "carol",
    )  # fmt: skip
    assert events(place)[-1] == ("checked", holder.name)
    assert len(events(place)) == 4


def test_every_enrolled_one_among_the_identities_is_checked_once(
    place: Place, holder: Holder
) -> None:
    mine = [*load_identities(place.spare), *load_identities(place.identity)]
    others: list[AnyIdentity] = [age.X25519Identity.generate(), holder.identity, *mine, *mine]
    checked = prove(place.vault(), others, now=LATER)
    assert checked == place.vault().recipients()
    assert {e.checked for e in checked} == {"2026-03-04T12:00:00Z"}
    assert events(place)[3:] == [("checked", e.fingerprint) for e in checked]


def test_an_identity_of_nobody_enrolled_proves_nothing(place: Place) -> None:
    before = place.tree()
    for identities in ([], [age.X25519Identity.generate()]):
        with refused(
            "none of these identities is that of an enrolled recipient",
            hint="`gatekeeper keys add` enrols a recipient; `gatekeeper keys list` shows who is "
            "enrolled",
        ):
            prove(place.vault(), identities, now=LATER)
    assert place.tree() == before


def test_a_command_is_checked_by_running_it_both_ways(place: Place) -> None:
    wrapper = kms(place.root, post_quantum=True)
    command = Holder(place, CommandIdentity("kms", wrapper))
    assert command.enrolled.obstacle == "never checked"
    (checked,) = prove(place.vault(), [command.identity], now=LATER, wrappers=command.wrappers)
    assert checked == command.enrolled
    assert isinstance(checked.recipient, CommandRecipient)
    assert checked.recipient.wrapper == wrapper
    assert checked.command == digest_of(list(wrapper.wrap))
    assert command.enrolled.doubt(LATER) == ""
    with refused(
        "command:kms: no command to wrap is configured on this machine",
        hint="`wrappers` in gatekeeper.yaml: {kms: {wrap: [PROGRAM, ARGUMENT]}}",
        kind=ConfigError,
    ):
        prove(place.vault(), [command.identity], now=LATER)


def test_where_one_fails_none_is_recorded(place: Place, holder: Holder) -> None:
    wrapper = Wrapper(kms(place.root).wrap, ("false",))
    broken = Holder(place, CommandIdentity("kms", wrapper))
    before = place.tree()
    with refused(
        "command:kms: unwrap: it ended with exit code 1",
        hint="`wrappers` in gatekeeper.yaml says what is run",
    ):
        prove(
            place.vault(),
            [holder.identity, broken.identity],
            now=LATER,
            wrappers=broken.wrappers,
        )
    assert place.tree() == before


# --- elsewhere -------------------------------------------------------------------------------


def identities(place: Place) -> Sequence[AnyIdentity]:
    return [
        age.X25519Identity.generate(),
        HybridIdentity.generate(),
        CommandIdentity("kms", kms(place.root)),
    ]


@pytest.mark.parametrize("kind", [0, 1, 2], ids=["X25519", "post-quantum", "command"])
def test_a_holder_elsewhere_answers_a_challenge(place: Place, kind: int) -> None:
    holder = Holder(place, identities(place)[kind], comment="carol")
    made = holder.challenge(now=NOW)
    assert made.enrolled == holder.enrolled
    assert made.expires == "2026-03-08T12:00:00Z"
    assert made.text.startswith("-----BEGIN AGE ENCRYPTED FILE-----\n")
    assert made.text.endswith("-----END AGE ENCRYPTED FILE-----\n")
    said = holder.answer(made)
    assert re.fullmatch(f"gatekeeper-answer-v1 {holder.name} [0-9a-f]{{64}}", said)
    assert holder.enrolled.checked == ""
    checked = holder.check(said, now=LATER)
    assert checked == holder.enrolled
    assert (checked.checked, checked.comment) == ("2026-03-04T12:00:00Z", "carol")
    recipient = holder.identity.recipient
    wrapping = recipient.digest if isinstance(recipient, CommandRecipient) else ""
    assert checked.command == wrapping
    assert checked.doubt(LATER) == ""
    assert events(place)[-2:] == [("enrolled", holder.name), ("checked", holder.name)]
    assert not holder.open_challenge.exists()


def test_a_challenge_is_marked_under_its_mac(holder: Holder) -> None:
    text = holder.challenge().text.encode()
    header = age.read_header(age.dearmored(io.BytesIO(text)))
    assert [s.type for s in header.stanzas] == ["X25519", "gatekeeper.dev/challenge-v1"]
    assert header.stanzas[1] == age.Stanza("gatekeeper.dev/challenge-v1", (holder.name,), b"")


def test_a_disk_that_is_full_is_told(holder: Holder, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "no space")

    said = holder.answer(holder.challenge())
    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", full)
        with refused(f"{holder.open_challenge.parent}: no space left on device"):
            holder.challenge()
    assert holder.check(said).checked


def test_a_lock_that_cannot_be_opened_is_told(
    place: Place, holder: Holder, monkeypatch: pytest.MonkeyPatch
) -> None:
    said, opened = holder.answer(holder.challenge()), os.open
    vault, before = place.vault(), place.tree()
    other = age.X25519Identity.generate().recipient

    def many(path: str | Path, flags: int, *more: int, **at: int) -> int:
        if Path(path) == vault.layout.lock:
            raise OSError(24, "too many open files")
        return opened(path, flags, *more, **at)

    monkeypatch.setattr("os.open", many)
    for attempt in (
        lambda: enrol(vault, other, now=NOW),
        lambda: remove(vault, holder.name, now=NOW),
        lambda: challenge(vault, holder.name, now=NOW),
        lambda: check_answer(vault, said.encode(), now=NOW),
        lambda: prove(vault, [holder.identity], now=NOW),
    ):
        with refused(f"{vault.layout.recipients}: too many open files"):
            attempt()
    assert place.tree() == before


def test_a_folder_that_cannot_be_made_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault = Place(tmp_path).vault()

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "no space")

    monkeypatch.setattr(Path, "mkdir", full)
    with refused(f"{vault.layout.recipients}: no space left on device"):
        enrol(vault, age.X25519Identity.generate().recipient, now=NOW)


def test_a_challenge_that_cannot_be_read_is_told(
    holder: Holder, monkeypatch: pytest.MonkeyPatch
) -> None:
    said, opened = holder.answer(holder.challenge()), os.open

    def broken(path: str | Path, flags: int, *more: int, **at: int) -> int:
        if Path(path) == holder.open_challenge:
            raise OSError(5, "input/output error")
        return opened(path, flags, *more, **at)

    with monkeypatch.context() as patched:
        patched.setattr("os.open", broken)
        with refused(f"{holder.open_challenge}: input/output error"):
            holder.check(said)
    assert holder.check(said).checked


def test_an_answer_counts_once(holder: Holder) -> None:
    said = holder.answer(holder.challenge())
    holder.check(said)
    with refused(
        f"{holder.name}: no challenge is open for it",
        hint=f"`gatekeeper keys challenge {holder.name}` makes one",
    ):
        holder.check(said, now=LATER)
    assert holder.enrolled.checked == "2026-03-01T12:00:00Z"


def test_a_challenge_takes_the_place_of_the_one_before(holder: Holder) -> None:
    old, new = holder.answer(holder.challenge()), holder.answer(holder.challenge())
    assert old != new
    with refused(f"{holder.name}: not the answer to the challenge that is open for it"):
        holder.check(old)
    assert holder.check(new).checked


def test_a_check_at_hand_closes_the_challenge(place: Place, holder: Holder) -> None:
    said = holder.answer(holder.challenge())
    prove(place.vault(), [holder.identity], now=LATER)
    with refused(
        f"{holder.name}: no challenge is open for it",
        hint=f"`gatekeeper keys challenge {holder.name}` makes one",
    ):
        holder.check(said, now=LATER)


@pytest.mark.parametrize(
    ("passed", "counts"),
    [
        (-SECOND, f"the challenge was made {NOW:%Y-%m-%dT%H:%M:%SZ}, which is in the future: a "
         "clock is wrong"),
        (datetime.timedelta(), ""),
        (WEEK, ""),
        (WEEK + SECOND, "the challenge expired 2026-03-08T12:00:00Z"),
        (datetime.timedelta(days=-3653), "the challenge was made 2026-03-01T12:00:00Z, which is "
         "in the future: a clock is wrong"),
        (datetime.timedelta(days=3653), "the challenge expired 2026-03-08T12:00:00Z"),
    ],
)  # fmt: skip
def test_an_answer_comes_within_seven_days(
    holder: Holder, passed: datetime.timedelta, counts: str
) -> None:
    said = holder.answer(holder.challenge())
    if not counts:
        assert holder.check(said, now=NOW + passed).checked
        return
    hint = f"`gatekeeper keys challenge {holder.name}` makes another" if "expired" in counts else ""
    with refused(f"{holder.name}: {counts}", hint=hint):
        holder.check(said, now=NOW + passed)
    assert holder.enrolled.checked == ""
    assert holder.open_challenge.exists()


def test_the_vault_keeps_no_more_than_the_digest(place: Place, holder: Holder) -> None:
    made = holder.challenge()
    said = holder.answer(made)
    secret = bytes.fromhex(said.split()[2])
    forms = [said.split()[2].encode(), secret, base64.b64encode(secret)]
    held = [p.read_bytes() for p in (place.root / "vault").rglob("*") if p.is_file()]
    assert not [form for form in forms for data in held if form in data]
    assert not [form for form in forms if form in made.text.encode()]
    payload = load_signer(place.root / "home").unseal(holder.open_challenge.read_bytes())
    found = json.loads(payload)
    assert found["predicateType"] == PREDICATE_TYPE
    assert found["predicate"] == {
        "created": "2026-03-01T12:00:00Z", "expires": "2026-03-08T12:00:00Z", "command": "",
    }  # fmt: skip
    assert found["subject"] == [
        {"name": holder.name, "digest": {"sha256": digest(said.encode())[len("sha256:") :]}}
    ]


@pytest.mark.skipif(shutil.which("age") is None, reason="the age tool is not installed")
def test_the_age_tool_can_answer(place: Place, holder: Holder) -> None:
    made = holder.challenge()
    (place.root / "key").write_text(holder.identity.encode())  # type: ignore[union-attr]
    done = subprocess.run(
        ["age", "-d", "-i", place.root / "key"],
        input=made.text.encode(), capture_output=True, check=True,
    )  # fmt: skip
    assert done.stdout.decode() == holder.answer(made) + "\n"
    assert holder.check(done.stdout.decode()).checked


def test_space_around_an_answer_does_not_matter(holder: Holder) -> None:
    said = holder.answer(holder.challenge())
    assert holder.check(f"\r\n  {said} \r\n").checked


def test_what_is_no_answer_is_refused(place: Place, holder: Holder) -> None:
    said = holder.answer(holder.challenge())
    word, name, secret = said.split()
    for text in (
        "", said.upper(), said[:-1], said + "0", f"{word} {name}", f"{word}  {name} {secret}",
        f"gatekeeper-answer-v2 {name} {secret}", f"{said}\n{said}", f"x{said}",
    ):  # fmt: skip
        with refused("this is no answer to a challenge", hint="`gatekeeper keys answer` prints it"):
            holder.check(text)
    with refused(f"{holder.name}: not the answer to the challenge that is open for it"):
        holder.check(f"{word} {name} {'0' * 64}")
    with refused("no such recipient is enrolled", hint=NOBODY, kind=ConfigError):
        holder.check(f"{word} {'ab' * 16} {secret}")
    first = {e.fingerprint for e in place.vault().recipients()}.difference([holder.name]).pop()
    with refused(
        f"{first}: no challenge is open for it",
        hint=f"`gatekeeper keys challenge {first}` makes one",
    ):
        holder.check(f"{word} {first} {secret}")
    assert holder.check(said).checked


def test_a_challenge_is_only_for_who_is_enrolled(place: Place, holder: Holder) -> None:
    assert challenge(place.vault(), str(holder.identity.recipient), now=NOW).enrolled.fingerprint
    said = holder.answer(holder.challenge())
    remove(place.vault(), holder.name, now=NOW)
    assert not holder.open_challenge.exists()
    for which in (holder.name, "ab" * 16):
        with refused("no such recipient is enrolled", hint=NOBODY, kind=ConfigError):
            challenge(place.vault(), which, now=NOW)
    with refused("no such recipient is enrolled", hint=NOBODY, kind=ConfigError):
        holder.check(said)
    assert not holder.open_challenge.exists()


def test_challenges_wait_for_the_lock_of_the_vault(place: Place, holder: Holder) -> None:
    made = holder.challenge()
    said = holder.answer(made)
    waiting = place.vault(lock_timeout_s=0.05)
    before = place.tree()
    with place.vault().locked():
        for attempt in (
            lambda: challenge(waiting, holder.name, now=NOW),
            lambda: check_answer(waiting, said.encode(), now=NOW),
            lambda: prove(waiting, [holder.identity], now=NOW),
        ):
            with refused(
                f"{place.root / 'vault/lock'}: held by another process for more than 0.05 s",
                hint="wait until it is done, and run the command again",
            ):
                attempt()
    assert place.tree() == before


def test_a_command_that_was_changed_after_the_challenge_does_not_count(place: Place) -> None:
    wrapper = kms(place.root)
    holder = Holder(place, CommandIdentity("kms", wrapper))
    said = holder.answer(holder.challenge())
    holder.wrappers = {"kms": Wrapper((*wrapper.wrap, "more"))}
    checked = holder.check(said)
    assert checked.command == digest_of(list(wrapper.wrap))
    assert holder.enrolled.doubt(NOW) == "its command was changed since it was checked"


@pytest.mark.parametrize("predicate_type", [PREDICATE_TYPE, "https://gatekeeper.dev/recipient/v1"])
def test_a_challenge_that_is_not_one_of_the_gate(
    place: Place, holder: Holder, predicate_type: str
) -> None:
    said = holder.answer(holder.challenge())
    gate = load_signer(place.root / "home")
    says = f"{holder.name}: its challenge is not one of this gate: "
    hint = f"`gatekeeper keys challenge {holder.name}` makes another"
    mine = holder.open_challenge.read_bytes()
    forger = load_signer(place.root / "another")
    holder.open_challenge.write_bytes(forger.seal(gate.unseal(mine)))
    with refused(says + "envelope: no trusted key signed it, or it was changed", hint=hint):
        holder.check(said)
    predicate = {"created": "2026-03-01T12:00:00Z", "expires": "2027-03-01T12:00:00Z",
                 "command": ""}  # fmt: skip
    subject = [("ab" * 16, digest(said.encode()))]
    envelope = gate.seal(make_statement(predicate_type, predicate, subject))
    holder.open_challenge.write_bytes(envelope)
    why = (
        "it is that of another recipient"
        if predicate_type == PREDICATE_TYPE
        else f"signed statement: not of type {PREDICATE_TYPE}"
    )
    with refused(says + why, hint=hint):
        holder.check(said)
    holder.open_challenge.unlink()
    link = f"{holder.open_challenge}: a symbolic link or a device, not a regular file"
    (place.root / "kept").write_bytes(mine)
    holder.open_challenge.symlink_to(place.root / "kept")
    with refused(says + link, hint=hint):
        holder.check(said)
    holder.open_challenge.unlink()
    holder.open_challenge.write_bytes(mine)
    assert holder.check(said).checked


# --- what a holder does not open -------------------------------------------------------------


def dressed(
    identity: age.X25519Identity, content: bytes, *marks: tuple[str, tuple[str, ...]]
) -> bytes:
    out = io.BytesIO()
    extra = [age.Stanza(kind, args, b"") for kind, args in marks]
    writer = age.encrypt(out, [identity.recipient], extra=extra)
    writer.write(content)
    writer.close()
    return out.getvalue()


NAME = "ab" * 16
MARK = ("gatekeeper.dev/challenge-v1", (NAME,))
LINE = f"gatekeeper-answer-v1 {NAME} {'0' * 64}"


@pytest.mark.parametrize(
    "marks", [(), (("gatekeeper.dev/case-v1", (NAME,)),), (MARK, MARK)], ids=["none", "case", "two"]
)
def test_a_holder_does_not_open_what_is_no_challenge(
    marks: tuple[tuple[str, tuple[str, ...]], ...],
) -> None:
    identity = age.X25519Identity.generate()
    data = dressed(identity, LINE.encode(), *marks)
    with refused(
        "this file is no challenge, and what is in it is not shown",
        hint="a challenge is made by `gatekeeper keys challenge`",
    ):
        answer(data, [identity])


@pytest.mark.parametrize(
    ("content", "mark"),
    [
        (b"a dataset", MARK),
        (b"", MARK),
        (LINE.encode() + b"\n\n", MARK),
        (b"x" + LINE.encode(), MARK),
        (LINE.encode(), (MARK[0], ("cd" * 16,))),
        (LINE.encode(), (MARK[0], (NAME, NAME))),
        (LINE.encode(), (MARK[0], ())),
    ],
)
def test_a_holder_gives_nothing_but_an_answer(
    content: bytes, mark: tuple[str, tuple[str, ...]]
) -> None:
    identity = age.X25519Identity.generate()
    with refused("this challenge is malformed, and what is in it is not shown"):
        answer(dressed(identity, content, mark), [identity])


def test_a_holder_opens_a_challenge_in_either_form() -> None:
    identity = age.X25519Identity.generate()
    for content in (LINE.encode(), LINE.encode() + b"\n"):
        assert answer(dressed(identity, content, MARK), [identity]) == LINE


def test_a_case_cannot_be_dressed_up_as_a_challenge() -> None:
    identity = age.X25519Identity.generate()
    data = dressed(identity, b"a dataset", ("gatekeeper.dev/case-v1", (NAME,)))
    forged = data.replace(b"gatekeeper.dev/case-v1", b"gatekeeper.dev/challenge-v1")
    with refused("age header: bad header MAC: the file was changed"):
        answer(forged, [identity])
    with refused(NO_MATCH[0], hint=NO_MATCH[1]):
        answer(dressed(identity, LINE.encode(), MARK), [age.X25519Identity.generate()])
    with refused("age header: not an age v1 file"):
        answer(b"hello\n", [identity])


# --- what it is for --------------------------------------------------------------------------


def test_a_case_opens_with_every_identity_when_all_others_are_lost(place: Place) -> None:
    wrapper = kms(place.root)
    held: list[AnyIdentity] = [
        *load_identities(place.identity),
        *load_identities(place.spare),
        Holder(place, CommandIdentity("kms", wrapper)).identity,
    ]
    prove(place.vault(), held, now=NOW, wrappers={"kms": wrapper})
    vault = place.vault()
    case = vault.store(
        place.write({"a": b"a dataset"}),
        description={},
        facts=FACTS,
        recipients=choose_recipients((), vault.recipients({"kms": wrapper}), now=NOW),
        now=NOW,
    )
    assert not (place.root / "data/a").exists()
    data = vault.layout.case(case.id) / case.manifest.data_name
    for number, left in enumerate(held):
        work = place.root / f"opened-{number}"
        work.mkdir()
        assert decrypt_case(data, case.manifest, [left], work).names == ("a",)
        assert (work / "a").read_bytes() == b"a dataset"
    lost = place.root / "lost"
    lost.mkdir()
    with refused(NO_MATCH[0], hint=NO_MATCH[1]):
        decrypt_case(data, case.manifest, [age.X25519Identity.generate()], lost)
