"""Recipients whose key is in a KMS or an HSM: a local command wraps and unwraps the file key.

The file key goes in on the command's stdin and comes back on its stdout; neither is ever in an
argument, the environment, a file or a message. The command runs without a shell and without a
terminal. The stanza's type is of our own, so the `age` tool passes over it: for a case that the
tool alone is to open, a plain recipient is needed beside it.
"""

from __future__ import annotations

import base64
import os
import selectors
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from typing import IO, cast

from gatekeeper.errors import ConfigError, VaultError
from gatekeeper.model import Wrapper, digest_of
from gatekeeper.model.display import escaped
from gatekeeper.vault import age
from gatekeeper.vault.age.header import FILE_KEY_BYTES, MAX_BODY_BYTES
from gatekeeper.vault.durable import reason

STANZA_TYPE = "gatekeeper.dev/command-v1"
PREFIX = "command:"
TIMEOUT_S = 60.0
"""A KMS answers in a second; a person who must touch a token needs longer."""
_WORDS_CHARS = 200
_STDERR_BYTES = 4096
_PIPE_BYTES = 65_536
_LATE = "it gave no answer in time"


class CommandRecipient:
    """The recipient `command:NAME`; without a `wrapper` it can be named, but wraps nothing."""

    def __init__(
        self, name: str, wrapper: Wrapper | None = None, *, timeout_s: float = TIMEOUT_S
    ) -> None:
        self.name = name
        self.wrapper = wrapper
        self._timeout_s = timeout_s

    @property
    def post_quantum(self) -> bool:
        """What its configuration says."""
        return self.wrapper is not None and self.wrapper.post_quantum

    @property
    def digest(self) -> str:
        """`sha256:…` of the command that wraps; empty where none is configured."""
        return digest_of(list(self.wrapper.wrap)) if self.wrapper else ""

    def __str__(self) -> str:
        return PREFIX + self.name

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CommandRecipient) and other.name == self.name

    def __hash__(self) -> int:
        return hash(self.name)

    def wrap(self, file_key: bytes) -> age.Stanza:
        """`file_key` as the command wraps it; raises ConfigError where there is no such command,
        VaultError where it fails, is late, or gives what cannot be a wrapped key.
        """
        argv = self.wrapper.wrap if self.wrapper else ()
        body = _run(self.name, "wrap", argv, file_key, timeout_s=self._timeout_s)
        if len(body) < FILE_KEY_BYTES:
            raise _failed(self.name, "wrap", "it gave less than a wrapped key")
        if _holds(body, file_key):
            raise _failed(self.name, "wrap", "it gave back the key itself, not wrapped")
        return age.Stanza(STANZA_TYPE, (self.name,), body)


class CommandIdentity:
    """The command that unwraps what was wrapped for `command:NAME`."""

    def __init__(self, name: str, wrapper: Wrapper | None, *, timeout_s: float = TIMEOUT_S) -> None:
        self._wrapper = wrapper
        self._timeout_s = timeout_s
        self.recipient = CommandRecipient(name, wrapper, timeout_s=timeout_s)

    def unwrap(self, stanzas: Sequence[age.Stanza]) -> bytes | None:
        """The file key, or None where no stanza is of this command; raises as `wrap` does."""
        name = self.recipient.name
        for stanza in stanzas:
            if stanza.type == STANZA_TYPE and stanza.args == (name,):
                argv = self._wrapper.unwrap if self._wrapper else ()
                key = _run(name, "unwrap", argv, stanza.body, timeout_s=self._timeout_s)
                if len(key) != FILE_KEY_BYTES:
                    raise _failed(name, "unwrap", f"it gave no key of {FILE_KEY_BYTES} bytes")
                return key
        return None


def command_identity(text: str, wrappers: Mapping[str, Wrapper]) -> CommandIdentity:
    """The identity written `command:NAME`; raises ConfigError where it cannot unwrap here."""
    name = text.removeprefix(PREFIX)
    wrapper = wrappers.get(name)
    if wrapper is None or not wrapper.unwrap:
        raise _not_configured(name, "unwrap")
    return CommandIdentity(name, wrapper)


def missing_program(argv: Sequence[str]) -> str:
    """The program of `argv` where this machine has none of that name, else empty."""
    return "" if shutil.which(argv[0]) else argv[0]


