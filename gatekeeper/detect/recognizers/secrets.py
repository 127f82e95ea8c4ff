"""Credentials: by the prefixes that their issuers document, by structure, and by assignment."""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
from collections import Counter

from gatekeeper.detect.recognizers.spec import (
    Pattern,
    Recognizer,
    dull,
    one,
)

_LEFT, _RIGHT = r"(?<![A-Za-z0-9])", r"(?![A-Za-z0-9])"
_SAMPLE = re.compile(
    r"example|sample|dummy|placeholder|your|changeme|change_me|xxxx|\*\*\*|\.\.\.|redacted|insert|replace|"
    r"1234567890|abcdef|foobar|<|>|\$\{|\{\{|todo|fake",
    re.IGNORECASE,
)


def entropy(value: str) -> float:
    """Shannon entropy in bits per character."""
    counts = Counter(value)
    return -sum(n / len(value) * math.log2(n / len(value)) for n in counts.values())


def _real(text: str, start: int, end: int, score: float) -> float:
    """What documentation prints as a sample is only possible."""
    value = text[start:end]
    return 0.35 if _SAMPLE.search(value) or entropy(value) < 2.8 else score


def _key(name: str, entity: str, *patterns: str, score: float = 0.95) -> Recognizer:
    made = tuple(Pattern(f"form {n}", _LEFT + p + _RIGHT, score) for n, p in enumerate(patterns, 1))
    return Recognizer(name, entity, made, check=_real, ignore_case=False)


def _jwt(text: str, start: int, end: int, score: float) -> float:
    """The first part is the JSON of a JOSE header (RFC 7519 section 5)."""
    head = text[start:end].split(".")[0]
    header = None
    try:
        header = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        header = None
    return score if isinstance(header, dict) and ("alg" in header or "typ" in header) else 0.0


_PEM = r"-----BEGIN (?:(?:RSA|EC|DSA|OPENSSH|ENCRYPTED|ANY) )?PRIVATE KEY(?: BLOCK)?-----"
_PGP = r"-----BEGIN PGP PRIVATE KEY BLOCK-----"
_BODY = (
    r"(?:[A-Za-z0-9+/=\s:,.()\\-]|\\[nr]){0,8000}?-----END [A-Z ]{0,20}PRIVATE KEY(?: BLOCK)?-----"
)


def _armour(text: str, start: int, end: int, score: float) -> float:
    """Somebody's key has a body; a heading that is only named has none."""
    body = re.sub(r"\\[nr]|-----[A-Z ]+-----|\s", "", text[start:end])
    tail = re.sub(r"\\+[nr]|\s", "", text[end : end + 120])
    key_like = re.match(r"[A-Za-z0-9+/=]{16,}", body or tail)
    return score if key_like and not _SAMPLE.search((body or tail)[:40]) else 0.4


