"""The ON_PREM route: a folder from which a local model is fine-tuned, and no way out of it.

The folder is written beside its final place and renamed, so it is there whole or not at all.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from gatekeeper.enforce import recipes
from gatekeeper.enforce.local_data import (
    Content,
    LocalFile,
    as_document,
    can_convert,
    convert,
    copy_in,
    digest_of_file,
)
from gatekeeper.enforce.recipes import TrainingSettings
from gatekeeper.enforce.shapes import Shape
from gatekeeper.errors import ConfigError, GatekeeperError
from gatekeeper.model import Decision, Route
from gatekeeper.model.display import shown
from gatekeeper.vault.durable import (
    make_private_directory,
    open_regular,
    reason,
    sync_directory,
    write_new,
)

DEFAULT_BASE_MODEL = "TinyLlama/TinyLlama-1.1B-Chat-v1.0"
"""A small open model (Apache-2.0) with a chat template: a start, to be replaced by your own."""

VERSION = 1
DATA = "data"
CONVERTED = "trl"
HANDOFF = "handoff.json"
RECEIPT = "receipt.dsse.json"
_FILE = re.compile(r"(?:data|trl)/[a-z0-9][a-z0-9.-]*\Z")


@dataclass(frozen=True, slots=True)
class HandedOff:
    """A hand-off folder and what it holds. `command` is TRL's, or empty with `why_not`."""

    path: Path
    base_model: str
    decision: str
    receipt_digest: str
    files: tuple[LocalFile, ...]
    converted: tuple[LocalFile, ...]
    command: str
    why_not: str = ""

    def to_json(self) -> dict[str, Any]:
        """`handoff.json`; the folder itself is not named in it."""
        return {
            "handoff": VERSION,
            "decision": self.decision,
            "base_model": self.base_model,
            "receipt": {"file": RECEIPT, "digest": self.receipt_digest},
            "data": [f.to_json() for f in self.files],
            "converted": [f.to_json() for f in self.converted],
            "trl": {"command": self.command, "why_not": self.why_not},
        }


def hand_off(
    decision: Decision,
    sources: Sequence[Content | tuple[str, Path, str]],
    out_dir: Path,
    *,
    receipt_path: Path,
    base_model: str = "",
    settings: TrainingSettings | None = None,
) -> HandedOff:
    """Write the hand-off folder `out_dir` for `sources`.

    Args:
        decision: ON_PREM or ALLOW; what may leave may also stay.
        sources: what was decided on; a plain tuple is (display name, path, digest scanned).
        out_dir: a new or empty folder.
        receipt_path: the receipt of the decision; a copy goes into the folder.
        base_model: a local folder, or the hub id of a model that is on this machine;
            DEFAULT_BASE_MODEL where empty.
        settings: what to train with.

    Raises:
        DatasetChanged: a source is no longer what was decided on; nothing was written.
        ConfigError: the folder is not empty, or cannot be written.
        ValueError: the decision is QUARANTINE, or not about these sources: a fault of the caller.
    """
    contents = [s if isinstance(s, Content) else Content(*s) for s in sources]
    if decision.route is Route.QUARANTINE:
        raise ValueError("a quarantined dataset is not handed off")
    if not contents or not {c.digest for c in contents} <= set(decision.subjects):
        raise ValueError("the decision was not made on these sources")
    with _new_folder(out_dir) as folder:
        files = copy_in(contents, folder / DATA)
        converted = _convert(files, folder)
        shape, why_not = _one_shape(converted or files)
        command = recipes.trl_command(shape) or ""
        write_new(folder / RECEIPT, _read_receipt(receipt_path))
        handed = HandedOff(
            path=out_dir,
            base_model=_local_or_id(base_model or DEFAULT_BASE_MODEL),
            decision=decision.digest,
            receipt_digest=digest_of_file(folder / RECEIPT),
            files=files,
            converted=converted,
            command=command,
            why_not="" if command else why_not or "TRL does not read this shape",
        )
        _write_recipes(handed, folder, settings or TrainingSettings())
        write_new(folder / HANDOFF, as_document(handed.to_json()))
    return handed


