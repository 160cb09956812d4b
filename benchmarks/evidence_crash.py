"""Whether anything that was acknowledged is lost when a process is killed amid its work.

    python benchmarks/evidence_crash.py [--crashes 200] [--seed 20261128]

A process appends, signs and changes keys at random, and tells each; it is killed (SIGKILL) at a
random moment, and the log is opened again. All that was told must be there, in its place and as it
was; of what was not, an append must be there whole or not at all; and the log must go on from every
checkpoint that was ever signed.

Killing a process does not take what the system holds in memory, and hardly ever tears a write: a
power cut is not tried here. Ends that one may leave are made by hand in the tests.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "evidence"))
from crashing import Account

from stillwatch.evidence import Log

OUT = Path(".bench/evidence_crash")
LONGEST = 0.4
"""Seconds that a process goes on after its first append, at most."""
EVERY = 20
"""Crashes after which the whole log is gone through."""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--crashes", type=int, default=200)
    parser.add_argument("--seed", type=int, default=20261128)
    asked = parser.parse_args()
    chance, began = random.Random(asked.seed), time.perf_counter()
    with TemporaryDirectory() as place:
        path = Path(place) / "log"
        with Log.create(path, "provider.example/evidence") as log:
            account = Account(path, log.key)
        for n in range(1, asked.crashes + 1):
            account.crash(f"{asked.seed}-{n}", chance.uniform(0, LONGEST))
            if n % EVERY == 0:
                account.audit()
                print(f"{n} crashes, {len(account.all):,} appends held", flush=True)
        account.audit()
        with Log.open(path) as log:
            size, keys = log.size, len(list((path / "public" / "handover").iterdir())) + 1
    found: dict[str, Any] = {
        "seed": asked.seed,
        "crashes": asked.crashes,
        "appends_acknowledged": len(account.all),
        "entries_acknowledged": sum(count for *_, count in account.all),
        "entries": size,
        "checkpoints": len(account.notes),
        "keys": keys,
        "torn_ends": account.torn,
        "lost": 0,
        "seconds": time.perf_counter() - began,
    }
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / "evidence_crash.json").write_text(json.dumps(found, indent=2) + "\n")
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
