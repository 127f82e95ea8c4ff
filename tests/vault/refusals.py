"""What is refused, to the letter: what happened, where, and what to do."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest

from gatekeeper.errors import GatekeeperError, VaultError


@contextlib.contextmanager
def refused(
    message: str, *, hint: str = "", kind: type[GatekeeperError] = VaultError
) -> Iterator[None]:
    with pytest.raises(GatekeeperError) as caught:
        yield
    assert (str(caught.value), caught.value.hint) == (message, hint)
    assert type(caught.value) is kind
