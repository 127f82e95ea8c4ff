"""One gateway for all tests of a module that change nothing that others see."""

from collections.abc import Iterator

import pytest

from tests.gateway.kit import Gate, gate


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gate]:
    pytest.importorskip("uvicorn", reason="the extra gatekeeper[gateway] is not installed")
    made, api = gate(tmp_path_factory.mktemp("gateway"))
    with api, made:
        yield made
