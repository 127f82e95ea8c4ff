"""Identity files stay with their holders: plain, locked, post-quantum, ours and those of `age`."""

from __future__ import annotations

import io
import shutil
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from gatekeeper.errors import ConfigError
from gatekeeper.vault import age, load_identities
from gatekeeper.vault.age.hybrid import HybridIdentity, HybridRecipient
from gatekeeper.vault.keyfile import MAX_FILE_BYTES, init_identity
from tests.vault.kit import NOW, Place
from tests.vault.refusals import refused
from tests.vault.terminal import run_in_terminal

HINT = "it holds lines AGE-SECRET-KEY-…; `gatekeeper keys init FILE` makes such a file"
WORDS = "correct horse battery"
needs_age = pytest.mark.skipif(shutil.which("age") is None, reason="the age tool is not installed")


@pytest.fixture
def bare(tmp_path: Path) -> Place:
    return Place(tmp_path)


def never() -> str:
    raise AssertionError("nobody is to be asked")


def locked(data: bytes, *, words: str = WORDS, armor: bool = False, factor: int = 10) -> bytes:
    out = io.BytesIO()
    sink = age.ArmorWriter(out) if armor else out
    writer = age.encrypt(sink, [age.Passphrase(words, work_factor=factor)])
    writer.write(data)
    writer.close()
    if isinstance(sink, age.ArmorWriter):
        sink.close()
    return out.getvalue()


def test_init_makes_a_private_file_and_enrols_its_recipient(bare: Place) -> None:
    enrolled = bare.vault().init_identity(bare.identity, now=NOW, comment="operations\x1b[31m")
    assert stat.S_IMODE(bare.identity.stat().st_mode) == 0o600
    (identity,) = load_identities(bare.identity)
    assert bare.identity.read_text() == (
        "# created: 2026-03-01T12:00:00Z\n"
        f"# public key: {identity.recipient}\n"
        f"{identity.encode()}\n"
    )
    assert bare.vault().recipients() == (enrolled,)
    assert (enrolled.recipient, enrolled.comment) == (identity.recipient, "operations[31m")
    assert enrolled.created == enrolled.checked == "2026-03-01T12:00:00Z"
    assert isinstance(identity, age.X25519Identity)
    held = [p for p in (bare.root / "vault").rglob("*") if p.is_file()]
    assert not [p for p in held if identity.encode().encode() in p.read_bytes()]
    events = [(r["event"], r["data"]["action"]) for r in bare.log.records()]
    assert events == [("key", "enrolled")]
    assert bare.vault().init_identity(bare.spare, now=NOW).comment == ""


def test_a_post_quantum_identity_is_made_where_it_is_asked_for(bare: Place) -> None:
    enrolled = init_identity(bare.vault(), bare.identity, now=NOW, post_quantum=True)
    (identity,) = load_identities(bare.identity)
    assert isinstance(identity, HybridIdentity)
    assert isinstance(enrolled.recipient, HybridRecipient)
    assert identity.recipient == enrolled.recipient
    assert bare.identity.read_text().splitlines()[2].startswith("AGE-SECRET-KEY-PQ-1")
    assert enrolled.kind == "post-quantum"


def test_a_locked_identity_opens_with_its_passphrase_alone(bare: Place) -> None:
    enrolled = init_identity(bare.vault(), bare.identity, now=NOW, passphrase=WORDS)
    data = bare.identity.read_bytes()
    assert data.startswith(b"age-encryption.org/v1\n-> scrypt ")
    assert data.split(b"\n")[1].endswith(b" 18")
    assert b"SECRET" not in data
    assert stat.S_IMODE(bare.identity.stat().st_mode) == 0o600
    (identity,) = load_identities(bare.identity, lambda: WORDS)
    assert identity.recipient == enrolled.recipient
    assert enrolled.checked == "2026-03-01T12:00:00Z"
    with refused(
        f"{bare.identity}: the passphrase is wrong", hint="it is that of this identity file"
    ):
        load_identities(bare.identity, lambda: WORDS + " ")
    with refused(
        f"{bare.identity}: locked with a passphrase, and nobody is there to ask for it", hint=HINT
    ):
        load_identities(bare.identity)


