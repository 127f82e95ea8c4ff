"""A JSON value → the texts of a record: every string, number and key, with where it stands.

The walk is generic, so that no shape is ever skipped; the known shapes only add context (the chat
role, media parts). `true`, `false` and `null` carry nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from functools import lru_cache

from gatekeeper.model import Media, Record, Text, Unscanned
from gatekeeper.model.pointer import escape_token, is_plain_key
from gatekeeper.read import shapes
from gatekeeper.read.limits import Limits
from gatekeeper.read.nested import NESTED_DEPTH, WHOLE, Spot, Tokens, opened
from gatekeeper.read.refusal import Items, too_deep
from gatekeeper.read.strict_json import Value

Members = tuple[tuple[str, Value], ...]


@lru_cache(maxsize=4096)
def _token(key: str) -> str:
    """`key` as a pointer token; empty where it must not be shown."""
    return escape_token(key) if is_plain_key(key) else ""


class Walk:
    """Collects the texts and media of one record."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.texts: list[Text] = []
        self.media: list[Media] = []

    def value(self, node: Value, pointer: str = "", key: str = "", role: str = "", *,
              depth: int = 0, inside: Tokens | None = None, nesting: int = 0) -> None:  # fmt: skip
        """Walk `node`, which stands at `pointer` under `key` in a message of `role`.

        `inside` gives the spots where `node` is part of JSON in a string at `pointer`.
        """
        if isinstance(node, str):
            spot = inside.next() if inside else WHOLE
            self.string(node, pointer, key, role, spot=spot, nesting=nesting)
        elif isinstance(node, bytes):
            self._binary(node, pointer, key, role)
        elif isinstance(node, (list, tuple)):
            if depth >= self._limits.max_depth:
                raise too_deep(self._limits.max_depth)
            if isinstance(node, tuple):
                self._members(node, pointer, key, role, depth + 1, inside, nesting)
                return
            if shapes.is_tokens(key, list(node)):
                size_bytes = sum(len(v) for v in node if isinstance(v, str))
                self.media.append(Media(pointer, shapes.FILE, size_bytes))
            for n, element in enumerate(node):
                at = pointer if inside else f"{pointer}/{n}"
                self.value(element, at, key, role, depth=depth + 1, inside=inside, nesting=nesting)

    def _members(self, members: Members, pointer: str, parent: str, role: str, depth: int,
                 inside: Tokens | None, nesting: int) -> None:  # fmt: skip
        role = _role_of(members) or role
        if {key for key, _ in members} == shapes.MEDIA_STRUCT:
            parent = "image"
        repeated = _repeated(members)
        for n, (key, value) in enumerate(members):
            # Two members of one name have no pointer of their own, so they go by position.
            at = (
                pointer
                if inside
                else f"{pointer}/{(key not in repeated and _token(key)) or f'#{n}'}"
            )
            spot = inside.next() if inside else WHOLE
            if key not in shapes.KNOWN_KEYS:
                masked = pointer if inside else f"{pointer}/#{n}"
                self.key(key, at, masked, parent, role, spot)
            if isinstance(value, str) and self._is_media(value, at, parent, key):
                if inside:
                    inside.next()
                continue
            self.value(value, at, key, role, depth=depth, inside=inside, nesting=nesting)

    def key(self, key: str, pointer: str, masked: str, parent: str = "", role: str = "",
            spot: Spot = WHOLE) -> None:  # fmt: skip
        """Take `key` itself as a text."""
        if key:
            self.texts.append(
                Text(pointer, key, parent, role, spot.base, spot.offsets, True, masked)
            )

    def string(self, value: str, pointer: str, key: str = "", role: str = "", *,
               spot: Spot = WHOLE, nesting: int = 0) -> None:  # fmt: skip
        """Take one string: media in it apart, JSON in it opened."""
        if not value:
            return
        if key in shapes.REFERENCE_KEYS and shapes.ELSEWHERE.match(value):
            self.media.append(Media(pointer, shapes.REFERENCE_KEYS[key], 0))
        inner: Value = None
        if value[0] in '{["\n \t\r' and nesting < NESTED_DEPTH:
            inner = opened(value, self._limits)
        if ";base64," in value:
            self._around_media(value, pointer, key, role, spot, counted=inner is None)
        elif not self._is_bare_media(value, pointer):
            self.texts.append(Text(pointer, value, key, role, spot.base, spot.offsets))
        if inner is not None:
            tokens = Tokens(value, spot)
            self.value(inner, pointer, key, role, inside=tokens, nesting=nesting + 1)

    def _around_media(self, value: str, pointer: str, key: str, role: str, spot: Spot, *,
                      counted: bool) -> None:  # fmt: skip
        """Take the text before, between and after the data URIs of `value`.

        Those of JSON in a string are counted where the inner string is taken, not here.
        """
        at = 0
        for match in shapes.DATA_URI.finditer(value):
            start, end = match.span("body")
            if counted:
                entity = shapes.media_of_type(match["type"])
                self.media.append(Media(pointer, entity, end - start))
            self._part(value, at, start, pointer, key, role, spot)
            at = end
        self._part(value, at, len(value), pointer, key, role, spot)

    def _part(self, value: str, start: int, end: int, pointer: str, key: str, role: str,
              spot: Spot) -> None:  # fmt: skip
        if start < end:
            part = spot.part(start, end)
            self.texts.append(Text(pointer, value[start:end], key, role, part.base, part.offsets))

    def _is_media(self, value: str, pointer: str, parent: str, key: str) -> bool:
        """Note media that the place alone tells. True where the string holds nothing else."""
        if not value or ";base64," in value:
            return False
        if (parent, key) in shapes.ELSEWHERE_KEYS:
            self.media.append(Media(pointer, shapes.ELSEWHERE_KEYS[parent, key], 0))
        entity = shapes.INLINE_KEYS.get((parent, key))
        if entity is None:
            return False
        whole = bool(shapes.BASE64_ONLY.match(value))
        self.media.append(Media(pointer, entity, len(value) if whole else 0))
        return whole

    def _is_bare_media(self, value: str, pointer: str) -> bool:
        if len(value) < 64 or not value.startswith(shapes.BARE_BASE64):
            return False
        if not shapes.BASE64_ONLY.match(value):
            return False
        entity = shapes.media_of_base64(value) or shapes.FILE
        self.media.append(Media(pointer, entity, len(value)))
        return True

    def _binary(self, data: bytes, pointer: str, key: str, role: str) -> None:
        text: str | None = None
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            text = None
        if text is None or "\0" in text:
            self.media.append(Media(pointer, shapes.media_of_bytes(data), len(data)))
        else:
            self.string(text, pointer, key, role)

    def items(self, source: str, index: int, size_bytes: int) -> Items:
        """What cannot be looked into, then the record, which accounts for the other bytes."""
        yield from record_items(source, index, self.texts, self.media, size_bytes)


