"""User names and handles: behind a label, in a key, or with an at sign where a network is named."""

from __future__ import annotations

import re

from gatekeeper.detect.lazy import lazy
from gatekeeper.detect.lexicon import fold, lexicon
from gatekeeper.detect.recognizers.spec import APART, END, SEPARATOR, START, Pattern, Recognizer

_NOBODY = frozenset(
    [
        "admin",
        "administrator",
        "root",
        "user",
        "username",
        "users",
        "test",
        "tester",
        "testuser",
        "guest",
        "demo",
        "example",
        "foo",
        "bar",
        "baz",
        "none",
        "null",
        "nil",
        "true",
        "false",
        "undefined",
        "string",
        "str",
        "int",
        "name",
        "login",
        "password",
        "passwd",
        "pass",
        "postgres",
        "mysql",
        "ubuntu",
        "centos",
        "debian",
        "ec2-user",
        "oracle",
        "system",
        "service",
        "daemon",
        "www",
        "www-data",
        "nobody",
        "anonymous",
        "public",
        "default",
        "master",
        "sa",
        "self",
        "this",
        "me",
        "you",
        "yourname",
        "your_name",
        "your-username",
        "your_username",
        "my_username",
        "my-username",
        "someuser",
        "some_user",
        "user1",
        "user2",
        "user_name",
        "user_id",
        "userid",
        "email",
        "value",
        "data",
        "type",
        "field",
        "key",
        "token",
        "required",
        "optional",
        "the",
        "a",
        "an",
        "and",
        "or",
        "is",
        "in",
        "not",
        "of",
        "to",
        "for",
        "by",
        "on",
        "with",
        "from",
        "if",
        "new",
        "old",
        "os.environ",
        "os.getenv",
        "request.user",
        "settings.username",
        "config.username",
        "args.username",
        "env",
        "process.env",
        "secret",
        "github",
        "alice",
        "bob",
        "charlie",
        "jane_doe",
        "john_doe",
        "johndoe",
        "janedoe",
        "octocat",
        "git",
        "svn",
        "jenkins",
        "travis",
        "circleci",
        "dependabot",
        "bot",
        "backend",
        "frontend",
        "admin1",
        "admin123",
        "user123",
        "test123",
        "dbuser",
        "db_user",
        "app_user",
        "appuser",
        "vagrant",
        "vscode",
        "hadoop",
        "spark",
        "airflow",
    ]
)
_CODE_AFTER = lazy(
    r"\s{0,2}[(\[=.]|\s{0,2}(?:,|\))?\s{0,2}(?:password|passwd)\s{0,2}[=:]\s{0,2}[\w]+\s{0,2}[,)]"
)


def _handle(text: str, start: int, end: int, score: float) -> float:
    """Nobody's name, a plain word or code is no handle; digits or marks inside speak for one."""
    value = text[start:end].rstrip("._-")
    low = value.lower().lstrip("@")
    if low in _NOBODY or low.isdecimal() or len(low) < 3 or _CODE_AFTER.match(text[end : end + 40]):
        return 0.0
    if re.search(
        r"[<{$%*]|your|my_|example|placeholder|\.(?:py|js|ts|com|org|net|get|user|name)\b", low
    ):
        return 0.0
    if score < 0.5:
        return score
    if any(c.isdecimal() for c in low) or re.search(r"[a-z][._-][a-z]", low):
        return score
    alone = text[end : end + 1] in {"", "\n", '"', "'", "`", "|", "<", ".", ",", ";"}
    word = lexicon().plain(fold(low))
    return min(score, 0.65) if alone and not word else 0.35


def _at(text: str, start: int, end: int, score: float) -> float:
    """Decorators of code, scopes of packages and addresses are no handles."""
    low = text[start:end].lower().lstrip("@")
    line = text[text.rfind("\n", 0, start) + 1 : start]
    if not line.strip() and text[end : end + 1] in {"(", "\n", ".", ""} and low.islower():
        return 0.3 if score > 0.5 else 0.0
    if low in _NOBODY or text[end : end + 1] in {"/", "(", "{", "="}:
        return 0.0
    return score


_NETWORKS = (
    r"twitter|instagram|insta|ig|tik ?tok|snapchat|snap|telegram|discord|reddit|facebook|fb|mastodon|threads|twitch|steam|"
    r"gamertag|psn|xbox(?: live)?|skype|wechat|weixin|kik|venmo|cash ?app|github|gitlab|linkedin|youtube|onlyfans|tumblr|pinterest|bluesky|signal|line id|qq"
)
_NO_WORDS = "|".join(
    name
    for name in _NETWORKS.split("|")
    if name not in ("threads", "signal", "steam", "snap", "line id", "ig")
)
"""Those whose names are no words of other meaning."""
_LABELS = (
    rf"(?:user|screen|display|login|nick|profile|player|gamer)[ _-]?names?|user(?=[ _-]?(?:handle|id\b))(?:[ _-]?(?:handle|id))|log[ _-]?in(?:[ _-](?:id|name))?\s?[:=]|"
    rf"user[ _-]?handle|(?<!_)handle[\"'`]?\s?(?:[:=]|is\b)(?=\s{{0,2}}[\"'`]?(?:@|[a-z_]{{2,20}}\d{{1,4}}(?![\w.])))|nick(?:name)?\s?[:=]|(?:{_NETWORKS})(?:[ _-](?:handle|username|user|name|id|account|profile))(?: is)?|(?<!_)(?:{_NO_WORDS})\s?[:=]|benutzername|nutzername|nom d['’]utilisateur|identifiant|nombre de usuario|usuario\s?:"
)
_NAME = r"@?[^\W\d_][\w.-]{1,38}[\w]"
RECOGNIZERS = (
    Recognizer("UsernameRecognizer", "USERNAME", (
        Pattern("labelled", rf"{START}(?:{_LABELS}){SEPARATOR}{APART}(?<![^\W_]_)(?P<value>{_NAME}){END}", 0.75),
    ), (), _handle, needs=("name", "user", "login", "log in", "log-in", "log_in", "handle", "nick", "nutz", "identifiant", "usuario", *(_NETWORKS.replace(" ?", "").replace("(?: live)?", "").split("|")))),
    Recognizer("HandleRecognizer", "USERNAME", (
        Pattern("at", r"(?<![\w@./:=#$-])@[A-Za-z][A-Za-z0-9_.]{2,29}(?<![.])(?![\w@/-])", 0.35),
        Pattern("of reddit", r"(?<![\w/.])/?u/[A-Za-z0-9_-]{3,20}(?![\w/])", 0.62),
    ), ("twitter", "instagram", "insta", "ig", "tiktok", "snapchat", "telegram", "discord", "follow", "followed", "handle", "tweet", "tweeted", "dm", "mastodon", "twitch", "venmo", "rt", "retweet"), _at, needs=("@", "u/")),
)  # fmt: skip
