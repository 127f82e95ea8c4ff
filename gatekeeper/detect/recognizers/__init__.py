"""Every recognizer of ours, by family. Plain values; `gatekeeper.detect.analyzer` runs them."""

from __future__ import annotations

from gatekeeper.detect.recognizers.spec import Pattern, Recognizer

__all__ = ["Pattern", "Recognizer", "all_recognizers"]


def all_recognizers() -> tuple[Recognizer, ...]:
    """All of them, family after family."""
    from gatekeeper.detect.recognizers import (
        bank,
        cards,
        contact,
        dates,
        financial,
        groups,
        health,
        identifiers,
        initials,
        legal,
        markings,
        network,
        places,
        secrets,
        stock,
    )

    families = (
        identifiers, contact, dates, places, cards, financial, bank, health, legal, secrets, network, markings, groups, initials,
        stock,
    )  # fmt: skip
    return tuple(r for family in families for r in family.RECOGNIZERS)
