"""The vault: datasets encrypted to people whose keys are not on this machine.

It knows nothing of detection; it asks for a gate key and a log (`ports`) and imports no room but
`model`.
"""

from gatekeeper.vault.case import Manifest
from gatekeeper.vault.keys import (
    Enrolled,
    choose_recipients,
    enrolled_recipients,
    init_identity,
    load_identities,
    too_few,
)
from gatekeeper.vault.layout import Layout
from gatekeeper.vault.ports import EventLog, GateKey
from gatekeeper.vault.removal import KEPT_HARD_LINK, UNLINKED, Removal
from gatekeeper.vault.store import Case, Damaged, Recovered, Vault

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
    "Recovered",
    "Removal",
    "Vault",
    "choose_recipients",
    "enrolled_recipients",
    "init_identity",
    "load_identities",
    "too_few",
]
