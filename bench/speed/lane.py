"""One lane in a process of its own: `python -m bench.speed.lane NAME FILE [--warm FILE]`.

Prints one JSON line: `cpu_s` and `wall_s` of the scan alone (children included), `start_s` of all
that went before on the clock, `bytes`, `hits`, `entities` and `peak_mb` of resident memory.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import time
from pathlib import Path

from bench.speed.lanes import lanes


def cpu_s() -> float:
    """Processor seconds of this process and of its children that have ended."""
    spent = os.times()
    return time.process_time() + spent.children_user + spent.children_system


def peak_mb() -> float:
    """The most resident memory so far, in MB: `ru_maxrss` would hold the parent's as well."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        unit = 1 if sys.platform == "darwin" else 1024  # bytes there, KiB elsewhere
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6
    return int(status.split("VmHWM:")[1].split()[0]) * 1024 / 1e6


def measure(name: str, path: Path, warm: Path | None) -> dict[str, float | int | str]:
    """Start a lane, scan `warm` untimed, scan `path`: what the module prints."""
    begun = time.perf_counter()
    scan = lanes()[name].start()
    if warm:
        scan.over(warm)
    wall, cpu = time.perf_counter(), cpu_s()
    hits = scan.over(path)
    return {
        "lane": name,
        "cpu_s": cpu_s() - cpu,
        "wall_s": time.perf_counter() - wall,
        "start_s": wall - begun,
        "bytes": path.stat().st_size,
        "hits": hits,
        "entities": scan.entities,
        "peak_mb": peak_mb(),
    }


def main() -> None:
    """Measure what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", choices=lanes())
    parser.add_argument("file", type=Path)
    parser.add_argument("--warm", type=Path, help="scanned before anything is timed")
    options = parser.parse_args()
    print(json.dumps(measure(options.name, options.file, options.warm)))


if __name__ == "__main__":
    main()
