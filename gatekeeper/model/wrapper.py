"""A command of the user's own that wraps file keys: the way to a KMS or an HSM."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wrapper:
    """What is run for the recipient `command:NAME`: argument lists, never given to a shell."""

    wrap: tuple[str, ...]
    """Takes a file key on stdin and gives it wrapped on stdout."""
    unwrap: tuple[str, ...] = ()
    """The other way; empty on a machine that must not open cases, as a gate's."""
    post_quantum: bool = False
    """Whether its wrapping counts as safe against quantum computers."""
