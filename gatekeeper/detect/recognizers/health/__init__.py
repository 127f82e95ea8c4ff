"""Health facts: codes, medications, diagnoses, procedures, results, habits."""

from __future__ import annotations

from gatekeeper.detect.recognizers.health import codes, conditions, facts, medications, results

RECOGNIZERS = tuple(
    r for part in (codes, medications, conditions, facts, results) for r in part.RECOGNIZERS
)
