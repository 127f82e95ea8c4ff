"""Keys as text: Bech32, both kinds of recipient and identity, and what is refused."""

from __future__ import annotations

import hashlib
import subprocess
import sys

import pytest

from gatekeeper.errors import VaultError
from gatekeeper.vault import age
from gatekeeper.vault.age import bech32
from gatekeeper.vault.age.header import HYBRID_TYPE, encode_base64
from gatekeeper.vault.age.hybrid import HybridIdentity, HybridRecipient
from gatekeeper.vault.age.keys import MAX_KEY_CHARS
from tests.vault.age_files import MADE_BY_AGE, MADE_BY_AGE_ENCRYPTION
from tests.vault.age_kit import CASE, refused, seal, unseal

# `age-keygen -y` and age-encryption's identityToRecipient give these public sides
SECRET = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX"
PUBLIC = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj"
HYBRID_SECRET = "AGE-SECRET-KEY-PQ-1QQQSYQCYQ5RQWZQFPG9SCRGWPUGPZYSNZS23V9CCRYDPK8QARC0S5DYVQQ"
HYBRID_PUBLIC_SHA256 = "e1704ce7caadaa4e436845c280d1527742f46a8af62d934c41b60c624e7cb185"
HYBRID = HybridIdentity.parse(HYBRID_SECRET)
HYBRID_PUBLIC = str(HYBRID.recipient)
FILE_KEY = bytes(range(16))

NOT_RECIPIENT = ("age key: not an X25519 recipient", "it starts with age1")
NOT_IDENTITY = ("age key: not an X25519 identity", "it starts AGE-SECRET-KEY-1")
NOT_HYBRID_RECIPIENT = ("age key: not a post-quantum recipient", "it starts with age1pq1")
NOT_HYBRID_IDENTITY = ("age key: not a post-quantum identity", "it starts AGE-SECRET-KEY-PQ-1")
NOT_BECH32 = ("age key: not a bech32 string", "")
CHECKSUM = ("age key: bad checksum", "copy the whole key, from its first letter")
ALPHABET = ("age key: a character outside the bech32 alphabet", "")
CASES_MIXED = ("age key: upper and lower case are mixed", "")
INVALID_HYBRID = ("age key: not a valid post-quantum public key", "")
LOW_ORDER = ("age header: X25519 share of low order", "")


@pytest.mark.parametrize(
    ("text", "prefix", "data"),
    [  # of BIP 173
        ("A12UEL5L", "a", ""),
        ("a12uel5l", "a", ""),
        ("?1ezyfcl", "?", ""),
        (
            "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw",
            "abcdef",
            "00443214c74254b635cf84653a56d7c675be77df",
        ),
        (
            "an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio"
            "1tt5tgs",
            "an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio",
            "",
        ),
        ("age1qqpexly5", "age", "00"),
        ("age1qywnyetw", "age", "01"),
        ("age1luyvfgxs", "age", "ff"),
        ("age1qqqqqqqqf34z55", "age", "0000000000"),
    ],
)
def test_bech32_says_what_it_spells(text: str, prefix: str, data: str) -> None:
    assert bech32.decode(text) == (prefix, bytes.fromhex(data))
    assert bech32.encode(prefix, bytes.fromhex(data)) == text.lower()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", NOT_BECH32),
        ("age", NOT_BECH32),
        ("age1", NOT_BECH32),
        ("age1qqqqq", NOT_BECH32),
        ("1qqqqqqqqqqqq", NOT_BECH32),
        ("é1qqqqqqqqqqqq", NOT_BECH32),
        ("age1qqqqqq", CHECKSUM),
        ("age1qqpexly4", CHECKSUM),
        ("agf1qqpexly5", CHECKSUM),
        ("age1qqpexlyb", ALPHABET),
        ("age1bqpexly5", ALPHABET),
        ("age1qqpexly5 ", ALPHABET),
        ("age1qqpexlY5", CASES_MIXED),
        ("Age1qqpexly5", CASES_MIXED),
        ("age1qdd35qf", ("age key: bad padding", "")),  # 5 bits too many, all zero
        ("age1psm9pam", ("age key: bad padding", "")),
        ("age1qpu0j2ex", ("age key: bad padding", "")),  # 2 bits of padding, one of them set
        ("age1qzju8uhe", ("age key: bad padding", "")),
        ("age1qqqyst3gn", ("age key: bad padding", "")),  # 7 bits too many
        ("age1qqqqqq0jg2mr", ("age key: bad padding", "")),
        ("age1qqqpzh8mqf", ("age key: bad padding", "")),
    ],
)
def test_bech32_refuses(text: str, says: tuple[str, str]) -> None:
    with refused(*says):
        bech32.decode(text)


