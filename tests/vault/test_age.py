"""The age v1 format: round trips, and every way to damage a file."""

from __future__ import annotations

import hashlib
import hmac
import io
import resource
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gatekeeper.errors import VaultError
from gatekeeper.vault import age
from gatekeeper.vault.age import bech32
from gatekeeper.vault.age.header import decode_base64, encode_base64
from tests.vault.age_kit import CASE, Reads, noise, refused, seal, unseal


@pytest.fixture(scope="module")
def identity() -> age.X25519Identity:
    return age.X25519Identity.generate()


def test_a_passphrase_stands_alone(identity: age.X25519Identity) -> None:
    for extra in ([identity.recipient], []):
        with refused("age header: a passphrase must be the only recipient"):
            seal(b"", age.Passphrase("pass", work_factor=1), *extra, extra=[CASE])


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


def test_the_case_is_bound(identity: age.X25519Identity) -> None:
    sealed = seal(b"data", identity.recipient, extra=[CASE])
    with refused("age header: bad header MAC: the file was changed"):
        unseal(sealed.replace(b"0" * 32, b"0" * 31 + b"1"), identity)


def test_stanzas_for_two_file_keys_do_not_both_open() -> None:
    first, second = age.X25519Identity.generate(), age.X25519Identity.generate()
    key, other = age.new_file_key(), age.new_file_key()
    header = age.make_header(key, [first.recipient.wrap(key), second.recipient.wrap(other)])
    assert age.file_key_of(header, [first]) == key
    with refused("age header: bad header MAC: the file was changed"):
        age.file_key_of(header, [second])


def test_at_most_twenty_stanzas(identity: age.X25519Identity) -> None:
    assert unseal(seal(b"x", *[identity.recipient] * 20), identity) == b"x"
    with refused("age header: more than 20 stanzas"):
        seal(b"x", *[identity.recipient] * 21)
    grown = seal(b"x", *[identity.recipient] * 20).replace(b"\n--- ", b"\n-> a\n\n--- ", 1)
    with refused("age header: more than 20 stanzas"):
        unseal(grown, identity)


def test_no_recipient_is_no_file() -> None:
    with refused("age: no recipient to encrypt to"):
        seal(b"x")


MAC = encode_base64(bytes(32)).encode()
V1 = b"age-encryption.org/v1\n"
END = b"\n--- " + MAC + b"\n"
CUT = "age header: cut off, or a line is too long"
CANONICAL = "age header: base64 is not canonical"
PRINTABLE = "age header: a byte that is not printable ASCII"
WORD = "age header: a stanza argument is empty or not printable ASCII"
NEITHER = "age header: neither a stanza nor the MAC line"
LENGTH = "age header: the MAC has a wrong length"
X25519 = "age header: malformed X25519 stanza"
SCRYPT = "age header: malformed scrypt stanza"
NO_MATCH = ("age: no identity matches a recipient of this file",
            "use the identity file of one of its recipients")  # fmt: skip
SALT = encode_base64(bytes(16)).encode()


