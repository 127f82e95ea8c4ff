"""Who a case is encrypted to, and why it is not."""

from __future__ import annotations

import dataclasses
import datetime

import pytest

from gatekeeper.errors import ConfigError
from gatekeeper.model import Wrapper, digest_of
from gatekeeper.vault import Enrolled, age, choose_recipients, doubts
from gatekeeper.vault.age.hybrid import HybridIdentity
from gatekeeper.vault.command import CommandRecipient
from tests.vault.kit import NOW
from tests.vault.refusals import refused

TODAY = "2026-03-01T12:00:00Z"
INIT = "`gatekeeper keys init FILE` makes a key: two of them, for two people, kept off this machine"
CHECK = "`gatekeeper keys check -i IDENTITY` proves that its holder still has the key"
FEW = "quarantine needs 2 recipients with a possession check of the last 90 days, and there is "
DAY = datetime.timedelta(days=1)
SECOND = datetime.timedelta(seconds=1)


def proved(checked: str = TODAY) -> Enrolled:
    return Enrolled(age.X25519Identity.generate().recipient, "", TODAY, checked)


def hybrid() -> Enrolled:
    return Enrolled(HybridIdentity.generate().recipient, "", TODAY, TODAY)


def command(
    *, post_quantum: bool = False, checked: str = TODAY, argv: tuple[str, ...] = ("wrap",)
) -> Enrolled:
    recipient = CommandRecipient("kms", Wrapper(argv, post_quantum=post_quantum))
    return Enrolled(recipient, "", TODAY, checked, digest_of(["wrap"]))


FIRST, SECOND_ONE, THIRD = proved(), proved(), proved()
TEXTS = [str(e.recipient) for e in (FIRST, SECOND_ONE, THIRD)]


def test_who_receives_where_nothing_is_written() -> None:
    both = (FIRST, SECOND_ONE)
    assert choose_recipients((), both, now=NOW) == tuple(e.recipient for e in both)
    assert choose_recipients((), both[::-1], now=NOW) == tuple(e.recipient for e in both[::-1])
    assert doubts((), both, now=NOW) == ()


def test_who_receives_is_what_is_written() -> None:
    everyone = (FIRST, SECOND_ONE, THIRD)
    written = [TEXTS[2], TEXTS[0], TEXTS[2]]
    assert choose_recipients(written, everyone, now=NOW) == (THIRD.recipient, FIRST.recipient)
    kms = command()
    assert choose_recipients(["command:kms", TEXTS[1]], (*everyone, kms), now=NOW) == (
        kms.recipient,
        SECOND_ONE.recipient,
    )


@pytest.mark.parametrize(
    ("written", "found", "there"),
    [
        ([], [], "none"),
        ([], [FIRST], "1"),
        ([], [FIRST, FIRST], "1"),
        (TEXTS[:1], [FIRST, SECOND_ONE], "1"),
        ([TEXTS[0]] * 2, [FIRST, SECOND_ONE], "1"),
    ],
)
def test_two_are_needed(written: list[str], found: list[Enrolled], there: str) -> None:
    with refused(FEW + there, hint=INIT, kind=ConfigError):
        choose_recipients(written, found, now=NOW)


def test_a_written_one_must_be_enrolled_and_checked() -> None:
    add = "`gatekeeper keys add` enrols it, `gatekeeper keys challenge` asks its holder"
    for text, told in (
        (TEXTS[2], TEXTS[2][:20] + "…"),
        ("age1short", "age1short"),
        ("age1" + "q" * 16, "age1" + "q" * 16),
        ("age1" + "q" * 17, "age1" + "q" * 16 + "…"),
        ("", ""),
        ("command:other", "command:other"),
    ):
        with refused(
            f"recipients: {told} is not enrolled in the vault, so nobody proved to have its key",
            hint=add,
            kind=ConfigError,
        ):
            choose_recipients([*TEXTS[:2], text], (FIRST, SECOND_ONE), now=NOW)
    never = dataclasses.replace(SECOND_ONE, checked="")
    ask = f"`gatekeeper keys challenge {never.fingerprint}` asks its holder"
    with refused(
        f"recipients: {TEXTS[1][:20]}…: never checked, so nobody proved to have its key",
        hint=ask,
        kind=ConfigError,
    ):
        choose_recipients(TEXTS, (FIRST, never, THIRD), now=NOW)
    changed = command(argv=("other",))
    with refused(
        "recipients: command:kms: its command was changed since it was checked, so nobody proved "
        "to have its key",
        hint=f"`gatekeeper keys challenge {changed.fingerprint}` asks its holder",
        kind=ConfigError,
    ):
        choose_recipients([*TEXTS[:2], "command:kms"], (FIRST, SECOND_ONE, changed), now=NOW)


