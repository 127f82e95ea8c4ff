"""Legal matters: markings that close a document, numbers of a matter, settlements, minors, counsel."""

from __future__ import annotations

from gatekeeper.detect.recognizers.legal import (
    counsel,
    dockets,
    markings,
    minors,
    numbers,
    secrecy,
    settlement,
)

RECOGNIZERS = tuple(
    r
    for part in (markings, secrecy, settlement, dockets, numbers, minors, counsel)
    for r in part.RECOGNIZERS
)