def test_the_keys_of_others_are_read_as_they_read_them() -> None:
    identity = age.parse_identity(SECRET)
    assert isinstance(identity, age.X25519Identity)
    assert str(identity.recipient) == PUBLIC
    assert identity.encode() == SECRET
    assert age.parse_recipient(PUBLIC) == identity.recipient
    assert str(age.parse_recipient(PUBLIC)) == PUBLIC
    hybrid = age.parse_identity(HYBRID_SECRET)
    assert isinstance(hybrid, HybridIdentity)
    assert hashlib.sha256(HYBRID_PUBLIC.encode()).hexdigest() == HYBRID_PUBLIC_SHA256
    assert str(hybrid.recipient) == HYBRID_PUBLIC
    assert hybrid.encode() == HYBRID_SECRET
    assert age.parse_recipient(HYBRID_PUBLIC) == HYBRID.recipient
    assert (len(HYBRID_PUBLIC), len(HYBRID_SECRET)) == (1959, 77)


def test_files_that_others_made_open_without_their_programs() -> None:
    assert unseal(MADE_BY_AGE, age.parse_identity(SECRET)) == b"made by age\n"
    assert unseal(MADE_BY_AGE_ENCRYPTION, HYBRID) == b"made by age-encryption\n"


@pytest.mark.parametrize("kind", [age.X25519Identity, HybridIdentity])
def test_a_new_identity_is_another_each_time_and_comes_back_from_its_text(
    kind: type[age.X25519Identity] | type[HybridIdentity],
) -> None:
    first, second = kind.generate(), kind.generate()
    assert first.encode() != second.encode()
    assert first.recipient != second.recipient
    again = kind.parse(first.encode())
    assert again.recipient == first.recipient
    assert hash(again.recipient) == hash(first.recipient)
    assert hash(second.recipient) != hash(first.recipient)
    assert len({again.recipient, first.recipient, second.recipient}) == 2
    assert again.recipient != str(first.recipient)
    assert again.encode() == first.encode()
    assert first.encode()[20:40] not in repr(first)
    assert unseal(seal(b"data", first.recipient, extra=[CASE]), again) == b"data"


def test_a_recipient_is_not_one_of_another_kind() -> None:
    assert age.X25519Recipient(bytes(32)) != HYBRID.recipient
    assert HYBRID.recipient != age.X25519Recipient(bytes(32))
    assert HYBRID.recipient.post_quantum is True


SHORT = bech32.encode("age", bytes(31))
OTHER = bech32.encode("agf", bytes(32))


@pytest.mark.parametrize("text", [SHORT, OTHER, PUBLIC.upper(), SECRET, HYBRID_PUBLIC])
def test_what_is_no_x25519_recipient(text: str) -> None:
    with refused(*NOT_RECIPIENT):
        age.X25519Recipient.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        bech32.encode("age-secret-key-", bytes(31)).upper(),
        bech32.encode("age-secret-kez-", bytes(32)).upper(),
        SECRET.lower(),
        PUBLIC,
        HYBRID_SECRET,
    ],
)
def test_what_is_no_x25519_identity(text: str) -> None:
    with refused(*NOT_IDENTITY):
        age.X25519Identity.parse(text)


@pytest.mark.parametrize("text", [PUBLIC, HYBRID_SECRET, HYBRID_PUBLIC.upper(), OTHER])
def test_what_is_no_post_quantum_recipient(text: str) -> None:
    with refused(*NOT_HYBRID_RECIPIENT):
        HybridRecipient.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        bech32.encode("age-secret-key-pq-", bytes(31)).upper(),
        bech32.encode("age-secret-kez-pq-", bytes(32)).upper(),
        HYBRID_SECRET.lower(),
        HYBRID_PUBLIC,
        SECRET,
    ],
)
def test_what_is_no_post_quantum_identity(text: str) -> None:
    with refused(*NOT_HYBRID_IDENTITY):
        HybridIdentity.parse(text)


