"""The words of the known training shapes: which keys are no secret, and which hold media.

OpenAI chat, completion, preference and reinforcement rows, tool definitions and calls, ShareGPT,
Alpaca, TRL's text and preference columns. No shape is
needed for a row to be read: every JSON value is walked whole. The words only add context.
"""

from __future__ import annotations

import re

KNOWN_KEYS = frozenset({
    # chat
    "messages", "role", "content", "name", "weight", "refusal", "text", "type", "tools",
    "functions",
    "tool_calls", "tool_call_id", "function", "function_call", "arguments", "parameters",
    "parallel_tool_calls", "description", "properties", "required", "items", "enum", "strict",
    "additionalProperties", "id", "index", "tool_choice", "response_format", "json_schema",
    "schema",
    # parts
    "image_url", "url", "detail", "input_audio", "audio", "data", "format", "file", "file_id",
    "file_data", "filename", "image", "images", "video", "videos", "bytes", "path", "transcript",
    # preference and completion
    "input", "preferred_output", "non_preferred_output", "prompt", "completion", "chosen",
    "rejected", "label", "score", "margin", "query", "response", "question", "answer", "context",
    # Alpaca, ShareGPT and the rest
    "instruction", "output", "system", "history", "conversations", "conversation", "from", "value",
    "metadata", "source", "split", "title", "summary", "document", "reference_answer", "reference",
})  # fmt: skip
"""Keys that are not shown to the detector as text themselves; every other key is."""

ROLES = {
    "system": "system", "developer": "developer", "user": "user", "assistant": "assistant",
    "tool": "tool", "function": "tool", "human": "user", "gpt": "assistant", "bot": "assistant",
    "chatgpt": "assistant", "model": "assistant", "observation": "tool", "function_call": "tool",
}  # fmt: skip
"""The roles that messages name, ShareGPT's words among them, in OpenAI's words."""

IMAGE, IMAGE_URL, AUDIO, FILE = "IMAGE_PRESENT", "IMAGE_URL", "AUDIO_PRESENT", "FILE_PRESENT"

REASONS = {IMAGE: "image", IMAGE_URL: "remote-image", AUDIO: "audio", FILE: "file"}
DETAILS = {
    IMAGE: "an image cannot be looked into; remove it, or keep the data in the house",
    IMAGE_URL: "an image that is not in the file cannot be looked into; remove it",
    AUDIO: "audio cannot be looked into; transcribe it, or keep the data in the house",
    FILE: "an embedded file cannot be looked into; extract its text, or remove it",
}

REFERENCE_KEYS = {
    "image": IMAGE_URL, "images": IMAGE_URL, "image_url": IMAGE_URL, "image_path": IMAGE_URL,
    "video": FILE, "videos": FILE, "audio": AUDIO, "audios": AUDIO,
}  # fmt: skip
"""Keys whose string may name media that lies elsewhere."""

INLINE_KEYS = {
    ("input_audio", "data"): AUDIO,
    ("audio", "data"): AUDIO,
    ("file", "file_data"): FILE,
    ("image", "bytes"): IMAGE,
    ("images", "bytes"): IMAGE,
}
"""(parent, key) whose string is media in base64, whatever it looks like."""

ELSEWHERE_KEYS = {
    ("image_url", "url"): IMAGE_URL,
    ("image", "url"): IMAGE_URL,
    ("image", "path"): IMAGE_URL,
    ("images", "url"): IMAGE_URL,
    ("images", "path"): IMAGE_URL,
    ("audio", "id"): AUDIO,
    ("audio", "path"): AUDIO,
    ("file", "file_id"): FILE,
}
"""(parent, key) whose string names media that lies elsewhere, whatever it looks like."""

MEDIA_STRUCT = frozenset({"bytes", "path"})
"""The keys of the struct in which Hugging Face datasets keep an image or a sound."""

_TOKEN_KEY = re.compile(r"(?:\w+_)?(?:input|token)_ids\Z")
_TOKEN = re.compile(r"-?[0-9]{1,9}\Z")


def is_tokens(key: str, values: list[object]) -> bool:
    """Whether a list is text that was tokenised already: numbers that hide what they stand for."""
    return bool(
        values
        and _TOKEN_KEY.match(key)
        and all(isinstance(v, str) and _TOKEN.match(v) for v in values)
    )


ELSEWHERE = re.compile(
    r"[a-z][a-z0-9+.-]{1,20}://\S+\Z"
    r"|[^\n]{0,400}\.(?:png|jpe?g|gif|webp|bmp|tiff?|heic|mp4|mov|avi|webm|wav|mp3|flac|ogg|m4a)"
    r"(?:\?\S*)?\Z",
    re.IGNORECASE,
)
"""A URL, or a file name with the suffix of media."""

DATA_URI = re.compile(
    r"data:(?P<type>[a-z]{1,20})?(?:/[^;,\s\"]{0,80})?(?:;[^;,\s\"]{1,80}){0,4};base64,"
    r"(?P<body>[A-Za-z0-9+/=_-]*)",
    re.IGNORECASE,
)
"""RFC 2397, the base64 form."""

BASE64_ONLY = re.compile(r"[A-Za-z0-9+/=_-]+\s*\Z")

_BASE64_STARTS = (
    ("iVBORw0KGgo", IMAGE), ("/9j/", IMAGE), ("R0lGOD", IMAGE), ("UklGR", IMAGE), ("SUkqA", IMAGE),
    ("JVBERi0", FILE), ("UEsDB", FILE), ("SUQz", AUDIO), ("T2dnUw", AUDIO), ("ZkxhQ", AUDIO),
)  # fmt: skip
BARE_BASE64 = tuple(start for start, _ in _BASE64_STARTS)
_BYTE_STARTS = (
    (b"\x89PNG", IMAGE), (b"\xff\xd8\xff", IMAGE), (b"GIF8", IMAGE), (b"BM", IMAGE),
    (b"II*\x00", IMAGE), (b"MM\x00*", IMAGE), (b"ID3", AUDIO), (b"fLaC", AUDIO), (b"OggS", AUDIO),
    (b"\xff\xfb", AUDIO),
)  # fmt: skip


def media_of_type(word: str | None) -> str:
    """The entity for the first word of a MIME type."""
    return {"image": IMAGE, "audio": AUDIO}.get((word or "").lower(), FILE)


def media_of_base64(text: str) -> str | None:
    """The entity for base64 that begins as a known file does; None where it begins otherwise."""
    return next((entity for start, entity in _BASE64_STARTS if text.startswith(start)), None)


def media_of_bytes(data: bytes) -> str:
    """The entity for binary content."""
    if data.startswith(b"RIFF"):
        return AUDIO if data[8:12] == b"WAVE" else IMAGE
    return next((entity for start, entity in _BYTE_STARTS if data.startswith(start)), FILE)
