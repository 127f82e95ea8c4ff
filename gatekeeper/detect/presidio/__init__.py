"""The only room that knows Presidio: its AnalyzerEngine over our recognizers and our name model.

This is the reference path, slow and plain: `load_detector(plain=True)` takes it, and what
`detect.analyzer` finds must be the same. Offline by construction. A pattern that runs out of time
is an error here, where stock Presidio logs "skipping" and drops what it would have found.
"""

from gatekeeper.detect.presidio.reference import PlainAnalyzer

__all__ = ["PlainAnalyzer"]
