"""gatekeeper.yaml, or [tool.gatekeeper] in pyproject.toml: what applies in a folder and below."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gatekeeper.errors import ConfigError, PolicyError, UsageError
from gatekeeper.model import (
    RESIDENCY,
    Agreement,
    NameList,
    NameModel,
    Vocabulary,
    Waiver,
    Wrapper,
)
from gatekeeper.model.display import escaped
from gatekeeper.policy.load import find, is_path, shipped_policies
from gatekeeper.policy.problems import Problem, did_you_mean, raise_all
from gatekeeper.policy.strict_yaml import YamlPath, parse, read_file, shown

if TYPE_CHECKING:
    from gatekeeper.policy.schema import (
        AgreementFile,
        ConfigFile,
        NameListFile,
        WaiverFile,
        WrapperFile,
    )
    from gatekeeper.policy.validate import Placed

CONFIG_FILE = "gatekeeper.yaml"
PYPROJECT = "pyproject.toml"

_TOML_TABLE = re.compile(
    rb"""^\s*\[?\s*["']?tool["']?\s*(?:\]|\.\s*["']?gatekeeper\b)""", re.MULTILINE
)
"""What a file with our table must hold, so that no other one has to be readable as TOML."""


@dataclass(frozen=True, slots=True)
class Config:
    """What applies here. Paths are absolute: the file's own are relative to its folder."""

    root: Path
    """The folder of the file, or the start folder where there is none."""
    state: Path
    """Where receipts, hand-offs and keys are kept."""
    vault: Path
    policies: tuple[str, ...]
    """Shipped names, and absolute paths of own files."""
    destination: str
    """A shipped name, or the absolute path of a file."""
    datasets: tuple[str, ...] = ()
    """Folders and globs for the git hook, relative to `root`."""
    recipients: tuple[str, ...] = ()
    wrappers: Mapping[str, Wrapper] = field(default_factory=dict)
    """The commands behind recipients `command:NAME`, by name."""
    retention_days: int | None = None
    """How long a case is kept at least; None: until two people agree that it is destroyed."""
    agreements: tuple[Agreement, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    recognizers: tuple[Path, ...] = ()
    lists: tuple[NameList, ...] = ()
    locales: tuple[str, ...] = ()
    """The countries whose ids are looked for as well, sorted, without `us`: its are always."""
    names: NameModel | None = None
    """The user's own name model; None for the bundled one."""
    base_model: str = ""
    """Of the on-prem hand-off; empty where not given."""
    names_policies: bool = False
    """Whether the file says which policies apply: no flag takes one of those away."""
    path: Path | None = None
    """The file this came from; None where there is none."""

    @property
    def receipts(self) -> Path:
        """The folder of the receipts."""
        return self.state / "receipts"

    @property
    def handoffs(self) -> Path:
        """The folder of the on-prem hand-offs."""
        return self.state / "handoffs"

    @classmethod
    def default(cls, root: Path | None = None) -> Config:
        """No configuration: every shipped policy applies, and the destination is OpenAI."""
        from gatekeeper.policy.schema import ConfigFile

        return _config(ConfigFile(), (root or Path.cwd()).absolute(), None, ())


@dataclass(frozen=True, slots=True)
class _TomlTable:
    """A table of a TOML file; tomllib tells no lines, so a place is the dotted path."""

    name: str
    data: Any

    def at(self, path: YamlPath = (), *, key: bool = False) -> str:
        """`pyproject.toml: tool.gatekeeper.waivers[0].until`; a key stands where its value does."""
        steps = "".join(f"[{s}]" if isinstance(s, int) else f".{escaped(str(s))}" for s in path)
        return f"{self.name}: tool.gatekeeper{steps}"


def load_config(
    file: Path | str | None = None,
    *,
    start: Path | None = None,
    vocabulary: Vocabulary | None = None,
) -> Config:
    """The configuration in `file`, or the nearest one from `start` upwards, or the default.

    With a `vocabulary` the classes of agreements are checked as well. Raises ConfigError with every
    error of the file, PolicyError for a policy file that a waiver names.
    """
    start = (start or Path.cwd()).resolve()
    if file is not None:
        path = Path(file).absolute()
        name = escaped(str(file))
        table = _table(path, name) if path.suffix == ".toml" else _document(path, name)
        if table is None:
            raise ConfigError(f"{name}: no table [tool.gatekeeper]")
        return _load(table, path, vocabulary)
    for folder in (start, *start.parents):
        found = _in_folder(folder)
        if found is not None:
            return _load(*found, vocabulary)
    return Config.default(start)


def _in_folder(folder: Path) -> tuple[Placed, Path] | None:
    own, project = folder / CONFIG_FILE, folder / PYPROJECT
    table = _table(project, escaped(str(project))) if _is_there(project) else None
    if not _is_there(own):
        return (table, project) if table is not None else None
    if table is not None:
        raise ConfigError(
            f"{escaped(str(own))}: [tool.gatekeeper] in {PYPROJECT} beside it says something too",
            hint="keep one of the two",
        )
    return _document(own, escaped(str(own))), own


def _is_there(path: Path) -> bool:
    """Whether there is anything of that name; what cannot be told is no "no"."""
    problem = ""
    try:
        path.lstat()
        return True
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        problem = type(error).__name__
    raise ConfigError(f"{escaped(str(path))}: cannot be looked at: {problem}")


def _document(path: Path, name: str) -> Placed:
    problem: PolicyError | None = None
    try:
        return parse(_read(path, name), name)
    except PolicyError as error:
        problem = error
    raise ConfigError(str(problem), hint=problem.hint)


def _read(path: Path, name: str) -> bytes:
    problem: PolicyError | None = None
    try:
        return read_file(path, name)
    except PolicyError as error:
        problem = error
    raise ConfigError(str(problem), hint=problem.hint)


def _table(path: Path, name: str) -> _TomlTable | None:
    """[tool.gatekeeper] of a TOML file, or None where it has none."""
    source = _read(path, name)
    if b"gatekeeper" not in source or not _TOML_TABLE.search(source):
        return None
    data = _toml(source, name)
    tool = data.get("tool")
    if not isinstance(tool, dict) or "gatekeeper" not in tool:
        return None
    return _TomlTable(name, tool["gatekeeper"])


def _toml(source: bytes, name: str) -> Mapping[str, Any]:
    problem, hint = "[tool.gatekeeper] needs Python 3.11", f"write the same into {CONFIG_FILE}"
    if sys.version_info >= (3, 11):
        import tomllib

        hint = ""
        try:
            return tomllib.loads(source.decode("utf-8"))
        except UnicodeDecodeError:
            problem = "not UTF-8"
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            place = re.search(r"\(at (?:line \d+, column \d+|end of document)\)", str(error))
            problem = f"not readable as TOML {place.group() if place else ''}".rstrip()
    raise ConfigError(f"{name}: {problem}", hint=hint)


def _load(document: Placed, path: Path, vocabulary: Vocabulary | None) -> Config:
    from gatekeeper.policy.schema import ConfigFile
    from gatekeeper.policy.validate import validate

    file = validate(document, ConfigFile, vocabulary, ConfigError)
    problems = list(_agreement_problems(document, file.agreements))
    problems.extend(_recipient_problems(document, file))
    waivers = tuple(_waivers(document, file, path.parent, problems))
    raise_all(problems, ConfigError)
    return _config(file, path.parent, path, waivers)


def _config(file: ConfigFile, root: Path, path: Path | None, waivers: tuple[Waiver, ...]) -> Config:
    state = root / file.state
    model = file.onprem.base_model if file.onprem else ""
    return Config(
        root=root,
        state=state,
        vault=root / file.vault if file.vault else state / "vault",
        policies=_policies(file, root),
        destination=_resolved(file.destination, root),
        datasets=tuple(file.datasets),
        recipients=tuple(file.recipients),
        wrappers={name: _wrapper(entry, root) for name, entry in file.wrappers.items()},
        retention_days=file.retention_days,
        agreements=tuple(_agreement(a) for a in file.agreements),
        waivers=waivers,
        recognizers=tuple(root / r for r in file.recognizers),
        lists=tuple(_list(entry, root) for entry in file.lists),
        locales=tuple(sorted(set(file.locales) - {"us"})),
        names=NameModel(file.names.kind, root / file.names.path) if file.names else None,
        base_model=str(root / model) if model.startswith(("./", "../")) else model,
        names_policies=file.policies is not None,
        path=path,
    )


def _list(entry: str | NameListFile, root: Path) -> NameList:
    if isinstance(entry, str):
        return NameList(root / entry)
    return NameList(root / entry.file, root / entry.key if entry.key else None)


def _wrapper(entry: WrapperFile, root: Path) -> Wrapper:
    wrap, unwrap = (_command(argv, root) for argv in (entry.wrap, entry.unwrap or []))
    return Wrapper(wrap, unwrap, entry.post_quantum)


def _command(argv: list[str], root: Path) -> tuple[str, ...]:
    """The program by its absolute path, where it is a path from the file's folder."""
    return tuple(_resolved(word, root) if i == 0 else word for i, word in enumerate(argv))


def _recipient_problems(document: Placed, file: ConfigFile) -> Iterator[Problem]:
    for index, text in enumerate(file.recipients):
        name = text.removeprefix("command:")
        if name != text and name not in file.wrappers:
            otherwise = "`wrappers` names what wraps and unwraps for it"
            hint = did_you_mean(name, file.wrappers, otherwise=otherwise)
            what = f"`wrappers` has no command {shown(name)}"
            yield Problem(document.at(("recipients", index)), what, hint)


def _resolved(name_or_path: str, root: Path) -> str:
    return str(root / name_or_path) if is_path(name_or_path) else name_or_path


def _policies(file: ConfigFile, root: Path) -> tuple[str, ...]:
    given = file.policies if file.policies is not None else sorted(shipped_policies())
    return tuple(dict.fromkeys(_resolved(name, root) for name in given))


def _agreement(file: AgreementFile) -> Agreement:
    return Agreement(
        party=file.party,
        kind=file.kind,
        covers=tuple(sorted(set(file.covers))),
        valid_from=file.from_,
        until=file.until,
        digest=file.digest or "",
        endpoints=tuple(sorted(set(file.endpoints or ()))),
        region=file.region or "",
    )


def _agreement_problems(document: Placed, agreements: list[AgreementFile]) -> Iterator[Problem]:
    for index, agreement in enumerate(agreements):
        if agreement.until < agreement.from_:
            yield Problem(document.at(("agreements", index, "until")), "`until` is before `from`")
        if agreement.kind == RESIDENCY and not agreement.region:
            at = document.at(("agreements", index, "kind"))
            yield Problem(at, "a RESIDENCY addendum needs its `region`", "as `region: eu`")


def _waivers(
    document: Placed, file: ConfigFile, root: Path, problems: list[Problem]
) -> Iterator[Waiver]:
    if not file.waivers:
        return
    rules = _rules_by_policy([*shipped_policies(), *_policies(file, root)])
    for index, waiver in enumerate(file.waivers):
        path: YamlPath = ("waivers", index)
        known = rules.get(_resolved(waiver.policy, root)) or rules.get(waiver.policy)
        if known is None:
            hint = did_you_mean(waiver.policy, [n for n in rules if not n.startswith("/")])
            what = f"unknown policy {shown(waiver.policy)}"
            problems.append(Problem(document.at((*path, "policy")), what, hint))
        elif waiver.rule not in known[1]:
            what = f"policy {shown(known[0])} has no rule {shown(waiver.rule)}"
            hint = did_you_mean(waiver.rule, known[1])
            problems.append(Problem(document.at((*path, "rule")), what, hint))
        else:
            yield _waiver(waiver, known[0], document.at(path))


def _waiver(waiver: WaiverFile, policy: str, at: str) -> Waiver:
    return Waiver(
        policy=policy,
        rule=waiver.rule,
        dataset=waiver.dataset,
        until=waiver.until,
        owner=waiver.owner,
        because=waiver.because,
        at=at,
    )


def _rules_by_policy(names: Iterable[str]) -> dict[str, tuple[str, frozenset[str]]]:
    """Name, path and id of each policy → its id and the ids of its rules; of two with one id the
    later.
    """
    known: dict[str, tuple[str, frozenset[str]]] = {}
    for name in names:
        path, display = _found(name)
        data = parse(read_file(path, display), display).data
        rules = data.get("rules") if isinstance(data, dict) else None
        own = str(data.get("policy")) if isinstance(data, dict) else name
        ids = [r.get("id") for r in rules if isinstance(r, dict)] if isinstance(rules, list) else []
        entry = (own, frozenset(str(i) for i in ids))
        known |= {name: entry, own: entry}
    return known


def _found(name: str) -> tuple[Path, str]:
    problem: UsageError | None = None
    try:
        return find(name, shipped_policies(), "policy")
    except PolicyError as error:
        problem = error
    raise ConfigError(str(problem), hint=problem.hint)
