"""The public test vectors of the age format: C2SP/CCTV, from the npm package `cctv-age`.

Each is one file with what must become of it. `make test` puts the package into `.tools`; its README
has the form of a vector.
"""

from __future__ import annotations

import base64
import hashlib
import io
import re
import zlib
from dataclasses import dataclass
from pathlib import Path

import pytest

from gatekeeper.errors import VaultError
from gatekeeper.vault import age

SCRIPT = Path(__file__).parents[2] / ".tools" / "node_modules" / "cctv-age" / "index.js"
COUNT = 143
NOTHING = hashlib.sha256(b"").hexdigest()
SAYS = {
    "no match": r"^age: no identity matches a recipient of this file$",
    "HMAC failure": r"^age header: bad header MAC",
    "header failure": r"^age header: ",
    "payload failure": r"^age payload: ",
    "armor failure": r"^age armor: |^age header: not an age v1 file$",
}
"""What our refusal says; a vector's word for it is how the reference implementation sorts them."""


@dataclass(frozen=True)
class Vector:
    name: str
    expect: str
    payload: str
    identities: tuple[str, ...]
    passphrases: tuple[str, ...]
    file: bytes


def read_vector(name: str, whole: bytes) -> Vector:
    head, _, file = whole.partition(b"\n\n")
    fields = [line.split(": ", 1) for line in head.decode("utf-8").splitlines()]
    known = dict(fields)
    return Vector(
        name,
        known["expect"],
        known.get("payload", NOTHING),
        tuple(value for key, value in fields if key == "identity"),
        tuple(value for key, value in fields if key == "passphrase"),
        zlib.decompress(file) if known.get("compressed") == "zlib" else file,
    )


def read_vectors() -> list[Vector]:
    if not SCRIPT.is_file():
        return []
    pattern = r'^// \S+/(\w+)\nvar \w+ = __toBinary\("([A-Za-z0-9+/=]*)"\);$'
    found = re.findall(pattern, SCRIPT.read_text("utf-8"), re.MULTILINE)
    return [read_vector(name, base64.b64decode(text)) for name, text in found]


VECTORS = read_vectors()
needs_vectors = pytest.mark.skipif(
    not VECTORS, reason="cctv-age is not installed: npm install --prefix .tools cctv-age"
)


def opened(vector: Vector) -> tuple[str, str]:
    """The digest of what was given out, and why it ended, or nothing where it opened."""
    given = hashlib.sha256()
    try:
        identities: list[age.Identity] = [age.parse_identity(t) for t in vector.identities]
        identities += [age.Passphrase(p) for p in vector.passphrases]
        stream = age.dearmored(io.BytesIO(vector.file))
        key = age.file_key_of(age.read_header(stream), identities)
        for chunk in age.decrypt_chunks(stream, key):
            given.update(chunk)
    except VaultError as error:
        return given.hexdigest(), str(error)
    return given.hexdigest(), ""


@needs_vectors
def test_every_vector_is_here() -> None:
    assert len(VECTORS) == COUNT
    assert len({v.name for v in VECTORS}) == COUNT


@needs_vectors
@pytest.mark.parametrize("vector", VECTORS, ids=lambda v: v.name)
def test_a_vector_ends_as_it_must(vector: Vector) -> None:
    given, why = opened(vector)
    if vector.expect == "success":
        assert (given, why) == (vector.payload, "")
    else:
        assert re.search(SAYS[vector.expect], why)
        assert given == vector.payload
