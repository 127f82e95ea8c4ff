"""Credentials: addresses with a password in them, assignments, and all of `tokens` and `keys`."""

from __future__ import annotations

import re

from gatekeeper.detect.lazy import lazy
from gatekeeper.detect.recognizers import keys, tokens
from gatekeeper.detect.recognizers.spec import Pattern, Recognizer, dull, one
from gatekeeper.detect.recognizers.tokens import LEFT as _LEFT
from gatekeeper.detect.recognizers.tokens import SAMPLE as _SAMPLE
from gatekeeper.detect.recognizers.tokens import entropy
from gatekeeper.detect.recognizers.tokens import real as _real

# --- addresses with a password -----------------------------------------------------------------

_FILLERS = lazy(
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
_PAIR_KEYS = r"(?:server|data source|host|database|initial catalog|user id|user|uid|driver|provider|addr|address|network address|port|dsn)"
ADDRESSES = (
    one("ConnectionStringRecognizer", "DB_CONNECTION_STRING", rf"{_LEFT}(?:{_DATABASES})://{_USERINFO}[^\s\"'<>`]{{1,300}}(?<![.,;:!?)])", 0.95, check=_userinfo),
    one("ConnectionPairsRecognizer", "DB_CONNECTION_STRING", rf"(?<![\w;]){_PAIR_KEYS}\s?=[^;\n\"'`]{{1,120}};\s?(?:[A-Za-z ]{{2,30}}=[^;\n\"'`]{{1,120}};\s?){{0,8}}?(?:password|pwd)\s?=\s?[^;\n\s\"'`<{{$*]{{4,120}};?(?:[A-Za-z ]{{2,30}}=[^;\n\"'`]{{1,120}};?){{0,8}}", 0.85),
    one("BasicAuthUrlRecognizer", "BASIC_AUTH_URL", rf"{_LEFT}(?:https?|ftps?|sftp|ssh|git|svn|ldaps?|smtps?|imaps?|socks5h?|wss?|smb)://{_USERINFO}[\w.-]{{1,253}}(?::\d{{1,5}})?", 0.95, check=_userinfo),
    one("BasicHeaderRecognizer", "BASIC_AUTH_URL", r"(?i:authorization[\"']?\s{0,2}[:=]\s{0,2}[\"']?basic)\s(?P<value>[A-Za-z0-9+/]{12,200}={0,2})(?![A-Za-z0-9+/=])", 0.85, check=_real),
)  # fmt: skip

# --- assignments -------------------------------------------------------------------------------

_CODE_VALUE = lazy(
    r"[(\[{]|^\$|\bos\.|\benv|process\.|getenv|config|settings|self\.|args\.|request|input|\w+\.\w+\.\w+$|->|::|[=!<>]="
)
_WORDY = lazy(r"[A-Za-z]+(?:[ _.-][A-Za-z]+)*[?!.]?\Z")
_KEYWORD = (
    r"(?:password|passwd|passwort|passphrase|passcode|pwd|\bpass|mot[ _-]de[ _-]passe|contraseña|kennwort|senha|"
    r"wachtwoord|has[lł]o|parola d'ordine|парол[ьи]|密码|パスワード)"
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
    Pattern("element", rf"<(?:\w{{1,20}}[:.-])?{_KEYWORD}(?:\s[^<>]{{0,80}})?>(?P<value>[^<>\s]{{5,128}})</", 0.8, ("</",)),
    Pattern("netrc", r"\blogin\s{1,3}\S{1,64}\s{1,3}password\s{1,3}(?P<value>[^\s\"'<>$]{5,64})", 0.85),
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
    if text[end : end + 1] in {"(", "["}:
        return 0.0  # what code calls
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

RECOGNIZERS = (*tokens.RECOGNIZERS, *keys.RECOGNIZERS, *ADDRESSES, PASSWORD, GENERIC)