BY_PREFIX = (
    Recognizer("PrivateKeyRecognizer", "PRIVATE_KEY", (
        Pattern("armour", f"(?:{_PEM}|{_PGP}){_BODY}", 0.99),
        Pattern("head", f"(?:{_PEM}|{_PGP})", 0.98),
        Pattern("putty", r"PuTTY-User-Key-File-\d: [\w-]{3,30}[\s\S]{0,400}?Private-Lines: \d{1,3}", 0.98),
    ), check=_armour, ignore_case=False),
    _key("AgeKeyRecognizer", "PRIVATE_KEY", r"AGE-SECRET-KEY-(?:PQ-)?1[0-9A-Z]{40,120}"),
    _key("AwsAccessKeyRecognizer", "AWS_ACCESS_KEY", r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}"),
    Recognizer("AwsSecretKeyRecognizer", "AWS_SECRET_KEY", (
        Pattern("assigned", r"(?:aws|secret|s3)[\w .-]{0,24}?(?:secret|access|private)?[\w .-]{0,12}?key[\"'`]?\s{0,3}(?:[:=|]|=>|is)\s{0,3}[\"'`]?(?P<value>[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])", 0.95),
        Pattern("beside a key id", r"(?:AKIA|ASIA)[A-Z2-7]{16}[\s,:;|\"'`]{1,12}(?:\w{0,30}[\s:=\"'`]{1,6})?(?P<value>[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])", 0.9),
    ), check=_real),
    _key("GithubTokenRecognizer", "GITHUB_TOKEN", r"gh[pousr]_[A-Za-z0-9]{36,255}", r"github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{30,80}"),
    _key("GitlabTokenRecognizer", "GITLAB_TOKEN", r"gl(?:pat|dt|rt|ptt|ft|imt|agent|oas|soat|cbt)-[\w-]{20,64}", r"GR1348941[\w-]{20}"),
    _key("SlackTokenRecognizer", "SLACK_TOKEN", r"xox[abeoprs]-(?:\d-)?[A-Za-z0-9-]{10,250}", r"xapp-\d-[A-Z0-9]{8,20}-\d{8,20}-[a-f0-9]{32,80}", r"https://hooks\.slack\.com/(?:services|workflows)/T[A-Z0-9]{6,12}/[AB][A-Z0-9]{6,12}/[A-Za-z0-9]{16,32}"),
    _key("StripeKeyRecognizer", "STRIPE_KEY", r"[sr]k_(?:live|test)_[A-Za-z0-9]{16,247}", r"whsec_[A-Za-z0-9]{32,64}"),
    _key("GoogleKeyRecognizer", "GOOGLE_API_KEY", r"AIza[\w-]{35}", r"GOCSPX-[\w-]{28}", r"ya29\.[\w-]{40,300}"),
    _key("OpenaiKeyRecognizer", "OPENAI_API_KEY", r"sk-(?:proj-|svcacct-|admin-|None-)?[\w-]{16,100}T3BlbkFJ[\w-]{16,100}", r"sk-(?:proj|svcacct|admin)-[\w-]{40,200}", r"sk-[A-Za-z0-9]{48}"),
    _key("AnthropicKeyRecognizer", "ANTHROPIC_API_KEY", r"sk-ant-(?:api|admin|oat|sid)\d{2}-[\w-]{24,140}"),
    _key("HuggingfaceTokenRecognizer", "HUGGINGFACE_TOKEN", r"(?:hf|api_org)_[A-Za-z]{30,40}"),
    one("JwtRecognizer", "JWT", _LEFT + r"ey[A-Za-z0-9_-]{10,2000}\.ey[A-Za-z0-9_-]{2,8000}\.[A-Za-z0-9_-]{8,2000}", 0.95, check=_jwt, ignore_case=False),
    Recognizer("CloudKeyRecognizer", "GENERIC_API_KEY", (
        Pattern("SendGrid", _LEFT + r"SG\.[\w-]{20,24}\.[\w-]{39,50}" + _RIGHT, 0.95),
        Pattern("Twilio", _LEFT + r"SK[0-9a-f]{32}" + _RIGHT, 0.7),
        Pattern("Azure storage", r"AccountKey=(?P<value>[A-Za-z0-9+/]{80,90}={0,2})", 0.95),
        Pattern("package index", _LEFT + r"(?:npm_[A-Za-z0-9]{36}|pypi-AgEIcHlwaS[\w-]{50,300}|dckr_pat_[\w-]{20,40})" + _RIGHT, 0.95),
        Pattern("Telegram", _LEFT + r"\d{8,10}:AA[\w-]{33}" + _RIGHT, 0.9),
        Pattern("Databricks and DigitalOcean", _LEFT + r"(?:dapi[0-9a-f]{32}|do[opr]_v1_[0-9a-f]{64}|shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32})" + _RIGHT, 0.95),
    ), check=_real, ignore_case=False),
)  # fmt: skip

# --- addresses with a password -----------------------------------------------------------------

