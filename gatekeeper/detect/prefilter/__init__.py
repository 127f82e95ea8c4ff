"""One pass over a text that says which patterns may match it, so that the others need not run.

`weaken` makes every pattern weaker, `fold` the text ASCII, `database` compiles the weak patterns
into one Hyperscan database and keeps it on disk. What passes is decided by the patterns themselves:
without Hyperscan they all run, and find the same.
"""

from gatekeeper.detect.prefilter.database import PatternKey, Prefilter
from gatekeeper.detect.prefilter.fold import is_unclear

__all__ = ["PatternKey", "Prefilter", "is_unclear"]
