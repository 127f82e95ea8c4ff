"""Every endpoint of the list: what it reads, which desk is asked, and what it answers."""

from __future__ import annotations

import asyncio
import datetime
import re
import time
from collections import OrderedDict
from typing import Any

from gatekeeper.egress.ways import (
    MAX_EXPIRES_AFTER_S,
    MIN_EXPIRES_AFTER_S,
    UPLOAD_MAX_BYTES,
    max_bytes,
    purposes,
    takes_parts,
)
from gatekeeper.gateway.answers import Answer, bad, too_large
from gatekeeper.gateway.desks import Desks
from gatekeeper.gateway.metrics import Metrics
from gatekeeper.gateway.parts import CANCELLED, COMPLETED, PENDING, Upload, Uploads
from gatekeeper.gateway.request import Request
from gatekeeper.gateway.settings import Limits
from gatekeeper.gateway.spools import Spooling, Spools
from gatekeeper.model import Destination

REFUSED_KEPT = 4096
"""Datasets of which it is known that they were refused today."""

_FIELDS = frozenset({"purpose", "expires_after[anchor]", "expires_after[seconds]"})
_MD5 = re.compile(r"[0-9a-fA-F]{32}\Z")
_PART = re.compile(r"part_[0-9a-f]{32}\Z")
_Key = tuple[str, str, int | None, str]


