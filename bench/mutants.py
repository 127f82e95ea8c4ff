"""Do the tests notice when the code is changed? mutmut over a part, or coverage of its branches.

    python bench/mutants.py age|vault|audit|decide [--modules gatekeeper/vault/case.py ...]
        [--tests tests/vault/test_case.py ...] [--jobs 2] [--again] [--fresh] [--coverage]

Works in `.bench/mutants/`, on a copy, with mutmut in a venv of its own. A second run takes over
what it knows of functions that did not change; `--again` tries the survivors anew after tests were
added. Both may count what is new since as survived: a figure to report is one of `--fresh`. Names
every survivor with its change. Exits 1 where fewer than 90 of 100 mutants are noticed, or where
`--coverage` finds a line or a branch that no test takes.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parents[1]
WORK = ROOT / ".bench" / "mutants"
VENV = ROOT / ".bench" / "mutmut"
PACKAGES = ("mutmut==3.8.1", "coverage[toml]>=7.10")
COPIED = (
    "gatekeeper",
    "tests",
    "bench",
    "demo",
    "fixtures",
    "policies",
    ".tools/node_modules/cctv-age",
    "pyproject.toml",
)
FEWEST_PERCENT = 90
MEMORY_BYTES = 8 << 30
"""A mutant that asks for more address space than this fails."""
STATES = {0: "survived", 5: "no tests", 33: "no tests", None: "not checked", 34: "skipped"}
NOTICED = {1: "killed", 3: "killed", 24: "timeout", -24: "timeout", 36: "timeout", 152: "timeout",
           255: "timeout", -9: "crash", -11: "crash"}  # fmt: skip

MUTMUT = """
import sys
from mutmut.__main__ import cli
from mutmut.runners.harness import PytestRunner

def plain(name):  # pytest escapes a name once more each time that it collects it in one process
    return name.replace(chr(92), "")

class Chosen:
    def __init__(self, tests):
        self.tests = tests

    def pytest_collection_modifyitems(self, config, items):
        left = [i for i in items if plain(i.nodeid) not in self.tests]
        config.hook.pytest_deselected(items=left)
        items[:] = [i for i in items if plain(i.nodeid) in self.tests]

def arguments(self, tests):
    self.chosen = {plain(t) for t in tests}
    files = sorted({t.partition("::")[0] for t in tests})
    return ["-x", "-q", *(files or self._pytest_add_cli_args_test_selection)]

def execute(self, params, plugins=(), old=PytestRunner.execute_pytest):
    chosen = [Chosen(self.chosen)] if getattr(self, "chosen", None) else []
    return old(self, params, plugins=[*plugins, *chosen])

PytestRunner._pytest_args_regular_run = arguments
PytestRunner.execute_pytest = execute
cli()
"""
"""mutmut, but for how it tells pytest the tests of a mutant: their files, and then their names.

Of itself it gives all names on the command line, where pytest refuses some with a backslash, and
mutmut takes that for a mutant noticed.
"""
SHOW = """
import sys
from mutmut.mutation.diff_apply import get_diff_for_mutant
for line in sys.stdin.read().splitlines():
    print(line)
    diff = get_diff_for_mutant(line.split()[-1]).splitlines()
    print("\\n".join(d for d in diff if d[:1] in "+-@" and d[:3] not in ("+++", "---")) + "\\n")
"""


@dataclass(frozen=True)
class Part:
    """What is mutated and the tests that must notice; both are patterns of paths."""

    modules: tuple[str, ...]
    tests: tuple[str, ...]
    not_modules: tuple[str, ...] = ()
    not_tests: tuple[str, ...] = ()


PARTS = {
    "age": Part(
        ("gatekeeper/vault/age/*.py",),
        ("tests/vault/test_age*.py",),
        not_tests=("tests/vault/test_age_interop.py",),
    ),
    "vault": Part(
        ("gatekeeper/vault/*.py",),
        ("tests/vault/test_*.py",),
        ("gatekeeper/vault/age/*.py",),
        ("tests/vault/test_age*.py",),
    ),
    "audit": Part(
        ("gatekeeper/audit/*.py",),
        ("tests/audit/test_*.py",),
        not_tests=("tests/audit/test_withheld.py",),
    ),
    "decide": Part(
        ("gatekeeper/decide/*.py",),
        ("tests/decide/test_*.py",),
    ),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run what was asked for; 1 where too much goes unnoticed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("part", choices=PARTS)
    parser.add_argument("--modules", nargs="+", help="mutate only these files of the part")
    parser.add_argument("--tests", nargs="+", help="run these tests instead of the part's")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--again", action="store_true", help="try only the survivors of before")
    parser.add_argument("--fresh", action="store_true", help="forget what was found before")
    parser.add_argument("--coverage", action="store_true", help="measure branches, mutate nothing")
    options = parser.parse_args(argv)
    part = PARTS[options.part]
    modules = options.modules or files(part.modules, part.not_modules)
    tests = options.tests or files(part.tests, part.not_tests)
    stems = "-".join(Path(m).stem for m in options.modules or ())
    folder = WORK / "-".join(filter(None, (options.part, stems)))
    if options.fresh:
        shutil.rmtree(folder, ignore_errors=True)
    install()
    copy(folder)
    if options.coverage:
        return coverage(folder, modules, tests)
    configure(folder, modules, tests)
    names = [name for name, state in states(folder) if state not in NOTICED.values()]
    log = folder / "mutmut.log"
    print(f"mutmut runs; it writes {log.relative_to(ROOT)}", flush=True)
    with log.open("wb") as out:
        chosen = names if options.again else ()
        jobs = ("--max-children", str(options.jobs))
        failed = run(folder, "-c", MUTMUT, "run", *jobs, *chosen, out=out)
    if failed:
        lines = log.read_text("utf-8").splitlines()
        print("\n".join(line[-200:] for line in lines[-40:]))
        raise SystemExit("mutmut failed")
    return report(folder)


def files(patterns: Sequence[str], but: Sequence[str] = ()) -> list[str]:
    """The files of the repository that match a pattern and none of `but`."""
    found = {p.relative_to(ROOT).as_posix() for pattern in patterns for p in ROOT.glob(pattern)}
    return sorted(name for name in found if not any(fnmatch(name, b) for b in but))


def install() -> None:
    """A venv with mutmut, which sees the packages of the interpreter that runs this."""
    if (VENV / "done").exists():
        return
    subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], check=True)
    pip = [VENV / "bin" / "python", "-m", "pip", "--disable-pip-version-check", "-q"]
    subprocess.run([*pip, "install", *PACKAGES], check=True)
    ours = next(Path(p) for p in sys.path if p.endswith("site-packages"))
    theirs = next(VENV.glob("lib/python*/site-packages"))
    (theirs / "ours.pth").write_text(f"{ours}\n")
    (VENV / "done").touch()


def copy(folder: Path) -> None:
    """What the tests need, anew where it changed, and nothing that is gone."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            sync(source, folder / name)
        elif source.exists():
            shutil.copy2(source, folder / name)
    kept = folder / "mutants"
    for path in kept.glob("tests/**/*.py") if kept.exists() else ():
        if not (ROOT / path.relative_to(kept)).exists():
            path.unlink()


