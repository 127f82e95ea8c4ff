"""What every test runs under: the socket guard, and a home of its own."""

import os
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "any-machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any-machine")  # a slow machine is no reason to fail

_GUARD = Path(__file__).parent / "guard"
os.environ["PYTHONPATH"] = os.pathsep.join(
    [str(_GUARD), *filter(None, [os.environ.get("PYTHONPATH")])]
)
for _name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "GATEKEEPER_API_KEY", "http_proxy",
              "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):  # fmt: skip
    os.environ.pop(_name, None)

if "sitecustomize" not in sys.modules or not hasattr(sys.modules["sitecustomize"], "ATTEMPTS"):
    import importlib.util

    _spec = importlib.util.spec_from_file_location("socket_guard", _GUARD / "sitecustomize.py")
    assert _spec is not None
    assert _spec.loader is not None
    _spec.loader.exec_module(importlib.util.module_from_spec(_spec))


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keys and trust never come from, or go to, the person who runs the tests."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("GATEKEEPER_HOME", str(home / "gatekeeper"))
    monkeypatch.setenv("HOME", str(home))
    cache = tmp_path_factory.getbasetemp() / "cache"  # compiled once for all tests
    monkeypatch.setenv("GATEKEEPER_CACHE", str(cache))
    return home
