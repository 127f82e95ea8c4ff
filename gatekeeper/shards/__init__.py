"""The work of a scan shared over processes: files, and parts of big JSONL and Parquet files.

```
sources ──sharing──▶ tasks ──pool──▶ worker: look ──┐   counts, and what tells of other records
                       ▲                             ▼
                       └── report, with the whole ◀── merged in the order of the parts ──▶ Tally
```

What comes of it is the evidence of one process, byte for byte, wherever a file is cut. Nothing that
passes between the processes can hold record text, and a worker that is lost takes what it read out
of the evidence as refused, never as clean.
"""

from gatekeeper.shards.jobs import ALONE, Jobs, Workers, tally_each

__all__ = ["ALONE", "Jobs", "Workers", "tally_each"]
