"""Vectors of the ids of other countries, in the form of `vectors/*.yaml`, made from a seed."""

from __future__ import annotations

from random import Random
from typing import Any

from tests.detect.national_kinds import KINDS, Kind

SEED = 20270115


def spoilt(value: str) -> str:
    """`value` with the first digit behind its first character changed."""
    at = next(i for i, c in enumerate(value) if i and c.isdecimal())
    return f"{value[:at]}{(int(value[at]) + 1) % 10}{value[at + 1 :]}"


def wide(value: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if c.isdecimal() else c for c in value)


def vectors() -> dict[str, dict[str, list[Any]]]:
    """Entity → what it must find, and what it must leave alone."""
    return {entity: _vectors(kind, Random(f"{SEED} {entity}")) for entity, kind in KINDS.items()}


def _vectors(kind: Kind, r: Random) -> dict[str, list[Any]]:
    one, two, three = kind.labels

    def v() -> str:
        return f"[[{kind.written(r)}]]"

    finds: list[Any] = [
        f"{one}: {v()}",
        f"Her {two} is {v()}.",
        {"key": kind.key, "text": v()},
        f"| Name | {one} |\n|---|---|\n| Roe | {v()} |",
        f"name,{kind.key},city\nRoe,{v()},Leeds\nDoe,,York\n",
        f'{{"{kind.key}": "{v()}"}}',
        f"{three} {v()}",
        f"Form 7, page 2. {two}: {v()}, seen and copied.",
        f"{three}={v()}",
        f"**{one}:** {v()}",
        f"{two}: [[{wide(kind.written(r))}]]",
        f"name;{one}\nRoe;{v()}\nDoe;{kind.written(r)}\n",
    ]
    if kind.special:
        finds += [f"Written on the form: {v()}.", f"{v()} was scanned twice"]
    passes: list[Any] = [
        f"Bring your {one} to the desk on Monday.",
        f"{one}: see page 48",
        f"{two}: n/a",
        f"{one}: 00000000000",
        f"Call (312) 555-0142 about the {two}.",
        f"The {three} has 12 characters and costs 12.50 to renew.",
        {"key": kind.key, "text": "unknown"},
        "Released as version 4.18.2, build 20381, on 2024-03-17",
        {"key": "created_at", "text": "1719234567890"},
        {"key": "timestamp", "text": "1719234567"},
        f"{two} applications rose by 48,293 in 2024",
    ]
    stranger = kind.written(r, plain=True)
    if not kind.special:
        passes += [
            f"Order number: {stranger}",
            {"key": "order_id", "text": stranger},
            {"key": "sku", "text": kind.written(r, plain=True)},
        ]
    if kind.checked:
        passes += [
            f"{one}: {spoilt(kind.written(r))}",
            f"{two} {spoilt(kind.written(r))} was refused",
            {"key": kind.key, "text": spoilt(kind.written(r))},
            f"Written on the form: {spoilt(kind.written(r))}.",
        ]
    return {"finds": finds, "passes": passes}
