"""The vault: datasets encrypted to people whose keys are not on this machine.

It knows nothing of detection; it asks for a gate key and a log (`ports`) and imports no room but
`model`. Who wants no more than `durable` of it does not import the encryption.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gatekeeper.vault.case import Manifest
    from gatekeeper.vault.choosing import choose_recipients, doubts
    from gatekeeper.vault.keyfile import init_identity, load_identities
    from gatekeeper.vault.keys import Enrolled, enrolled_recipients
    from gatekeeper.vault.layout import Layout
    from gatekeeper.vault.opening import Opened
    from gatekeeper.vault.ports import EventLog, GateKey
    from gatekeeper.vault.recovery import Recovered
    from gatekeeper.vault.releasing import Released
    from gatekeeper.vault.removal import KEPT_HARD_LINK, UNLINKED, Removal
    from gatekeeper.vault.store import Case, Damaged, Vault
    from gatekeeper.vault.tombstone import Tombstone

__all__ = [
    "KEPT_HARD_LINK",
    "UNLINKED",
    "Case",
    "Damaged",
    "Enrolled",
    "EventLog",
    "GateKey",
    "Layout",
    "Manifest",
    "Opened",
    "Recovered",
    "Released",
    "Removal",
    "Tombstone",
    "Vault",
    "choose_recipients",
    "doubts",
    "enrolled_recipients",
    "init_identity",
    "load_identities",
]

_HOMES = {
    "case": ("Manifest",),
    "choosing": ("choose_recipients", "doubts"),
    "keyfile": ("init_identity", "load_identities"),
    "keys": ("Enrolled", "enrolled_recipients"),
    "layout": ("Layout",),
    "opening": ("Opened",),
    "ports": ("EventLog", "GateKey"),
    "releasing": ("Released",),
    "removal": ("KEPT_HARD_LINK", "UNLINKED", "Removal"),
    "recovery": ("Recovered",),
    "store": ("Case", "Damaged", "Vault"),
    "tombstone": ("Tombstone",),
}
"""Module → the names that live in it, imported when they are first used."""


def __getattr__(name: str) -> Any:
    for module, names in _HOMES.items():
        if name in names:
            return getattr(importlib.import_module(f"gatekeeper.vault.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
