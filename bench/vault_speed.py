"""The vault's encryption beside the `age` tool: wall time, processor time and memory, as ratios.

    python bench/vault_speed.py [--mib 1024] [--rounds 7] [--folder DIR] [--armor] [--stream 5120]

In each round both tools do the same work, one after the other and in turn first, each in a fresh
process: encrypt one file of random bytes, and decrypt one that `age` made, once with the output
thrown away and once into a file. A ratio is age's time over ours in the same round, so above 1 we
are faster. Ours starts an interpreter each time, and its memory is what it has at its most above an
interpreter that does nothing. With `--stream`, so many MiB also run from a pipe through both of our
sides, for their memory alone, and no file is made of them.
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
MEMORY = """
import sys
with open("/proc/self/status") as status:
    print(*[l.split()[1] for l in status if l.startswith("VmHWM")], file=sys.stderr)
"""
OURS = f"""
import sys
sys.path.insert(0, sys.argv[1])
from gatekeeper.vault import age
mode, key, source, target = sys.argv[2:]
with open(key) as stream:
    identity = age.parse_identity(stream.read().split()[-1])
with open(source, "rb") as stream, open(target, "wb") as out:
    if mode.startswith("encrypt"):
        armor = age.ArmorWriter(out) if mode.endswith("armor") else None
        writer = age.encrypt(armor or out, [identity.recipient])
        while data := stream.read({READ_BYTES}):
            writer.write(data)
        writer.close()
        if armor:
            armor.close()
    else:
        sealed = age.dearmored(stream)
        file_key = age.file_key_of(age.read_header(sealed), [identity])
        for chunk in age.decrypt_chunks(sealed, file_key):
            out.write(chunk)
{MEMORY}"""


@dataclass(frozen=True)
class Cost:
    """What one process took."""

    wall: float
    cpu: float
    memory_kib: int


def cost(command: Sequence[str | Path]) -> Cost:
    """Run `command`; ours prints its own peak memory, of `age` the system's figure is taken."""
    begun = time.perf_counter()
    with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
        output = process.stderr.read() if process.stderr else b""
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - begun
    if process.returncode:
        raise SystemExit(f"{command[0]} failed: {output.decode().strip()}")
    return Cost(wall, usage.ru_utime + usage.ru_stime, int(output or usage.ru_maxrss))


def idle_kib() -> int:
    """What an interpreter has at its most that does nothing."""
    return cost([sys.executable, "-c", MEMORY]).memory_kib


def streamed(mib: int, key: Path, *, armor: bool = False) -> tuple[int, int]:
    """KiB that our encryption and our decryption have at their most for `mib` MiB from a pipe."""
    end = "-armor" if armor else ""
    sides = [
        [sys.executable, "-c", OURS, ROOT, mode, key, "/dev/stdin", target]
        for mode, target in ((f"encrypt{end}", "/dev/stdout"), ("decrypt", os.devnull))
    ]
    pipe, error = subprocess.PIPE, subprocess.PIPE
    zeros = ["head", "-c", str(mib << 20), "/dev/zero"]
    with (
        subprocess.Popen(zeros, stdout=pipe) as source,
        subprocess.Popen(sides[0], stdin=source.stdout, stdout=pipe, stderr=error) as sealing,
        subprocess.Popen(sides[1], stdin=sealing.stdout, stderr=error) as opening,
    ):
        for stream in (source.stdout, sealing.stdout):
            if stream:
                stream.close()  # theirs now: whoever writes learns where its reader ends
        opened, sealed = opening.communicate()[1], sealing.communicate()[1]
    if source.returncode or sealing.returncode or opening.returncode:
        raise SystemExit(f"a side of the stream failed: {(sealed + opened).decode().strip()}")
    return int(sealed), int(opened)


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


def speeds(costs: Sequence[Cost], mib: int) -> str:
    """MB/s by the middle wall time."""
    return f"{(mib << 20) / 1e6 / statistics.median(c.wall for c in costs):5.0f} MB/s"


def main(argv: Sequence[str] | None = None) -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mib", type=int, default=1024, help="size of the file")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--folder", type=Path, help="where the files are made (default: /tmp)")
    parser.add_argument("--armor", action="store_true", help="measure armored files")
    parser.add_argument("--stream", type=int, default=0, help="MiB to stream, for the memory")
    options = parser.parse_args(argv)
    if not shutil.which("age"):
        raise SystemExit("the age tool is not installed: sh tests/install_oracles.sh")
    version = subprocess.run(["age", "--version"], check=True, capture_output=True).stdout
    idle = idle_kib()
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
                          f"{speeds(costs[tool], options.mib)}   "
                          f"memory {memory / 1024:.1f} MiB")  # fmt: skip
                pairs = list(zip(costs["age"], costs["ours"], strict=True))
                print(f"  ratio wall {three([a.wall / o.wall for a, o in pairs])}     "
                      f"cpu {three([a.cpu / o.cpu for a, o in pairs])}")  # fmt: skip
        if options.stream:
            sealing, opening = streamed(options.stream, folder.key, armor=options.armor)
            print(f"\n{options.stream} MiB from a pipe, above an interpreter: "
                  f"encrypt {(sealing - idle) / 1024:.1f} MiB, "
                  f"decrypt {(opening - idle) / 1024:.1f} MiB")  # fmt: skip


if __name__ == "__main__":
    main()