@needs_age
def test_the_age_tool_opens_with_our_locked_identity(bare: Place) -> None:
    enrolled = init_identity(bare.vault(), bare.identity, now=NOW, passphrase=WORDS)
    sealed = bare.root / "sealed"
    subprocess.run(
        ["age", "-r", str(enrolled.recipient), "-o", sealed], input=b"a dataset", check=True
    )
    out = bare.root / "out"
    argv = ["age", "-d", "-i", bare.identity, "-o", out, sealed]
    code, shown = run_in_terminal(argv, [("passphrase", WORDS + "\n")])
    assert (code, out.read_bytes()) == (0, b"a dataset"), shown


@needs_age
@pytest.mark.parametrize("options", [[], ["-a"]])
def test_we_open_what_the_age_tool_locked(bare: Place, options: list[str]) -> None:
    identity = age.X25519Identity.generate()
    plain, file = bare.root / "plain", bare.root / "locked"
    plain.write_text(f"# a comment\n\n{identity.encode()}\n")
    code, shown = run_in_terminal(
        ["age", "-p", *options, "-o", file, plain],
        [("passphrase", WORDS + "\n"), ("onfirm passphrase", WORDS + "\n")],
    )
    assert code == 0, shown
    (found,) = load_identities(file, lambda: WORDS)
    assert found.recipient == identity.recipient


@needs_age
def test_age_keygen_reads_our_identity_and_we_read_its(bare: Place) -> None:
    enrolled = bare.vault().init_identity(bare.identity, now=NOW)
    shown = subprocess.run(["age-keygen", "-y", bare.identity], capture_output=True, check=True)
    assert shown.stdout.decode().strip() == str(enrolled.recipient)
    subprocess.run(["age-keygen", "-o", bare.root / "theirs"], capture_output=True, check=True)
    (theirs,) = load_identities(bare.root / "theirs")
    assert str(theirs.recipient) in (bare.root / "theirs").read_text()


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("vault/key", "vault"),
        ("vault/sub/../key", "vault"),
        ("vault/sub/key", "vault"),
        ("data/key", "link"),
        ("link/key", "link"),
        ("other/key", "other"),
    ],
)
def test_an_identity_is_refused_in_the_vault_and_the_datasets(
    bare: Place, name: str, folder: str
) -> None:
    (bare.root / "vault" / "sub").mkdir(parents=True)
    for made in ("data", "other"):
        (bare.root / made).mkdir()
    (bare.root / "link").symlink_to(bare.root / "data")
    with refused(
        f"{bare.root / name}: an identity must not lie in {bare.root / folder}",
        hint="name a file outside of it, best on a medium you can take away",
        kind=ConfigError,
    ):
        bare.vault().init_identity(
            bare.root / name, now=NOW, forbidden=[bare.root / "other", bare.root / "link"]
        )
    assert not (bare.root / name).exists()


def test_an_identity_file_is_never_overwritten(bare: Place) -> None:
    bare.identity.write_text("mine")
    with refused(f"{bare.identity}: file exists"):
        bare.vault().init_identity(bare.identity, now=NOW)
    assert bare.identity.read_text() == "mine"
    assert bare.vault().recipients() == ()
    with refused(f"{bare.root / 'no/key'}: no such file or directory"):
        bare.vault().init_identity(bare.root / "no/key", now=NOW)


def test_a_file_may_hold_many_of_either_kind(bare: Place) -> None:
    made = [age.X25519Identity.generate(), HybridIdentity.generate(), age.X25519Identity.generate()]
    bare.identity.write_text(
        "\n\r\n# one\n" + "".join(f"  {identity.encode()} \r\n" for identity in made) + "#end"
    )
    found = load_identities(bare.identity, never)
    assert [i.recipient for i in found] == [i.recipient for i in made]


