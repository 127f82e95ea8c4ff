"""Records of a plain shape: chats, prompts and completions, whose strings are all there is to them.

Nothing in such a record says what stands in it but the strings themselves: no key that labels a
value, no media, no JSON in a string. So they can be looked at before anything is built of them.
"""

from __future__ import annotations

from gatekeeper.model import PlainTexts
from gatekeeper.read.limits import Limits
from gatekeeper.read.shapes import BARE_BASE64
from gatekeeper.read.strict_json import Value
from gatekeeper.read.walk import walk

PLAIN_KEYS = frozenset({
    "messages", "role", "content", "text", "prompt", "completion", "response", "query", "question",
    "answer", "chosen", "rejected", "input", "output", "instruction", "context", "system",
    "history", "conversations", "conversation", "title", "summary", "document",
})  # fmt: skip
"""Keys that are known, label nothing, and hold no media."""
DEPTH_MAX = 6
_MAY_BE_JSON = frozenset('{["\n \t\r')
"""What JSON in a string may begin with."""
_MEDIA_MIN = 64


def plain_texts(value: Value, limits: Limits) -> PlainTexts | None:
    """The texts of a JSON value of a plain shape; None where it has another."""
    strings: list[str] = []
    if not isinstance(value, tuple) or not _gather(value, strings, 0):
        return None
    return PlainTexts(tuple(strings), lambda: tuple(walk(value, limits).texts))


def _gather(node: Value, strings: list[str], depth: int) -> bool:
    """Whether `node` is plain; its strings are added then."""
    if isinstance(node, str):
        if not node:
            return True
        strings.append(node)
        if node[0] in _MAY_BE_JSON or ";base64," in node:
            return False
        return len(node) < _MEDIA_MIN or not node.startswith(BARE_BASE64)
    if depth >= DEPTH_MAX:
        return False
    if isinstance(node, tuple):
        for key, member in node:
            if key not in PLAIN_KEYS or not _gather(member, strings, depth + 1):
                return False
        return True
    if isinstance(node, list):
        for element in node:  # noqa: SIM110  (a generator costs as much as the rest)
            if not _gather(element, strings, depth + 1):
                return False
        return True
    return node is None or isinstance(node, bool)
