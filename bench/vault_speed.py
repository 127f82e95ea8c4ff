"""The vault's encryption beside the `age` tool: wall time, processor time and memory, as ratios.

    python bench/vault_speed.py [--mib 1024] [--rounds 7] [--folder DIR] [--armor]

In each round both tools do the same work, one after the other and in turn first, each in a fresh
process: encrypt one file of random bytes, and decrypt one that `age` made, once with the output
thrown away and once into a file. A ratio is age's time over ours in the same round, so above 1 we
are faster. Ours starts an interpreter each time, and its memory is what it has at its most above an
interpreter that does nothing.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
READ_BYTES = 1 << 20
TOOLS = ("age", "ours")
MEMORY = "print([l for l in open('/proc/self/status') if l.startswith('VmHWM')][0].split()[1])"
OURS = (
    """
import sys
sys.path.insert(0, sys.argv[1])
from gatekeeper.vault import age
mode, key, source, target = sys.argv[2:]
identity = age.parse_identity(open(key).read().strip().splitlines()[-1])
with open(source, "rb") as stream, open(target, "wb") as out:
    if mode.startswith("encrypt"):
        armor = age.ArmorWriter(out) if mode.endswith("armor") else None
        writer = age.encrypt(armor or out, [identity.recipient])
        while data := stream.read(%d):
            writer.write(data)
        writer.close()
        if armor:
            armor.close()
    else:
        sealed = age.dearmored(stream)
        file_key = age.file_key_of(age.read_header(sealed), [identity])
        for chunk in age.decrypt_chunks(sealed, file_key):
            out.write(chunk)
"""
    % READ_BYTES
    + MEMORY
)


@dataclass(frozen=True)
class Cost:
    """What one process took."""

    wall: float
    cpu: float
    memory_kib: int


def cost(command: Sequence[str | Path]) -> Cost:
    """Run `command`; ours prints its own peak memory, of `age` the system's figure is taken."""
    begun = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        output = process.stdout.read() if process.stdout else b""
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command[0]} failed")
    memory = int(output) if output else usage.ru_maxrss
    return Cost(time.perf_counter() - begun, usage.ru_utime + usage.ru_stime, memory)


class Folder:
    """The files of a run: a key, a file of random bytes, and what `age` makes of it."""

    def __init__(self, place: Path, mib: int, *, armor: bool) -> None:
        self.key, self.plain = place / "key", place / "plain"
        self.sealed, self.out = place / "sealed", place / "out"
        self.armor = armor
        subprocess.run(["age-keygen", "-o", self.key], check=True, capture_output=True)
        public = ["age-keygen", "-y", self.key]
        self.recipient = subprocess.run(public, check=True, capture_output=True).stdout.decode()
        with self.plain.open("wb") as stream:
            for _ in range(mib):
                stream.write(os.urandom(1 << 20))
        cost(self.command("age", "encrypt", self.sealed))

    def command(self, tool: str, work: str, target: Path) -> list[str | Path]:
        """How `tool` does `work` into `target`."""
        source = self.plain if work == "encrypt" else self.sealed
        if tool == "ours":
            mode = f"{work}-armor" if self.armor else work
            return [sys.executable, "-c", OURS, ROOT, mode, self.key, source, target]
        if work == "decrypt":
            return ["age", "-d", "-i", self.key, "-o", target, source]
        armor = ["-a"] if self.armor else []
        return ["age", *armor, "-r", self.recipient.strip(), "-o", target, source]


def measure(folder: Folder, work: str, target: Path, rounds: int) -> dict[str, list[Cost]]:
    """The costs of each tool, round by round; what a round wrote is removed untimed."""
    costs: dict[str, list[Cost]] = {tool: [] for tool in TOOLS}
    for number in range(rounds):
        for tool in TOOLS if number % 2 else reversed(TOOLS):
            costs[tool].append(cost(folder.command(tool, work, target)))
            folder.out.unlink(missing_ok=True)
    return costs


def three(values: Sequence[float]) -> str:
    """The least, the middle one and the most."""
    return f"{min(values):5.2f} /{statistics.median(values):5.2f} /{max(values):5.2f}"


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mib", type=int, default=1024, help="size of the file")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--folder", type=Path, help="where the files are made (default: /tmp)")
    parser.add_argument("--armor", action="store_true", help="measure armored files")
    options = parser.parse_args()
    if not shutil.which("age"):
        raise SystemExit("the age tool is not installed: sh tests/install_oracles.sh")
    version = subprocess.run(["age", "--version"], check=True, capture_output=True).stdout
    idle = cost([sys.executable, "-c", MEMORY]).memory_kib
    print(f"age {version.decode().strip()}, {options.mib} MiB, {options.rounds} rounds, load "
          f"{os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; least / middle / most")  # fmt: skip
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Folder(Path(name), options.mib, armor=options.armor)
        for work in ("encrypt", "decrypt"):
            for target in (Path(os.devnull), folder.out):
                costs = measure(folder, work, target, options.rounds)
                print(f"\n{work} to {'a file' if target == folder.out else 'nothing'}")
                for tool in TOOLS:
                    memory = max(c.memory_kib for c in costs[tool])
                    memory -= idle if tool == "ours" else 0
                    print(f"  {tool:5} wall {three([c.wall for c in costs[tool]])} s   "
                          f"cpu {three([c.cpu for c in costs[tool]])} s   "
                          f"memory {memory / 1024:.1f} MiB")  # fmt: skip
                pairs = list(zip(costs["age"], costs["ours"], strict=True))
                print(f"  ratio wall {three([a.wall / o.wall for a, o in pairs])}     "
                      f"cpu {three([a.cpu / o.cpu for a, o in pairs])}")  # fmt: skip


if __name__ == "__main__":
    main()