@pytest.mark.parametrize(("armor", "before"), [(False, b""), (True, b""), (True, b"\n \r\n")])
def test_a_locked_file_is_read_whole_and_asks_once(bare: Place, armor: bool, before: bytes) -> None:
    made = [age.X25519Identity.generate(), HybridIdentity.generate()]
    asked: list[str] = []
    text = "".join(f"{identity.encode()}\n" for identity in made)
    bare.identity.write_bytes(before + locked(text.encode(), armor=armor))
    found = load_identities(bare.identity, lambda: asked.append("") or WORDS)  # type: ignore[func-returns-value]
    assert [i.recipient for i in found] == [i.recipient for i in made]
    assert asked == [""]


def without_its_mac(data: bytes) -> bytes:
    head, mac, rest = data.partition(b"\n--- ")
    return head + mac + (b"A" if rest[:1] != b"A" else b"B") + rest[1:]


SECRET = "AGE-SECRET-KEY-1QQQQQQQQ"


@pytest.mark.parametrize(
    ("data", "says", "hint"),
    [
        (b"", "no identity in it", HINT),
        (b"# only a comment\n \n", "no identity in it", HINT),
        (SECRET.encode() + b"\n", "age key: bad checksum",
         "copy the whole key, from its first letter"),
        (b"\0\xff", "age key: not an identity", "it starts with AGE-SECRET-KEY-"),
        (b"age1public", "age key: a recipient where an identity belongs",
         "an identity starts with AGE-SECRET-KEY-"),
        (b"AGE-PLUGIN-YUBIKEY-1Q", "age key: not an identity", "it starts with AGE-SECRET-KEY-"),
        (b"#" * (MAX_FILE_BYTES + 1), "more than 65,536 bytes", HINT),
        (locked(b"# nothing\n"), "no identity in it", HINT),
        (locked(SECRET.encode()), "age key: bad checksum",
         "copy the whole key, from its first letter"),
        (locked(b"x")[:60], "age header: cut off, or a line is too long", HINT),
        (without_its_mac(locked(b"x")), "age header: bad header MAC: the file was changed", HINT),
        (locked(b"x")[:-1], "age payload: chunk 0 was changed, moved or cut off", HINT),
        (b"-----BEGIN AGE ENCRYPTED FILE-----\nx", "age armor: it is cut off", HINT),
    ],
)  # fmt: skip
def test_a_file_without_an_identity_is_refused_and_not_shown(
    bare: Place, data: bytes, says: str, hint: str
) -> None:
    bare.identity.write_bytes(data)
    with refused(f"{bare.identity}: {says}", hint=hint):
        load_identities(bare.identity, lambda: WORDS)


def test_the_largest_file_is_read(bare: Place) -> None:
    identity = age.X25519Identity.generate()
    line = f"\n{identity.encode()}".encode()
    bare.identity.write_bytes(b"#" * (MAX_FILE_BYTES - len(line)) + line)
    assert load_identities(bare.identity)[0].recipient == identity.recipient


def test_a_file_for_somebody_s_key_is_no_identity_file(bare: Place) -> None:
    out = io.BytesIO()
    age.encrypt(out, [age.X25519Identity.generate().recipient]).close()
    bare.identity.write_bytes(out.getvalue())
    ask: Callable[[], str] = never
    with refused(f"{bare.identity}: an age file, but none that a passphrase opens", hint=HINT):
        load_identities(bare.identity, ask)


def test_a_file_that_is_not_there_is_said(bare: Place) -> None:
    with refused(f"{bare.root / 'missing'}: no such file or directory"):
        load_identities(bare.root / "missing")
    with refused(f"{bare.root}: is a directory"):
        load_identities(bare.root)
