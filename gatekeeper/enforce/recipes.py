"""Configurations for the training tools that take a hand-off: TRL, Axolotl, LLaMA-Factory.

Only TRL is run by Gatekeeper (`gatekeeper train`) and by its tests. The other two follow the data
formats that their projects document; those tools cannot be installed beside ours, so a hand-off
is by file and depends on neither.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gatekeeper.enforce.local_data import LocalFile
from gatekeeper.enforce.shapes import Shape

TRAINING_FOLDER = "out"
OFFLINE = {
    "HF_HUB_OFFLINE": "1",
    "HF_DATASETS_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1",
    "DO_NOT_TRACK": "1",
    "WANDB_MODE": "offline",
    "WANDB_DISABLED": "true",
    "TRACKIO_DISABLED": "1",
    "AXOLOTL_DO_NOT_TRACK": "1",
}
"""What the training libraries must be told so that they do not even try to call home."""

_TRL_COMMAND = {
    Shape.CHAT: "sft",
    Shape.SHAREGPT: "sft",
    Shape.COMPLETION: "sft",
    Shape.TEXT: "sft",
    Shape.PREFERENCE: "dpo",
}
_LORA_ALPHA_PER_RANK = 2


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    """What to train with; the values are where LoRA runs usually start."""

    max_length: int = 2048
    batch_size: int = 4
    gradient_accumulation_steps: int = 4
    epochs: int = 3
    learning_rate: float = 2e-4
    lora_rank: int = 16


def trl_command(shape: Shape | None) -> str | None:
    """The subcommand of `trl` that trains on rows of `shape`; None where there is none."""
    return _TRL_COMMAND.get(shape) if shape else None


def trl_config(
    shape: Shape, data_folder: str, base_model: str, settings: TrainingSettings
) -> dict[str, Any]:
    """What `trl sft --config` (or `trl dpo --config`) reads; paths are relative to the folder."""
    config: dict[str, Any] = {
        "model_name_or_path": base_model,
        "dataset_name": f"./{data_folder}",
        "output_dir": f"./{TRAINING_FOLDER}",
        "max_length": settings.max_length,
        "per_device_train_batch_size": settings.batch_size,
        "gradient_accumulation_steps": settings.gradient_accumulation_steps,
        "num_train_epochs": settings.epochs,
        "learning_rate": settings.learning_rate,
        "use_peft": True,
        "lora_r": settings.lora_rank,
        "lora_alpha": settings.lora_rank * _LORA_ALPHA_PER_RANK,
        "lora_target_modules": ["all-linear"],
        "logging_steps": 5,
        "report_to": "none",
        "push_to_hub": False,
        "save_strategy": "no",
        "env": dict(OFFLINE),
    }
    if shape in (Shape.CHAT, Shape.SHAREGPT):
        config["assistant_only_loss"] = marks_assistant_turns(base_model)
    return config


def marks_assistant_turns(base_model: str) -> bool:
    """Whether the chat template of a local base model says which tokens the assistant wrote."""
    folder = Path(base_model)
    for name in ("chat_template.jinja", "tokenizer_config.json"):
        template = folder / name
        if template.is_file() and b"{% generation %}" in template.read_bytes():
            return True
    return False


def axolotl_config(
    shape: Shape, files: Sequence[LocalFile], base_model: str, settings: TrainingSettings
) -> dict[str, Any] | None:
    """What `axolotl train` reads; None for a shape that it has no plain type for."""
    kinds: dict[Shape, dict[str, Any]] = {
        Shape.CHAT: {"type": "chat_template", "field_messages": "messages"},
        Shape.SHAREGPT: {
            "type": "chat_template",
            "field_messages": "conversations",
            "message_property_mappings": {"role": "from", "content": "value"},
        },
        Shape.ALPACA: {"type": "alpaca"},
        Shape.TEXT: {"type": "completion", "field": "text"},
        Shape.COMPLETION: {
            "type": {
                "field_instruction": "prompt",
                "field_output": "completion",
                "format": "{instruction}",
                "no_input_format": "{instruction}",
            }
        },
    }
    if shape not in kinds:
        return None
    return {
        "base_model": base_model,
        "adapter": "lora",
        "datasets": [
            {"path": file.file, "ds_type": _loader(file), **kinds[shape]} for file in files
        ],
        "sequence_len": settings.max_length,
        "micro_batch_size": settings.batch_size,
        "gradient_accumulation_steps": settings.gradient_accumulation_steps,
        "num_epochs": settings.epochs,
        "learning_rate": settings.learning_rate,
        "lora_r": settings.lora_rank,
        "lora_alpha": settings.lora_rank * _LORA_ALPHA_PER_RANK,
        "lora_target_linear": True,
        "dataset_prepared_path": "./.work/prepared",
        "output_dir": f"./{TRAINING_FOLDER}",
    }


def _loader(file: LocalFile) -> str:
    form = file.format.split(".")[0]
    return {"jsonl": "json", "tsv": "csv", "txt": "text"}.get(form, form)


def llamafactory_configs(
    shape: Shape, data_folder: str, base_model: str, settings: TrainingSettings
) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """`dataset_info.json` and the configuration of `llamafactory-cli train`; None as above."""
    described = _llamafactory_columns(shape)
    if described is None:
        return None
    config = {
        "stage": "pt" if shape is Shape.TEXT else "dpo" if shape is Shape.PREFERENCE else "sft",
        "do_train": True,
        "model_name_or_path": base_model,
        "finetuning_type": "lora",
        "lora_target": "all",
        "lora_rank": settings.lora_rank,
        "dataset_dir": "./llamafactory",
        "dataset": "gatekeeper",
        "template": "default",
        "cutoff_len": settings.max_length,
        "per_device_train_batch_size": settings.batch_size,
        "gradient_accumulation_steps": settings.gradient_accumulation_steps,
        "num_train_epochs": settings.epochs,
        "learning_rate": settings.learning_rate,
        "report_to": "none",
        "output_dir": f"./{TRAINING_FOLDER}",
    }
    return {"gatekeeper": {"file_name": f"../{data_folder}", **described}}, config


def _llamafactory_columns(shape: Shape) -> dict[str, Any] | None:
    tags = {
        "role_tag": "role",
        "content_tag": "content",
        "user_tag": "user",
        "assistant_tag": "assistant",
        "system_tag": "system",
    }
    described: Mapping[Shape, dict[str, Any]] = {
        Shape.CHAT: {"formatting": "sharegpt", "columns": {"messages": "messages"}, "tags": tags},
        Shape.SHAREGPT: {"formatting": "sharegpt", "columns": {"messages": "conversations"}},
        Shape.ALPACA: {
            "columns": {"prompt": "instruction", "query": "input", "response": "output"}
        },
        Shape.COMPLETION: {"columns": {"prompt": "prompt", "response": "completion"}},
        Shape.PREFERENCE: {
            "ranking": True,
            "columns": {"prompt": "prompt", "chosen": "chosen", "rejected": "rejected"},
        },
        Shape.TEXT: {"columns": {"prompt": "text"}},
    }
    return described.get(shape)


def offline_env() -> str:
    """`offline.env`, for `set -a; . ./offline.env` in the folder; the caches stay inside it."""
    inside = {
        "HF_HOME": "./.work/huggingface",
        "XDG_CACHE_HOME": "./.work/cache",
        "TMPDIR": "./.work",
    }
    return "".join(f"{name}={value}\n" for name, value in {**OFFLINE, **inside}.items())


def read_me(trl: str, why_not: str, others: Sequence[str]) -> str:
    """`README.md`: how to run each tool, and what stays behind."""
    first = (
        f"    gatekeeper train .\n\nruns `trl {trl} --config {trl}.yaml` with the network closed."
        if trl
        else f"`gatekeeper train` cannot run this one: {why_not}."
    )
    commands = {
        "axolotl": "    axolotl train axolotl.yaml",
        "llamafactory": "    llamafactory-cli train llamafactory/sft.yaml",
    }
    by_hand = [f"    trl {trl} --config {trl}.yaml"] if trl else []
    by_hand += [commands[name] for name in others]
    without_gpu = (
        "\nWithout a GPU, add `--use_cpu true --bf16 false` to the `trl` command.\n" if trl else ""
    )
    return _README.format(first=first, by_hand="\n".join(by_hand) or "    -", cpu=without_gpu)


_README = """\
# A hand-off for local training

This dataset stays in the house. `data/` holds it byte for byte as it was scanned; `handoff.json`
has the digests, and `receipt.dsse.json` says why it is here.

## Train

{first}

By hand, in this folder (the base model must be on this machine already):

    mkdir -p .work; set -a; . ./offline.env; set +a
{by_hand}
{cpu}
The `trl` configuration is the one that Gatekeeper's own tests run. Those for the other tools
follow their documentation, and have to be looked over for your model (chat template, modules).
The per-message `weight` of the hosted format is not honoured by local tools.

## What stays behind

- `.work/` holds the caches, with an Arrow copy of the training set. `gatekeeper train` removes
  it at the end; by hand, remove it yourself. It is unlinked, not overwritten.
- `out/` holds the adapter. A model can repeat what it was trained on: treat the adapter as you
  treat the data. `training_args.bin` and its README name paths of this machine.
- `gatekeeper train` closes the network for the training process: on Linux in a network namespace
  of its own, elsewhere for Python code alone. By hand, only `offline.env` asks for it.
"""
