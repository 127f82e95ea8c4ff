"""Markup taken out: tags, comments, Markdown emphasis, LaTeX commands, string concatenation."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator

from gatekeeper.detect.lazy import lazy
from gatekeeper.detect.prefilter.triggers import EVERYTHING, triggers
from gatekeeper.detect.views.mapped import Edit

_TAG = lazy(
    r"<!--[^\n]{0,200}?-->|</?(?P<name>[A-Za-z][A-Za-z0-9]{0,10})(?:\s[^<>]{0,400})?/?>|<!\[CDATA\[|\]\]>"
)
_BLOCK = frozenset(
    ("p", "div", "li", "ul", "ol", "h1", "h2", "h3", "h4", "table", "section", "body", "html", "head", "title")
)  # fmt: skip
_CELL = frozenset(("td", "th", "tr", "br", "hr", "dd", "dt", "cell", "row", "tbody", "wbr"))
_INLINE_GLUE = lazy(r"[\w@.(+-](?:<[^<>\n]{1,200}>){1,6}[\w@.)+-]|[\w@.-]<!--")
_EMPHASIS = r"(?:\*{1,3}|`{1,2}|~~|_{2}|\|\||==(?![0-9A-F]{2})|\+\+|\^|\$|\[/?(?:b|i|u|s|sub|sup|size|color|colour|font|url|code|quote|center)(?:=[^\[\]\n]{0,20})?\])"
_EMPHASIS_GLUE = lazy(
    rf"[0-9A-Za-z@.-]{_EMPHASIS}{{1,2}}[-@.]?[0-9A-Za-z@]|[-@.]{_EMPHASIS}[0-9A-Za-z]"
)
_EMPHASIS_EDIT = lazy(
    rf"(?<=[\w@.\-\s]){_EMPHASIS}(?=[\w@.\-*`\[])|(?<=[\w.*`\])@-]){_EMPHASIS}|^{_EMPHASIS}"
)
_TARGET = r"(?:https?:|www\.|mailto:|tel:|[/#.])[^()\n]{0,200}"
_LINK = lazy(rf"!?\[([^\[\]\n]{{1,80}})\]\({_TARGET}\)")
_LINK_GLUE = lazy(r"[\w@.-]!?\[[^\[\]\n]{1,80}\]\(|\[[^\[\]\n]{1,80}\]\([^()\n]{0,200}\)[\w@.-]")
_LATEX = lazy(r"\\(?P<name>[A-Za-z]{2,14})\*?\{(?P<body>[^{}\n]{0,80})\}")
_LATEX_MARK = lazy(
    r"\\[,;:!>/ -]|\{\}|(?<=\d)\{,\}(?=\d)|\\(?:hspace|kern|quad|thinspace|allowbreak|bf|it|rm|tt)(?![a-zA-Z])\{?(?:[0-9a-z.]{1,6}\})?[ ]?"
)
_LITERALS = lazy(
    r"(?P<a>[\w@.+:-])(?:(?P<q>[\"'`])[ \t]{0,4}(?:\\?\r?\n[ \t]{0,40})?(?:\+|\.\.?|\|\||&|<>|~|\\)?[ \t]{0,4}(?:\r?\n[ \t]{0,40})?(?P=q))(?=[\w@.+-])"
)
_NEXT_FIELD = lazy(
    r"(?P<a>[\d@-])\"[ \t]{0,2},\s{0,20}\"[A-Za-z_]{1,24}\"[ \t]{0,2}:[ \t]{0,2}\"(?=[-@\d])"
)


TRIGGERS = {
    "markup": triggers(
        _INLINE_GLUE, _EMPHASIS_GLUE, _LINK_GLUE, _LATEX, _LATEX_MARK, _LITERALS, _NEXT_FIELD
    )
}


def active(text: str, may: Container[str] = EVERYTHING) -> Iterator[tuple[int, int]]:
    """Where markup stands inside what may be a value."""
    if "markup" not in may:
        return
    patterns: list[re.Pattern[str]] = []
    if "<" in text:
        patterns.append(_INLINE_GLUE)
    if any(c in text for c in "*`~_|=+^$["):
        patterns.append(_EMPHASIS_GLUE)
    if "](" in text:
        patterns.append(_LINK_GLUE)
    if "\\" in text:
        patterns += [_LATEX, _LATEX_MARK]
    elif "{}" in text or "{,}" in text:
        patterns.append(_LATEX_MARK)
    if '"' in text or "'" in text or "`" in text:
        patterns += [_LITERALS, _NEXT_FIELD]
    for pattern in patterns:
        for match in pattern.finditer(text):
            yield match.span()


def edits(text: str) -> Iterator[Edit]:
    """Every piece of markup of `text`, taken out or made a space."""
    if "<" in text:
        for match in _TAG.finditer(text):
            if (match["name"] or "").lower() in ("at", "dot"):
                continue
            yield Edit(*match.span(), _tag(match))
    if "](" in text:
        for match in _LINK.finditer(text):
            start, end = match.span(1)
            yield Edit(match.start(), start, "")
            yield Edit(end, match.end(), "")
    if "\\" in text or "{" in text:
        for match in _LATEX.finditer(text):
            yield Edit(match.start(), match.start("body"), "")
            yield Edit(match.end("body"), match.end(), "")
        for match in _LATEX_MARK.finditer(text):
            yield Edit(*match.span(), " " if match[0] == "\\ " else "")
    if '"' in text or "'" in text or "`" in text:
        for match in _LITERALS.finditer(text):
            yield Edit(match.end("a"), match.end(), "")
        for match in _NEXT_FIELD.finditer(text):
            yield Edit(match.end("a"), match.end(), "")
    if any(c in text for c in "*`~_|=+^$["):
        for match in _EMPHASIS_EDIT.finditer(text):
            if match[0] == "*" and _multiplies(text, *match.span()):
                continue
            if match[0] != "||" or text[match.end() : match.end() + 1].isalnum():
                yield Edit(*match.span(), "")


def _multiplies(text: str, start: int, end: int) -> bool:
    """Whether the star stands between a number and a name, as in a formula."""
    before, after = text[start - 1 : start], text[end : end + 1]
    return (before.isdigit() and (after.isalpha() or after == "(")) or before == ")"


def _tag(match: re.Match[str]) -> str:
    name = (match["name"] or "").lower()
    if name in _CELL:
        return " "
    return "\n" if name in _BLOCK else ""
