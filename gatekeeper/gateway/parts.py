"""Uploads in parts, as clients make them: kept until they are complete, then judged as one file.

Source: POST /uploads, /uploads/{id}/parts, /complete and /cancel in the service's API description
(openai-openapi 2.3.0): parts of 64 MB, 8 GB together, an hour's time, in any order.
"""

from __future__ import annotations

import asyncio
import os
import time
from dataclasses import dataclass, field
from typing import Any

from gatekeeper.gateway.answers import Answer, bad, not_here, too_large
from gatekeeper.gateway.settings import Limits
from gatekeeper.gateway.spools import Spooling, Spools

PENDING, COMPLETED, CANCELLED = "pending", "completed", "cancelled"
KEPT_S = 600.0
"""How long what became of an ended one is told."""


@dataclass
class Upload:
    """One of them."""

    id: str
    client: str
    size_bytes: int
    purpose: str
    filename: str
    """As the client gave it, for the client alone."""
    expires_after_s: int | None
    ends: float
    """On the monotonic clock."""
    status: str = PENDING
    created_at: int = field(default_factory=lambda: int(time.time()))
    parts: dict[str, Spooling] = field(default_factory=dict)
    coming_bytes: int = 0
    """Of the parts that are there or under way."""
    completing: asyncio.Task[dict[str, Any]] | None = None
    order: tuple[str, ...] = ()

    def to_json(self, file: dict[str, Any] | None = None) -> dict[str, Any]:
        """As the service shows it."""
        left_s = self.ends - time.monotonic()
        return {
            "id": self.id,
            "object": "upload",
            "bytes": self.size_bytes,
            "created_at": self.created_at,
            "expires_at": int(time.time() + left_s),
            "filename": self.filename,
            "purpose": self.purpose,
            "status": self.status,
            "file": file,
        }

    def end(self, status: str) -> None:
        """No part of it is kept any more."""
        self.status = status
        self.ends = min(self.ends, time.monotonic() + KEPT_S)
        for part in self.parts.values():
            part.release()
        self.parts.clear()


class Uploads:
    """Those of a gateway."""

    def __init__(self, spools: Spools, limits: Limits) -> None:
        """Of none yet."""
        self._spools = spools
        self._limits = limits
        self._uploads: dict[str, Upload] = {}

    def __len__(self) -> int:
        return sum(u.status == PENDING for u in self._uploads.values())

    def begin(
        self, client: str, size_bytes: int, purpose: str, filename: str, expires_after_s: int | None
    ) -> Upload:
        """A new one. Raises Answer where there are too many."""
        self.sweep()
        if len(self) >= self._limits.uploads:
            raise Answer(
                429,
                "gatekeeper_too_many",
                "too many uploads are begun and not ended",
                retry_after_s=60,
            )
        upload = Upload(
            f"upload_{os.urandom(16).hex()}",
            client,
            size_bytes,
            purpose,
            filename,
            expires_after_s,
            time.monotonic() + self._limits.upload_s,
        )
        self._uploads[upload.id] = upload
        return upload

    def get(self, upload_id: str, client: str) -> Upload:
        """The one of that id, to the client that began it. Raises Answer."""
        self.sweep()
        upload = self._uploads.get(upload_id)
        if upload is None or upload.client != client:
            raise not_here("upload")
        return upload

    def room_for_part(self, upload: Upload) -> int:
        """How large the next part may be. Raises Answer where there is to be none."""
        if upload.status != PENDING or upload.completing:
            raise bad("the upload takes no more parts")
        if len(upload.parts) >= self._limits.parts:
            raise bad("the upload has too many parts")
        left = upload.size_bytes - sum(p.size_bytes for p in upload.parts.values())
        if left <= 0:
            raise bad("the upload has all its bytes")
        return min(left, self._limits.part_bytes)

    def add(self, upload: Upload, part: Spooling) -> dict[str, Any]:
        """Keep `part`, as the service shows it. Raises Answer where it came too late."""
        left = upload.size_bytes - sum(p.size_bytes for p in upload.parts.values())
        if upload.status != PENDING or upload.completing or part.size_bytes > left:
            part.release()
            raise too_large("the upload takes no such part any more")
        part_id = f"part_{os.urandom(16).hex()}"
        upload.parts[part_id] = part
        return {
            "id": part_id,
            "object": "upload.part",
            "created_at": int(time.time()),
            "upload_id": upload.id,
        }

    async def join(self, upload: Upload, order: tuple[str, ...], md5: str) -> Spooling:
        """All parts in that order, as one. The parts are given back as they are copied.

        Raises Answer where they are not all of it.
        """
        if len(set(order)) != len(order) or set(order) != set(upload.parts):
            raise bad("part_ids are not all parts of the upload, each once", param="part_ids")
        if sum(p.size_bytes for p in upload.parts.values()) != upload.size_bytes:
            raise bad("the parts have not as many bytes as the upload was begun with")
        whole = self._spools.new(md5=True)
        try:
            for part_id in order:
                part = upload.parts[part_id]
                if part.snapshot is not None:
                    await whole.append(part.snapshot)
                part.release()
            await whole.seal()
            if md5 and md5.lower() != whole.md5:
                raise bad("the parts have not the MD5 that was named", param="md5")
        except BaseException:
            whole.release()
            upload.end(CANCELLED)
            raise
        upload.parts.clear()
        return whole

    def sweep(self) -> None:
        """Forget those whose time is over."""
        at = time.monotonic()
        for upload in list(self._uploads.values()):
            running = upload.completing is not None and not upload.completing.done()
            if at >= upload.ends and not running:
                upload.end(CANCELLED)
                del self._uploads[upload.id]
