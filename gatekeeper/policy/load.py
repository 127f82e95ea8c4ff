"""Where policies and destinations come from: the shipped ones by name, all others by path."""

from __future__ import annotations

import functools
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from gatekeeper.errors import PolicyError
from gatekeeper.model.display import escaped
from gatekeeper.policy.problems import did_you_mean
from gatekeeper.policy.strict_yaml import read_file, shown

if TYPE_CHECKING:
    from gatekeeper.model import Destination, Policy, Vocabulary

_SHIPPED = Path(__file__).parent.parent / "policies"
"""The repository's `policies/`, which the package carries."""


def shipped_policies() -> Mapping[str, Path]:
    """Name → file of every policy that comes with Gatekeeper."""
    return _yaml_files(_SHIPPED)


def shipped_destinations() -> Mapping[str, Path]:
    """Name → file of every destination that comes with Gatekeeper."""
    return _yaml_files(_SHIPPED / "destinations")


def load_policy(name_or_path: str | os.PathLike[str], vocabulary: Vocabulary) -> Policy:
    """The shipped policy of that name, or the policy in that file.

    Raises PolicyError: `file:line:column: what`, with all further errors of the file in `others`.
    """
    from gatekeeper.policy.compile import compile_policy

    path, name = find(name_or_path, shipped_policies(), "policy")
    return compile_policy(read_file(path, name), name, vocabulary)


def load_destination(name_or_path: str | os.PathLike[str]) -> Destination:
    """The shipped destination of that name, or the destination in that file.

    Raises PolicyError as `load_policy` does.
    """
    from gatekeeper.policy.destination import compile_destination

    shipped = shipped_destinations()
    path, name = find(name_or_path, shipped, "destination")
    bases = {known: functools.partial(_read_shipped, shipped[known]) for known in shipped}
    return compile_destination(read_file(path, name), name, bases)


def _read_shipped(path: Path) -> tuple[bytes, str]:
    name = path.relative_to(_SHIPPED.parent).as_posix()
    return read_file(path, name), name


def find(
    name_or_path: str | os.PathLike[str], shipped: Mapping[str, Path], kind: str
) -> tuple[Path, str]:
    """The file meant, and its name in messages: from `policies/` on where it is a shipped one.

    What has a slash or ends in .yaml or .yml is a path, anything else is a shipped name. Raises
    PolicyError for an unknown name.
    """
    given = os.fspath(name_or_path)
    if isinstance(name_or_path, os.PathLike) or is_path(given):
        return Path(given), escaped(str(given))
    if given in shipped:
        path = shipped[given]
        return path, path.relative_to(_SHIPPED.parent).as_posix()
    listing = f"shipped are {', '.join(sorted(shipped))}; a file is given as a path ending in .yaml"
    near = did_you_mean(given, shipped)
    raise PolicyError(f"unknown {kind} {shown(given)}", hint=f"{near} {listing}".strip())


def is_path(name_or_path: str) -> bool:
    """Whether a policy or destination is given as a path and not by its shipped name."""
    return "/" in name_or_path or name_or_path.endswith((".yaml", ".yml"))


def _yaml_files(folder: Path) -> dict[str, Path]:
    return {path.stem: path for path in sorted(folder.glob("*.yaml"))}
