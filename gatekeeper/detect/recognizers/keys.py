"""Private keys, seed phrases of wallets, hashed passwords, cookies of a session."""

from __future__ import annotations

import hashlib
import lzma
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from gatekeeper.detect.lazy import lazy
from gatekeeper.detect.recognizers.spec import Pattern, Recognizer, before, dull, one
from gatekeeper.detect.recognizers.tokens import LEFT, RIGHT, SAMPLE, entropy, key
from gatekeeper.errors import DetectorError

# --- private keys --------------------------------------------------------------------------------

_PEM = r"-----?[ ]?BEGIN (?:(?:RSA|EC|DSA|OPENSSH|SSH2|ENCRYPTED|SSH2 ENCRYPTED|ANY|ED25519) )?PRIVATE KEY(?: BLOCK)?[ ]?-----?"
_PGP = r"-----BEGIN PGP PRIVATE KEY BLOCK-----"
_BODY = r"(?:[A-Za-z0-9+/=\s:,.()\\-]|\\[nr]){0,8000}?-----?[ ]?END [A-Z0-9 ]{0,20}PRIVATE KEY(?: BLOCK)?[ ]?-----?"


def _armour(text: str, start: int, end: int, score: float) -> float:
    """Somebody's key has a body; a heading that is only named has none."""
    body = re.sub(r"\\[nr]|----?-?[A-Z0-9 ]+----?-?|\s", "", text[start:end])
    tail = re.sub(r"\\+[nr]|\s", "", text[end : end + 120])
    key_like = re.match(r"[A-Za-z0-9+/=:,.()-]{16,}", body or tail)
    return score if key_like and not SAMPLE.search((body or tail)[:40]) else 0.4


