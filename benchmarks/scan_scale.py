"""How long a scan of many sketched exchanges takes, beside a plain query over the same files.

    python benchmarks/scan_scale.py [--exchanges 16000000] [--accounts 400000] [--spark]

Writes sketches drawn at random (not by the range: at this size only the shape matters), with a
campaign of 24,000 accounts in a population of 400,000, then scans them in a process of its own
and reports wall time and peak memory, and the same for a DuckDB query that groups the same files
by account with eight plain aggregates. With `--spark` the same scan once more on Spark in one
process, which needs Java.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq

from drawn_sketches import DAY_US, START_US, Population

PART = 1_000_000


def write(out: Path, exchanges: int, accounts: int, campaign: int, seed: int) -> None:
    """Sketches in files of `PART` rows."""
    out.mkdir(parents=True, exist_ok=True)
    drawn = Population(accounts, campaign, seed)
    for number, first in enumerate(range(0, exchanges, PART)):
        rows = min(PART, exchanges - first)
        table = drawn.sketches(rows, START_US, 3 * DAY_US, number)
        pq.write_table(table, out / f"part-{number:04d}.parquet", compression="zstd")
        print(f"\rwritten {first + rows:,}", end="", flush=True)
    print()


PLAIN = """
select account_key, count(*), min(time), max(time), sum(input_tokens), sum(output_tokens),
       avg(prompt_chars), sum(intent_bits), max(plan)
from read_parquet('{parts}') group by 1
"""


def plain(parts: Path) -> None:
    """The plain query alone."""
    import duckdb

    duckdb.sql(PLAIN.format(parts=parts / "*.parquet")).fetchnumpy()


def spark(parts: Path) -> None:
    """The scan on Spark, with as many threads as there are cores."""
    full(parts, "local[*]")


def full(parts: Path, engine: str = "duckdb") -> None:
    """The scan alone."""
    from stillwatch.config import Settings
    from stillwatch.scan import scan

    begun = time.perf_counter()

    def tell(stage: str, done: float) -> None:
        print(f"{time.perf_counter() - begun:6.1f} s  {stage} {done:.0%}", file=sys.stderr)

    out = parts.parent / "scan"
    result = scan([str(parts)], out, settings=Settings(memory="6GB", engine=engine), progress=tell)
    for c in result.campaigns[:5]:
        print(
            f"  {c.id}: {c.account_count:,} accounts, {c.exchanges:,} exchanges, {c.bits:.1f} bits"
        )


def measured(job: str, parts: Path) -> dict[str, float]:
    """Wall seconds and peak resident memory (GB) of a job in a fresh process."""
    begun = time.perf_counter()
    subprocess.run([sys.executable, __file__, "--job", job, "--parts", str(parts)], check=True)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6
    return {"seconds": round(time.perf_counter() - begun, 2), "peak_gb": round(peak, 2)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--exchanges", type=int, default=16_000_000)
    parser.add_argument("--accounts", type=int, default=400_000)
    parser.add_argument("--campaign", type=int, default=24_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--parts", type=Path, default=Path(".bench/scale/sketches"))
    parser.add_argument("--spark", action="store_true")
    parser.add_argument("--job", choices=("plain", "full", "spark"))
    given = parser.parse_args()
    if given.job:
        {"plain": plain, "full": full, "spark": spark}[given.job](given.parts)
        return
    if not given.parts.exists():
        write(given.parts, given.exchanges, given.accounts, given.campaign, given.seed)
    # A first scan is measured, and not one that follows another.
    shutil.rmtree(given.parts.parent / "scan", ignore_errors=True)
    # The plain query runs first: peak memory is a maximum over the children so far.
    figures = {"plain": measured("plain", given.parts), "scan": measured("full", given.parts)}
    figures["ratio"] = {"seconds": figures["scan"]["seconds"] / figures["plain"]["seconds"]}
    if given.spark:
        shutil.rmtree(given.parts.parent / "scan")
        figures["spark"] = measured("spark", given.parts)
        times = figures["spark"]["seconds"] / figures["scan"]["seconds"]
        figures["spark_ratio"] = {"seconds": times}
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
