"""What the tests of the age format share: files made and opened in memory, and other tools."""

from __future__ import annotations

import contextlib
import io
import json
import os
import random
import re
import shutil
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from gatekeeper.errors import VaultError
from gatekeeper.vault import age

ROOT = Path(__file__).parents[2]
SIZES = [0, 1, 65535, 65536, 65537, 131072]
CASE = age.Stanza("gatekeeper.dev/case-v1", ("0" * 32, "sha256:" + "1" * 64), b"")
HYBRID_SINCE = (1, 3)
"""The first version of the age tool that knows `mlkem768x25519`."""


def seal(
    data: bytes,
    *recipients: age.Recipient,
    extra: Sequence[age.Stanza] = (),
    armor: bool = False,
) -> bytes:
    out = io.BytesIO()
    armored = age.ArmorWriter(out) if armor else None
    writer = age.encrypt(armored or out, recipients, extra=extra)
    writer.write(data)
    writer.close()
    if armored:
        armored.close()
    return out.getvalue()


def unseal(sealed: bytes, *identities: age.Identity) -> bytes:
    stream = age.dearmored(Reads(sealed))
    key = age.file_key_of(age.read_header(stream), identities)
    return b"".join(age.decrypt_chunks(stream, key))


def noise(size: int) -> bytes:
    return random.Random(size).randbytes(size)  # noqa: S311


class Reads(io.BytesIO):
    """A stream of which every read has a bound, and which counts the blocks and the lines."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.blocks: list[int] = []
        self.lines: list[int] = []

    def read(self, size: int | None = None, /) -> bytes:
        assert size is not None
        assert size > 0
        self.blocks.append(size)
        return super().read(size)

    def readline(self, limit: int | None = None, /) -> bytes:  # type: ignore[override]
        assert limit is not None
        assert limit > 0
        self.lines.append(limit)
        return super().readline(limit)


@contextlib.contextmanager
def refused(message: str, hint: str = "") -> Iterator[None]:
    """The block raises VaultError with exactly this message and this hint."""
    with pytest.raises(VaultError) as caught:
        yield
    assert (str(caught.value), caught.value.hint) == (message, hint)


class Tool(ABC):
    """Another program that writes and reads age files. A key is the text of one; what is no key is
    a passphrase. Skips where the program is not there.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.refusal: type[Exception] = subprocess.CalledProcessError

    @abstractmethod
    def seal(self, data: bytes, key: str, *, armor: bool) -> bytes:
        """`data` as an age file for a recipient or under a passphrase."""

    @abstractmethod
    def open(self, sealed: bytes, key: str) -> bytes:
        """What an identity or a passphrase opens."""


class AgeTool(Tool):
    """The `age` command."""

    def __init__(self, folder: Path) -> None:
        if shutil.which("age") is None:
            pytest.skip("the age tool is not installed")
        super().__init__(folder)
        said = subprocess.run(["age", "--version"], capture_output=True, text=True, check=True)
        self.version = said.stdout.strip()

    def require_hybrid(self) -> None:
        found = re.match(r"v?(\d+)\.(\d+)", self.version)
        if found and (int(found[1]), int(found[2])) < HYBRID_SINCE:
            pytest.skip(f"age {self.version} has no mlkem768x25519; 1.3 is the first that has")

    def seal(self, data: bytes, key: str, *, armor: bool) -> bytes:
        self._put("plain", data)
        to = ["-r", key] if key.startswith("age1") else ["-p"]
        return self._run([*(["-a"] if armor else []), *to], "plain", key)

    def open(self, sealed: bytes, key: str) -> bytes:
        self._put("sealed", sealed)
        self._put("key", key.encode())
        with_key = ["-i", "key"] if key.startswith("AGE-SECRET-KEY-") else []
        return self._run(["-d", *with_key], "sealed", key)

    def _put(self, name: str, data: bytes) -> None:
        (self.folder / name).write_bytes(data)

    def _run(self, options: list[str], source: str, passphrase: str) -> bytes:
        """A passphrase is typed at a terminal of its own: the tool takes it nowhere else."""
        ours, theirs = os.openpty()

        def own_terminal() -> None:
            os.close(os.open(os.ttyname(theirs), os.O_RDWR))

        out = self.folder / "out"
        out.unlink(missing_ok=True)
        try:
            os.write(ours, f"{passphrase}\n{passphrase}\n".encode()[:4000])
            subprocess.run(
                ["age", *options, "-o", out, source],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=True,
                start_new_session=True,
                preexec_fn=own_terminal,
            )
        finally:
            os.close(ours)
            os.close(theirs)
        return out.read_bytes() if out.exists() else b""


