"""Counters, gauges and a histogram, in Prometheus' text format 0.0.4. Labels are our own words."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping

PREFIX = "gatekeeper_gateway"
BUCKETS_S = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0)


class Metrics:
    """What a gateway has done since it began."""

    def __init__(self) -> None:
        self._requests: Counter[tuple[str, str, str]] = Counter()
        self._verdicts: Counter[str] = Counter()
        self._counts: Counter[str] = Counter()
        self._buckets = [0] * (len(BUCKETS_S) + 1)
        self._sum_s = 0.0

    def request(self, endpoint: str, status: int, code: str) -> None:
        """One answer was given."""
        self._requests[endpoint, str(status), code] += 1

    def verdict(self, route: str, took_s: float) -> None:
        """One dataset was decided on, `took_s` after it was spooled."""
        self._verdicts[route] += 1
        self._buckets[bisect_left(BUCKETS_S, took_s)] += 1
        self._sum_s += took_s

    def count(self, what: str, by: int = 1) -> None:
        """`what` happened, a name of our own that ends in `_total`."""
        self._counts[what] += by

    def text(self, gauges: Mapping[str, float]) -> str:
        """All of it, and `gauges` as they are now."""
        lines = [f"# TYPE {PREFIX}_requests_total counter"]
        for (endpoint, status, code), count in sorted(self._requests.items()):
            labels = f'endpoint="{endpoint}",status="{status}",code="{code}"'
            lines.append(f"{PREFIX}_requests_total{{{labels}}} {count}")
        lines.append(f"# TYPE {PREFIX}_verdicts_total counter")
        for route, count in sorted(self._verdicts.items()):
            lines.append(f'{PREFIX}_verdicts_total{{route="{route}"}} {count}')
        for name, count in sorted(self._counts.items()):
            lines += [f"# TYPE {PREFIX}_{name} counter", f"{PREFIX}_{name} {count}"]
        lines.append(f"# TYPE {PREFIX}_verdict_seconds histogram")
        so_far = 0
        for bound, count in zip((*map(str, BUCKETS_S), "+Inf"), self._buckets, strict=True):
            so_far += count
            lines.append(f'{PREFIX}_verdict_seconds_bucket{{le="{bound}"}} {so_far}')
        lines += [
            f"{PREFIX}_verdict_seconds_sum {self._sum_s:.6f}",
            f"{PREFIX}_verdict_seconds_count {so_far}",
        ]
        for name, value in sorted(gauges.items()):
            lines += [f"# TYPE {PREFIX}_{name} gauge", f"{PREFIX}_{name} {value:g}"]
        return "\n".join(lines) + "\n"
