"""A command of the user's own holds a key: what is run, what is believed, and what is told."""

from __future__ import annotations

import base64
import io
import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from gatekeeper.errors import ConfigError, GatekeeperError, VaultError
from gatekeeper.model import Wrapper, digest_of
from gatekeeper.vault import age
from gatekeeper.vault.age.header import MAX_BODY_BYTES
from gatekeeper.vault.command import (
    CommandIdentity,
    CommandRecipient,
    command_identity,
    missing_program,
)
from tests.vault.kit import kms

KEY = bytes(range(0xC0, 0xD0))
CONFIGURED = "`wrappers` in gatekeeper.yaml says what is run"


def sh(script: str) -> tuple[str, ...]:
    return ("sh", "-c", script)


def wrapping(*argv: str, timeout_s: float = 30.0) -> CommandRecipient:
    return CommandRecipient("kms", Wrapper(argv), timeout_s=timeout_s)


def unwrapping(*argv: str, timeout_s: float = 30.0) -> CommandIdentity:
    return CommandIdentity("kms", Wrapper(("true",), argv), timeout_s=timeout_s)


def wrapped(body: bytes, *, name: str = "kms") -> age.Stanza:
    return age.Stanza("gatekeeper.dev/command-v1", (name,), body)


def why(attempt: Callable[[], object], kind: type[GatekeeperError] = VaultError) -> str:
    with pytest.raises(kind) as caught:
        attempt()
    if kind is VaultError:
        assert caught.value.hint == CONFIGURED
    return str(caught.value)


def test_what_one_side_wraps_the_other_unwraps(tmp_path: Path) -> None:
    wrapper = kms(tmp_path)
    stanza = CommandRecipient("kms", wrapper).wrap(KEY)
    assert (stanza.type, stanza.args) == ("gatekeeper.dev/command-v1", ("kms",))
    assert len(stanza.body) == 64
    assert KEY not in stanza.body
    identity = command_identity("command:kms", {"kms": wrapper})
    assert identity.unwrap([wrapped(b"not mine", name="other"), stanza]) == KEY
    assert identity.recipient == CommandRecipient("kms")
    with pytest.raises(VaultError) as caught:
        identity.unwrap([wrapped(stanza.body[:-1])])
    said = "command:kms: unwrap: it ended with exit code 5: access denied"
    assert (str(caught.value), caught.value.hint) == (said, CONFIGURED)


def test_a_stanza_of_another_is_passed_over() -> None:
    identity = unwrapping("false")
    x25519 = age.X25519Identity.generate().recipient.wrap(KEY)
    other = age.Stanza("gatekeeper.dev/command-v1", ("kms", "kms"), b"")
    assert identity.unwrap([x25519, wrapped(KEY, name="kms2"), other]) is None
    assert identity.unwrap([]) is None


def test_a_recipient_is_known_by_its_name(tmp_path: Path) -> None:
    bare = CommandRecipient("kms")
    bound = CommandRecipient("kms", kms(tmp_path, post_quantum=True))
    assert bare == bound
    assert len({bare, bound, CommandRecipient("other")}) == 2
    assert bare != "command:kms"
    assert str(bound) == "command:kms"
    assert (bare.post_quantum, bound.post_quantum, wrapping("x").post_quantum) == (
        False, True, False,
    )  # fmt: skip
    assert hash(bound) == hash("kms")
    assert bare.digest == ""
    assert wrapping("wrap", "--key", "1").digest == digest_of(["wrap", "--key", "1"])


@pytest.mark.parametrize("wrapper", [None, Wrapper(("true",))])
def test_what_is_not_configured_is_said(wrapper: Wrapper | None) -> None:
    with pytest.raises(ConfigError) as caught:
        command_identity("command:kms", {"kms": wrapper} if wrapper else {})
    assert str(caught.value) == "command:kms: no command to unwrap is configured on this machine"
    assert caught.value.hint == (
        "`wrappers` in gatekeeper.yaml: {kms: {unwrap: [PROGRAM, ARGUMENT]}}"
    )
    said = "command:kms: no command to unwrap is configured on this machine"
    assert why(lambda: CommandIdentity("kms", wrapper).unwrap([wrapped(KEY)]), ConfigError) == said
    said = "command:kms: no command to wrap is configured on this machine"
    assert why(lambda: CommandRecipient("kms").wrap(KEY), ConfigError) == said


