"""How long a scan of many sketched exchanges takes, beside a plain query over the same files.

    python benchmarks/scan_scale.py [--exchanges 16000000] [--accounts 400000]

Writes sketches drawn at random (not by the range: at this size only the shape matters), with a
campaign of 24,000 accounts in a population of 400,000, then scans them in a process of its own
and reports wall time and peak memory, and the same for a DuckDB query that groups the same files
by account with eight plain aggregates.
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

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from stillwatch.sketch.keys import address_block, key
from stillwatch.sketch.schema import SCHEMA

START_US = 1_795_000_000_000_000
DAY_US = 86_400_000_000
PART = 1_000_000


def words(rng: np.random.Generator, count: int, zipf: float, space: int) -> np.ndarray:
    """Hashes of which few are common and most are rare, as heads and tails of prompts are."""
    ranks = rng.zipf(zipf, count) % space
    return (ranks.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)).astype(np.int64)


def text(
    rng: np.random.Generator, guilty: np.ndarray, family: np.ndarray, zipf: float, space: int
) -> pa.Array:
    """The campaign's template families for its accounts, anything else for the others."""
    return pa.array(np.where(guilty, family, words(rng, len(guilty), zipf, space)))


def write(out: Path, exchanges: int, accounts: int, campaign: int, seed: int) -> None:
    """Sketches in files of `PART` rows, shuffled in time as logs are not by account."""
    out.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    names = pa.array([f"acct-{i:07d}" for i in range(accounts)])
    keys = key(names)
    activity = rng.lognormal(0, 1.6, accounts)
    activity[:campaign] = np.median(activity) * 4 * rng.uniform(0.9, 1.1, campaign)
    share = activity / activity.sum()
    addresses = pa.array([f"10.{i >> 16 & 255}.{i >> 8 & 255}.{i & 255}" for i in range(accounts)])
    proxies = pa.array([f"172.16.{i >> 8}.{i & 255}" for i in range(3_000)])
    blocks, proxy_blocks = address_block(addresses), address_block(proxies)
    created = START_US - rng.integers(1, 900 * 86_400, accounts) * 1_000_000
    created[:campaign] = START_US - rng.integers(0, 40, campaign) * 7_200_000_000
    payment = rng.permutation(accounts)
    payment[:campaign] = rng.integers(0, campaign // 60, campaign) + accounts
    agents = pa.array([f"client/{i}" for i in range(60)])
    for number, first in enumerate(range(0, exchanges, PART)):
        rows = min(PART, exchanges - first)
        who = rng.choice(accounts, rows, p=share)
        guilty = who < campaign
        micros = START_US + rng.integers(0, 3 * DAY_US, rows)
        near = rng.integers(-(2**62), 2**62, (4, rows))
        proxy = pa.array(rng.integers(0, len(proxies), rows))
        whom = pa.array(who)
        agent = pa.array(rng.zipf(1.6, rows) % 60)
        family = (rng.integers(0, 40, rows) + 7).astype(np.int64) * 1_000_003

        columns: dict[str, pa.Array] = {
            "exchange_id": pa.array(np.char.add(f"x{number}-", np.arange(rows).astype(str))),
            "exchange_key": pa.array(rng.integers(-(2**62), 2**62, rows)),
            "time": pa.array(micros, SCHEMA.field("time").type),
            "account": names.take(whom),
            "account_key": keys.take(whom),
            "address": _either(guilty, proxies.take(proxy), addresses.take(whom)),
            "address_key": key(_either(guilty, proxies.take(proxy), addresses.take(whom))),
            "address_block": _either(guilty, proxy_blocks.take(proxy), blocks.take(whom)),
            "user_agent": agents.take(agent),
            "tls_fingerprint": agents.take(agent),
            "payment_mark": pa.array(payment[who].astype(str)),
            "plan": pa.array(np.where(who % 5 == 0, "team", "free")),
            "account_created": pa.array(created[who], SCHEMA.field("time").type),
            "model": pa.array(np.where(who % 3 == 0, "large", "small")),
            "turn": pa.array(np.where(guilty, 1, rng.geometric(0.5, rows)), pa.int32()),
            "input_tokens": pa.array(rng.integers(10, 2000, rows)),
            "output_tokens": pa.array(rng.integers(10, 2000, rows)),
            "system_template": text(rng, guilty, family, 1.3, 3_000),
            "head": text(rng, guilty, family, 1.2, 2_000_000),
            "tail": text(rng, guilty, family, 1.2, 2_000_000),
            "skeleton": pa.array(near[0] ^ near[1]),
            "reply_head": text(rng, guilty, family, 1.3, 300_000),
            **{f"near_{i}": pa.array(near[i]) for i in range(4)},
            "intent": pa.array(np.where(guilty, "reasoning_elicitation", "ordinary")),
            "intent_bits": pa.array(
                rng.normal(np.where(guilty, 3.0, -3.0), 2.0).astype(np.float32)
            ),
            "topic": pa.array(np.where(guilty, rng.integers(0, 256, rows), who % 251), pa.int16()),
            "prompt_chars": pa.array(rng.integers(20, 4000, rows), pa.int32()),
            "prompt_words": pa.array(rng.integers(4, 800, rows), pa.int32()),
        }
        table = pa.table(
            [columns.get(f.name, pa.nulls(rows, f.type)).cast(f.type) for f in SCHEMA],
            schema=SCHEMA,
        )
        pq.write_table(table, out / f"part-{number:04d}.parquet", compression="zstd")
        print(f"\rwritten {first + rows:,}", end="", flush=True)
    print()


def _either(condition: np.ndarray, yes: pa.Array, no: pa.Array) -> pa.Array:
    return pa.compute.if_else(pa.array(condition), yes, no)


PLAIN = """
select account_key, count(*), min(time), max(time), sum(input_tokens), sum(output_tokens),
       avg(prompt_chars), sum(intent_bits), max(plan)
from read_parquet('{parts}') group by 1
"""


def plain(parts: Path) -> None:
    """The plain query alone."""
    import duckdb

    duckdb.sql(PLAIN.format(parts=parts / "*.parquet")).fetchnumpy()


def full(parts: Path) -> None:
    """The scan alone."""
    from stillwatch.config import Settings
    from stillwatch.scan import scan

    begun = time.perf_counter()

    def tell(stage: str, done: float) -> None:
        print(f"{time.perf_counter() - begun:6.1f} s  {stage} {done:.0%}", file=sys.stderr)

    out = parts.parent / "scan"
    result = scan([str(parts)], out, settings=Settings(memory="6GB"), progress=tell)
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
    parser.add_argument("--job", choices=("plain", "full"))
    given = parser.parse_args()
    if given.job:
        {"plain": plain, "full": full}[given.job](given.parts)
        return
    if not given.parts.exists():
        write(given.parts, given.exchanges, given.accounts, given.campaign, given.seed)
    # A first scan is measured, and not one that follows another.
    shutil.rmtree(given.parts.parent / "scan", ignore_errors=True)
    # The plain query runs first: peak memory is a maximum over the children so far.
    figures = {"plain": measured("plain", given.parts), "scan": measured("full", given.parts)}
    figures["ratio"] = {"seconds": figures["scan"]["seconds"] / figures["plain"]["seconds"]}
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
