"""A watch that is killed at any moment, again and again, has each exchange once in the end."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from stillwatch.sketch.lake import Lake

WATCH = """
import sys
from datetime import timedelta
from pathlib import Path
import stillwatch as sw
from stillwatch import watch
watch.sleep = lambda _: None
watch.watch(
    sys.argv[1:2], Path(sys.argv[2]), plan=watch.Plan(every=timedelta(minutes=1)),
    settings=sw.Settings(workers=1), tell=lambda line: print(line, flush=True),
    once=len(sys.argv) > 3,
)
"""
START = datetime(2026, 3, 1, 9, tzinfo=UTC)
LOGS = 6


def start(logs: Path, out: Path, *more: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WATCH, str(logs), str(out), *more]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, text=True)  # noqa: S603


def grow(logs: Path, written: int, chance: random.Random) -> int:
    """Appends some exchanges without ids, a second apart, here and there half a line at a time."""
    for _ in range(chance.randrange(2, 12)):
        log = logs / f"{chance.randrange(LOGS)}.jsonl"
        line = json.dumps(
            {
                "time": (START + timedelta(seconds=written)).isoformat(),
                "account": f"acct-{written % 7}",
                "prompt": f"What is {written}?",
            }
        )
        with log.open("a") as file:
            cut = chance.randrange(len(line))
            for piece in (line[:cut], line[cut:] + "\n"):
                file.write(piece)
                file.flush()
                time.sleep(chance.random() * 0.004)
        written += 1
        if chance.random() < 0.05:
            log.rename(logs / f"{log.stem}-{written}.jsonl")
    return written


def times(out: Path) -> Counter[datetime]:
    return Counter(
        t for part in Lake.open(out).parts() for t in pq.read_table(part)["time"].to_pylist()
    )


@pytest.mark.parametrize("seed", [1, 2])
def test_killed_at_random(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    logs, out = tmp_path / "logs", tmp_path / "out"
    logs.mkdir()
    written = grow(logs, 0, chance)
    for _ in range(8):
        process = start(logs, out)
        # It takes a second or two to begin.
        until = time.monotonic() + 1 + chance.random() * 3
        while time.monotonic() < until:
            written = grow(logs, written, chance)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    end = start(logs, out, "once")
    assert end.wait(timeout=120) == 0
    assert times(out) == Counter(START + timedelta(seconds=n) for n in range(written))
    assert written > 200
    files = set((out / "sketches").glob("day=*/*"))
    assert files == set(Lake.open(out).parts()), "nothing is left over"
    document = json.loads((out / "recent" / "campaigns.json").read_text())
    assert document["reading"]["duplicates"] == 0


def test_terminated_it_ends_well(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    grow(logs, 0, random.Random(3))
    for how in (signal.SIGTERM, signal.SIGINT):
        command = [sys.executable, "-c", "from stillwatch.cli import main; main()", "watch"]
        command += [str(logs), "--out", str(tmp_path / "out")]
        process = subprocess.Popen(  # noqa: S603
            command,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=_interruptible,  # noqa: PLW1509
        )
        assert process.stderr is not None
        grow(logs, 100, random.Random(4))
        while "took" not in process.stderr.readline():
            pass
        process.send_signal(how)
        _, told = process.communicate(timeout=30)
        assert process.returncode == 0, told
        assert "stopped; the same command goes on" in told


def _interruptible() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)
