"""What went wrong at a desk, as an answer to the client, without a word of the destination's."""

from __future__ import annotations

from typing import Any

from gatekeeper.errors import (
    ConfigError,
    DetectorError,
    GatekeeperError,
    InputError,
    ReceiptError,
    UploadError,
    VaultError,
)
from gatekeeper.gateway.answers import Answer
from gatekeeper.model import Decision, Route

WHERE_MAX = 20
REASONS_MAX = 50

_PASSED_ON = frozenset({400, 404, 409, 413, 422, 429})
"""Refusals of the destination that say something about the client's request."""
_WORDS = {
    Route.ON_PREM: "the dataset stays in the house",
    Route.QUARANTINE: "the dataset is quarantined",
}


def of_error(error: GatekeeperError) -> Answer:
    """The answer that says `error`."""
    if isinstance(error, UploadError):
        return _of_upload(error)
    if isinstance(error, ReceiptError | VaultError):
        return Answer(
            503,
            "gatekeeper_no_record",
            "no record can be written, so nothing was sent",
            again=False,
        )
    if isinstance(error, DetectorError):
        return Answer(
            503, "gatekeeper_detector", "the detector failed, so there is no decision", again=False
        )
    if isinstance(error, InputError):
        return Answer(400, "gatekeeper_unreadable", _with_hint(error))
    if isinstance(error, ConfigError):
        return Answer(500, "gatekeeper_misconfigured", "the gateway lacks a setting", again=False)
    return Answer(500, "gatekeeper_internal", "the gateway failed; nothing was sent", again=False)


def _of_upload(error: UploadError) -> Answer:
    from gatekeeper.egress.asking import NotSent, OutcomeUnknown, Refused

    if isinstance(error, Refused):
        if error.status in _PASSED_ON:
            wait = int(error.wait_s) if error.wait_s is not None else None
            return Answer(
                error.status,
                "upstream_refused",
                f"the destination refused it with {error.status}",
                retry_after_s=wait,
            )
        if error.status in (401, 403):
            return Answer(
                502,
                "upstream_credentials",
                "the destination does not take the gateway's key",
                again=False,
            )
        return Answer(502, "upstream_failed", "the destination failed", again=False)
    if isinstance(error, NotSent):
        return Answer(502, "upstream_unreachable", "the destination was not reached")
    if isinstance(error, OutcomeUnknown):
        return Answer(
            502,
            "upstream_outcome_unknown",
            "the destination gave no answer; what it holds is on record and will be looked for",
            again=False,
        )
    return Answer(400, "gatekeeper_not_sent", _with_hint(error))


def _with_hint(error: GatekeeperError) -> str:
    return f"{error}; {error.hint}" if error.hint else str(error)


def of_decision(decision: Decision, receipt: str, carried: dict[str, Any]) -> Answer:
    """403 for a route that is not ALLOW: reasons with their places, and never a value."""
    route = decision.route
    reasons = [r for r in decision.reasons if not r.waived_by and r.route == route]
    said = "; ".join(
        f"{r.policy}/{r.rule}: {r.count} found, {r.at_least} trips ({r.because})"
        for r in reasons[:REASONS_MAX]
    )
    return Answer(
        403,
        f"gatekeeper_{route.word}",
        f"{_WORDS[route]}, and may not go to {decision.destination}: {said}; receipt {receipt}",
        again=False,
        more={
            "route": route.word,
            "receipt": receipt,
            "reasons": [
                {**r.to_json(), "where": [w.to_json() for w in r.where[:WHERE_MAX]]}
                for r in reasons[:REASONS_MAX]
            ],
            "unscanned": decision.coverage.unscanned_count,
            **carried,
        },
    )
