"""DESIGN section 3: who may import whom, what must stay lazy, and how large a room may grow."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "gatekeeper"
BELOW = {"vault", "model", "errors"}
ROOMS = {
    "read", "detect", "policy", "decide", "counting", "tally", "shards", "enforce", "audit",
    "safe_harbor",
}  # fmt: skip
MAY_IMPORT = {
    "errors": set(),
    "model": {"errors"},
    "vault": {"model", "errors"},
    "decide": {"model", "errors"},
    "counting": {"model", "errors"},
    "tally": {"counting", "model", "errors"},
    "safe_harbor": {"model"},
    "read": {"model", "errors"},
    "detect": {"model", "errors"},
    "policy": {"model", "errors", "policies"},
    "audit": BELOW,
    "enforce": BELOW | {"audit"},
    "egress": BELOW | {"audit", "enforce"},
    "remember": {"model", "errors"},
    "shards": {"read", "detect", "counting", "tally", "model", "errors"},
    "prepare": {"shards"} | ROOMS | BELOW,
    "verdict_only": {"remember"} | ROOMS | BELOW,
    "gate": {"prepare", "remember", "shards", "verdict_only"} | ROOMS | BELOW,
    "upload": {"gate", "egress"} | ROOMS | BELOW,
    "gateway": {"gate", "prepare", "upload", "egress", "verify"} | ROOMS | BELOW,
    "standing": {"decide", "model"},
    "flips": {"decide", "model"},
    "verify": {"gate", "flips"} | ROOMS | BELOW,
    "replay": {"gate", "flips", "verify"} | ROOMS | BELOW,
    "release": {"gate", "verify"} | ROOMS | BELOW,
    "rehearse": {"gate"} | ROOMS | BELOW,
    "hooks": {"gate"} | ROOMS | BELOW,
    "integrations": {"gate"} | ROOMS | BELOW,
    "cli": {"hooks", "gate", "verify", "replay", "release", "rehearse", "remember", "standing"}
    | {"prepare", "upload", "egress", "gateway"}
    | ROOMS
    | BELOW,
    "__main__": {"cli"},
    "__init__": {"integrations", "gate"} | BELOW,
}
HEAVY = {
    "presidio_analyzer", "spacy", "thinc", "numpy", "pyarrow", "pandas", "polars", "datasets",
    "hyperscan", "zstandard", "openai", "torch", "transformers", "trl", "tldextract",
    "phonenumbers",
}  # fmt: skip
MODULES = sorted(PACKAGE.rglob("*.py"))


def room(path: Path) -> str:
    parts = path.relative_to(PACKAGE).parts
    return parts[0].removesuffix(".py")


def imports(path: Path, *, top_level_only: bool = False) -> Iterator[str]:
    """Dotted names that `path` imports; TYPE_CHECKING blocks are left out."""
    tree = ast.parse(path.read_text())
    hidden = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }
    if top_level_only:
        hidden |= {
            id(inner)
            for node in ast.walk(tree)
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
            for inner in ast.walk(node)
        }
    for node in ast.walk(tree):
        if id(node) in hidden:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_point_one_way(path: Path) -> None:
    own = room(path)
    rooms = {
        name.split(".")[1]
        for name in imports(path)
        if name.startswith("gatekeeper.") and not name.startswith("gatekeeper.__")
    }
    known = {r for r in rooms if r in MAY_IMPORT or (PACKAGE / r).exists()}
    assert known - {own} <= MAY_IMPORT[own], f"{own} may not import {known - MAY_IMPORT[own]}"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_heavy_packages_are_imported_inside_functions(path: Path) -> None:
    top = {name.split(".")[0] for name in imports(path, top_level_only=True)}
    assert not top & HEAVY


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_files_stay_small_enough_to_hold_in_the_head(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= 400
    long = [
        f"{node.name}: {node.end_lineno - node.lineno + 1} lines"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno >= 60
    ]
    assert not long


def test_only_one_room_knows_presidio() -> None:
    knowing = {
        str(p.relative_to(PACKAGE))
        for p in MODULES
        if any(name.split(".")[0] == "presidio_analyzer" for name in imports(p))
    }
    assert {p.rsplit("/", 1)[0] for p in knowing} == {"detect/presidio"}


def modules_after(code: str) -> set[str]:
    script = f"{code}\nimport sys; print(*sys.modules, sep='\\n')"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "internal error" not in done.stderr
    return set(done.stdout.splitlines())


@pytest.mark.parametrize(
    "code",
    [
        "import gatekeeper",
        "from gatekeeper.cli import main; main(['--help'])",
        "from gatekeeper.cli import main; main(['check', '--help'])",
        "from gatekeeper.cli import main; main(['policy', 'list'])",
        "from gatekeeper.cli import main; main(['check', 'x', '--policy', 'no-such-policy'])",
        "import gatekeeper.vault, gatekeeper.audit",
        "import gatekeeper.read, gatekeeper.policy, gatekeeper.decide, gatekeeper.gate",
    ],
)
def test_what_need_not_detect_does_not_pay_for_it(code: str) -> None:
    loaded = modules_after(code)
    assert not {m for m in loaded if m.split(".")[0] in HEAVY - {"numpy"}}