_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def _base58check(text: str, start: int, end: int, score: float) -> float:
    """The last four bytes are the double SHA-256 of those before (WIF, BIP-32)."""
    number = 0
    for character in text[start:end]:
        number = number * 58 + _ALPHABET.index(character)
    data = number.to_bytes((number.bit_length() + 7) // 8, "big")
    check = hashlib.sha256(hashlib.sha256(data[:-4]).digest()).digest()[:4]
    return score if check == data[-4:] else 0.0


def _random_hex(text: str, start: int, end: int, score: float) -> float:
    return score if entropy(text[start:end]) > 3 else 0.0


_B58 = "[1-9A-HJ-NP-Za-km-z]"
PRIVATE = (
    Recognizer("PrivateKeyRecognizer", "PRIVATE_KEY", (
        Pattern("armour", f"(?:{_PEM}|{_PGP}){_BODY}", 0.99, ("PRIVATE KEY",)),
        Pattern("head", f"(?:{_PEM}|{_PGP})", 0.98, ("PRIVATE KEY",)),
        Pattern("putty", r"PuTTY-User-Key-File-\d: [\w-]{3,30}[\s\S]{0,4000}?Private-(?:Lines: \d{1,3}(?:(?:\s|\\[nr]){1,4}[A-Za-z0-9+/=]{20,76}){0,60}|MAC: [0-9a-f]{40,64})", 0.98, ("PuTTY-User-Key-File",)),
    ), check=_armour, ignore_case=False),
    key("AgeKeyRecognizer", "PRIVATE_KEY", r"AGE-SECRET-KEY-(?:PQ-)?1[0-9A-Z]{40,120}", r"AGE-PLUGIN-[A-Z0-9-]{2,30}-1[0-9A-Z]{20,200}", needs=("AGE-SECRET-KEY-", "AGE-PLUGIN-")),
    one("WireguardKeyRecognizer", "PRIVATE_KEY", r"(?<![A-Za-z])(?:PrivateKey|PresharedKey)\s?=\s?(?P<value>[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=)", 0.95, ignore_case=False),
    Recognizer("JwkRecognizer", "PRIVATE_KEY", (
        Pattern("kty first", r"\{[^{}]{0,2000}?[\"']kty[\"'][^{}]{0,2000}?[\"']d[\"']\s?:\s?[\"'](?P<value>[\w-]{40,700})[\"']", 0.95, ("kty",)),
        Pattern("d first", r"\{[^{}]{0,2000}?[\"']d[\"']\s?:\s?[\"'](?P<value>[\w-]{40,700})[\"'][^{}]{0,2000}?[\"']kty[\"']", 0.95, ("kty",)),
    ), ignore_case=False),
    Recognizer("WalletKeyRecognizer", "PRIVATE_KEY", (
        Pattern("WIF", rf"{LEFT}[5KLc9]{_B58}{{50,51}}{RIGHT}", 0.97),
        Pattern("extended", rf"{LEFT}[xyztuvYZUV]prv{_B58}{{100,110}}{RIGHT}", 0.98, ("prv",)),
    ), check=_base58check, ignore_case=False),
    one("HexKeyRecognizer", "PRIVATE_KEY", r"(?<![a-z])(?:private|secret|priv|signing|deployer)[ _-]?key[\"'`]{0,2}\s{0,3}(?:[:=]|\bis\b)\s{0,3}[\"'`]?(?P<value>(?:0x)?[0-9a-f]{64})(?![0-9a-z])", 0.9, check=_random_hex),
)  # fmt: skip

# --- seed phrases --------------------------------------------------------------------------------

_WORDS = Path(__file__).parents[1] / "data" / "bip39.xz"
_RUN = lazy(
    r"(?<![A-Za-z])(?:\d{1,2}[.):]\s?)?[A-Za-z]{3,8}(?:(?:\s|[,;|\"'\[\]-]|\\n){1,4}(?:\d{1,2}[.):]\s{0,2})?[A-Za-z]{3,8}){11,60}(?![A-Za-z])"
)
_WORD = lazy(r"[A-Za-z]{3,8}")
_PHRASE_WORDS = lazy(r"seed|mnemonic|recovery|backup phrase|wallet|metamask|ledger|bip-?39")
_LETTERS = lazy("[a-z]+")
_LENGTHS = (24, 21, 18, 15, 12)


@cache
def _bip39() -> dict[str, int]:
    """The 2048 English words of BIP-39, each with its number. Raises DetectorError."""
    words: list[str] = []
    try:
        words = lzma.decompress(_WORDS.read_bytes()).decode("ascii").split("\n")
    except (OSError, lzma.LZMAError, UnicodeDecodeError):
        words = []
    if len(words) != 2048:
        raise DetectorError("word list: bip39.xz: missing or damaged; reinstall gatekeeper")
    return {word: n for n, word in enumerate(words)}


@cache
def _cues() -> frozenset[int | None]:
    """`wallet seed` are words of the list as well, before a phrase."""
    return frozenset(
        _bip39()[w] for w in ("wallet", "seed", "phrase", "secret", "word") if w in _bip39()
    )


def _checks(numbers: list[int]) -> bool:
    """The checksum of BIP-39: the first bits of the SHA-256 of the entropy stand at its end."""
    bits = "".join(f"{n:011b}" for n in numbers)
    size = len(bits) * 32 // 33
    digest = hashlib.sha256(int(bits[:size], 2).to_bytes(size // 8, "big")).digest()
    return f"{digest[0]:08b}"[: len(bits) - size] == bits[size:]


def _seed_phrases(text: str) -> Iterator[tuple[int, int, float]]:
    known = _bip39()
    if not _has_stretch(text):
        return
    for run in _RUN.finditer(text):
        said = _PHRASE_WORDS.search(before(text, run.start(), 80) + run[0][:80].lower()) is not None
        words = [
            (m.start(), m.end(), known.get(m[0].lower())) for m in _WORD.finditer(text, *run.span())
        ]
        at = 0
        while at < len(words):
            numbers: list[int] = []
            while at + len(numbers) < len(words) and (n := words[at + len(numbers)][2]) is not None:
                numbers.append(n)
            yield from _in_stretch(words[at : at + len(numbers)], numbers, said)
            at += len(numbers) + 1


def _has_stretch(text: str) -> bool:
    """Whether as many words of the list as the shortest phrase has follow each other."""
    known, count = _bip39(), 0
    for word in _LETTERS.findall(text.lower().replace("\\n", " ")):
        count = count + 1 if word in known else 0
        if count == _LENGTHS[-1]:
            return True
    return False


def _in_stretch(
    words: list[tuple[int, int, int | None]], numbers: list[int], said: bool
) -> Iterator[tuple[int, int, float]]:
    """A phrase in a stretch of list words: the longest whose checksum holds."""
    while said and len(numbers) > 12 and words[0][2] in _cues():
        words, numbers = words[1:], numbers[1:]
    for length in _LENGTHS:
        for first in range(len(numbers) - length + 1):
            if len(set(numbers[first : first + length])) > 3 and _checks(
                numbers[first : first + length]
            ):
                yield (
                    words[first][0],
                    words[first + length - 1][1],
                    0.99 if said or length == len(numbers) else 0.4,
                )
                return
    if said and len(numbers) in _LENGTHS and len(set(numbers)) > 3:
        yield words[0][0], words[-1][1], 0.7


SEED = Recognizer(
    "SeedPhraseRecognizer", "SEED_PHRASE", (), find=_seed_phrases, may=_has_stretch,
    triggers=((r"[A-Za-z]{3,}(?:\s|[,;|\"'\[\]-]|\\n){1,4}(?:\d{1,2}[.):]\s{0,2})?" * 11 + "[A-Za-z]{3}", False),),
)  # fmt: skip

# --- hashed passwords ----------------------------------------------------------------------------

_CRYPT = "[./A-Za-z0-9]"
HASHED = Recognizer("HashedPasswordRecognizer", "HASHED_PASSWORD", (
    Pattern("bcrypt", rf"(?<![\w$])\$2[abxy]?\$\d\d\${_CRYPT}{{53}}(?!{_CRYPT})", 0.97, ("$2",)),
    Pattern("argon2", r"\$argon2(?:id|i|d)\$(?:v=\d{1,3}\$)?m=\d{1,8},t=\d{1,4},p=\d{1,4}\$[A-Za-z0-9+/]{8,90}\$[A-Za-z0-9+/]{16,172}={0,2}", 0.98, ("$argon2",)),
    Pattern("scrypt", r"\$scrypt\$ln=\d{1,2},r=\d{1,3},p=\d{1,3}\$[A-Za-z0-9+/.]{8,90}\$[A-Za-z0-9+/.]{20,130}={0,2}|(?:scrypt|pbkdf2):[\w:]{3,24}\$[A-Za-z0-9./]{4,64}\$[0-9a-f]{40,128}", 0.98, ("$scrypt$", "scrypt:", "pbkdf2:")),
    Pattern("crypt", rf"(?<![\w$])\$(?:6\$(?:rounds=\d{{1,9}}\$)?{_CRYPT}{{1,16}}\${_CRYPT}{{86}}|5\$(?:rounds=\d{{1,9}}\$)?{_CRYPT}{{1,16}}\${_CRYPT}{{43}}|(?:1|apr1)\${_CRYPT}{{1,8}}\${_CRYPT}{{22}}|y\$j{_CRYPT}{{1,10}}\${_CRYPT}{{8,86}}\${_CRYPT}{{43}}|[PH]\$[./A-Za-z0-9]{{31}})(?!{_CRYPT})", 0.97, ("$6$", "$5$", "$1$", "$apr1$", "$y$", "$P$", "$H$")),
    Pattern("Django", r"(?:pbkdf2_sha(?:1|256)|bcrypt_sha256|scrypt)\$\d{1,8}\$[^$\s]{1,64}\$[A-Za-z0-9+/$./]{20,120}={0,2}", 0.97, ("pbkdf2_sha", "bcrypt_sha256", "scrypt$")),
    Pattern("LDAP", r"\{(?:SSHA|SSHA256|SSHA512|SHA|SMD5|PBKDF2[\w-]{0,12}|CRYPT)\}[A-Za-z0-9+/.$]{24,140}={0,2}", 0.95, ("SHA", "SMD5}", "{PBKDF2", "{CRYPT}")),
    Pattern("Windows", r"(?<![0-9a-fA-F])[\w.$\\-]{1,64}:\d{3,6}:(?P<value>[0-9a-fA-F]{32}:[0-9a-fA-F]{32}):::", 0.98, (":::",)),
    Pattern("labelled", r"(?i:(?:password|passwd|pwd|pass)[ _-]?(?:hash|digest|md5|sha1|sha256|sha512)|hashed[ _-]?password|ntlm(?:[ _-]?hash)?)[\"'`]{0,2}\s{0,3}[:=|]\s{0,3}[\"'`]?(?P<value>(?:[0-9a-fA-F]{128}|[0-9a-fA-F]{96}|[0-9a-fA-F]{64}|[0-9a-fA-F]{56}|[0-9a-fA-F]{40}|[0-9a-fA-F]{32}))(?![0-9A-Za-z])", 0.9),
), check=lambda text, start, end, score: 0.35 if entropy(text[start:end]) < 2.6 else score, ignore_case=False)  # fmt: skip

# --- cookies -------------------------------------------------------------------------------------


def _cookie(text: str, start: int, end: int, score: float) -> float:
    """A value that a server drew: letters and digits, random enough."""
    value = text[start:end]
    if SAMPLE.search(value) or dull(value) or not re.search(r"\d", value):
        return 0.0
    return score if entropy(value) >= 3.0 else 0.4


_SESSION = (
    r"(?:PHPSESSID|JSESSIONID|ASPSESSIONID[A-Z]{0,12}|ASP\.NET_SessionId|connect\.sid|laravel_session|ci_session|"
    r"_?session_?id|_[a-z]{2,20}_session|wordpress_logged_in_[0-9a-f]{4,40}|\.AspNetCore\.[A-Za-z.]{3,40}|"
    r"__(?:Secure|Host)-[\w.-]{2,40}|remember_(?:user_)?token|auth_session|li_at|SAPISID|__cf_bm|cf_clearance)"
)
COOKIE = Recognizer("SessionCookieRecognizer", "SESSION_COOKIE", (
    Pattern("by name", rf"(?<![\w.-]){_SESSION}[\"']?\s{{0,2}}[=:]\s{{0,2}}[\"']?(?P<value>[\w%.~+/:-]{{16,600}}={{0,2}})", 0.85),
    Pattern("in a header", r"(?:set-)?cookie[\"']?\s{0,2}[:=]\s{0,2}[\"']?(?:[^\n;=]{1,60}=[^\n;]{0,300};\s?){0,8}(?:session|sess|sid|auth|token|auth[_-]?token|access[_-]?token|user[_-]?session|jwt)=(?P<value>[\w%.~+/:-]{16,600}={0,2})", 0.85),
), check=_cookie)  # fmt: skip

RECOGNIZERS = (*PRIVATE, SEED, HASHED, COOKIE)