def test_a_post_quantum_public_key_must_be_valid() -> None:
    public = bech32.decode(HYBRID_PUBLIC)[1]
    assert len(public) == 1216
    for wrong in (
        b"",
        public[:-1],
        public + b"\0",
        b"\xff" * 1184 + public[1184:],  # coefficients above the modulus
        public[:1184] + bytes(32),  # a point of low order
    ):
        with refused(*INVALID_HYBRID):
            HybridRecipient(wrong)
        with refused(*INVALID_HYBRID):
            HybridRecipient.parse(bech32.encode("age1pq", wrong))


BELONGS = "an identity is secret; give the public key, which starts with age1"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (SECRET, ("age key: an identity where a recipient belongs", BELONGS)),
        (SECRET.lower(), ("age key: an identity where a recipient belongs", BELONGS)),
        (HYBRID_SECRET, ("age key: an identity where a recipient belongs", BELONGS)),
        ("AGE-PLUGIN-X-1ABC", ("age key: an identity where a recipient belongs", BELONGS)),
        ("age-plugin-x-1abc", ("age key: an identity where a recipient belongs", BELONGS)),
        ("", ("age key: not a recipient", "it starts with age1 or age1pq1")),
        ("ssh-ed25519 AAAA", ("age key: not a recipient", "it starts with age1 or age1pq1")),
        (PUBLIC.upper(), ("age key: not a recipient", "it starts with age1 or age1pq1")),
        (
            "age1yubikey1qqqqqqqq",
            ("age key: a recipient of another kind", "only age1… and age1pq1… are known"),
        ),
        (
            "age11qqqqqqqq",
            ("age key: a recipient of another kind", "only age1… and age1pq1… are known"),
        ),
        (PUBLIC[:-1], CHECKSUM),
        (HYBRID_PUBLIC[:-1], CHECKSUM),
        ("age1pq" + PUBLIC[6:], CHECKSUM),  # of the old kind, which may begin so
        (SHORT, NOT_RECIPIENT),
        ("age1" + "q" * (MAX_KEY_CHARS - 4), CHECKSUM),
        ("age1" + "q" * (MAX_KEY_CHARS - 3), ("age key: longer than 4096 characters", "")),
    ],
)
def test_a_recipient_is_told_by_its_text(text: str, says: tuple[str, str]) -> None:
    with refused(*says):
        age.parse_recipient(text)


SECRET_BELONGS = "an identity starts with AGE-SECRET-KEY-"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (PUBLIC, ("age key: a recipient where an identity belongs", SECRET_BELONGS)),
        (PUBLIC.upper(), ("age key: a recipient where an identity belongs", SECRET_BELONGS)),
        (HYBRID_PUBLIC, ("age key: a recipient where an identity belongs", SECRET_BELONGS)),
        ("", ("age key: not an identity", "it starts with AGE-SECRET-KEY-")),
        (SECRET.lower(), ("age key: not an identity", "it starts with AGE-SECRET-KEY-")),
        ("AGE-PLUGIN-X-1ABC", ("age key: not an identity", "it starts with AGE-SECRET-KEY-")),
        (SECRET[:-1], CHECKSUM),
        (HYBRID_SECRET[:-1], CHECKSUM),
        (bech32.encode("age-secret-key-pq-", bytes(3)).upper(), NOT_HYBRID_IDENTITY),
        (bech32.encode("age-secret-key-x", bytes(32)).upper(), NOT_IDENTITY),
        ("AGE-SECRET-KEY-1" + "Q" * (MAX_KEY_CHARS - 16), CHECKSUM),
        ("AGE-SECRET-KEY-1" + "Q" * 4_096, ("age key: longer than 4096 characters", "")),
    ],
)
def test_an_identity_is_told_by_its_text(text: str, says: tuple[str, str]) -> None:
    with refused(*says):
        age.parse_identity(text)