_FILLERS = re.compile(
    r"(?:user(?:name)?|pass(?:word|wd)?|pwd|secret|token|admin|root|postgres|mysql|guest|test|demo|example|"
    r"changeme|hunter2|my\w{0,12}|your\w{0,12}|x+|\*+|\.+|<[^>]*>|\$\w+|\$?\{+[^}]*\}+|%\w+%|\[[^\]]*\]|"
    r"p(?:ass)?w(?:or)?d\d{0,4}|none|null|undefined|true|false|required|optional|string|str|redacted|hidden|"
    r"empty|missing|secret\d{0,4}|password\d{0,4}|foo|bar|baz|qwerty|letmein)",
    re.IGNORECASE,
)


def _userinfo(text: str, start: int, end: int, score: float) -> float:
    """A password that stands for one (`user:pass@`) is only possible."""
    found = re.search(r"//[^\s:/@]*:(?P<password>[^\s@/]*)@", text[start:end])
    return 0.35 if found and _FILLERS.fullmatch(found["password"]) else score


_USERINFO = r"[^\s:/@\"'<>`]{0,80}:[^\s@/\"'<>`]{1,120}@"
_DATABASES = (
    r"postgres(?:ql)?(?:\+\w+)?|mysql(?:\+\w+)?|mariadb(?:\+\w+)?|mongodb(?:\+srv)?|rediss?|amqps?|"
    r"mssql(?:\+\w+)?|oracle(?:\+\w+)?|clickhouse|cockroachdb|cassandra|snowflake|db2|jdbc:\w+|kafka|nats"
)
ADDRESSES = (
    one("ConnectionStringRecognizer", "DB_CONNECTION_STRING", rf"{_LEFT}(?:{_DATABASES})://{_USERINFO}[^\s\"'<>`]{{1,300}}(?<![.,;:!?)])", 0.95, check=_userinfo),
    one("ConnectionPairsRecognizer", "DB_CONNECTION_STRING", r"(?<![\w;])(?=[^\n]{0,300}?(?:server|data source|host|database|initial catalog|user id|uid)\s?=)(?:[A-Za-z ]{2,30}=[^;\n\"'`]{1,120};\s?){1,8}(?:password|pwd)\s?=\s?[^;\n\s\"'`<{$*]{4,120};?(?:[A-Za-z ]{2,30}=[^;\n\"'`]{1,120};?){0,8}", 0.85),
    one("BasicAuthUrlRecognizer", "BASIC_AUTH_URL", rf"{_LEFT}(?:https?|ftps?|sftp|ssh|git|svn|ldaps?|smtps?|imaps?|socks5h?|wss?|smb)://{_USERINFO}[\w.-]{{1,253}}(?::\d{{1,5}})?", 0.95, check=_userinfo),
    one("BasicHeaderRecognizer", "BASIC_AUTH_URL", r"(?i:authorization[\"']?\s{0,2}[:=]\s{0,2}[\"']?basic)\s(?P<value>[A-Za-z0-9+/]{12,200}={0,2})(?![A-Za-z0-9+/=])", 0.85, check=_real),
)  # fmt: skip

# --- assignments -------------------------------------------------------------------------------

_CODE_VALUE = re.compile(
    r"[(\[{]|^\$|\bos\.|\benv|process\.|getenv|config|settings|self\.|args\.|request|input|\w+\.\w+\.\w+$|->|::"
)
_WORDY = re.compile(r"[A-Za-z]+(?:[ _.-][A-Za-z]+)*[?!.]?\Z")
_KEYWORD = (
    r"(?:password|passwd|passwort|passphrase|passcode|pwd|\bpass|mot[ _-]de[ _-]passe|contraseña)"
)
_ASSIGN = r"[\"'`*_]{0,3}\s{0,3}(?:[:=|]{1,2}>?|->|=>|\bis\b(?:\snow)?:?)\s{0,3}"


