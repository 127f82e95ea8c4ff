"""The network's four graphs, run by onnxruntime: lower and upper layers, fast and exact.

`train/ner/graph.py` writes them. One thread, so that sums are always added in the same order.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

_PARTS, _PRECISIONS = ("lower", "upper"), ("fast", "exact")


class Network:
    """What the layers make of the pieces of one window.

    `fast` says whether there are graphs that multiply in int8; where not, all is exact.
    """

    def __init__(self, folder: Path) -> None:
        """Open the graphs of `folder`.

        Raises ImportError, OSError, or what onnxruntime raises where a file is damaged.
        """
        # Versions above the range we ask for keep a device id and call home (seen in 1.31 and
        # 1.32), unless this is set before they are imported.
        os.environ["ORT_DISABLE_TELEMETRY"] = os.environ["ORT_TELEMETRY_DISABLED"] = "1"
        import onnxruntime

        onnxruntime.set_default_logger_severity(4)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.use_deterministic_compute = True
        options.log_severity_level = 4
        self.fast = (folder / "fast_lower.onnx").exists()
        self._sessions = {
            f"{precision}_{part}": onnxruntime.InferenceSession(
                str(folder / f"{precision}_{part}.onnx"), options,
                providers=["CPUExecutionProvider"],
            )
            for precision in (_PRECISIONS if self.fast else ("exact",))
            for part in _PARTS
        }  # fmt: skip

    def lower(self, ids: Any, classes: Any, *, exact: bool) -> tuple[Any, Any]:
        """Hidden states, shape (n, width), of `ids` in `classes`; the log-odds of the exit."""
        feed = {"ids": ids, "classes": classes}
        hidden, odds = self._session("lower", exact=exact).run(["hidden", "exit"], feed)
        return hidden, odds

    def upper(self, hidden: Any, *, exact: bool) -> Any:
        """The logits of the tags, of shape (n, tags), of hidden states from `lower`."""
        return self._session("upper", exact=exact).run(["logits"], {"hidden": hidden})[0]

    def _session(self, part: str, *, exact: bool) -> Any:
        return self._sessions[f"{'fast' if self.fast and not exact else 'exact'}_{part}"]