@pytest.mark.parametrize(
    ("header", "says"),
    [
        (b"", CUT),
        (b"age-encryption.org/v2\n", "age header: not an age v1 file"),
        (b"age-encryption.org/v1\r\n", PRINTABLE),
        (b"age-encryption.org/v1\x7f\n", PRINTABLE),
        (b"age-encryption.org/v1\x1f\n", PRINTABLE),
        (b"age-encryption.org/v1~\n", "age header: not an age v1 file"),
        (V1, CUT),
        (V1 + b"--- " + MAC + b"\n", "age header: no recipient"),
        (V1 + b"-> a\n\n---\n", NEITHER),
        (V1 + b"-> a\n\n---" + MAC + b"\n", NEITHER),
        (V1 + b"->a\n" + END, NEITHER),
        (V1 + b"-> a\n\n--- " + MAC[:-1] + b"B\n", CANONICAL),
        (V1 + b"-> a\n\n--- " + MAC + b"=\n", CANONICAL),
        (V1 + b"-> a\n\n--- " + MAC + b" \n", CANONICAL),
        (V1 + b"-> a\n\n--- \n", LENGTH),
        (V1 + b"-> a\n\n--- " + encode_base64(bytes(31)).encode() + b"\n", LENGTH),
        (V1 + b"-> a\n\n--- " + encode_base64(bytes(33)).encode() + b"\n", LENGTH),
        (V1 + b"-> a\n\n--- " + MAC, CUT),
        (V1 + b"-> a  b\n" + END, WORD),
        (V1 + b"-> a b \n" + END, WORD),
        (V1 + b"-> \n" + END, WORD),
        (V1 + b"-> a\nAB==" + END, CANONICAL),
        (V1 + b"-> a\nAB" + END, CANONICAL),
        (V1 + b"-> a\nA" + END, CANONICAL),
        (V1 + b"-> a\nAA A" + END, CANONICAL),
        (V1 + b"-> a\n" + b"A" * 65 + b"\n" + END, "age header: a stanza's body line is too long"),
        (V1 + b"-> a\n" + b"A" * 64 + END, CANONICAL),  # the MAC line where the last line belongs
        (V1 + b"-> " + b"a" * 16_380 + b"\n" + END, NO_MATCH),
        (V1 + b"-> " + b"a" * 16_381 + b"\n" + END, CUT),
        (V1 + b"-> a\n" + (b"A" * 64 + b"\n") * 1365 + END, NO_MATCH),
        (
            V1 + b"-> a\n" + (b"A" * 64 + b"\n") * 1366 + END,
            "age header: a stanza's body is too long",
        ),
        (V1 + b"-> a\n\n" * 20 + END[1:], NO_MATCH),
        (V1 + b"-> a\n\n" * 21 + END[1:], "age header: more than 20 stanzas"),
        (V1 + b"-> X25519 AAAA\nAAAA" + END, X25519),
        (V1 + b"-> X25519\n" + MAC + END, X25519),
        (V1 + b"-> X25519 " + MAC + b"\nAAAA" + END, X25519),
        (V1 + b"-> X25519 " + MAC + b"\n" + MAC + END, "age header: X25519 share of low order"),
        (V1 + b"-> scrypt AAAA 10\n" + MAC + END, SCRYPT),
        (V1 + b"-> scrypt " + SALT + b" 10\nAAAA" + END, SCRYPT),
        (V1 + b"-> scrypt " + SALT + b"\n" + MAC + END, SCRYPT),
        (V1 + b"-> scrypt " + SALT + b" 10 10\n" + MAC + END, SCRYPT),
        (V1 + b"-> scrypt " + SALT + b" 010\n" + MAC + END, SCRYPT),
        (V1 + b"-> scrypt " + SALT + b" 0\n" + MAC + END, SCRYPT),
        (V1 + b"-> scrypt " + SALT + b" 100\n" + MAC + END, SCRYPT),
        (V1 + b"-> scrypt " + SALT + b" 1x\n" + MAC + END, SCRYPT),
        (V1 + b"-> scrypt " + SALT + b" 23\n" + MAC + END,
         "age header: scrypt work factor above 22"),
        (V1 + b"-> scrypt " + SALT + b" 1\n" + MAC + END, NO_MATCH),
        (V1 + b"-> scrypt " + SALT + b" 1\n" + MAC + b"\n-> a\n" + END,
         "age header: a passphrase must be the only recipient"),
        (V1 + b"-> a\n\n-> scrypt " + SALT + b" 1\n" + MAC + END,
         "age header: a passphrase must be the only recipient"),
        (V1 + b"-> other\n" + END, NO_MATCH),
    ],
)  # fmt: skip
def test_a_header_is_read_strictly(
    identity: age.X25519Identity, header: bytes, says: str | tuple[str, str]
) -> None:
    with refused(*((says,) if isinstance(says, str) else says)):
        unseal(header, identity, age.Passphrase("pass"))