@pytest.mark.parametrize(
    ("passed", "doubt"),
    [
        (90 * DAY + SECOND, f"last checked {TODAY}, more than 90 days ago"),
        (3653 * DAY, f"last checked {TODAY}, more than 90 days ago"),
        (-SECOND, f"checked {TODAY}, which is in the future: a clock is wrong"),
        (-3653 * DAY, f"checked {TODAY}, which is in the future: a clock is wrong"),
    ],
)
def test_a_possession_check_counts_for_ninety_days(passed: datetime.timedelta, doubt: str) -> None:
    both, now = (FIRST, SECOND_ONE), NOW + passed
    why = "".join(f"; {e.fingerprint}: {doubt}" for e in both)
    for written in ([], TEXTS[:2]):
        with refused(f"{FEW}none{why}", hint=CHECK, kind=ConfigError):
            choose_recipients(written, both, now=now)
    assert doubts((), both, now=now) == tuple(f"recipient {e.fingerprint}: {doubt}" for e in both)


@pytest.mark.parametrize("passed", [datetime.timedelta(), 90 * DAY])
def test_to_its_last_second(passed: datetime.timedelta) -> None:
    assert len(choose_recipients((), (FIRST, SECOND_ONE), now=NOW + passed)) == 2
    assert doubts((), (FIRST, SECOND_ONE), now=NOW + passed) == ()


def test_an_old_proof_is_not_counted_but_its_key_still_receives() -> None:
    old = proved("2025-01-01T00:00:00Z")
    found = (FIRST, SECOND_ONE, old)
    assert choose_recipients((), found, now=NOW) == tuple(e.recipient for e in found)
    texts = [str(e.recipient) for e in found]
    assert choose_recipients(texts, found, now=NOW) == tuple(e.recipient for e in found)
    doubt = "last checked 2025-01-01T00:00:00Z, more than 90 days ago"
    assert doubts((), found, now=NOW) == (f"recipient {old.fingerprint}: {doubt}",)
    with refused(f"{FEW}1; {old.fingerprint}: {doubt}", hint=CHECK, kind=ConfigError):
        choose_recipients((), (FIRST, old), now=NOW)


def test_one_that_never_proved_anything_receives_nothing() -> None:
    never = proved("")
    found = (FIRST, SECOND_ONE, never)
    assert choose_recipients((), found, now=NOW) == (FIRST.recipient, SECOND_ONE.recipient)
    assert doubts((), found, now=NOW) == (
        f"recipient {never.fingerprint}: never checked; it receives nothing",
    )
    assert doubts(TEXTS[:1], found, now=NOW) == ()
    assert len(doubts([str(never.recipient)], found, now=NOW)) == 1
    with refused(f"{FEW}1; {never.fingerprint}: never checked", hint=CHECK, kind=ConfigError):
        choose_recipients((), (FIRST, never), now=NOW)


def test_a_command_that_was_changed_receives_nothing() -> None:
    changed = command(argv=("other",))
    found = (FIRST, SECOND_ONE, changed)
    assert choose_recipients((), found, now=NOW) == (FIRST.recipient, SECOND_ONE.recipient)
    assert doubts((), found, now=NOW) == (
        f"recipient {changed.fingerprint}: its command was changed since it was checked; it "
        "receives nothing",
    )
    assert choose_recipients((), (FIRST, command()), now=NOW) == (
        FIRST.recipient,
        CommandRecipient("kms"),
    )


ONE_KIND = (
    "name those of one kind under `recipients` in gatekeeper.yaml, or remove the others with "
    "`gatekeeper keys remove`"
)


def test_post_quantum_recipients_are_never_beside_others() -> None:
    strong, stronger = hybrid(), hybrid()
    kms = command(post_quantum=True)
    assert choose_recipients((), (strong, kms, stronger), now=NOW) == (
        strong.recipient, kms.recipient, stronger.recipient,
    )  # fmt: skip
    for found, first, others in (
        ((FIRST, strong), (strong,), (FIRST,)),
        ((stronger, FIRST, strong, SECOND_ONE), (stronger, strong), (FIRST, SECOND_ONE)),
        ((strong, command(), stronger), (strong, stronger), (command(),)),
        ((FIRST, kms), (kms,), (FIRST,)),
    ):
        told = [", ".join(e.fingerprint for e in part) for part in (first, others)]
        for written in ([], [str(e.recipient) for e in found]):
            with refused(
                "a case cannot have post-quantum recipients beside others: it would be no safer "
                f"than for the others; post-quantum: {told[0]}; others: {told[1]}",
                hint=ONE_KIND,
                kind=ConfigError,
            ):
                choose_recipients(written, found, now=NOW)
    written = [str(strong.recipient), str(stronger.recipient)]
    assert choose_recipients(written, (FIRST, strong, stronger), now=NOW) == (
        strong.recipient, stronger.recipient,
    )  # fmt: skip
    never = dataclasses.replace(strong, checked="")
    assert len(choose_recipients((), (FIRST, SECOND_ONE, never), now=NOW)) == 2


def test_a_header_has_room_for_nineteen() -> None:
    found = [proved() for _ in range(20)]
    assert len(choose_recipients((), found[1:], now=NOW)) == 19
    with refused(
        "a case is encrypted to 19 recipients at most, and there are 20",
        hint="name some of them under `recipients` in gatekeeper.yaml",
        kind=ConfigError,
    ):
        choose_recipients((), found, now=NOW)