def record_items(
    source: str, index: int, texts: Sequence[Text], media: Sequence[Media], size_bytes: int
) -> Items:
    """The opaque parts of a record, and the record with the bytes that they leave of it."""
    for part in media:
        opaque = min(part.size_bytes, size_bytes)
        size_bytes -= opaque
        at = f"record {index} {part.pointer}".rstrip()
        reason, detail = shapes.REASONS[part.entity], shapes.DETAILS[part.entity]
        if not part.size_bytes and not reason.startswith("remote"):
            reason = f"remote-{reason}"
        yield Unscanned(source, at, reason, detail, opaque, opaque=True)
    yield Record(source, index, tuple(texts), size_bytes, tuple(media))


def _repeated(members: Members) -> Collection[str]:
    """The keys that stand more than once."""
    keys = Counter(key for key, _ in members) if len(dict(members)) < len(members) else {}
    return {key for key, count in keys.items() if count > 1}


def _role_of(members: Members) -> str:
    for key, value in members:
        if key in ("role", "from") and isinstance(value, str) and value in shapes.ROLES:
            return shapes.ROLES[value]
    return ""


def walk(value: Value, limits: Limits) -> Walk:
    """The texts and media of one whole JSON value. Raises Refusal where it is over a limit."""
    walked = Walk(limits)
    walked.value(value)
    return walked