def test_a_program_that_cannot_be_run(tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.write_text("no program")
    for program, reason in ((tmp_path / "none", "no such file or directory"),
                            (plain, "permission denied")):  # fmt: skip
        with pytest.raises(ConfigError) as caught:
            wrapping(str(program)).wrap(KEY)
        assert str(caught.value) == f"command:kms: wrap: {program}: {reason}"
        assert caught.value.hint == (
            "`wrappers` in gatekeeper.yaml names the program: on PATH, or by absolute path"
        )
        assert missing_program([str(program), "x"]) == str(program)
    assert missing_program(["sh", "-c", "no-such-program"]) == ""


def test_no_shell_reads_the_arguments_and_the_key_is_only_on_stdin(tmp_path: Path) -> None:
    script = tmp_path / "look"
    script.write_text(
        f"#!{sys.executable} -IS\n"
        "import os, sys\n"
        "seen = [*sys.argv[1:], *os.environ.values(), os.getcwd()]\n"
        "key = sys.stdin.buffer.read()\n"
        "assert not any(key.hex() in word or repr(key)[2:-1] in word for word in seen)\n"
        "lines = [sys.argv[1], os.getcwd(), str(os.getsid(0) == os.getpid()), str(len(key))]\n"
        "print('|'.join(lines), end='')\n"
    )
    script.chmod(0o755)
    body = wrapping(str(script), "$(touch /tmp/x); `id`").wrap(KEY).body
    assert body == b"$(touch /tmp/x); `id`|/|True|16"


@pytest.mark.parametrize(
    "form",
    [
        KEY,
        KEY.hex().encode(),
        KEY.hex().upper().encode(),
        base64.b64encode(KEY),
        base64.urlsafe_b64encode(KEY).rstrip(b"="),
    ],
)
def test_a_key_that_comes_back_unwrapped_is_refused(tmp_path: Path, form: bytes) -> None:
    (tmp_path / "form").write_bytes(b"key: " + form + b"\n")
    wrap = wrapping("cat", str(tmp_path / "form")).wrap
    assert why(lambda: wrap(KEY)) == ("command:kms: wrap: it gave back the key itself, not wrapped")
    assert why(lambda: wrapping(*sh("exec cat")).wrap(KEY)) == (
        "command:kms: wrap: it gave back the key itself, not wrapped"
    )


def test_what_is_no_wrapped_key_and_no_key_is_refused() -> None:
    said = "command:kms: wrap: it gave less than a wrapped key"
    assert why(lambda: wrapping(*sh("printf 123456789012345")).wrap(KEY)) == said
    assert why(lambda: wrapping("true").wrap(KEY)) == said
    assert wrapping(*sh("printf 1234567890123456")).wrap(KEY).body == b"1234567890123456"
    said = "command:kms: unwrap: it gave no key of 16 bytes"
    for script in ("printf 123456789012345", "printf 12345678901234567", ":"):
        identity = unwrapping(*sh(script))
        assert why(lambda identity=identity: identity.unwrap([wrapped(b"x")])) == said  # type: ignore[misc]
    assert unwrapping(*sh("printf 1234567890123456")).unwrap([wrapped(b"")]) == b"1234567890123456"


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("exit 3", "it ended with exit code 3"),
        ("echo >&2; exit 1", "it ended with exit code 1"),
        ("printf 'no\\n  such\\tkey' >&2; exit 255", "it ended with exit code 255: no such key"),
        ("printf '\\033[31mred\\377' >&2; exit 1", "it ended with exit code 1: \\x1b[31mred�"),
        ("kill -9 $$", "signal 9 ended it"),
        ("echo dying >&2; kill -15 $$", "signal 15 ended it: dying"),
        ("printf %0300d 7 >&2; exit 1", "it ended with exit code 1: " + "0" * 200),
        ("printf 1234567890123456; exit 1", "it ended with exit code 1"),
    ],
)
def test_why_a_command_failed(script: str, said: str) -> None:
    assert why(lambda: wrapping(*sh(script)).wrap(KEY)) == f"command:kms: wrap: {said}"


@pytest.mark.parametrize(
    "script",
    [
        "cat >&2",
        "od -An -v -tx1 | tr -d ' \\n' | tr a-f A-F >&2",
        "base64 >&2",
        "printf secret-that-is-16; printf 'got secret-that-is-16' >&2",
    ],
)
def test_words_that_hold_a_secret_are_not_told(script: str) -> None:
    said = why(lambda: wrapping(*sh(f"{script}; exit 1")).wrap(KEY))
    assert said == "command:kms: wrap: it ended with exit code 1"


def test_words_are_told_from_their_front_however_many_there_are() -> None:
    flood = f"{shlex.quote(sys.executable)} -ISc 'import sys; sys.stderr.write(\"why \" * 99999)'"
    said = why(lambda: wrapping(*sh(f"{flood}; exit 1")).wrap(KEY))
    assert said == "command:kms: wrap: it ended with exit code 1: " + ("why " * 50)


