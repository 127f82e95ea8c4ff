"""What a gateway is told, and the bounds within which it works."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on what clients may take; beyond one of them they are refused, in a stated way."""

    connections: int = 1024
    requests: int = 512
    """Uploads and other requests with a body that are worked on at once; 503 beyond."""
    requests_per_client: int = 256
    """The same for one token; 429 beyond."""
    spool_bytes: int = 32 << 30
    """Of all datasets that wait for their verdict; 503 beyond."""
    header_bytes: int = 16 << 10
    """Of the request line and the headers; 431 beyond."""
    json_bytes: int = 1 << 20
    """Of a body that is JSON; 413 beyond."""
    part_bytes: int = 64 << 20
    """Of a part of an Upload, as the service has it."""
    parts: int = 2048
    uploads: int = 128
    """Uploads in parts that are begun and not ended; 429 beyond."""
    upload_s: float = 3600.0
    """How long one may take, as the service has it."""
    header_s: float = 15.0
    """For the request line and the headers."""
    idle_s: float = 30.0
    """Without a byte of a body that is awaited; 408 after that."""
    slowest_bytes_s: int = 1024
    """What a body must come at on the average, once it is `idle_s` old; 408 below."""
    judge_s: float = 7200.0
    """For one dataset, from the spool to the answer; 504 beyond."""
    drain_s: float = 600.0
    """For what is under way when the gateway is told to end."""
    desk_bytes: int = 4 << 30
    """Memory beyond which a desk is ended."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a gateway is told."""

    config: Path | None
    start: Path
    """Where the configuration is looked for."""
    policies: tuple[str, ...]
    destination: str | None
    host: str
    port: int
    api_key: str = field(repr=False)
    organization: str
    project: str
    tokens: Path
    desks: int
    """Processes that decide and send."""
    spool: Path | None = None
    """Where spools lie; the system's place for temporary files if None."""
    no_cache: bool = False
    certificate: Path | None = None
    key: Path | None = None
    limits: Limits = Limits()
