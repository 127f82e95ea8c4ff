"""The age v1 format: round trips, and every way to damage a file."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatekeeper.errors import VaultError
from gatekeeper.vault import age
from gatekeeper.vault.age import bech32
from gatekeeper.vault.age.header import decode_base64, encode_base64
from tests.vault.age_kit import CASE, noise, seal, unseal


@pytest.fixture(scope="module")
def identity() -> age.X25519Identity:
    return age.X25519Identity.generate()


def test_a_passphrase_stands_alone(identity: age.X25519Identity) -> None:
    for extra in ([identity.recipient], []):
        with pytest.raises(VaultError, match="only recipient"):
            seal(b"", age.Passphrase("pass", work_factor=1), *extra, extra=[CASE])


def test_a_passphrase_that_would_take_hours_is_refused() -> None:
    sealed = seal(b"", age.Passphrase("pass", work_factor=10))
    with pytest.raises(VaultError, match="work factor above 22"):
        unseal(sealed.replace(b" 10\n", b" 23\n", 1), age.Passphrase("pass"))


@given(st.lists(st.binary(max_size=70_000), max_size=5), st.integers(1, 3))
@settings(max_examples=40, deadline=None)
def test_what_goes_in_comes_out_for_each_recipient(pieces: list[bytes], people: int) -> None:
    identities = [age.X25519Identity.generate() for _ in range(people)]
    out = io.BytesIO()
    writer = age.encrypt(out, [i.recipient for i in identities])
    for piece in pieces:
        writer.write(piece)
    writer.close()
    for one in identities:
        stream = io.BytesIO(out.getvalue())
        reader = io.BufferedReader(
            age.PayloadReader(stream, age.file_key_of(age.read_header(stream), [one]))
        )
        assert reader.read() == b"".join(pieces)


def test_every_bit_flip_is_detected(identity: age.X25519Identity) -> None:
    sealed = seal(b"a few bytes", identity.recipient, extra=[CASE])
    passed = []
    for bit in range(len(sealed) * 8):
        broken = bytearray(sealed)
        broken[bit // 8] ^= 1 << bit % 8
        try:
            unseal(bytes(broken), identity)
        except VaultError:
            continue
        passed.append(bit)
    assert passed == []


def test_every_truncation_and_extension_is_detected(identity: age.X25519Identity) -> None:
    sealed = seal(b"a few bytes", identity.recipient, extra=[CASE])
    for broken in [sealed[:size] for size in range(len(sealed))] + [sealed + b"\0"]:
        with pytest.raises(VaultError):
            unseal(broken, identity)


def test_chunks_cannot_be_moved_dropped_doubled_or_borrowed(identity: age.X25519Identity) -> None:
    def parts(sealed: bytes) -> tuple[bytes, list[bytes]]:
        start = sealed.index(b"\n", sealed.index(b"\n--- ") + 1) + 1 + 16
        chunk = 65536 + 16
        return sealed[:start], [sealed[i : i + chunk] for i in range(start, len(sealed), chunk)]

    head, chunks = parts(seal(noise(4 * 65536 + 5), identity.recipient))
    _, others = parts(seal(noise(4 * 65536 + 5), identity.recipient))
    assert unseal(head + b"".join(chunks), identity) == noise(4 * 65536 + 5)
    damaged = [chunks[:i] + chunks[i + 1 :] for i in range(5)]
    damaged += [[*chunks[:i], chunks[i], *chunks[i:]] for i in range(5)]
    damaged += [[*chunks[:i], others[i], *chunks[i + 1 :]] for i in range(5)]
    damaged += [[chunks[1], chunks[0], *chunks[2:]], chunks[:4], [*chunks, chunks[4]]]
    for mixed in damaged:
        with pytest.raises(VaultError, match="age payload: chunk"):
            unseal(head + b"".join(mixed), identity)


def test_an_empty_last_chunk_is_only_for_an_empty_file(identity: age.X25519Identity) -> None:
    class Careless(age.PayloadWriter):
        def write(self, data: bytes) -> int:
            self._seal(data, last=False)
            return len(data)

    out, key = io.BytesIO(), age.new_file_key()
    writer = Careless(out, key)
    writer.write(noise(65536))
    writer.close()
    with pytest.raises(VaultError, match="last chunk is empty"):
        list(age.decrypt_chunks(io.BytesIO(out.getvalue()), key))


def test_the_case_is_bound(identity: age.X25519Identity) -> None:
    sealed = seal(b"data", identity.recipient, extra=[CASE])
    with pytest.raises(VaultError, match="bad header MAC"):
        unseal(sealed.replace(b"0" * 32, b"0" * 31 + b"1"), identity)


def test_stanzas_for_two_file_keys_do_not_both_open() -> None:
    first, second = age.X25519Identity.generate(), age.X25519Identity.generate()
    key, other = age.new_file_key(), age.new_file_key()
    header = age.make_header(key, [first.recipient.wrap(key), second.recipient.wrap(other)])
    assert age.file_key_of(header, [first]) == key
    with pytest.raises(VaultError, match="bad header MAC"):
        age.file_key_of(header, [second])


def test_at_most_twenty_stanzas(identity: age.X25519Identity) -> None:
    assert unseal(seal(b"x", *[identity.recipient] * 20), identity) == b"x"
    with pytest.raises(VaultError, match="more than 20"):
        seal(b"x", *[identity.recipient] * 21)
    grown = seal(b"x", *[identity.recipient] * 20).replace(b"\n--- ", b"\n-> a\n\n--- ", 1)
    with pytest.raises(VaultError, match="more than 20"):
        unseal(grown, identity)


def test_no_recipient_is_no_file() -> None:
    with pytest.raises(VaultError, match="no recipient"):
        seal(b"x")


MAC = encode_base64(bytes(32)).encode()
V1 = b"age-encryption.org/v1\n"


@pytest.mark.parametrize(
    ("header", "says"),
    [
        (b"", "cut off"),
        (b"age-encryption.org/v2\n", "not an age v1 file"),
        (b"age-encryption.org/v1\r\n", "not printable ASCII"),
        (V1 + b"--- " + MAC + b"\n", "no recipient"),
        (V1 + b"-> a\n\n---\n", "neither a stanza nor the MAC"),
        (V1 + b"-> a\n\n--- " + MAC[:-1] + b"B\n", "canonical"),
        (V1 + b"-> a\n\n--- AAAA\n", "MAC has a wrong length"),
        (V1 + b"-> a\n\n--- " + MAC, "cut off"),
        (V1 + b"-> a  b\n\n--- " + MAC + b"\n", "empty or not printable"),
        (V1 + b"-> a\nAB==\n--- " + MAC + b"\n", "canonical"),
        (V1 + b"-> a\nAB\n--- " + MAC + b"\n", "canonical"),
        (V1 + b"-> a\n" + b"A" * 68 + b"\n\n--- " + MAC + b"\n", "body line is too long"),
        (V1 + b"-> a\n" + b"A" * 64 + b"\n--- " + MAC + b"\n", "canonical"),
        (V1 + b"-> " + b"a" * 20_000 + b"\n\n--- " + MAC + b"\n", "line is too long"),
        (V1 + b"-> a\n" + (b"A" * 64 + b"\n") * 2000 + b"\n--- " + MAC + b"\n", "body is too long"),
        (V1 + b"-> X25519 AAAA\nAAAA\n--- " + MAC + b"\n", "malformed X25519"),
        (V1 + b"-> X25519 " + MAC + b"\nAAAA\n--- " + MAC + b"\n", "malformed X25519"),
        (
            V1 + b"-> X25519 " + encode_base64(bytes(32)).encode() + b"\n"
            + encode_base64(bytes(32)).encode() + b"\n--- " + MAC + b"\n",
            "low order",
        ),
        (V1 + b"-> scrypt AAAA 10\nAAAA\n--- " + MAC + b"\n", "malformed scrypt"),
        (V1 + b"-> scrypt AAAA 010\n" + MAC + b"\n--- " + MAC + b"\n", "malformed scrypt"),
        (V1 + b"-> other\n\n--- " + MAC + b"\n", "no identity matches"),
    ],
)  # fmt: skip
def test_a_header_is_read_strictly(identity: age.X25519Identity, header: bytes, says: str) -> None:
    with pytest.raises(VaultError, match=says):
        unseal(header, identity, age.Passphrase("pass"))


@given(st.binary(max_size=200))
def test_base64_has_one_spelling(data: bytes) -> None:
    assert decode_base64(encode_base64(data)) == data


@given(st.binary(max_size=80))
def test_any_bytes_for_a_file_give_our_error(data: bytes) -> None:
    with pytest.raises(VaultError):
        unseal(data, age.Passphrase("pass"))


@given(st.binary(max_size=100))
def test_bech32_round_trip(data: bytes) -> None:
    assert bech32.decode(bech32.encode("age", data)) == ("age", data)


@pytest.mark.parametrize(
    "text",
    ["", "age", "age1", "1qqqqqqqq", "age1" + "b" * 40, "Age1qqqqqqqqqq", "age1qqqqqqqqqqqqqqqq"],
)
def test_bech32_refuses(text: str) -> None:
    with pytest.raises(VaultError, match="age key"):
        bech32.decode(text)


def test_a_key_with_one_wrong_letter_is_refused(identity: age.X25519Identity) -> None:
    text = str(identity.recipient)
    for place in range(4, len(text)):
        letter = "q" if text[place] != "q" else "p"
        with pytest.raises(VaultError, match="age key: bad checksum"):
            age.X25519Recipient.parse(text[:place] + letter + text[place + 1 :])


def test_keys_are_not_taken_for_each_other(identity: age.X25519Identity) -> None:
    with pytest.raises(VaultError, match="not an X25519 recipient"):
        age.X25519Recipient.parse(identity.encode())
    with pytest.raises(VaultError, match="not an X25519 identity"):
        age.X25519Identity.parse(str(identity.recipient))
    with pytest.raises(VaultError, match="not an X25519 identity"):
        age.X25519Identity.parse(identity.encode().lower())
    assert identity.encode()[20:30] not in repr(identity)


def test_memory_does_not_grow_with_the_file(identity: age.X25519Identity) -> None:
    import tracemalloc

    class Zeros(io.RawIOBase):
        left = 64 << 20

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
            size = min(len(buffer), self.left)
            self.left -= size
            return size

    class Counted:
        size = 0

        def write(self, data: bytes) -> int:
            self.size += len(data)
            return len(data)

    sink, source = Counted(), io.BufferedReader(Zeros(), 1 << 16)
    tracemalloc.start()
    writer = age.encrypt(sink, [identity.recipient])
    while data := source.read(1 << 16):
        writer.write(data)
    writer.close()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sink.size > 64 << 20
    assert peak < 4 << 20