def _password(text: str, start: int, end: int, score: float) -> float:
    """A value somebody would type: not code, not a word about passwords."""
    value = text[start:end]
    if _FILLERS.fullmatch(value) or dull(value) or _CODE_VALUE.search(value):
        return 0.0
    if text[end : end + 1] in {"(", "["} or _SAMPLE.search(value):
        return 0.35 if score >= 0.7 else 0.0
    kinds = sum(bool(re.search(k, value)) for k in (r"[a-z]", r"[A-Z]", r"\d", r"[^\w\s]"))
    if _WORDY.match(value):
        return 0.4 if score >= 0.7 else 0.0
    if kinds < 2 or len(value) < 6:
        return 0.4
    return score


PASSWORD = Recognizer("PasswordRecognizer", "PASSWORD_ASSIGNMENT", (
    Pattern("quoted", rf"(?:{_KEYWORD})\w{{0,12}}{_ASSIGN}(?P<q>[\"'`])(?P<value>[^\"'`\n]{{4,128}})(?P=q)", 0.85),
    Pattern("bare", rf"(?:{_KEYWORD}){_ASSIGN}(?P<value>[^\s\"'`<>,;|]{{5,128}})(?<![.,;:)\]])", 0.75),
    Pattern("option", r"(?<![\w-])(?:--password[ =]|-p )(?P<value>[^\s\"'`<>$,;-][^\s\"'`<>$,;]{5,64})", 0.5),
), check=_password)  # fmt: skip

_API_WORD = (
    r"(?:api[ _-]?keys?|apikey|api[ _-]?secret|api[ _-]?token|secret[ _-]?keys?|access[ _-]?keys?|"
    r"access[ _-]?tokens?|auth[ _-]?tokens?|auth[ _-]?keys?|refresh[ _-]?token|client[ _-]?secrets?|"
    r"consumer[ _-]?secret|app[ _-]?secret|signing[ _-]?(?:key|secret)|encryption[ _-]?key|webhook[ _-]?secret|"
    r"private[ _-]?token|deploy[ _-]?token|bot[ _-]?token|service[ _-]?key|master[ _-]?key|session[ _-]?(?:key|secret)|"
    r"bearer[ _-]?token|jwt[ _-]?secret|secret|token|credentials?)"
)


def _api_key(text: str, start: int, end: int, score: float) -> float:
    """Random-looking: digits and letters, 3.5 bits a character (the gate of public rule sets)."""
    value = text[start:end]
    if _SAMPLE.search(value) or _CODE_VALUE.search(value) or dull(value):
        return 0.0
    if not (re.search(r"\d", value) and re.search(r"[A-Za-z]", value)):
        return 0.0
    if re.fullmatch(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", value):
        return min(score, 0.65)
    needed = 3.0 if re.fullmatch(r"[0-9a-fA-F]+", value) else 3.5
    return score if entropy(value) >= needed else 0.4 if entropy(value) >= needed - 0.5 else 0.0


GENERIC = Recognizer("ApiKeyRecognizer", "GENERIC_API_KEY", (
    Pattern("assigned", rf"(?<![A-Za-z0-9])(?:\w{{0,24}}[_-])?{_API_WORD}[\"'`*]{{0,3}}\s{{0,3}}(?:[:=|]{{1,2}}>?|->|\bis\b:?)\s{{0,3}}[\"'`]?(?P<value>[A-Za-z0-9][\w./+=~-]{{15,255}})(?<![.,;:])", 0.8),
    Pattern("bearer", r"(?:bearer|authorization[\"']?\s?[:=]\s?[\"']?token|x-api-key[\"']?\s?[:=])\s{1,2}[\"']?(?P<value>[A-Za-z0-9][\w./+=~-]{19,255})(?<![.,;:])", 0.75),
    Pattern("query", r"[?&](?:api_?key|access_token|token|key|sig|signature)=(?P<value>[\w%.~-]{20,255})", 0.65),
), check=_api_key)  # fmt: skip

RECOGNIZERS = (*BY_PREFIX, *ADDRESSES, PASSWORD, GENERIC)
