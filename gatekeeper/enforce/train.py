"""The on-prem route, run: TRL on a hand-off folder, with the network closed."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
import shutil
import site
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from gatekeeper.enforce.closed import launch
from gatekeeper.enforce.local_data import LocalFile, digest_of_file
from gatekeeper.enforce.on_prem import RECEIPT, HandedOff, read_hand_off
from gatekeeper.enforce.recipes import OFFLINE
from gatekeeper.errors import ConfigError, DatasetChanged, ReceiptError
from gatekeeper.model.display import shown
from gatekeeper.vault.durable import make_private_directory

WORK = ".work"
_HUB_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(?:/[A-Za-z0-9][A-Za-z0-9._-]*)?\Z")
_KEPT_VARIABLES = (
    "PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TERM", "NO_COLOR", "LD_LIBRARY_PATH",
    "CUDA_HOME", "CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "NVIDIA_VISIBLE_DEVICES",
    "OMP_NUM_THREADS", "MKL_NUM_THREADS",
)  # fmt: skip
"""What the training process inherits; no key, no token, no proxy is among it."""
_OURS = frozenset({"--config", "--dataset_name", "--datasets", "--model_name_or_path"})
_ACCELERATORS = ("/dev/nvidia0", "/dev/nvidiactl", "/dev/kfd", "/dev/dxg")


def train(handoff_dir: Path, *, extra_args: Sequence[str] = (), home: Path | None = None) -> int:
    """Fine-tune from the hand-off folder `handoff_dir`; the exit code of `trl`.

    Args:
        handoff_dir: what `hand_off` wrote.
        extra_args: further options of `trl`, such as `--num_train_epochs 1`.
        home: where the gate's own and trusted keys lie; the usual place where None.

    Raises:
        DatasetChanged: the data are not those of the decision.
        ReceiptError: the receipt is missing, not signed by a trusted key, or about other data.
        ConfigError: the folder is no hand-off, the base model is not on this machine, or the extra
            is not installed.
    """
    handed = read_hand_off(handoff_dir.absolute())
    if not handed.command:
        raise ConfigError(
            f"{shown(handoff_dir)}: TRL cannot train on it: {handed.why_not}",
            hint="its README.md names the tools that can",
        )
    _check_extra(extra_args)
    verify_hand_off(handed, home=home)
    model = find_model(handed.base_model, os.environ)
    trl = _find_trl()
    command = [
        sys.executable, "-I", launch.__file__,
        str(trl), handed.command, "--config", f"{handed.command}.yaml",
        "--model_name_or_path", str(model),
        *_hardware(), *extra_args,
    ]  # fmt: skip
    with _work_folder(handed.path) as work:
        environment = training_environment(work, os.environ)
        return _run(command, handed.path, environment)


def verify_hand_off(handed: HandedOff, *, home: Path | None = None) -> None:
    """Raise unless the data are byte for byte what the signed receipt is about, and may be here."""
    from gatekeeper.audit import load_trusted_keys, read_receipt

    for file in (*handed.files, *handed.converted):
        _check_file(handed.path, file)
    receipt = read_receipt(handed.path / RECEIPT, load_trusted_keys(home))
    if receipt.decision.get("route") not in ("on_prem", "allow"):
        raise ReceiptError(f"{RECEIPT}: its route is neither on_prem nor allow")
    if not {f.digest for f in handed.files} <= {digest for _, digest in receipt.subjects}:
        raise ReceiptError(f"{RECEIPT}: it is about other data")


def _check_file(folder: Path, file: LocalFile) -> None:
    if digest_of_file(folder / file.file) != file.digest:
        raise DatasetChanged(
            f"{file.file}: it is not what was handed off", hint="gate the dataset again"
        )


def find_model(base_model: str, environment: Mapping[str, str]) -> Path:
    """The folder of a base model: a path, or a hub id that is in this machine's cache.

    Raises ConfigError where it is neither: nothing is downloaded for training.
    """
    folder = Path(base_model)
    if folder.is_absolute() and (folder / "config.json").is_file():
        return folder
    if _HUB_ID.match(base_model):
        cached = _hub_cache(environment) / f"models--{base_model.replace('/', '--')}"
        with contextlib.suppress(OSError, UnicodeDecodeError):
            revision = (cached / "refs" / "main").read_text("ascii").strip()
            found = cached / "snapshots" / revision
            if re.fullmatch(r"[0-9a-f]{4,64}", revision) and (found / "config.json").is_file():
                return found.resolve()
    raise ConfigError(
        f"the base model {shown(base_model)} is not on this machine",
        hint="fetch it beforehand, and name its folder in gatekeeper.yaml: onprem: base_model",
    )


def _hub_cache(environment: Mapping[str, str]) -> Path:
    """Where huggingface_hub keeps models, by its own variables."""
    if cache := environment.get("HF_HUB_CACHE"):
        return Path(cache)
    default = Path(environment.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "huggingface"
    return Path(environment.get("HF_HOME") or default) / "hub"


def training_environment(work: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """All that the training process gets to know: offline, its caches inside `work`."""
    kept = {name: environment[name] for name in _KEPT_VARIABLES if name in environment}
    inside = {
        "HOME": work,
        "TMPDIR": work,
        "XDG_CACHE_HOME": work / "cache",
        "HF_HOME": work / "huggingface",
        "TORCHINDUCTOR_CACHE_DIR": work / "cache" / "inductor",
        "TRITON_CACHE_DIR": work / "cache" / "triton",
    }
    own = {"PYTHONUSERBASE": site.getuserbase(), "PYTHONUNBUFFERED": "1"}
    return {**kept, **OFFLINE, **{k: str(v) for k, v in inside.items()}, **own}


@contextlib.contextmanager
def _work_folder(handoff_dir: Path) -> Iterator[Path]:
    """A private folder for caches, among them a copy of the training set; removed at the end."""
    work = handoff_dir / WORK
    shutil.rmtree(work, ignore_errors=True)
    make_private_directory(work)
    try:
        yield work
    finally:
        shutil.rmtree(work)


def _check_extra(extra_args: Sequence[str]) -> None:
    named = {arg.partition("=")[0].replace("-", "_").replace("__", "--", 1) for arg in extra_args}
    if taken := sorted(named & _OURS):
        raise ConfigError(
            f"{', '.join(taken)}: set by the hand-off", hint="gate the other dataset or model"
        )


def _find_trl() -> Path:
    trl = Path(sys.executable).with_name("trl")
    wanted = ("trl", "torch", "peft", "datasets")
    missing = [name for name in wanted if importlib.util.find_spec(name) is None]
    if missing or not trl.is_file():
        what = ", ".join(missing) or "the program trl"
        raise ConfigError(
            f"local training is not installed: {what} is missing",
            hint="pip install 'gatekeeper[onprem]'",
        )
    return trl


def _hardware() -> list[str]:
    if any(Path(device).exists() for device in _ACCELERATORS) or sys.platform == "darwin":
        return []
    return ["--use_cpu", "true", "--bf16", "false"]


def _run(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> int:
    with subprocess.Popen(  # noqa: S603  (no shell; the program is found beside this interpreter)
        command, cwd=folder, env=dict(environment), stdin=subprocess.DEVNULL
    ) as process:
        try:
            return process.wait()
        except BaseException:
            process.terminate()
            process.wait()
            raise