class Endpoints:
    """The endpoints, of one gateway."""

    def __init__(
        self,
        destination: Destination,
        desks: Desks,
        spools: Spools,
        metrics: Metrics,
        limits: Limits,
    ) -> None:
        self._destination = destination
        self._desks = desks
        self._spools = spools
        self._metrics = metrics
        self._limits = limits
        self.uploads = Uploads(spools, limits)
        self._running: dict[_Key, asyncio.Task[dict[str, Any]]] = {}
        self._refused: OrderedDict[_Key, Answer] = OrderedDict()

    async def answer(self, request: Request) -> dict[str, Any]:
        """What `request` is answered with. Raises Answer and ClientGone."""
        known = {
            "files.create": self._create_file,
            "files.content": self._content,
            "uploads.create": self._create_upload,
            "uploads.part": self._add_part,
            "uploads.complete": self._complete,
            "uploads.cancel": self._cancel,
            "jobs.create": self._create_job,
        }
        return await known.get(request.endpoint, self._ask)(request)

    async def _ask(self, request: Request) -> dict[str, Any]:
        """What needs no detector."""
        await request.body.empty()
        said = await self._desks.ask(
            {"kind": request.endpoint, "id": request.id, "query": request.query}
        )
        request.facts.update(said["facts"])
        body: dict[str, Any] = said["body"]
        return body

    async def _content(self, request: Request) -> dict[str, Any]:
        await request.body.empty()
        raise Answer(
            403,
            "gatekeeper_refused",
            "what was sent is not given out again; who sent it has it",
            again=False,
        )

    # --- files -------------------------------------------------------------------------------

    async def _create_file(self, request: Request) -> dict[str, Any]:
        most = self._destination.max_bytes
        async with request.body.form(self._spools, "file", _FIELDS, most) as form:
            purpose = self._purpose(form.fields.get("purpose"))
            expires = _expiry(
                form.fields.get("expires_after[anchor]"), form.fields.get("expires_after[seconds]")
            )
            if form.file.size_bytes == 0:
                raise bad("the file is empty", param="file")
            return await self._judged(request, form.take(), purpose, expires)

    def _purpose(self, purpose: object) -> str:
        if not isinstance(purpose, str) or purpose not in purposes(self._destination):
            raise Answer(
                403,
                "gatekeeper_purpose",
                "the destination is declared for files of purpose "
                + ", ".join(sorted(purposes(self._destination))),
                param="purpose",
                again=False,
            )
        return purpose

    async def _judged(
        self, request: Request, spooling: Spooling, purpose: str, expires_after_s: int | None
    ) -> dict[str, Any]:
        """The file that became of the bytes; raises Answer where there is none.

        Who comes with the same bytes while they are judged waits for the same verdict, and is given
        the same file.
        """
        snapshot = spooling.snapshot
        if snapshot is None:
            raise ValueError("it is not sealed")
        today = datetime.datetime.now(datetime.timezone.utc).date().isoformat()
        key = (snapshot.digest, purpose, expires_after_s, today)
        refused = self._refused.get(key)
        if refused is not None:
            spooling.release()
            _note(request, refused)
            raise refused
        running = self._running.get(key)
        if running is None:
            running = asyncio.create_task(self._judge(key, spooling))
            self._running[key] = running
            running.add_done_callback(lambda _: self._running.pop(key, None))
        else:
            spooling.release()
        try:
            said = await asyncio.shield(running)
        except Answer as answer:
            _note(request, answer)
            raise
        request.facts.update(said["facts"])
        body: dict[str, Any] = said["body"]
        return body

    async def _judge(self, key: _Key, spooling: Spooling) -> dict[str, Any]:
        """What a desk makes of the bytes; their room is given back then."""
        began = time.monotonic()
        snapshot = spooling.snapshot
        digest, purpose, expires_after_s, _ = key
        message = {
            "kind": "file",
            "digest": digest,
            "size": spooling.size_bytes,
            "purpose": purpose,
            "expires_after_s": expires_after_s,
        }
        try:
            said = await self._desks.judge(message, snapshot, spooling.size_bytes)
        except Answer as answer:
            if answer.status == 403 and answer.more:
                self._metrics.verdict(str(answer.more["route"]), time.monotonic() - began)
                if answer.more.get("carried_out"):
                    self._refused[key] = answer
                while len(self._refused) > REFUSED_KEPT:
                    self._refused.popitem(last=False)
            raise
        finally:
            self._metrics.count("judged_bytes_total", spooling.size_bytes)
            spooling.release()
        self._metrics.verdict("allow", time.monotonic() - began)
        return said

    # --- uploads in parts --------------------------------------------------------------------

    async def _create_upload(self, request: Request) -> dict[str, Any]:
        body = await request.body.json(64 << 10)
        if not set(body) <= {"bytes", "filename", "mime_type", "purpose", "expires_after"}:
            raise bad("the upload has a key that is not known here")
        size = body.get("bytes")
        if type(size) is not int or size < 1:
            raise bad("bytes is no number of bytes", param="bytes")
        most = UPLOAD_MAX_BYTES if takes_parts(self._destination) else max_bytes(self._destination)
        if size > most:
            raise too_large(f"an upload here may have {most:,} bytes")
        for name in ("filename", "mime_type"):
            if not isinstance(body.get(name), str) or not 0 < len(body[name]) <= 255:
                raise bad(f"{name} is no text of up to 255 characters", param=name)
        after = body.get("expires_after") or {}
        if not isinstance(after, dict) or not set(after) <= {"anchor", "seconds"}:
            raise bad("expires_after is of another form", param="expires_after")
        upload = self.uploads.begin(
            request.client.name,
            size,
            self._purpose(body.get("purpose")),
            body["filename"],
            _expiry(after.get("anchor"), after.get("seconds")),
        )
        request.facts["upload"] = upload.id
        return upload.to_json()

    async def _add_part(self, request: Request) -> dict[str, Any]:
        upload = self._upload(request)
        room = self.uploads.room_for_part(upload)
        async with request.body.form(self._spools, "data", frozenset(), room) as form:
            if form.file.size_bytes == 0:
                raise bad("the part is empty", param="data")
            return self.uploads.add(upload, form.take())

    async def _complete(self, request: Request) -> dict[str, Any]:
        upload = self._upload(request)
        body = await request.body.json(256 << 10)
        order, md5 = body.get("part_ids"), body.get("md5") or ""
        if not set(body) <= {"part_ids", "md5"} or not isinstance(order, list):
            raise bad("part_ids is no list, or there is a key that is not known here")
        if not all(isinstance(p, str) and _PART.match(p) for p in order):
            raise bad("part_ids are not ids of parts", param="part_ids")
        if not isinstance(md5, str) or (md5 and not _MD5.match(md5)):
            raise bad("md5 is no MD5 in hex", param="md5")
        if upload.completing is None:
            if upload.status != PENDING:
                raise bad("the upload has ended")
            upload.order = tuple(order)
            upload.completing = asyncio.create_task(self._completed(request, upload, md5))
        elif upload.order != tuple(order):
            raise bad("the upload is being completed with other parts")
        try:
            file = await asyncio.shield(upload.completing)
        except Answer:
            if upload.completing.done() and upload.status == PENDING:
                upload.completing = None  # it may be asked again, with what was lacking
            raise
        return upload.to_json(file)

    async def _completed(self, request: Request, upload: Upload, md5: str) -> dict[str, Any]:
        whole = await self.uploads.join(upload, upload.order, md5)
        ended = CANCELLED
        try:
            file = await self._judged(request, whole, upload.purpose, upload.expires_after_s)
            ended = COMPLETED
        finally:
            upload.end(ended)
        return file

    async def _cancel(self, request: Request) -> dict[str, Any]:
        upload = self._upload(request)
        await request.body.empty()
        if upload.completing is not None or upload.status != PENDING:
            raise bad("the upload has ended, or is being completed")
        upload.end(CANCELLED)
        return upload.to_json()

    def _upload(self, request: Request) -> Upload:
        upload = self.uploads.get(request.id, request.client.name)
        request.facts["upload"] = upload.id
        return upload

    # --- jobs --------------------------------------------------------------------------------

    async def _create_job(self, request: Request) -> dict[str, Any]:
        body = await request.body.json(self._limits.json_bytes)
        try:
            said = await self._desks.judge({"kind": "job", "body": body}, None, 0)
        except Answer as answer:
            _note(request, answer)
            raise
        request.facts.update(said["facts"])
        job: dict[str, Any] = said["body"]
        return job


def _note(request: Request, answer: Answer) -> None:
    """What of a refusal is logged: words and ids of our own."""
    for name in ("route", "receipt", "case", "why_not"):
        if answer.more and isinstance(answer.more.get(name), str):
            request.facts[name] = str(answer.more[name])


def _expiry(anchor: object, seconds: object) -> int | None:
    """Seconds until the destination deletes the file; None for its own default."""
    if anchor is None and seconds is None:
        return None
    text = str(seconds) if type(seconds) is int or isinstance(seconds, str) else ""
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
    if anchor != "created_at" or not MIN_EXPIRES_AFTER_S <= number <= MAX_EXPIRES_AFTER_S:
        raise bad(
            f"expires_after is not from {MIN_EXPIRES_AFTER_S} to {MAX_EXPIRES_AFTER_S} seconds "
            "from created_at",
            param="expires_after",
        )
    return number
