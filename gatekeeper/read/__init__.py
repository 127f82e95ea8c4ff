"""Bytes → Records: files, folders, stdin and memory, in every format that training data takes.

```
open_sources ──▶ Source ──read()──▶ Reading ──▶ Record | Unscanned, … then .digest and .bytes_seen
```

A source is opened without following links and read front to back; the bytes that are hashed are the
bytes that are parsed. It can be read again: `tally` does so, and holds the digests against each
other. What cannot be read is an `Unscanned` with a reason, never a gap.
"""

from gatekeeper.model.pointer import field_of
from gatekeeper.read.formats import FORMATS, SUFFIXES
from gatekeeper.read.limits import Limits
from gatekeeper.read.opening import EXCLUDED_FOLDERS, STDIN, open_sources
from gatekeeper.read.snapshot import SealedSnapshot, Sealing, snapshot
from gatekeeper.read.source import Reading, Source, source_from_bytes, source_from_stream

__all__ = [
    "EXCLUDED_FOLDERS",
    "FORMATS",
    "STDIN",
    "SUFFIXES",
    "Limits",
    "Reading",
    "SealedSnapshot",
    "Sealing",
    "Source",
    "field_of",
    "open_sources",
    "snapshot",
    "source_from_bytes",
    "source_from_stream",
]
