"""The checks of chat messages, and of the images and tool calls in them.

Each gives (pointer, what, whether the service refuses it by its own guide), and never a value.

Sources: the service's supervised, preference, reinforcement and vision fine-tuning guides
(developers.openai.com/api/docs/guides) and its cookbook on data preparation; its API description
for tools and tool calls.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

Found = Iterator[tuple[str, str, bool]]

ROLES = frozenset({"system", "developer", "user", "assistant", "tool", "function"})
IMAGES_MAX = 10
IMAGE_MAX_BYTES = 10_000_000
_KEYS = frozenset(
    {"role", "content", "name", "weight", "refusal", "tool_calls", "tool_call_id", "function_call",
     "audio"}
)  # fmt: skip
_WEIGHTS = (0, 1)
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}\Z")
_IMAGE = re.compile(r"data:image/(jpeg|jpg|png|webp);base64,", re.IGNORECASE)
_URL = re.compile(r"https?://", re.IGNORECASE)


def check_messages(messages: Any, at: str) -> Found:
    """A list of messages."""
    if not isinstance(messages, list) or not messages:
        yield at, "not a list of messages, or an empty one", True
        return
    called: set[object] = set()
    for i, message in enumerate(messages):
        if not isinstance(message, dict):
            yield f"{at}/{i}", "not an object", True
            continue
        yield from _check_message(message, f"{at}/{i}")
        calls = message.get("tool_calls")
        if isinstance(calls, list):
            called |= {c["id"] for c in calls if isinstance(c, dict) and _is_text(c.get("id"))}
        answered = message.get("tool_call_id")
        if message.get("role") == "tool" and _is_text(answered) and answered not in called:
            yield f"{at}/{i}/tool_call_id", "no tool call before it has this id", False
    yield from _check_image_count(messages, at)


def _check_message(message: Mapping[str, Any], at: str) -> Found:
    role, content = message.get("role"), message.get("content")
    if not _is_text(role) or role not in ROLES:
        yield f"{at}/role", "missing, or not a role that the service knows", True
        return
    calls = message.get("tool_calls") or message.get("function_call")
    if role == "assistant" and not content and not calls and not message.get("refusal"):
        yield f"{at}/content", "an empty assistant message", True
    elif role != "assistant" and content is None:
        yield f"{at}/content", "missing", True
    elif content is not None and not isinstance(content, (str, list)):
        yield f"{at}/content", "neither a string nor a list of parts", True
    if role == "tool" and not _is_text(message.get("tool_call_id")):
        yield f"{at}/tool_call_id", "missing from a tool message", False
    weight = message.get("weight")
    if weight is not None and (isinstance(weight, bool) or weight not in _WEIGHTS):
        yield f"{at}/weight", "neither 0 nor 1", True
    elif weight is not None and role != "assistant":
        yield f"{at}/weight", "on a message that is not from the assistant", False
    if not set(message) <= _KEYS:
        yield at, "has a key that the service does not define for a message", False
    if isinstance(content, list):
        yield from _check_parts(content, role, f"{at}/content")
    if message.get("tool_calls") is not None:
        yield from _check_calls(message["tool_calls"], role, f"{at}/tool_calls")


def check_tools(row: Mapping[str, Any], at: str = "") -> Found:
    """`tools` and `parallel_tool_calls` beside messages."""
    tools = row.get("tools")
    if "tools" in row and not isinstance(tools, list):
        yield f"{at}/tools", "not a list", True
    for i, tool in enumerate(tools if isinstance(tools, list) else []):
        function = tool.get("function") if isinstance(tool, dict) else None
        name = function.get("name") if isinstance(function, dict) else None
        if not isinstance(function, dict) or tool.get("type") != "function":
            yield f"{at}/tools/{i}", "not a tool of type function", True
        elif not _is_text(name) or not _NAME.match(str(name)):
            yield f"{at}/tools/{i}/function/name", "missing, or not letters, digits, _ and -", True
        elif not isinstance(function.get("parameters", {}), dict):
            yield f"{at}/tools/{i}/function/parameters", "not a JSON Schema object", True
    if "parallel_tool_calls" in row and not isinstance(row["parallel_tool_calls"], bool):
        yield f"{at}/parallel_tool_calls", "neither true nor false", True


def has_image(messages: Any) -> bool:
    """Whether some message has an image among its parts."""
    return any(True for _ in _images(messages))


def _check_parts(parts: list[Any], role: str, at: str) -> Found:
    for i, part in enumerate(parts):
        kind = part.get("type") if isinstance(part, dict) else None
        if kind == "text":
            if not _is_text(part.get("text")):
                yield f"{at}/{i}/text", "not a string", True
        elif kind == "image_url":
            yield from _check_image(part, role, f"{at}/{i}")
        elif kind == "refusal" and role == "assistant":
            if not _is_text(part.get("refusal")):
                yield f"{at}/{i}/refusal", "not a string", True
        else:
            yield f"{at}/{i}/type", "not a kind of part that can be trained on", True


def _check_image(part: Mapping[str, Any], role: str, at: str) -> Found:
    image = part.get("image_url")
    url = image.get("url") if isinstance(image, dict) else None
    if role != "user":
        yield at, "an image in a message that is not from the user", True
    if not _is_text(url):
        yield f"{at}/image_url/url", "missing, or not a string", True
        return
    text = str(url)
    encoded = _IMAGE.match(text)
    if not encoded and not _URL.match(text):
        yield f"{at}/image_url/url", "neither an http URL nor base64 of a JPEG, PNG or WEBP", True
    elif encoded and (len(text) - encoded.end()) * 3 // 4 > IMAGE_MAX_BYTES:
        yield f"{at}/image_url/url", f"an image of more than {IMAGE_MAX_BYTES} bytes", True
    if isinstance(image, dict) and image.get("detail", "auto") not in ("auto", "low", "high"):
        yield f"{at}/image_url/detail", "none of auto, low and high", True


def _check_image_count(messages: list[Any], at: str) -> Found:
    count = sum(1 for _ in _images(messages))
    if count > IMAGES_MAX:
        yield at, f"{count} images; the service takes {IMAGES_MAX} in an example", True


def _images(messages: Any) -> Iterator[Mapping[str, Any]]:
    for message in messages if isinstance(messages, list) else []:
        content = message.get("content") if isinstance(message, dict) else None
        for part in content if isinstance(content, list) else []:
            if isinstance(part, dict) and part.get("type") == "image_url":
                yield part


def _check_calls(calls: Any, role: str, at: str) -> Found:
    if role != "assistant":
        yield at, "on a message that is not from the assistant", True
    if not isinstance(calls, list):
        yield at, "not a list", True
        return
    for i, call in enumerate(calls):
        function = call.get("function") if isinstance(call, dict) else None
        if not isinstance(function, dict) or call.get("type") != "function":
            yield f"{at}/{i}", "not a call of type function", True
            continue
        if not _is_text(call.get("id")):
            yield f"{at}/{i}/id", "missing, or not a string", True
        if not _is_text(function.get("name")) or not _NAME.match(str(function["name"])):
            where = f"{at}/{i}/function/name"
            yield where, "missing, or not letters, digits, _ and -", True
        if not _is_json(function.get("arguments")):
            yield f"{at}/{i}/function/arguments", "not a string that holds JSON", True


def _is_json(value: object) -> bool:
    import orjson

    if not isinstance(value, str):
        return False
    try:
        orjson.loads(value)
    except orjson.JSONDecodeError:
        return False
    return True


def _is_text(value: object) -> bool:
    return isinstance(value, str)