@pytest.mark.parametrize("text", [SECRET, HYBRID_SECRET])
def test_no_error_shows_a_key(text: str) -> None:
    for wrong in (text[:-1], text.lower(), text.replace("Q", "q"), text + "Q", text * 70):
        for read in (age.parse_identity, age.parse_recipient):
            with pytest.raises(VaultError) as caught:
                read(wrong)
            shown = str(caught.value) + caught.value.hint
            assert text[20:30].lower() not in shown.lower()
            assert caught.value.__cause__ is None


def stanza(kind: str, share: bytes, body: bytes, *more: str) -> age.Stanza:
    return age.Stanza(kind, (encode_base64(share), *more), body)


@pytest.mark.parametrize("identity", [age.parse_identity(SECRET), HYBRID], ids=["x25519", "hybrid"])
def test_the_first_stanza_that_opens_counts_and_each_must_be_well_formed(
    identity: age.KeyIdentity,
) -> None:
    good, other = identity.recipient.wrap(FILE_KEY), identity.recipient.wrap(bytes(16))
    foreign = type(identity).generate().recipient.wrap(bytes(16))
    assert good.type == ("X25519" if isinstance(identity, age.X25519Identity) else HYBRID_TYPE)
    assert good.args != identity.recipient.wrap(FILE_KEY).args  # a fresh share each time
    assert len(good.body) == 32
    assert identity.unwrap([good]) == FILE_KEY
    assert identity.unwrap([CASE, foreign, good, other]) == FILE_KEY
    assert identity.unwrap([other, good]) == bytes(16)
    assert identity.unwrap([foreign]) is None
    assert identity.unwrap([CASE]) is None
    assert identity.unwrap([]) is None
    share = good.args[0]
    malformed = (f"age header: malformed {good.type} stanza", "")
    for args, body in (
        ((), good.body),
        ((share, "more"), good.body),
        ((encode_base64(bytes(31)),), good.body),
        ((encode_base64(bytes(len(good.body) + 1121)),), good.body),
        ((share,), good.body[:-1]),
        ((share,), good.body + b"\0"),
        ((share,), b""),
    ):
        with refused(*malformed):
            identity.unwrap([good, age.Stanza(good.type, args, body)])


def test_a_share_of_low_order_is_refused() -> None:
    identity = age.X25519Identity.parse(SECRET)
    with refused(*LOW_ORDER):
        identity.unwrap([stanza("X25519", bytes(32), bytes(32))])
    with refused(*LOW_ORDER):
        HYBRID.unwrap([stanza(HYBRID_TYPE, bytes(1120), bytes(32))])
    with refused(*LOW_ORDER):
        age.X25519Recipient(bytes(32)).wrap(FILE_KEY)


def test_post_quantum_recipients_are_not_mixed_with_others() -> None:
    mixed = (
        "age: post-quantum recipients cannot stand beside others in one file",
        "use post-quantum recipients (age1pq1…) only, or none",
    )
    old, second = age.parse_recipient(PUBLIC), HybridIdentity.generate()
    for both in ([old, HYBRID.recipient], [HYBRID.recipient, old, old]):
        with refused(*mixed):
            age.wrap_for(both, FILE_KEY)
        with refused(*mixed):
            age.make_header(FILE_KEY, [r.wrap(FILE_KEY) for r in both])
    with refused(*mixed):
        age.make_header(FILE_KEY, [HYBRID.recipient.wrap(FILE_KEY), age.Stanza("p256tag", (), b"")])
    sealed = seal(b"data", HYBRID.recipient, second.recipient, extra=[CASE])
    assert [unseal(sealed, i) for i in (HYBRID, second)] == [b"data", b"data"]
    assert [s.type for s in age.wrap_for([old, old], FILE_KEY)] == ["X25519", "X25519"]


def test_the_post_quantum_module_is_loaded_where_such_a_key_is_met() -> None:
    script = (
        "import sys; from gatekeeper.vault import age; age.parse_identity(sys.argv[1]);"
        "print('gatekeeper.vault.age.hybrid' in sys.modules)"
    )
    for text, loaded in ((SECRET, "False"), (HYBRID_SECRET, "True")):
        done = subprocess.run(
            [sys.executable, "-c", script, text], capture_output=True, text=True, check=True
        )
        assert done.stdout.strip() == loaded
