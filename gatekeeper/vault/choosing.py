"""Who a case is encrypted to: at least two, whose holders lately proved that they can open it."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence

from gatekeeper.errors import ConfigError
from gatekeeper.model.display import shown
from gatekeeper.vault.age.header import MAX_STANZAS
from gatekeeper.vault.keys import MAX_AGE, MIN_RECIPIENTS, AnyRecipient, Enrolled

MAX_RECIPIENTS = MAX_STANZAS - 1
"""One stanza of a case's header binds it to its case."""
_HINT_INIT = (
    "`gatekeeper keys init FILE` makes a key: two of them, for two people, kept off this machine"
)
_HINT_CHECK = "`gatekeeper keys check -i IDENTITY` proves that its holder still has the key"


def choose_recipients(
    written: Sequence[str], enrolled: Iterable[Enrolled], *, now: datetime.datetime
) -> tuple[AnyRecipient, ...]:
    """Who a case made at `now` is encrypted to: those `written` in the configuration, or else all
    that are enrolled and were ever checked.

    At least two of them, with different keys, must have proved within 90 days that their holders
    can open a case. One whose proof is older is still a recipient, since one more key loses
    nothing, but is not counted. Raises ConfigError where there are too few or too many, where
    post-quantum ones stand beside others (C2SP age.md), or where a written one is not enrolled or
    was never checked.
    """
    known = {str(e.recipient): e for e in enrolled}
    asked = _asked(written, known)
    wanted = [e for e in asked if not e.obstacle]
    doubted = {e.fingerprint: doubt for e in asked if (doubt := e.doubt(now))}
    proved = len(asked) - len(doubted)
    if proved < MIN_RECIPIENTS:
        why = "".join(f"; {name}: {doubt}" for name, doubt in doubted.items())
        raise ConfigError(
            f"quarantine needs {MIN_RECIPIENTS} recipients with a possession check of the last "
            f"{MAX_AGE.days} days, and there is {proved or 'none'}{why}",
            hint=_HINT_CHECK if doubted else _HINT_INIT,
        )
    if len(wanted) > MAX_RECIPIENTS:
        raise ConfigError(
            f"a case is encrypted to {MAX_RECIPIENTS} recipients at most, and there are "
            f"{len(wanted)}",
            hint="name some of them under `recipients` in gatekeeper.yaml",
        )
    _check_one_kind(wanted)
    return tuple(e.recipient for e in wanted)


def doubts(
    written: Sequence[str], enrolled: Iterable[Enrolled], *, now: datetime.datetime
) -> tuple[str, ...]:
    """What is to be said of those who are not counted, or are no recipient, though enrolled."""
    listed = set(written)
    asked = [e for e in enrolled if not listed or str(e.recipient) in listed]
    return tuple(
        f"recipient {e.fingerprint}: {doubt}" + ("; it receives nothing" if e.obstacle else "")
        for e in asked
        if (doubt := e.doubt(now))
    )


def _asked(written: Sequence[str], known: Mapping[str, Enrolled]) -> list[Enrolled]:
    if not written:
        return list(known.values())
    for text in written:
        if text not in known:
            raise ConfigError(
                f"recipients: {_told(text)} is not enrolled in the vault, so nobody proved to have "
                "its key",
                hint="`gatekeeper keys add` enrols it, `gatekeeper keys challenge` asks its holder",
            )
        if obstacle := known[text].obstacle:
            raise ConfigError(
                f"recipients: {_told(text)}: {obstacle}, so nobody proved to have its key",
                hint=f"`gatekeeper keys challenge {known[text].fingerprint}` asks its holder",
            )
    return [known[text] for text in dict.fromkeys(written)]


def _check_one_kind(wanted: Sequence[Enrolled]) -> None:
    names = {
        kind: ", ".join(e.fingerprint for e in wanted if e.post_quantum is kind)
        for kind in (True, False)
    }
    if names[True] and names[False]:
        raise ConfigError(
            "a case cannot have post-quantum recipients beside others: it would be no safer than "
            f"for the others; post-quantum: {names[True]}; others: {names[False]}",
            hint="name those of one kind under `recipients` in gatekeeper.yaml, or remove the "
            "others with `gatekeeper keys remove`",
        )


def _told(recipient: str) -> str:
    return shown(recipient[:20] + ("…" if len(recipient) > 20 else ""))