def sync(source: Path, target: Path) -> None:
    """Make `target` what `source` is; a file that did not change keeps its time."""
    wanted = set()
    for path in source.rglob("*"):
        place = target / path.relative_to(source)
        if path.is_dir() or "__pycache__" in path.parts:
            continue
        wanted.add(place)
        if place.exists() and place.read_bytes() == path.read_bytes():
            continue
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, place)
    for place in target.rglob("*"):
        if place.is_file() and place not in wanted:
            place.unlink()


def configure(folder: Path, modules: Sequence[str], tests: Sequence[str]) -> None:
    """Write what mutmut is to do; JSON's lists of plain words are TOML's."""
    lines = [
        "[tool.mutmut]",
        'source_paths = ["gatekeeper"]',
        f"only_mutate = {json.dumps(list(modules))}",
        f"also_copy = {json.dumps([n for n in COPIED if n != 'gatekeeper'])}",
        f"pytest_add_cli_args_test_selection = {json.dumps(list(tests))}",
        'pytest_add_cli_args = ["-m", "not slow", "-p", "no:cacheprovider", "--hypothesis-seed=0"]',
        "track_dependencies = false",
        "use_git_change_detection = false",
    ]
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    (folder / "pyproject.toml").write_text(text + "\n" + "\n".join(lines) + "\n", "utf-8")


def run(folder: Path, *command: str, out: IO[bytes] | None = None, given: str = "") -> int:
    """Python of the venv in `folder`, with a bound on its memory."""

    def bound() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))

    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    return subprocess.run(
        [VENV / "bin" / "python", *command],
        cwd=folder,
        env=environment,
        input=given.encode(),
        stdout=out,
        stderr=out and subprocess.STDOUT,
        preexec_fn=bound,
        check=False,
    ).returncode


def coverage(folder: Path, modules: Sequence[str], tests: Sequence[str]) -> int:
    """The branches that the tests take, in the processes that they start too."""
    (folder / ".coveragerc").write_text(
        "[run]\nbranch = true\nparallel = true\npatch = subprocess\ninclude =\n"
        + "".join(f"    {m}\n" for m in modules)
        + "[report]\nshow_missing = true\nfail_under = 100\nexclude_also =\n"
        "    if TYPE_CHECKING:\n    class .*\\(Protocol\\):\n"
    )
    for old in folder.glob(".coverage.*"):
        old.unlink()
    failed = run(
        folder, "-m", "coverage", "run", "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests
    )
    run(folder, "-m", "coverage", "combine", "-q")
    return int(bool(run(folder, "-m", "coverage", "report") or failed))


def states(folder: Path) -> list[tuple[str, str]]:
    """Every mutant by name, and what became of it."""
    found = []
    for path in sorted(folder.glob("mutants/gatekeeper/**/*.meta")):
        for name, code in json.loads(path.read_text("utf-8"))["exit_code_by_key"].items():
            found.append((name, NOTICED.get(code) or STATES.get(code, "suspicious")))
    return found


def report(folder: Path) -> int:
    """Print each survivor with its change, then a table; 1 where there are too many."""
    table: dict[str, Counter[str]] = {}
    missed = []
    for name, state in states(folder):
        table.setdefault(name.rpartition(".")[0], Counter())[state] += 1
        if state not in NOTICED.values():
            missed.append(f"{state}: {name}")
    run(folder, "-c", SHOW, given="\n".join(missed))
    noticed = total = 0
    print()
    for module, counts in table.items():
        here, there = sum(counts[s] for s in set(NOTICED.values())), counts.total()
        noticed, total = noticed + here, total + there
        rest = ", ".join(f"{n} {s}" for s, n in sorted(counts.items()))
        print(f"{module:45} {here:5}/{there:<5} {100 * here / there:5.1f} %  {rest}")
    if not total:
        raise SystemExit("no mutant was made: see what mutmut said")
    print(f"{'all':45} {noticed:5}/{total:<5} {100 * noticed / total:5.1f} %")
    return int(100 * noticed < FEWEST_PERCENT * total)


if __name__ == "__main__":
    sys.exit(main())
