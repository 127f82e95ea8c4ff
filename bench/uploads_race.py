"""Uploads of a file that somebody keeps changing: do the bytes received equal the bytes scanned?

    python bench/uploads_race.py [--uploads N] [--seed N] [--minutes N]

makes N uploads (`make uploads-race`: 10,000), however many attempts that takes.

A second process changes the file all the time: it overwrites bytes in place, appends, cuts it off,
swaps it for another one, and every third version holds a social security number. Meanwhile the file
is checked and uploaded, again and again, to a server on this machine that keeps what it gets. At
the end every file that the server holds is held against the digest of the decision it came under.
"""

from __future__ import annotations

import argparse
import datetime
import hashlib
import json
import multiprocessing
import os
import random
import re
import sys
import tempfile
import time
from collections import Counter
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from gatekeeper import gate
from gatekeeper.errors import GatekeeperError, InputError, UploadError
from gatekeeper.model import Route
from gatekeeper.policy import load_config
from gatekeeper.read import open_sources
from gatekeeper.upload import Wish, ledger_of, upload
from tests.servers.files_api import FilesApi

ROWS = 12
DIRTY = "His social security number is 536-22-8714."
_NUMBER = re.compile(rb"536-22-8714")
CONFIG = "policies: [hipaa]\ndestination: loopback.yaml\n"
DESTINATION = (
    "destination: loopback\nparty: p\nbase_url: {url}\nas_of: 2026-01-01\nmax_age_days: 3650\n"
)


def dataset(number: int, *, dirty: bool) -> bytes:
    """A version of the file: every one is another content of the same length class."""
    rows = []
    for row in range(ROWS):
        asked = f"Add {number} and {row}."
        answer = DIRTY if dirty and row == ROWS - 1 else f"The sum is {number + row}."
        messages = [{"role": "user", "content": asked}, {"role": "assistant", "content": answer}]
        rows.append(json.dumps({"messages": messages}).encode() + b"\n")
    return b"".join(rows)


def write_on(path: Path, seed: int, stop: Event, pace_s: Any) -> None:
    """Change the file in every way that there is, until told to stop; it waits up to three times
    `pace_s` after each.
    """
    chance = random.Random(seed)
    other = path.with_suffix(".other")
    for number in range(1 << 30):
        if stop.is_set():
            return
        version = dataset(10_000_000 + number, dirty=number % 3 == 0)
        how = chance.randrange(5)
        try:
            if how == 0:  # in place, byte by byte of the same length
                with path.open("r+b") as stream:
                    stream.seek(chance.randrange(200))
                    stream.write(version[: chance.randrange(1, 400)])
            elif how == 1:
                with path.open("ab") as stream:
                    stream.write(version)
            elif how == 2:
                os.truncate(path, chance.randrange(len(version)))
            elif how == 3:
                path.write_bytes(version)
            else:
                other.write_bytes(version)
                other.replace(path)
        except OSError:
            pass
        time.sleep(chance.random() * 3 * pace_s.value)


def run(
    folder: Path, uploads: int, seed: int = 1, minutes: float = 600
) -> tuple[Counter[str], int, int]:
    """Make so many uploads: how all attempts ended, how many files were received, and how many of
    those were not as scanned, or held what no decision allows.
    """
    os.environ["GATEKEEPER_HOME"] = str(folder / "home")
    path = folder / "data.jsonl"
    path.write_bytes(dataset(0, dirty=False))
    today = datetime.date(2026, 11, 24)
    now = datetime.datetime(2026, 11, 24, tzinfo=datetime.timezone.utc)
    ended: Counter[str] = Counter()
    spawn = multiprocessing.get_context("spawn")
    stop, pace_s = spawn.Event(), spawn.Value("d", 0.1)
    writer = spawn.Process(target=write_on, args=(path, seed, stop, pace_s))
    chance = random.Random(seed)
    with FilesApi() as server:
        (folder / "loopback.yaml").write_text(DESTINATION.format(url=server.base_url))
        (folder / "gatekeeper.yaml").write_text(CONFIG)
        setup = gate.prepare(load_config(start=folder))
        writer.start()
        try:
            ends = time.monotonic() + 60 * minutes
            for number in range(1, 1 << 30):
                if ended["uploaded"] >= uploads or time.monotonic() > ends:
                    break
                if chance.random() < 0.9:  # else what the writer has left
                    path.write_bytes(dataset(number, dirty=False))
                begun = time.monotonic()
                ended[_once(path, setup, today, now)] += 1
                # Something changes two times in three attempts: often enough, and most get through.
                pace_s.value += 0.05 * (time.monotonic() - begun - pace_s.value)
        finally:
            stop.set()
            writer.join()
        scanned = {f.remote: f.content for r in ledger_of(setup.config.state).records()
                   for f in r.files}  # fmt: skip
        wrong = sum(
            scanned.get(remote) != f"sha256:{hashlib.sha256(data).hexdigest()}"
            or bool(_NUMBER.search(data))
            for remote, (_, data) in server.files.items()
        )
        return ended, len(server.files), wrong


def _once(path: Path, setup: gate.Setup, today: datetime.date, now: datetime.datetime) -> str:
    try:
        verdict = gate.with_receipt(gate.check(open_sources([path]), setup, today=today), setup,
                                    now=now)  # fmt: skip
        if verdict.decision.route is not Route.ALLOW:
            return f"not allowed ({verdict.decision.route.word})"
        upload(verdict, setup, Wish("sk-test"), today=today)
    except UploadError as e:
        return "refused: of the same decision" if "same decision" in str(e) else "refused: its rows"
    except InputError as e:
        return f"changed or unreadable ({type(e).__name__})"
    except GatekeeperError as e:
        return f"failed ({type(e).__name__})"
    return "uploaded"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--uploads", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=600)
    arguments = parser.parse_args()
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        ended, received, wrong = run(
            Path(folder), arguments.uploads, arguments.seed, arguments.minutes
        )
    for how, count in ended.most_common():
        sys.stdout.write(f"{count:>8,}  {how}\n")
    sys.stdout.write(
        f"{received:,} files received in {ended.total():,} attempts, {wrong} of them not as "
        f"scanned ({time.monotonic() - begun:.0f} s)\n"
    )
    return 1 if wrong or received != ended["uploaded"] else 0


if __name__ == "__main__":
    sys.exit(main())