def _run(name: str, what: str, argv: Sequence[str], data: bytes, *, timeout_s: float) -> bytes:
    """What `argv` prints when it reads `data`; raises as documented at `CommandRecipient.wrap`."""
    if not argv:
        raise _not_configured(name, what)
    why = ""
    try:
        process = subprocess.Popen(  # noqa: S603  (the user's own command, no shell)
            list(argv),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd="/",
            start_new_session=True,
        )
    except OSError as e:
        why = reason(e)
    if why:
        raise ConfigError(
            f"{escaped(PREFIX + name)}: {what}: {escaped(argv[0])}: {why}",
            hint="`wrappers` in gatekeeper.yaml names the program: on PATH, or by absolute path",
        )
    with process:
        try:
            printed, words, why = _exchange(process, data, time.monotonic() + timeout_s)
        finally:
            if process.returncode is None:  # not waited for, so its group is still its own
                os.killpg(process.pid, signal.SIGKILL)
    if why or process.returncode:
        raise _failed(name, what, why or _ended(process.returncode, words, (data, printed)))
    return printed


def _exchange(
    process: subprocess.Popen[bytes], data: bytes, deadline: float
) -> tuple[bytes, bytes, str]:
    """Feed `data`; give what came on stdout, the front of stderr, and why it was cut short."""
    stdin, stdout, stderr = cast("list[IO[bytes]]", [process.stdin, process.stdout, process.stderr])
    printed, words, left = bytearray(), bytearray(), data
    with selectors.DefaultSelector() as selector:
        os.set_blocking(stdin.fileno(), False)
        selector.register(stdin, selectors.EVENT_WRITE, stdin)
        selector.register(stdout, selectors.EVENT_READ, stdout)
        selector.register(stderr, selectors.EVENT_READ, stderr)
        while selector.get_map():
            ready = selector.select(max(0.0, deadline - time.monotonic()))
            if not ready:
                return b"", b"", _LATE
            for key, _ in ready:
                if key.data is stdin:
                    left = left[_feed(key.fd, left) :]
                    done = not left
                else:
                    chunk = os.read(key.fd, _PIPE_BYTES)
                    (printed if key.data is stdout else words).extend(chunk)
                    done = not chunk
                if done:
                    selector.unregister(key.fd)
                    key.data.close()
            del words[_STDERR_BYTES:]
            if len(printed) > MAX_BODY_BYTES:
                return b"", b"", f"it printed more than {MAX_BODY_BYTES:,} bytes"
    try:
        process.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        return b"", b"", _LATE
    return bytes(printed), bytes(words), ""


def _feed(fd: int, data: bytes) -> int:
    """How many bytes the command took; all of them where it reads no more."""
    try:
        return os.write(fd, data[:_PIPE_BYTES])
    except BrokenPipeError:
        return len(data)


def _ended(code: int, words: bytes, secrets: Sequence[bytes]) -> str:
    """How a command failed, with the front of its stderr unless that holds one of `secrets`."""
    how = f"it ended with exit code {code}" if code > 0 else f"signal {-code} ended it"
    said = " ".join(words.decode("utf-8", "replace").split())[:_WORDS_CHARS]
    if not said or any(_holds(words, secret) for secret in secrets):
        return how
    return f"{how}: {escaped(said)}"


def _holds(text: bytes, secret: bytes) -> bool:
    """Whether `secret` stands in `text`: raw, in hex, or in base64."""
    if not secret:
        return False
    encoded = (base64.b64encode(secret), base64.urlsafe_b64encode(secret))
    forms = (secret, *(form.rstrip(b"=") for form in encoded))
    return any(form in text for form in forms) or secret.hex().encode() in text.lower()


def _failed(name: str, what: str, why: str) -> VaultError:
    return VaultError(
        f"{escaped(PREFIX + name)}: {what}: {why}",
        hint="`wrappers` in gatekeeper.yaml says what is run",
    )


def _not_configured(name: str, what: str) -> ConfigError:
    return ConfigError(
        f"{escaped(PREFIX + name)}: no command to {what} is configured on this machine",
        hint=f"`wrappers` in gatekeeper.yaml: {{{escaped(name)}: {{{what}: [PROGRAM, ARGUMENT]}}}}",
    )
