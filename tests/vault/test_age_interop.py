"""Both directions with other programs: what they write we open, and what we write they open.

The `age` tool (Go), `pyrage` (Rust) and `age-encryption` (TypeScript). `make interop-5g` also runs
the files of 5 GiB, through pipes, so that no disk holds them.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from gatekeeper.vault import age
from tests.vault.age_kit import CASE, SIZES, TOOLS, AgeTool, Tool, noise, python, seal, unseal

PASSPHRASE = "correct horse: œuf, 蛋"
FACTOR = 10
ALL = "GATEKEEPER_INTEROP_ALL"
"""The environment variable with which also what takes minutes runs."""


@pytest.fixture(params=TOOLS)
def tool(request: pytest.FixtureRequest, tmp_path: Path) -> Tool:
    return TOOLS[request.param](tmp_path)


def both_ways(tool: Tool, data: bytes, identity: age.KeyIdentity, *, armor: bool) -> None:
    text = str(identity.recipient)
    ours = seal(data, identity.recipient, extra=[CASE], armor=armor)
    assert ours.startswith(b"-----BEGIN AGE" if armor else b"age-encryption.org/v1\n")
    assert tool.open(ours, identity.encode()) == data
    theirs = tool.seal(data, text, armor=armor)
    assert theirs.startswith(b"-----BEGIN AGE" if armor else b"age-encryption.org/v1\n")
    assert unseal(theirs, identity) == data


@pytest.mark.parametrize("armor", [False, True], ids=["binary", "armor"])
@pytest.mark.parametrize("size", SIZES)
def test_x25519(tool: Tool, size: int, armor: bool) -> None:
    both_ways(tool, noise(size), age.X25519Identity.generate(), armor=armor)


@pytest.mark.parametrize("armor", [False, True], ids=["binary", "armor"])
@pytest.mark.parametrize("size", SIZES)
def test_post_quantum(tool: Tool, size: int, armor: bool) -> None:
    from gatekeeper.vault.age.hybrid import HybridIdentity

    if isinstance(tool, AgeTool):
        tool.require_hybrid()
    if isinstance(tool, TOOLS["pyrage"]):
        pytest.skip("pyrage has no mlkem768x25519")
    both_ways(tool, noise(size), HybridIdentity.generate(), armor=armor)


@pytest.mark.parametrize("armor", [False, True], ids=["binary", "armor"])
@pytest.mark.parametrize("size", SIZES)
def test_they_open_what_is_under_our_passphrase(tool: Tool, size: int, armor: bool) -> None:
    sealed = seal(noise(size), age.Passphrase(PASSPHRASE, work_factor=FACTOR), armor=armor)
    assert tool.open(sealed, PASSPHRASE) == noise(size)


@pytest.mark.slow  # they stretch for seconds
@pytest.mark.parametrize("size", SIZES)
def test_we_open_what_is_under_their_passphrase(tool: Tool, size: int) -> None:
    if isinstance(tool, TOOLS["pyrage"]) and size != 65537 and ALL not in os.environ:
        pytest.skip("pyrage stretches a passphrase for 5 s each time: make interop-5g")
    sealed = tool.seal(noise(size), PASSPHRASE, armor=size == 65537)
    assert unseal(sealed, age.Passphrase(PASSPHRASE)) == noise(size)


def test_nobody_opens_with_another_key(tool: Tool) -> None:
    ours, other = age.X25519Identity.generate(), age.X25519Identity.generate()
    sealed = seal(b"data", ours.recipient)
    with pytest.raises(tool.refusal):
        tool.open(sealed, other.encode())
    assert tool.open(sealed, ours.encode()) == b"data"


# --- streams: made, sealed, opened and counted by four processes at once --------------------------

SOURCE = """
import hashlib, random, sys
left, digest = int(sys.argv[1]), hashlib.sha256()
block = random.Random(5).randbytes((1 << 20) + 7)  # no two chunks of 64 KiB are the same for long
while left:
    piece = block[:left]
    digest.update(piece)
    sys.stdout.buffer.write(piece)
    left -= len(piece)
print(digest.hexdigest(), file=sys.stderr)
"""
SINK = """
import hashlib, sys
size, digest = 0, hashlib.sha256()
while piece := sys.stdin.buffer.read(1 << 20):
    digest.update(piece)
    size += len(piece)
print(size, digest.hexdigest(), file=sys.stderr)
"""
OUR_SEAL = """
import sys
from gatekeeper.vault import age
writer = age.encrypt(sys.stdout.buffer, [age.parse_recipient(sys.argv[1])])
while data := sys.stdin.buffer.read(1 << 20):
    writer.write(data)
writer.close()
"""
OUR_OPEN = """
import sys
from gatekeeper.vault import age
stream = sys.stdin.buffer
key = age.file_key_of(age.read_header(stream), [age.parse_identity(sys.argv[1])])
for chunk in age.decrypt_chunks(stream, key):
    sys.stdout.buffer.write(chunk)
"""
PYRAGE_SEAL = """
import sys, pyrage
to = [pyrage.x25519.Recipient.from_str(sys.argv[1])]
pyrage.encrypt_io(sys.stdin.buffer, sys.stdout.buffer, to)
"""
PYRAGE_OPEN = """
import sys, pyrage
by = [pyrage.x25519.Identity.from_str(sys.argv[1])]
pyrage.decrypt_io(sys.stdin.buffer, sys.stdout.buffer, by)
"""


def piped(commands: list[list[str]]) -> list[str]:
    """What each said to its standard error, once all of them ended well."""
    running: list[subprocess.Popen[bytes]] = []
    for command in commands:
        last = running[-1].stdout if running else None
        running.append(
            subprocess.Popen(command, stdin=last, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        )
        if last:
            last.close()
    said = [process.communicate()[1].decode().strip() for process in reversed(running)]
    assert [process.returncode for process in running] == [0] * len(running), said
    return said[::-1]


@pytest.mark.parametrize(
    "size",
    [
        (3 << 20) + 1,
        pytest.param(
            5 << 30,
            id="5GiB",
            marks=[
                pytest.mark.slow,
                pytest.mark.skipif(ALL not in os.environ, reason="5 GiB: make interop-5g"),
            ],
        ),
    ],
)
@pytest.mark.parametrize("theirs", ["age", "pyrage"])
@pytest.mark.parametrize("direction", ["they open ours", "we open theirs"])
def test_a_stream(tmp_path: Path, theirs: str, direction: str, size: int) -> None:
    TOOLS[theirs](tmp_path)  # skips
    identity = age.X25519Identity.generate()
    key, recipient = tmp_path / "key", str(identity.recipient)
    key.write_text(identity.encode())
    if direction == "they open ours":
        sealing = python(OUR_SEAL, recipient)
        opening = (
            ["age", "-d", "-i", str(key)]
            if theirs == "age"
            else python(PYRAGE_OPEN, identity.encode())
        )
    else:
        sealing = ["age", "-r", recipient] if theirs == "age" else python(PYRAGE_SEAL, recipient)
        opening = python(OUR_OPEN, identity.encode())
    said = piped([python(SOURCE, str(size)), sealing, opening, python(SINK)])
    assert said[3] == f"{size} {said[0]}"
