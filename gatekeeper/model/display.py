"""Names from outside (files, keys, hosts) made fit to be shown: one line, nothing that a terminal
would act on, and no part that is itself somebody's data.
"""

from __future__ import annotations

import os
import re

_MASK = "[masked]"
_PERSONAL = re.compile(
    r"[^\s/@]+@[^\s/@]+\.[^\s/@.]+"  # an e-mail address
    r"|(?<![0-9])[0-9]{3}[-_ .][0-9]{2,3}[-_ .][0-9]{4}(?![0-9])"  # the shape of an SSN or a phone
    r"|(?<![0-9A-Za-z])[0-9]{9,}(?![0-9A-Za-z])"  # account, phone and record numbers
)


def escaped(text: str) -> str:
    """`text` with every character that does not print written as an escape, on one line.

    A control character, a right-to-left override or a byte that is not UTF-8 must not reach a
    terminal or a log.
    """
    if text.isprintable() and "\\" not in text:
        return text
    return "".join(
        c if c.isprintable() and c != "\\" else c.encode("unicode_escape").decode() for c in text
    )


def shown(path: str | os.PathLike[str]) -> str:
    """A file name for a message, a report or a receipt: escaped, and what in it has the shape of
    an e-mail address or a personal number as `[masked]`.
    """
    name = escaped(os.fspath(path))
    folder, slash, last = name.rpartition("/")
    return folder + slash + _PERSONAL.sub(_MASK, last)
