"""The wheel, alone and elsewhere, runs a check with the shipped policies and model."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.slow
def test_the_wheel_alone_runs_a_check(tmp_path: Path) -> None:
    built = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation",
         "-w", str(tmp_path), str(ROOT)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert built.returncode == 0, built.stderr
    (wheel,) = tmp_path.glob("gatekeeper-*.whl")
    place = tmp_path / "elsewhere"
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        archive.extractall(place)
    assert {
        "gatekeeper/policies/hipaa.yaml", "gatekeeper/policies/legal.yaml",
        "gatekeeper/policies/internal.yaml", "gatekeeper/policies/destinations/openai.yaml",
        "gatekeeper/detect/ner/model/weights.bin", "gatekeeper/detect/ner/model/fast_lower.onnx",
        "gatekeeper/detect/ner/NOTICE",
        "gatekeeper/detect/data/names.xz", "gatekeeper/py.typed",
    } <= set(names)  # fmt: skip
    assert not [n for n in names if n.startswith(("tests", "fixtures", "train", "bench"))]
    work = tmp_path / "work"
    work.mkdir()
    rows = [{"text": f"{n} plus {n} is {2 * n}."} for n in range(12)]
    (work / "clean.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows))
    code = (
        "import gatekeeper, sys; from gatekeeper.cli import main; "
        f"assert gatekeeper.__file__.startswith({str(place)!r}), gatekeeper.__file__; "
        "sys.exit(main(['check', 'clean.jsonl', '--to', 'own.yaml']))"
    )
    (work / "own.yaml").write_text(
        "destination: own\ntitle: t\nparty: p\nbase_url: https://ours.example.com/v1\n"
        "as_of: 2026-01-01\nmax_age_days: 3650\n"
    )
    environment = {**os.environ, "PYTHONPATH": f"{place}{os.pathsep}{os.environ['PYTHONPATH']}"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=work, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "route: allow" in done.stderr
