"""The only room that knows Presidio: its AnalyzerEngine over our recognizers and our name model.

`analyzer` runs it over texts, `rules` are its recognizers, `engine` is how it is built, and
`shortlist` says what it need not ask. Offline by construction. A pattern that runs out of time is
an error here, where stock Presidio logs "skipping" and drops what it would have found.
"""

from gatekeeper.detect.presidio.analyzer import (
    BATCH,
    TIMEOUT_S,
    AnalysisFailed,
    Analyzer,
)

__all__ = ["BATCH", "TIMEOUT_S", "AnalysisFailed", "Analyzer"]