class Pyrage(Tool):
    """rage, in Rust."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._module = pytest.importorskip("pyrage")
        self.refusal = self._module.DecryptError

    def seal(self, data: bytes, key: str, *, armor: bool) -> bytes:
        if not key.startswith("age1"):
            return bytes(self._module.passphrase.encrypt(data, key, armored=armor))
        recipient = self._module.x25519.Recipient.from_str(key)
        return bytes(self._module.encrypt(data, [recipient], armored=armor))

    def open(self, sealed: bytes, key: str) -> bytes:
        if not key.startswith("AGE-SECRET-KEY-"):
            return bytes(self._module.passphrase.decrypt(sealed, key))
        identity = self._module.x25519.Identity.from_str(key)
        return bytes(self._module.decrypt(sealed, [identity]))


class Typage(Tool):
    """age-encryption, in TypeScript: it has the post-quantum kind."""

    MODULE = ROOT / ".tools" / "node_modules" / "age-encryption" / "dist" / "index.js"
    SCRIPT = """
import { readFileSync, writeFileSync } from "node:fs";
const [module, work, key, armor] = JSON.parse(process.argv[1]);
const age = await import(module);
const data = new Uint8Array(readFileSync("in"));
if (work === "seal") {
    const to = new age.Encrypter();
    if (key.startsWith("age1")) to.addRecipient(key);
    else { to.setPassphrase(key); to.setScryptWorkFactor(10); }
    const sealed = await to.encrypt(data);
    writeFileSync("out", armor ? age.armor.encode(sealed) : sealed);
} else {
    const by = new age.Decrypter();
    if (key.startsWith("AGE-SECRET-KEY-")) by.addIdentity(key); else by.addPassphrase(key);
    const text = new TextDecoder().decode(data.subarray(0, 10)) === "-----BEGIN";
    writeFileSync("out", await by.decrypt(
        text ? age.armor.decode(new TextDecoder().decode(data)) : data));
}
"""

    def __init__(self, folder: Path) -> None:
        if not self.MODULE.is_file() or shutil.which("node") is None:
            pytest.skip("age-encryption is not installed: sh tests/install_oracles.sh")
        super().__init__(folder)

    def seal(self, data: bytes, key: str, *, armor: bool) -> bytes:
        return self._run("seal", data, key, armor=armor)

    def open(self, sealed: bytes, key: str) -> bytes:
        return self._run("open", sealed, key, armor=False)

    def _run(self, work: str, data: bytes, key: str, *, armor: bool) -> bytes:
        (self.folder / "in").write_bytes(data)
        (self.folder / "out").unlink(missing_ok=True)
        arguments = json.dumps([self.MODULE.as_uri(), work, key, armor])
        subprocess.run(
            ["node", "--input-type=module", "-e", self.SCRIPT, arguments],
            cwd=self.folder,
            capture_output=True,
            check=True,
        )
        return (self.folder / "out").read_bytes()


TOOLS = {"age": AgeTool, "pyrage": Pyrage, "typage": Typage}


def python(script: str, *arguments: str | Path) -> list[str]:
    """A command that runs `script` with this interpreter."""
    return [sys.executable, "-c", script, *map(str, arguments)]