@pytest.mark.parametrize(
    ("size", "lines"),
    [(0, [""]), (1, ["AA"]), (46, ["A" * 62]), (47, ["A" * 63]), (48, ["A" * 64, ""]),
     (49, ["A" * 64, "AA"]), (96, ["A" * 64, "A" * 64, ""])],
)  # fmt: skip
def test_a_stanza_is_spelled_in_one_way(size: int, lines: list[str]) -> None:
    stanza = age.Stanza("!type~", ("one", "2"), bytes(size))
    text = "\n".join(("-> !type~ one 2", *lines, "")).encode()
    assert stanza.to_bytes() == text
    header = age.read_header(Reads(V1 + text + END[1:] + b"the payload"))
    assert header.stanzas == (stanza,)
    assert header.covered == V1 + text + b"---"
    assert header.mac == bytes(32)
    assert header.to_bytes() == V1 + text + END[1:]


@pytest.mark.parametrize("word", ["", " ", "a b", "é", "\x7f", "\x1f", "\n"])
def test_a_word_of_a_stanza_is_printable(word: str) -> None:
    for kind, args in ((word, ()), ("a", (word,)), ("a", ("b", word))):
        with refused(WORD):
            age.Stanza(kind, args, b"")


def test_the_mac_is_that_of_the_specification() -> None:
    key, stanza = bytes(range(16)), age.Stanza("a", (), b"")
    covered = V1 + b"-> a\n\n---"
    mac_key = HKDF(SHA256(), 32, b"", b"header").derive(key)
    mac = hmac.new(mac_key, covered, hashlib.sha256).digest()
    header = age.make_header(key, [stanza])
    assert (header.covered, header.mac, header.stanzas) == (covered, mac, (stanza,))
    header.check_mac(key)
    with refused("age header: bad header MAC: the file was changed"):
        header.check_mac(bytes(16))


def test_the_file_key_is_the_one_given_and_else_a_fresh_one(identity: age.X25519Identity) -> None:
    def key_of(**options: bytes) -> bytes:
        out = io.BytesIO()
        age.encrypt(out, [identity.recipient], **options).close()  # type: ignore[arg-type]
        out.seek(0)
        return age.file_key_of(age.read_header(out), [identity])

    given = bytes(range(16))
    assert key_of(file_key=given) == given
    assert len({given, key_of(), key_of()}) == 3
    assert (len(age.new_file_key()), age.new_file_key() != age.new_file_key()) == (16, True)


# --- the payload, beside a second reading of the specification ------------------------------------


def chunks_of(payload: bytes, key: bytes) -> list[tuple[bytes, bool]]:
    """The chunks and which is the last, by the letter of C2SP age.md."""
    cipher = ChaCha20Poly1305(HKDF(SHA256(), 32, payload[:16], b"payload").derive(key))
    sealed = [payload[i : i + 65552] for i in range(16, len(payload), 65552)]
    found = []
    for number, chunk in enumerate(sealed):
        last = number == len(sealed) - 1
        nonce = number.to_bytes(11, "big") + bytes([last])
        found.append((cipher.decrypt(nonce, chunk, None), last))
    return found