def test_more_than_a_stanza_can_hold_is_refused() -> None:
    zeros = "head -c {} /dev/zero"
    body = wrapping(*sh(zeros.format(MAX_BODY_BYTES))).wrap(KEY).body
    assert body == bytes(65_536)
    said = "command:kms: wrap: it printed more than 65,536 bytes"
    assert why(lambda: wrapping(*sh(zeros.format(MAX_BODY_BYTES + 1))).wrap(KEY)) == said
    assert why(lambda: wrapping("cat", "/dev/zero").wrap(KEY)) == said


def is_gone(pid: int) -> bool:
    """Whether a process has ended; one that nobody waited for yet has."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except FileNotFoundError:
            return True
        if state == "Z":
            return True
        time.sleep(0.02)
    return False


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks into /proc")
@pytest.mark.parametrize(
    "script",
    [
        "sleep 600 & echo $! > {}; wait",  # it answers nothing
        "sleep 600 & echo $! > {}; printf 1234567890123456",  # it left somebody behind
        "exec >&- 2>&-; sleep 600 & echo $! > {}; wait",  # it closed its mouth and went on
    ],
)
def test_a_command_that_is_late_is_ended_with_all_it_began(tmp_path: Path, script: str) -> None:
    child = tmp_path / "child"
    recipient = wrapping(*sh(script.format(shlex.quote(str(child)))), timeout_s=1.0)
    began = time.monotonic()
    assert why(lambda: recipient.wrap(KEY)) == "command:kms: wrap: it gave no answer in time"
    assert time.monotonic() - began >= 1.0
    assert is_gone(int(child.read_text()))


def test_a_command_that_reads_a_little_and_stops_is_late(tmp_path: Path) -> None:
    """A write that blocked would wait for it without an end."""
    script = "dd bs=4096 count=1 of=/dev/null 2>/dev/null; exec sleep 600"
    stuck = unwrapping(*sh(script), timeout_s=1.0)
    said = why(lambda: stuck.unwrap([wrapped(bytes(1 << 20))]))
    assert said == "command:kms: unwrap: it gave no answer in time"


def test_the_recipient_of_an_identity_waits_no_longer_than_it() -> None:
    identity = CommandIdentity("kms", Wrapper(sh("exec sleep 600")), timeout_s=0.3)
    said = why(lambda: identity.recipient.wrap(KEY))
    assert said == "command:kms: wrap: it gave no answer in time"


def test_a_command_need_not_read_what_it_is_given() -> None:
    body = os.urandom(1 << 20)  # more than a pipe holds
    deaf = unwrapping(*sh("exec <&-; printf 1234567890123456"))
    assert deaf.unwrap([wrapped(body)]) == b"1234567890123456"
    counting = unwrapping(*sh("printf '%16d' $(wc -c)"))
    assert counting.unwrap([wrapped(body)]) == b"         1048576"


def test_an_answer_may_come_in_pieces_and_while_it_reads() -> None:
    slow = "for n in 1 2 3 4; do printf 1234; sleep 0.05; done"
    assert unwrapping(*sh(slow)).unwrap([wrapped(b"x")]) == b"1234123412341234"
    whole = os.urandom(30_000)
    echo = wrapping(*sh("cat > /dev/null; cat")).wrap
    assert why(lambda: echo(whole)) == "command:kms: wrap: it gave less than a wrapped key"


def sealed(tmp_path: Path, wrapper: Wrapper) -> tuple[bytes, age.X25519Identity]:
    identity, out = age.X25519Identity.generate(), io.BytesIO()
    writer = age.encrypt(out, [CommandRecipient("kms", wrapper), identity.recipient])
    writer.write(b"a dataset")
    writer.close()
    return out.getvalue(), identity


def test_a_file_opens_with_the_command_and_with_the_key_beside_it(tmp_path: Path) -> None:
    data, identity = sealed(tmp_path, kms(tmp_path))
    for one in (identity, CommandIdentity("kms", kms(tmp_path))):
        stream = io.BytesIO(data)
        key = age.file_key_of(age.read_header(stream), [one])
        assert b"".join(age.decrypt_chunks(stream, key)) == b"a dataset"


@pytest.mark.skipif(shutil.which("age") is None, reason="the age tool is not installed")
def test_the_age_tool_passes_over_a_command(tmp_path: Path) -> None:
    data, identity = sealed(tmp_path, kms(tmp_path))
    (tmp_path / "key").write_text(identity.encode())
    done = subprocess.run(
        ["age", "-d", "-i", tmp_path / "key"], input=data, capture_output=True, check=True
    )
    assert done.stdout == b"a dataset"


def test_kinds_are_told_apart_by_what_the_configuration_says(tmp_path: Path) -> None:
    strong = CommandRecipient("kms", kms(tmp_path, post_quantum=True))
    with pytest.raises(VaultError, match="post-quantum recipients cannot stand beside others"):
        age.encrypt(io.BytesIO(), [strong, age.X25519Identity.generate().recipient])
