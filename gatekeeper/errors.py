"""Every error Gatekeeper raises, and the exit code each one ends a process with.

```
GatekeeperError                 1   internal error; no decision
├── UsageError                  2   the command line or a setting is wrong
│   ├── PolicyError             2   a policy, destination or catalogue file is wrong
│   └── ConfigError             2   gatekeeper.yaml is wrong, or lacks what a route needs
├── InputError                  3   the dataset cannot be read, or nothing of it was scanned
│   └── DatasetChanged          3   the dataset changed between the scan and the act
├── DetectorError               3   the detector is missing, damaged, timed out or failed its test
├── VaultError                  1   a case could not be written, verified or opened
├── ReceiptError                1   a receipt is malformed, or its signature does not hold
├── UploadError                 1   an allowed upload did not happen
└── PolicyViolation        10, 20   a guarded dataset is not allowed; carries the decision
```

Messages follow one form: what happened, where, what to do; lower case, no final period, one line.
They hold places and types, never a value of a record (DESIGN law 6).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gatekeeper.model import Decision


class GatekeeperError(Exception):
    """The root: an internal error. `hint` is what to do about it, or empty."""

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class UsageError(GatekeeperError):
    """The command line or a setting is wrong.

    A file may be wrong in several places: this is the first of them, `others` are the rest.
    """

    exit_code = 2

    def __init__(
        self, message: str, *, hint: str = "", others: tuple[UsageError, ...] = ()
    ) -> None:
        super().__init__(message, hint=hint)
        self.others = others


class PolicyError(UsageError):
    """A policy, destination or catalogue file is wrong; the message starts `file:line:column`."""


class ConfigError(UsageError):
    """`gatekeeper.yaml` is wrong, or lacks what the route to be taken needs."""


class InputError(GatekeeperError):
    """The dataset cannot be read, or nothing of it was scanned."""

    exit_code = 3


class DatasetChanged(InputError):  # noqa: N818  (it names the event, as the design does)
    """The bytes to act on are not the bytes that were scanned."""


class DetectorError(GatekeeperError):
    """The detector is missing, damaged, timed out or failed its known-answer test."""

    exit_code = 3


class VaultError(GatekeeperError):
    """A case could not be written, verified or opened; the plaintext was left as it was."""


class ReceiptError(GatekeeperError):
    """A receipt is malformed, or its signature does not hold."""


class UploadError(GatekeeperError):
    """An allowed upload did not happen, or its outcome is unknown."""


class PolicyViolation(GatekeeperError):  # noqa: N818  (public name of the design)
    """A guarded dataset is not allowed where it was meant to go; `decision` says why."""

    def __init__(self, decision: Decision) -> None:
        reasons = ", ".join(f"{r.policy}/{r.rule}" for r in decision.reasons if not r.waived_by)
        super().__init__(f"dataset is not allowed: route {decision.route.word}: {reasons}")
        self.decision = decision
        self.exit_code = int(decision.route)
