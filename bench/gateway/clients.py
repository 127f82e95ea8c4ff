"""Clients on raw connections: good ones, slow ones, and some that break the rules."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
from dataclasses import dataclass
from pathlib import Path

MARK = "benchmark-of-parts"
HEAD = (
    f'--{MARK}\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nfine-tune\r\n'
    f'--{MARK}\r\nContent-Disposition: form-data; name="file"; filename="x.jsonl"\r\n\r\n'
).encode()
TAIL = f"\r\n--{MARK}--\r\n".encode()
ROUTES = {200: "allow", 403: ""}
GOOD = ("plain", "chunked", "half_closed", "slow")
"""Ways to send a file that are to be answered as if it were sent plainly."""
BAD = ("cut", "headers", "short", "no_token", "cut_chunk")


@dataclass(frozen=True)
class Outcome:
    """What a client was told."""

    way: str
    status: int
    code: str


async def answer(reader: asyncio.StreamReader) -> tuple[int, str]:
    """Status and code; (0, "") where the connection was closed."""
    with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        if head.startswith("HTTP/1.1 100"):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        length = int(head.lower().split("content-length: ")[1].split("\r\n")[0])
        body = json.loads(await reader.readexactly(length))
        status = int(head.split(" ")[1])
        return status, "" if status == 200 else body["error"]["code"]
    return 0, ""


async def send(port: int, token: str, path: Path, way: str, rng: random.Random) -> Outcome:
    """Send the file at `path` in that way."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    size = path.stat().st_size
    length = len(HEAD) + size + len(TAIL)
    chunked = way in ("chunked", "cut_chunk")
    lines = [
        "POST /v1/files HTTP/1.1",
        "host: gateway",
        f"content-type: multipart/form-data; boundary={MARK}",
        "transfer-encoding: chunked"
        if chunked
        else f"content-length: {length - 20 if way == 'short' else length}",
    ]
    if way != "no_token":
        lines.append(f"authorization: Bearer {token}")
    if way == "headers":
        lines.append("x-long: " + "y" * 100_000)
    with contextlib.suppress(ConnectionError):
        writer.write("\r\n".join([*lines, "", ""]).encode())
        await _body(writer, path, way, rng, chunked=chunked)
        await writer.drain()
        if way == "half_closed":
            writer.write_eof()
        elif way in ("cut", "cut_chunk"):
            writer.close()
            return Outcome(way, 0, "")
    status, code = await answer(reader)
    writer.close()
    return Outcome(way, status, code)


async def _body(
    writer: asyncio.StreamWriter, path: Path, way: str, rng: random.Random, *, chunked: bool
) -> None:
    left = path.stat().st_size // 2 if way.startswith("cut") else None
    pieces = 0
    with path.open("rb") as stream:
        piece = HEAD
        while piece:
            if chunked:
                writer.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
            else:
                writer.write(piece)
            await writer.drain()
            pieces += 1
            if way == "slow" and pieces < 40:
                await asyncio.sleep(0.05)
            size = rng.randrange(1, 70_000) if chunked else 1 << 18
            if way == "slow":
                size = min(size, 4096 if pieces < 40 else size)
            if left is not None:
                size = min(size, left)
                left -= size
            piece = stream.read(size)
    if not way.startswith("cut"):
        writer.write(f"{len(TAIL):x}\r\n".encode() + TAIL + b"\r\n0\r\n\r\n" if chunked else TAIL)
