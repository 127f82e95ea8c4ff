"""`trl sft` and `trl dpo` really train from a hand-off folder, offline, on the CPU.

Needs the extra gatekeeper[onprem]; CI installs it with constraints-onprem.txt.
"""

from __future__ import annotations

import math
import re
from importlib.util import find_spec
from pathlib import Path

import pytest

from gatekeeper.enforce.on_prem import HandedOff, hand_off, read_hand_off
from gatekeeper.enforce.recipes import TrainingSettings
from gatekeeper.enforce.train import train
from gatekeeper.model import Route
from tests.enforce.support import CANARY, chat_rows, decision, digest, jsonl, write_receipt_of
from tests.enforce.tiny_llama import build_tiny_llama

MISSING = [name for name in ("torch", "trl", "peft", "datasets") if find_spec(name) is None]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(MISSING), reason=f"gatekeeper[onprem] is not installed: {MISSING}"),
]

SETTINGS = TrainingSettings(
    max_length=256, batch_size=4, gradient_accumulation_steps=1, epochs=2, learning_rate=2e-3,
    lora_rank=8,
)  # fmt: skip
LOSS = re.compile(r"'?train_loss'?: '?([0-9.e+-]+)")


@pytest.fixture(scope="module")
def base_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    texts = [f"Answer in one word. Question {i} about {CANARY}? Answer {i}." for i in range(50)]
    return build_tiny_llama(tmp_path_factory.mktemp("tiny-llama"), texts)


def handed(tmp_path: Path, data: bytes, base_model: Path, suffix: str = ".jsonl") -> HandedOff:
    source = tmp_path / f"rows{suffix}"
    source.write_bytes(data)
    made = decision(data, route=Route.ON_PREM)
    receipt = write_receipt_of(
        made, {source.name: digest(data)}, tmp_path / "receipts", tmp_path / "home"
    )
    return hand_off(
        made,
        [(source.name, source, digest(data))],
        tmp_path / "handoff",
        receipt_path=receipt,
        base_model=str(base_model),
        settings=SETTINGS,
    )


def check_trained(folder: Path, said: str) -> None:
    assert (folder / "out" / "adapter_model.safetensors").stat().st_size > 10_000
    assert (folder / "out" / "adapter_config.json").is_file()
    loss = LOSS.search(said)
    assert loss, said
    assert math.isfinite(float(loss[1]))
    assert not (folder / ".work").exists()
    assert read_hand_off(folder).files


def test_chat_rows_train_an_adapter(
    tmp_path: Path, base_model: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    made = handed(tmp_path, jsonl(chat_rows(50)), base_model)
    assert "assistant_only_loss: true" in (made.path / "sft.yaml").read_text()
    code = train(made.path, home=tmp_path / "home")
    said = "".join(capfd.readouterr())
    assert code == 0, said
    assert "network: closed" in said
    check_trained(made.path, said)


def test_hosted_preference_rows_train_by_dpo(
    tmp_path: Path, base_model: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    rows: list[dict[str, object]] = [
        {
            "input": {"messages": [{"role": "user", "content": f"Question {i}?"}]},
            "preferred_output": [{"role": "assistant", "content": f"Answer {i}."}],
            "non_preferred_output": [{"role": "assistant", "content": "No."}],
        }
        for i in range(12)
    ]
    made = handed(tmp_path, jsonl(rows), base_model)
    assert made.command == "dpo"
    code = train(made.path, extra_args=["--num_train_epochs", "1"], home=tmp_path / "home")
    said = "".join(capfd.readouterr())
    assert code == 0, said
    check_trained(made.path, said)


def test_a_csv_of_texts_trains_too(
    tmp_path: Path, base_model: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    data = b"id,text\n" + b"".join(b'%d,"Note %d, read"\n' % (i, i) for i in range(20))
    made = handed(tmp_path, data, base_model, ".csv")
    code = train(made.path, extra_args=["--num_train_epochs=1"], home=tmp_path / "home")
    said = "".join(capfd.readouterr())
    assert code == 0, said
    check_trained(made.path, said)


def test_the_exit_code_of_trl_is_passed_on(
    tmp_path: Path, base_model: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    made = handed(tmp_path, jsonl(chat_rows(12)), base_model)
    code = train(made.path, extra_args=["--learning_rate", "fast"], home=tmp_path / "home")
    assert code not in (0, None)
    assert "learning_rate" in capfd.readouterr().err
    assert not (made.path / ".work").exists()
