"""Records in which nothing can be found, told by one pass over all of their strings together.

A record of a plain shape (`PlainTexts`) is quiet where no pattern and no search may match, where no
label, table or disguise stands, where nothing goes on from one string to the next, and no sentence
may name anybody. Everything here errs to the other side: what is not quiet is looked at in full.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from itertools import pairwise

from gatekeeper.detect.analyzer import Analyzer
from gatekeeper.detect.fields import may_hold_fields
from gatekeeper.detect.lazy import lazy
from gatekeeper.detect.prefilter import is_unclear
from gatekeeper.detect.views import decoded, folded, hidden
from gatekeeper.detect.views.structure import DIGITS, FRAGMENT_MAX, PART_MAX, plainly_apart

APART = "\n" * 6
"""Put between strings: every pattern takes the end of a line for an edge (tests/detect)."""
LONGEST = 20_000
"""Characters of a record that is looked at so; windows and bounds need no thought below it."""
REMEMBERED, REMEMBERED_LENGTH = 4096, 4096
"""Strings known to be quiet, and their longest: system prompts come with every row."""
TRIES = 64
"""Records after which it is seen whether looking for quiet ones pays; every so many it is tried."""

_TWO_DIGITS = lazy(r"\d\d")


class Quiet:
    """Tells quiet records for one analyzer."""

    def __init__(self, analyzer: Analyzer) -> None:
        """Nothing known yet."""
        self._analyzer = analyzer
        self._known: OrderedDict[str, None] = OrderedDict()
        self._asked = self._were = 0

    def __call__(self, strings: Sequence[str]) -> bool:
        """Whether nothing can be found in a record of these strings."""
        self._asked += 1
        if self._asked > TRIES and self._were * 8 < self._asked and self._asked % TRIES:
            return False
        quiet = self._is_quiet(strings)
        self._were += quiet
        return quiet

    def _is_quiet(self, strings: Sequence[str]) -> bool:
        if sum(map(len, strings)) > LONGEST or _goes_on(strings):
            return False
        fresh = [s for s in strings if s not in self._known]
        if fresh and not self._are_quiet(fresh):
            return False
        for string in fresh:
            if len(string) <= REMEMBERED_LENGTH:
                self._known[string] = None
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return True

    def _are_quiet(self, strings: Sequence[str]) -> bool:
        text = APART.join(strings)
        if self._analyzer.may_find(text) or is_unclear(text):
            return False
        if any(True for _ in folded.active(text)) or any(True for _ in decoded.active(text, ())):
            return False
        if any(map(may_hold_fields, strings)) or (not text.isascii() and hidden.hidden(text)):
            return False
        return not any(map(self._analyzer.may_name, strings))


def _goes_on(strings: Sequence[str]) -> bool:
    """Whether parts of a value may be spread over the strings (`views.structure`)."""
    if not all(plainly_apart(a[-1], b[0]) for a, b in pairwise(strings)):
        return True
    if sum(len(s) <= PART_MAX and DIGITS.match(s) is not None for s in strings) > 1:
        return True
    return sum(len(s) <= FRAGMENT_MAX and _TWO_DIGITS.search(s) is not None for s in strings) > 1
