"""Work is not done twice: the tally of a content under a detector, kept for this user alone.

```
content × detector × how it is read ──HMAC──▶ file name ──▶ seal ‖ tally        sealed over both
```

An entry is believed only where its seal holds, under a key that nobody but this user can read, for
the very content, detector and reading that are asked about. Anything else is as good as no entry:
it is made anew, and never an error. What is kept holds no record text, as no tally does (DESIGN
law 6), and no digest that somebody without the key could hold against a guess.
"""

from gatekeeper.remember.memory import (
    ATTESTED_S,
    Memory,
    Recalled,
    clear_memory,
    open_memory,
    renamed,
)
from gatekeeper.remember.store import MAX_BYTES, MAX_ENTRIES

__all__ = [
    "ATTESTED_S",
    "MAX_BYTES",
    "MAX_ENTRIES",
    "Memory",
    "Recalled",
    "clear_memory",
    "open_memory",
    "renamed",
]
