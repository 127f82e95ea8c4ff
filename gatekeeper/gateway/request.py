"""A request whose sender is known, on its way to an endpoint."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gatekeeper.gateway.intake import Body
    from gatekeeper.gateway.tokens import Client


@dataclass
class Request:
    """What is asked, and what is logged of it in the end."""

    endpoint: str
    id: str
    """Of what it is about, where the path names one."""
    client: Client
    query: dict[str, str]
    body: Body
    facts: dict[str, str] = field(default_factory=dict)
    """Words and ids of our own."""