@pytest.mark.parametrize(
    "pieces",
    [
        [],
        [0, 0],
        [1],
        [65535],
        [65536],
        [65536, 0],
        [65536, 1],
        [1, 65535],
        [1, 65535, 65536],
        [1, 65536],
        [65535, 1, 1],
        [65535, 2],
        [65537],
        [131072],
        [131073],
        [1, 131072],
        [65536, 65536, 65536],
        [10, 200_000, 10],
    ],
    ids=str,
)
def test_a_payload_is_that_of_the_specification(pieces: list[int]) -> None:
    key, out = bytes(range(16)), io.BytesIO()
    writer = age.PayloadWriter(out, key)
    assert len(out.getvalue()) == 16
    data = [noise(size) for size in pieces]
    for piece in data:
        assert writer.write(piece) == len(piece)
    before = len(out.getvalue())
    writer.close()
    payload = out.getvalue()
    assert before < len(payload)
    writer.close()
    assert out.getvalue() == payload
    with pytest.raises(ValueError, match=r"^write to a closed payload$"):
        writer.write(b"x")
    chunks = chunks_of(payload, key)
    whole = b"".join(data)
    assert b"".join(chunk for chunk, _ in chunks) == whole
    assert len(chunks) == max(1, -(-len(whole) // 65536))
    assert list(age.decrypt_chunks(Reads(payload), key)) == [c for c, _ in chunks]


def test_two_payloads_of_one_key_differ() -> None:
    def payload() -> bytes:
        out = io.BytesIO()
        age.PayloadWriter(out, bytes(16)).close()
        return out.getvalue()

    assert payload() != payload()


def payload_of(*chunks: tuple[int, bool, bytes]) -> bytes:
    """A payload of chunks as wanted: number, whether it says that it is the last, plaintext."""
    cipher = ChaCha20Poly1305(HKDF(SHA256(), 32, bytes(16), b"payload").derive(bytes(16)))
    return bytes(16) + b"".join(
        cipher.encrypt(number.to_bytes(11, "big") + bytes([last]), data, None)
        for number, last, data in chunks
    )


FULL = bytes(65536)


@pytest.mark.parametrize(
    ("payload", "given", "says"),
    [
        (b"", 0, "age header: cut off before the nonce of the payload"),
        (bytes(15), 0, "age header: cut off before the nonce of the payload"),
        (bytes(16), 0, "age payload: chunk 0 was changed, moved or cut off"),
        (bytes(17), 0, "age payload: chunk 0 was changed, moved or cut off"),
        (payload_of((0, False, b"x")), 0, "age payload: chunk 0 was changed, moved or cut off"),
        (payload_of((1, True, b"x")), 0, "age payload: chunk 0 was changed, moved or cut off"),
        (
            payload_of((0, False, FULL)),
            1,
            "age payload: chunk 0 is not the last one: the rest is cut off",
        ),
        (
            payload_of((0, True, FULL), (1, True, b"x")),
            1,
            "age payload: chunk 0 is the last one, but something follows it",
        ),
        (payload_of((0, True, FULL)) + b"x", 1,
         "age payload: chunk 0 is the last one, but something follows it"),
        (payload_of((0, False, FULL), (1, True, b"")), 1, "age payload: the last chunk is empty"),
        (
            payload_of((0, False, FULL), (1, False, b"x"), (2, True, b"x")),
            1,
            "age payload: chunk 1 was changed, moved or cut off",
        ),
        (
            payload_of(*((n, False, FULL) for n in range(16)), (17, True, b"x")),
            16,
            "age payload: chunk 16 was changed, moved or cut off",
        ),
        (
            payload_of(*((n, False, FULL) for n in range(16))),
            16,
            "age payload: chunk 15 is not the last one: the rest is cut off",
        ),
        (
            payload_of(*((n, n == 15, FULL) for n in range(16)), (16, True, b"x")),
            16,
            "age payload: chunk 15 is the last one, but something follows it",
        ),
    ],
)  # fmt: skip
def test_a_payload_is_read_strictly(payload: bytes, given: int, says: str) -> None:
    chunks = []
    with refused(says):
        for chunk in age.decrypt_chunks(Reads(payload), bytes(16)):
            chunks.append(chunk)  # noqa: PERF402 -- what came before it fails counts
    assert chunks == [FULL] * given


def test_a_payload_is_read_in_batches_of_eight_chunks() -> None:
    stream = Reads(payload_of(*((n, n == 19, FULL) for n in range(20))))
    chunks = age.decrypt_chunks(stream, bytes(16))
    assert next(chunks) == FULL
    assert stream.blocks == [16] + [8 * 65552] * 2
    assert sum(map(len, chunks)) == 19 * 65536
    assert stream.blocks == [16] + [8 * 65552] * 4


@pytest.mark.parametrize("size", [1, 10, 65536, 100_000])
def test_a_reader_gives_a_chunk_in_pieces_and_then_nothing(size: int) -> None:
    data = noise(300 if size < 100 else 65636)
    payload = io.BytesIO()
    writer = age.PayloadWriter(payload, bytes(16))
    writer.write(data)
    writer.close()
    reader = age.PayloadReader(Reads(payload.getvalue()), bytes(16))
    assert reader.readable() is True
    given = b""
    buffer = bytearray(size)
    while count := reader.readinto(buffer):
        left = len(data) - len(given)
        assert count == min(size, left, 65536 - len(given) % 65536)
        given += buffer[:count]
    assert given == data
    assert reader.readinto(buffer) == 0


# --- passphrases ----------------------------------------------------------------------------------


def test_a_passphrase_opens_what_it_sealed_and_nothing_else(identity: age.X25519Identity) -> None:
    sealed = seal(b"data", age.Passphrase("pass", work_factor=10))
    assert unseal(sealed, identity, age.Passphrase("other"), age.Passphrase("pass")) == b"data"
    for other in (age.Passphrase("other"), identity):
        with refused(*NO_MATCH):
            unseal(sealed, other)


def test_a_passphrase_is_stretched_as_the_specification_says() -> None:
    key, phrase = bytes(range(16)), "pass œ"
    stanza = age.Passphrase(phrase, work_factor=10).wrap(key)
    assert (stanza.type, stanza.args[1], len(stanza.args)) == ("scrypt", "10", 2)
    salt = decode_base64(stanza.args[0])
    assert len(salt) == 16
    assert salt != decode_base64(age.Passphrase(phrase, work_factor=10).wrap(key).args[0])
    stretched = hashlib.scrypt(
        phrase.encode(), salt=b"age-encryption.org/v1/scrypt" + salt, n=1 << 10, r=8, p=1, dklen=32
    )
    assert ChaCha20Poly1305(stretched).decrypt(bytes(12), stanza.body, None) == key
    assert age.Passphrase(phrase).unwrap([CASE, stanza]) == key
    assert age.Passphrase(phrase).unwrap([CASE]) is None


def test_a_passphrase_is_stretched_for_a_second_where_nothing_else_is_said() -> None:
    assert age.Passphrase("pass").wrap(bytes(16)).args[1] == "18"


def test_a_passphrase_must_be_text() -> None:
    with refused("age passphrase: not text that UTF-8 can hold"):
        age.Passphrase("\udc80")


@pytest.mark.parametrize(("factor", "mib"), [(19, 512), (22, 4096)])
def test_too_little_memory_is_said(factor: int, mib: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    now = pages * resource.getpagesize()
    stanza = age.Stanza("scrypt", (encode_base64(bytes(16)), str(factor)), bytes(32))
    try:
        resource.setrlimit(resource.RLIMIT_AS, (now + (64 << 20), hard))
        with refused(
            f"age passphrase: scrypt needs {mib} MiB of memory", "use a machine that has it free"
        ):
            age.Passphrase("pass").unwrap([stanza])
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


@given(st.binary(max_size=200))
@example(b"\0\0\x17")  # AAAX
def test_base64_has_one_spelling(data: bytes) -> None:
    assert decode_base64(encode_base64(data)) == data
    assert len(encode_base64(data)) == -(-len(data) * 4 // 3)


@given(st.binary(max_size=80))
def test_any_bytes_for_a_file_give_our_error(data: bytes) -> None:
    with pytest.raises(VaultError):
        unseal(data, age.Passphrase("pass"))


@given(st.binary(max_size=100))
def test_bech32_round_trip(data: bytes) -> None:
    assert bech32.decode(bech32.encode("age", data)) == ("age", data)


def test_a_key_with_one_wrong_letter_is_refused(identity: age.X25519Identity) -> None:
    text = str(identity.recipient)
    for place in range(4, len(text)):
        letter = "q" if text[place] != "q" else "p"
        with pytest.raises(VaultError, match="age key: bad checksum"):
            age.X25519Recipient.parse(text[:place] + letter + text[place + 1 :])


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
