"""The short forms of `make gateway-load` and `make gateway-fuzz`."""

import pytest

from bench.gateway.fuzz import run_fuzz
from bench.gateway.load import run_load

pytest.importorskip("uvicorn", reason="the extra gatekeeper[gateway] is not installed")


@pytest.mark.slow
def test_many_clients_at_once_get_the_right_verdicts(capsys: pytest.CaptureFixture[str]) -> None:
    failed = run_load(40, 1_000_000, 2, 5, "house.yaml", throughput=False)
    assert not failed, capsys.readouterr().out


@pytest.mark.slow
def test_requests_made_to_break_it() -> None:
    said: list[str] = []
    assert not run_fuzz(500, 7, said.append), said
