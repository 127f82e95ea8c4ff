"""A grammar of dates and ages.

A bare year is no finding: Safe Harbor allows it (45 CFR 164.514(b)(2)(i)(C)).
"""

from __future__ import annotations

from gatekeeper.detect.recognizers.dates import ages, numeric, personal, relative, textual

RECOGNIZERS = (
    *textual.RECOGNIZERS,
    *numeric.RECOGNIZERS,
    *relative.RECOGNIZERS,
    *personal.RECOGNIZERS,
    *ages.RECOGNIZERS,
)
