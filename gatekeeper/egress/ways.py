"""How a file can go: by the Files API in one piece, or by the Uploads API in parts.

The size tells, and what the destination declares. Source of the bounds: the service's API
description, POST /files and POST /uploads (512 MB a file; 8 GB an Upload, 64 MB a part).
"""

from __future__ import annotations

from gatekeeper.egress.records import BY_FILES, BY_PARTS
from gatekeeper.errors import ConfigError, UploadError
from gatekeeper.model import Destination

UPLOAD_MAX_BYTES = 8_000_000_000
PART_BYTES = 64 << 20
"""The default of the SDK, and the most that the service takes."""

MIN_EXPIRES_AFTER_S = 3_600
MAX_EXPIRES_AFTER_S = 2_592_000
"""One hour to thirty days: the bounds of `expires_after` in the service's API description."""


def takes_parts(destination: Destination) -> bool:
    """Whether the destination declares the Uploads API."""
    return BY_PARTS in _endpoints(destination)


def max_bytes(destination: Destination) -> int:
    """The largest file that the destination takes, by either API."""
    return UPLOAD_MAX_BYTES if takes_parts(destination) else destination.max_bytes


def way_for(destination: Destination, size_bytes: int) -> str:
    """`files` or `uploads`, for a file of this size.

    Raises UploadError where the destination takes it by neither.
    """
    declared = _endpoints(destination)
    if size_bytes <= destination.max_bytes and (BY_FILES in declared or not declared):
        return BY_FILES
    if takes_parts(destination) and size_bytes <= UPLOAD_MAX_BYTES:
        return BY_PARTS
    raise UploadError(
        f"the dataset has {size_bytes} bytes, and the destination takes "
        f"{max_bytes(destination)}; nothing was sent",
        hint="split it, and gate each part",
    )


def purposes(destination: Destination) -> frozenset[str]:
    """What files may be for there."""
    return frozenset(destination.purposes)


def integrations(destination: Destination) -> frozenset[str]:
    """The third parties to which a job may forward what it has, as the destination declares."""
    return frozenset(destination.integrations)


def job_extra(destination: Destination) -> dict[str, str]:
    """What every job has to say there beside what it is asked for."""
    return dict(destination.job_extra)


def checked_expiry(expires_after_s: int) -> int:
    """The seconds, if the service takes them; raises ConfigError."""
    if not MIN_EXPIRES_AFTER_S <= expires_after_s <= MAX_EXPIRES_AFTER_S:
        raise ConfigError(
            f"expires_after_s is {expires_after_s}",
            hint=f"it is between {MIN_EXPIRES_AFTER_S} and {MAX_EXPIRES_AFTER_S} seconds",
        )
    return expires_after_s


def _endpoints(destination: Destination) -> frozenset[str]:
    return frozenset(destination.endpoints)
