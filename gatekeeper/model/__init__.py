"""The frozen values that flow through the gate. Imports nothing of Gatekeeper but its errors."""

from gatekeeper.model.canonical import canonical_bytes, digest_of
from gatekeeper.model.decision import Coverage, Decision, Reason, Where
from gatekeeper.model.evidence import (
    FIELDS_KEPT,
    PLACES_KEPT,
    SIGNATURES_KEPT,
    UNSCANNED_KEPT,
    Evidence,
    Place,
    Signature,
    Tally,
)
from gatekeeper.model.locales import LOCALE_SYNONYMS, LOCALES
from gatekeeper.model.name_list import NameList
from gatekeeper.model.name_model import NameModel
from gatekeeper.model.policy import (
    Agreement,
    AllOf,
    AnyOf,
    Attestation,
    Condition,
    Count,
    Destination,
    Duty,
    Examples,
    Policy,
    Requirement,
    Route,
    Rule,
    SameRecord,
    Unit,
    Waiver,
    entities_of,
)
from gatekeeper.model.values import Confidence, Finding, Media, PlainTexts, Record, Text, Unscanned
from gatekeeper.model.vocabulary import Vocabulary
from gatekeeper.model.wrapper import Wrapper

__all__ = [
    "FIELDS_KEPT",
    "LOCALES",
    "LOCALE_SYNONYMS",
    "PLACES_KEPT",
    "SIGNATURES_KEPT",
    "UNSCANNED_KEPT",
    "Agreement",
    "AllOf",
    "AnyOf",
    "Attestation",
    "Condition",
    "Confidence",
    "Count",
    "Coverage",
    "Decision",
    "Destination",
    "Duty",
    "Evidence",
    "Examples",
    "Finding",
    "Media",
    "NameList",
    "NameModel",
    "Place",
    "PlainTexts",
    "Policy",
    "Reason",
    "Record",
    "Requirement",
    "Route",
    "Rule",
    "SameRecord",
    "Signature",
    "Tally",
    "Text",
    "Unit",
    "Unscanned",
    "Vocabulary",
    "Waiver",
    "Where",
    "Wrapper",
    "canonical_bytes",
    "digest_of",
    "entities_of",
]
