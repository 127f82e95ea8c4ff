"""A policy's own examples, put through the real reading, detecting and deciding."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Iterator

from gatekeeper.decide import decide
from gatekeeper.gate import Setup, gather, load_detector_for
from gatekeeper.model import Policy, Rule, entities_of
from gatekeeper.policy import ExampleResult, is_json_lines, run_examples
from gatekeeper.read import source_from_bytes

_ANY_DAY = datetime.date(2000, 1, 1)
"""Rules know no date; only the reasons of the rule itself are looked at."""


def rehearse(policy: Policy, setup: Setup) -> Iterator[ExampleResult]:
    """Every example of `policy`, with what the gate makes of it. Raises DetectorError.

    A rule about a class that nothing belongs to here (`listed`, without a list) has nothing to find
    in its examples, and is left out.
    """
    detector, attestation = load_detector_for(setup, policy.entities)

    def trips(rule: Rule, text: str) -> bool:
        only = dataclasses.replace(policy, rules=(rule,), requires=())
        kind = "jsonl" if is_json_lines(text) else "text"
        source = source_from_bytes("example", text.encode("utf-8"), input_format=kind)
        evidence, _ = gather([source], detector)
        decision = decide([only], evidence, setup.destination, attestation, today=_ANY_DAY)
        return any((r.policy, r.rule) == (policy.id, rule.id) for r in decision.reasons)

    rules = tuple(r for r in policy.rules if entities_of(r.when))
    return run_examples(dataclasses.replace(policy, rules=rules), trips)
