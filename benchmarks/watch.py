"""What an hour of new traffic costs a watch, beside a look at the whole window.

    python benchmarks/watch.py [--exchanges 6000000] [--accounts 100000] [--days 30]

Fills a lake with sketches of a month, drawn at random (only the shape matters), as a watch leaves
it. A first turn looks at the day and at the month. Then a log of one hour comes, a 720th of as
many exchanges with prompts of some hundred words, and a turn takes and sketches it and looks at
the day. Each turn is a process of its own; its whole time counts, from the start of the program.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from drawn_sketches import DAY_US, START_US, Population

HOME = Path(".bench/watch")
FIRST_US = (START_US - 45 * DAY_US) // DAY_US * DAY_US
"""The month must have passed: no exchange counts as newer than the clock."""
HOUR_US = DAY_US // 24
PART = 500_000


def fill(out: Path, exchanges: int, accounts: int, days: int) -> None:
    """A lake of days, each a source that a watch took."""
    from stillwatch.ingest.task import filled
    from stillwatch.sketch.lake import Lake

    drawn = Population(accounts, accounts // 20, 1)
    daily = exchanges // days
    with Lake.open(out, write=True) as lake:
        for day in range(days):
            first = FIRST_US + day * DAY_US
            tables = [
                drawn.sketches(
                    min(PART, daily - done), first, DAY_US - 1, day * 1000 + done // PART
                )
                for done in range(0, daily, PART)
            ]
            batches = [batch for table in tables for batch in table.to_batches()]
            last = datetime.fromtimestamp((first + DAY_US) / 1e6, UTC).isoformat()
            meta = {
                "path": f"{day}.jsonl",
                "columns": sorted({name for batch in batches for name in filled(batch)}),
                "unread": [],
                "unmatched": {},
                "first": last,
                "last": last,
                "streams": {f"day-{day}": [[0, daily, daily]]},
                "wholes": [],
            }
            lake.write(f"day{day}", batches, meta)
            print(f"\rfilled {day + 1} of {days} days", end="", flush=True)
    print()


def hour(log: Path, exchanges: int, accounts: int, days: int) -> None:
    """A log of the hour behind the month, and a line behind that, so that the hour is over."""
    chance = np.random.default_rng(2)
    words = np.array([f"word{n}" for n in range(5000)])
    begin = FIRST_US + days * DAY_US
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w") as file:
        for n in range(exchanges + 1):
            at = begin + (int(chance.integers(0, HOUR_US)) if n < exchanges else HOUR_US * 5 // 4)
            row = {
                "exchange_id": f"new-{n}",
                "time": datetime.fromtimestamp(at / 1e6, UTC).isoformat(),
                "account": f"acct-{int(chance.integers(0, accounts)):07d}",
                "prompt": " ".join(chance.choice(words, int(chance.integers(50, 500)))),
                "completion": " ".join(chance.choice(words, 200)),
            }
            file.write(json.dumps(row) + "\n")


def turn(out: Path, logs: Path) -> None:
    """One turn, and how long its looks took."""
    import stillwatch as sw
    from stillwatch.find import knowledge
    from stillwatch.watch import Plan
    from stillwatch.watch.metrics import Metrics
    from stillwatch.watch.take import Feed
    from stillwatch.watch.watcher import Watcher

    metrics = Metrics()
    feed = Feed((str(logs),), None, None, None, 2)
    known = knowledge(sw.Settings(memory="6GB"))
    told: list[str] = []
    watcher = Watcher(out, feed, Plan(), known, metrics, told.append, strict=True)
    watcher.turn(datetime.now(UTC))
    print("\n".join(told), file=sys.stderr)
    looks = {
        sample.labels["window"]: sample.value
        for sample in next(iter(metrics.took.collect())).samples
    }
    print(json.dumps(looks))


def measured(out: Path, logs: Path) -> dict[str, float]:
    """Seconds of a turn, of its looks, and the peak memory so far (GB)."""
    begun = time.perf_counter()
    command = [sys.executable, __file__, "--turn", str(out), str(logs)]
    ran = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    seconds = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6
    return {"seconds": seconds, "peak_gb": peak, **json.loads(ran.stdout)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--exchanges", type=int, default=6_000_000)
    parser.add_argument("--accounts", type=int, default=100_000)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--turn", nargs=2, type=Path)
    given = parser.parse_args()
    if given.turn:
        turn(*given.turn)
        return
    shutil.rmtree(HOME, ignore_errors=True)
    out, logs = HOME / "out", HOME / "logs"
    logs.mkdir(parents=True)
    fill(out, given.exchanges, given.accounts, given.days)
    first = measured(out, logs)
    hour(logs / "hour.jsonl", given.exchanges // (24 * given.days), given.accounts, given.days)
    second = measured(out, logs)
    figures = {"first": first, "hour": second, "share": second["seconds"] / first["whole"]}
    print(json.dumps(figures, indent=2))
    Path(".bench/watch.json").write_text(json.dumps(figures, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