def read_hand_off(path: Path) -> HandedOff:
    """The hand-off in the folder `path`, as its `handoff.json` says. Raises ConfigError."""
    data: Any = None
    try:
        with open_regular(path / HANDOFF) as stream:
            data = json.loads(stream.read(64 << 20))
    except (OSError, ValueError, RecursionError):
        data = None
    if not isinstance(data, dict) or data.get("handoff") != VERSION:
        raise ConfigError(
            f"{shown(path)}: not a hand-off folder of version {VERSION}",
            hint="`gatekeeper gate` writes one where the route is on_prem",
        )
    handed: HandedOff | None
    try:
        handed = HandedOff(
            path=path,
            base_model=str(data["base_model"]),
            decision=str(data["decision"]),
            receipt_digest=str(data["receipt"]["digest"]),
            files=tuple(_read_file(row) for row in data["data"]),
            converted=tuple(_read_file(row) for row in data["converted"]),
            command=str(data["trl"]["command"]),
            why_not=str(data["trl"]["why_not"]),
        )
    except (KeyError, TypeError, ValueError):
        handed = None
    if handed is None or not handed.files or handed.command not in ("", "sft", "dpo"):
        raise ConfigError(f"{shown(path)}: its {HANDOFF} is damaged")
    return handed


def _read_file(row: dict[str, Any]) -> LocalFile:
    if not _FILE.match(row["file"]):
        raise ValueError("not a file of a hand-off")
    shape = Shape(row["shape"]) if row["shape"] else None
    return LocalFile(
        row["file"], row["name"], row["digest"], int(row["bytes"]), row["format"], shape
    )


# --- parts ----------------------------------------------------------------------------------


@contextmanager
def _new_folder(out_dir: Path) -> Iterator[Path]:
    """A private folder beside `out_dir`, renamed to it at the end; removed where that fails."""
    out_dir = out_dir.absolute()
    if out_dir.is_symlink() or (out_dir.exists() and not _is_empty_folder(out_dir)):
        raise ConfigError(
            f"{shown(out_dir)}: it is there already", hint="name a folder that is new or empty"
        )
    work = out_dir.with_name(f".{out_dir.name}.{os.urandom(4).hex()}.part")
    why = ""
    try:
        out_dir.parent.mkdir(parents=True, exist_ok=True)
        make_private_directory(work)
        yield work
        work.rename(out_dir)
        sync_directory(out_dir.parent)
    except OSError as e:
        why = reason(e)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    if why:
        raise ConfigError(f"{shown(out_dir)}: the hand-off was not written: {why}")


def _is_empty_folder(path: Path) -> bool:
    return path.is_dir() and not any(path.iterdir())


def _convert(files: Sequence[LocalFile], folder: Path) -> tuple[LocalFile, ...]:
    if not all(can_convert(file) for file in files):
        return ()
    (folder / CONVERTED).mkdir(mode=0o700)
    names = [f"{file.file.removeprefix('data/').partition('.')[0]}.jsonl" for file in files]
    return tuple(
        convert(file, folder / file.file, folder / CONVERTED / name)
        for file, name in zip(files, names, strict=True)
    )


def _one_shape(files: Sequence[LocalFile]) -> tuple[Shape | None, str]:
    """The shape of all the files, or None and why there is none."""
    shapes = {file.shape for file in files}
    if len({file.format for file in files}) > 1 or len(shapes) > 1:
        return None, "the files are of several formats or shapes"
    (shape,) = shapes
    return shape, "" if shape else "the shape of its rows is not known"


def _local_or_id(base_model: str) -> str:
    return str(Path(base_model).absolute()) if Path(base_model).is_dir() else base_model


def _read_receipt(path: Path) -> bytes:
    why = ""
    try:
        return path.read_bytes()
    except OSError as e:
        why = reason(e)
    raise GatekeeperError(f"{shown(path)}: the receipt cannot be read: {why}")


def _write_recipes(handed: HandedOff, folder: Path, settings: TrainingSettings) -> None:
    others = []
    if handed.command:
        used = handed.converted or handed.files
        where = CONVERTED if handed.converted else DATA
        shape = used[0].shape or Shape.TEXT
        config = recipes.trl_config(shape, where, handed.base_model, settings)
        _write_yaml(folder / f"{handed.command}.yaml", config)
    original, _ = _one_shape(handed.files)
    if original:
        axolotl = recipes.axolotl_config(original, handed.files, handed.base_model, settings)
        if axolotl:
            _write_yaml(folder / "axolotl.yaml", axolotl)
            others.append("axolotl")
        factory = recipes.llamafactory_configs(original, DATA, handed.base_model, settings)
        if factory:
            (folder / "llamafactory").mkdir(mode=0o700)
            write_new(folder / "llamafactory" / "dataset_info.json", as_document(factory[0]))
            _write_yaml(folder / "llamafactory" / "sft.yaml", factory[1])
            others.append("llamafactory")
    write_new(folder / "offline.env", recipes.offline_env().encode("ascii"))
    read_me = recipes.read_me(handed.command, handed.why_not, others)
    write_new(folder / "README.md", read_me.encode("utf-8"))


def _write_yaml(path: Path, value: dict[str, Any]) -> None:
    write_new(path, yaml.safe_dump(value, sort_keys=False).encode("utf-8"))
