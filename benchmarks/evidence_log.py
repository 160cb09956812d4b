"""How fast entries are logged and proved, beside a plain file that is synced as often.

    python benchmarks/evidence_log.py [--entries 1000000] [--seconds 10]
                                      [--place .bench/evidence_log/scratch]

Single commits by one thread and by eight, batches of 10,000, and the proof of random entries of
what came of it, each proof verified. Beside each: a file that the same bytes are appended to, with
an fsync as often, in turns with it on the same disk. Wanted: 200 single commits a second, 100,000
entries a second in batches, a proof within 10 ms.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from stillwatch.durable import append
from stillwatch.evidence import Entry, Log, Reader
from stillwatch.evidence.audit import audited
from stillwatch.evidence.merkle import included, inclusion, leaf_hash
from stillwatch.evidence.tiles import nodes_of

OUT = Path(".bench/evidence_log")
BATCH = 10_000
PROOFS = 2_000
ROUND = 1.0
"""Seconds that one of both goes on before it is the other's turn."""


def fact(n: int) -> Entry:
    body = {"bits": 3.25, "signal": "template_family", "window": "2026-11-21/2026-11-28", "n": n}
    return Entry("weight", f"account-{n % 50_000}", body)


def for_a_while(work: Callable[[int], object]) -> tuple[int, float]:
    """How often a piece of work was done, and in how many seconds."""
    began, done = time.perf_counter(), 0
    while time.perf_counter() - began < ROUND:
        work(done)
        done += 1
    return done, time.perf_counter() - began


def in_turns(seconds: float, ours: Callable[[int], object], plain: Callable[[int], object]) -> Any:
    """Rates a second of both, each the median of its rounds, and the median of their ratios."""
    rates = []
    for _ in range(max(1, round(seconds / ROUND / 2))):
        pair = []
        for work in (ours, plain):
            done, took = for_a_while(work)
            pair.append(done / took)
        rates.append(pair)
    found = np.array(rates)
    low, ratio, high = np.quantile(found[:, 0] / found[:, 1], [0.1, 0.5, 0.9])
    return {
        "ours": float(np.median(found[:, 0])),
        "plain": float(np.median(found[:, 1])),
        "ratio": {"median": float(ratio), "p10": float(low), "p90": float(high)},
        "rounds": len(rates),
    }


def single(log: Log, file: int, seconds: float) -> Any:
    data = fact(0).data
    return in_turns(seconds, lambda n: log.append([fact(n)]), lambda _: append(file, data))


def threads(log: Log, seconds: float, count: int) -> float:
    """Single commits a second of several threads together."""
    done = [0] * count
    until = time.perf_counter() + seconds

    def work(thread: int) -> None:
        while time.perf_counter() < until:
            log.append([fact(thread)])
            done[thread] += 1

    them = [threading.Thread(target=work, args=(n,)) for n in range(count)]
    began = time.perf_counter()
    for one in them:
        one.start()
    for one in them:
        one.join()
    return sum(done) / (time.perf_counter() - began)


def batches(log: Log, file: int, entries: int) -> Any:
    """Entries a second, with and without the time that making them takes."""
    making = ours = plain = cpu = 0.0
    for start in range(0, entries, BATCH):
        began = time.perf_counter()
        batch = [fact(n) for n in range(start, start + BATCH)]
        made, used = time.perf_counter(), time.process_time()
        log.append(batch)
        appended = time.perf_counter()
        cpu += time.process_time() - used
        append(file, b"".join(one.data for one in batch))
        making += made - began
        ours += appended - made
        plain += time.perf_counter() - appended
    began = time.perf_counter()
    log.checkpoint()
    ours += time.perf_counter() - began
    return {
        "entries": entries,
        "ours": entries / ours,
        "ours_and_making_them": entries / (ours + making),
        "ours_by_processor_time": entries / cpu,
        "plain": entries / plain,
    }


def proofs(log: Log) -> Any:
    """Milliseconds to a proof of random entries, out of the files, each tile read anew."""
    chance, took, used = random.Random(1), [], []
    reader = Reader(log.public, log.key)
    signed = reader.checkpoint
    for _ in range(PROOFS):
        index = chance.randrange(signed.size)
        began, busy = time.perf_counter(), time.process_time()
        path = inclusion(nodes_of(reader.published.tile), index, signed.size)
        took.append((time.perf_counter() - began) * 1e3)
        used.append((time.process_time() - busy) * 1e3)
        assert included(leaf_hash(log.entry(index).data), index, signed.size, path, signed.root)
    low, high, most = np.quantile(took, [0.5, 0.99, 1])
    return {
        "of": signed.size,
        "p50_ms": low,
        "p99_ms": high,
        "most_ms": most,
        "most_processor_ms": max(used),
        "proofs": PROOFS,
    }


def opening(path: Path) -> float:
    """Seconds until a log can be written to."""
    began = time.perf_counter()
    Log.open(path).close()
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--place", type=Path, default=OUT / "scratch")
    asked = parser.parse_args()
    shutil.rmtree(asked.place, ignore_errors=True)
    asked.place.mkdir(parents=True)
    file = os.open(asked.place / "plain", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    found: dict[str, Any] = {"load_before": os.getloadavg()[0], "processors": os.cpu_count()}
    with Log.create(asked.place / "log", "provider.example/evidence") as log:
        found["single"] = single(log, file, asked.seconds)
        found["eight_threads"] = threads(log, asked.seconds / 2, 8)
        found["batches"] = batches(log, file, asked.entries)
        found["proofs"] = proofs(log)
        key = log.key
    found["opening_s"] = opening(asked.place / "log")
    began = time.perf_counter()
    audited(asked.place / "log" / "public", key)
    found["audit_s"] = time.perf_counter() - began
    files = [p for p in (asked.place / "log").rglob("*") if p.is_file()]
    found["files"] = len(files)
    found["bytes"] = sum(p.stat().st_size for p in files)
    found["plain_bytes"] = (asked.place / "plain").stat().st_size
    found["load_after"] = os.getloadavg()[0]
    os.close(file)
    shutil.rmtree(asked.place)
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / "evidence_log.json").write_text(json.dumps(found, indent=2) + "\n")
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
