"""How long a hunt over many sketches takes, to the first result and in whole.

    python benchmarks/hunt.py [--sketches 150000000] [--days 90] [--accounts 1000000]

Writes sketches drawn at random into a lake, once, a log for each day. Then asks each kind of
indicator by the command, in a process of its own, and runs a plain DuckDB query over the same
columns of the same files: who, how often, first and last. Times count from the start of the
process. Wanted of 150 million sketches on two cores: the first result within 2 s, all of it
within 15 s.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryFile
from uuid import NAMESPACE_URL, uuid5

import numpy as np
import pyarrow as pa

from drawn_sketches import DAY_US, START_US, Population
from stillwatch.hunts import wording
from stillwatch.hunts.condition import Equal
from stillwatch.ingest.task import filled
from stillwatch.rules.logic import Any
from stillwatch.sketch.lake import Lake

BATCH = 1_000_000
PLANTED = 100_000
"""One sketch in so many has bands of the text that is looked for, one to four of them."""
TEXT = "Explain slowly how rivers carve deep valleys while rain falls on the hills every day"
FIRST_DAY = START_US // DAY_US * DAY_US
RULE = """\
title: A rare client with long answers
id: 6b0a1a52-8a0e-4a4e-9f0c-5f4f5d7f3b11
name: rare_client
status: test
description: For a benchmark.
date: 2026-11-20
falsepositives: [All are.]
level: low
type: hunt
detection:
    rare: {user_agent: client/41}
    long: {output_tokens|gte: 1900}
    condition: rare and long
"""


def bands(path: Path) -> dict[str, int]:
    """Column → band of the text that is looked for."""
    asked = wording.near(path)
    assert isinstance(asked, Any)
    return {e.column: int(e.value) for e in asked.parts if isinstance(e, Equal)}


def planted(table: pa.Table, found: dict[str, int], rng: np.random.Generator) -> pa.Table:
    """The sketches, of which some have bands of the text."""
    like = rng.random(table.num_rows) < 1 / PLANTED
    for count, (column, value) in enumerate(found.items()):
        mine = pa.array(like & (rng.integers(0, 4, table.num_rows) >= count))
        place = table.schema.get_field_index(column)
        here = pa.compute.if_else(mine, pa.scalar(value, pa.int64()), table[column])
        table = table.set_column(place, table.schema.field(column), here)
    return table


def write(lake: Path, text: Path, given: argparse.Namespace) -> None:
    """A lake of `given.sketches`, a log for each day."""
    drawn = Population(given.accounts, given.accounts // 20, given.seed)
    rng = np.random.default_rng(given.seed)
    found = bands(text)
    columns = filled(drawn.sketches(1000, START_US, DAY_US, 0).to_batches()[0])

    def batches(day: int, rows: int) -> Iterator[pa.RecordBatch]:
        for first in range(0, rows, BATCH):
            number = day * 1000 + first // BATCH
            size = min(BATCH, rows - first)
            table = drawn.sketches(size, FIRST_DAY + day * DAY_US, DAY_US, number)
            yield from planted(table, found, rng).combine_chunks().to_batches()

    with Lake.open(lake, write=True) as opened:
        for day in range(given.days):
            rows = given.sketches // given.days + (day < given.sketches % given.days)
            opened.write(f"day{day}", batches(day, rows), {"columns": columns})
            print(f"\rwritten {day + 1} of {given.days} days", end="", flush=True)
    print()


def bundle(path: Path, addresses: Iterable[str]) -> None:
    """A STIX bundle with an indicator for each address."""
    objects = [
        {
            "type": "indicator",
            "id": f"indicator--{uuid5(NAMESPACE_URL, address)}",
            "modified": "2026-11-20T00:00:00Z",
            "pattern": f"[ipv4-addr:value = '{address}']",
            "pattern_type": "stix",
        }
        for address in addresses
    ]
    path.write_text(json.dumps({"type": "bundle", "objects": objects}))


def questions(home: Path, accounts: int) -> dict[str, tuple[str, str]]:
    """What is asked → (indicator, the same as the condition of a plain query)."""
    text, rule, stix = home / "text.txt", home / "rule.yml", home / "bundle.json"
    rule.write_text(RULE)
    listed = [f"172.16.{n >> 8}.{n & 255}" for n in range(0, 3000, 3)]
    bundle(stix, listed)
    near = " or ".join(f"{column} = {value}" for column, value in bands(text).items())
    head = 7 * 1_000_003 + 1
    return {
        "account": ("account:acct-0000017", "account = 'acct-0000017'"),
        "payment": (f"payment:{accounts}", f"payment_mark = '{accounts}'"),
        "address": ("address:172.16.3.7", "address = '172.16.3.7'"),
        "address /24": ("address:172.16.3.0/24", "address_block = '172.16.3.0/24'"),
        "address /12": ("address:172.16.0.0/12", "address_block like '172.16.%'"),
        "agent, rare": ("agent:client/41", "user_agent = 'client/41'"),
        "agent, common": ("agent:client/1", "user_agent = 'client/1'"),
        "template, head": (f"template:head:{head:016x}", f"head = {head}"),
        "template": (
            f"template:{head:016x}",
            " or ".join(f"{part} = {head}" for part in wording.PARTS),
        ),
        "near": (f"near:{text}", near),
        "rule": (f"rule:{rule}", "user_agent = 'client/41' and output_tokens >= 1900"),
        "stix": (f"stix:{stix}", f"address in ({', '.join(map(repr, listed))})"),
    }


PLAIN = (
    "select account, count(*), min(time), max(time) from read_parquet('{parts}') where {condition} "
    "group by account"
)


def plain(parts: str, condition: str) -> None:
    """The plain query alone."""
    import duckdb

    duckdb.sql(PLAIN.format(parts=parts, condition=condition)).fetchnumpy()


def timed(command: list[str]) -> tuple[float, float, str]:
    """(seconds until a first result was told, seconds until the end, what was printed)."""
    begun = time.perf_counter()
    first = None
    with (
        TemporaryFile("w+") as printed,
        subprocess.Popen(command, stdout=printed, stderr=subprocess.PIPE, text=True) as job,
    ):
        assert job.stderr
        for line in job.stderr:
            if first is None and " so far" in line:
                first = time.perf_counter() - begun
        job.wait()
        end = time.perf_counter() - begun
        printed.seek(0)
        told = printed.read()
    if job.returncode:
        raise SystemExit(f"{command} ended with {job.returncode}")
    return end if first is None else first, end, told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sketches", type=int, default=150_000_000)
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--accounts", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="*", help="names of what to ask")
    parser.add_argument("--out", type=Path, default=Path(".bench/hunt"))
    parser.add_argument("--plain", nargs=2, metavar=("PARTS", "CONDITION"))
    given = parser.parse_args()
    if given.plain:
        plain(*given.plain)
        return
    given.out.mkdir(parents=True, exist_ok=True)
    (given.out / "text.txt").write_text(TEXT)
    lake = given.out / f"lake-{given.sketches}-{given.days}-{given.accounts}-{given.seed}"
    if not lake.exists():
        write(lake, given.out / "text.txt", given)
    parts = str(lake / "sketches" / "*" / "*.parquet")
    code = "from stillwatch.cli import main; main()"
    figures = {"sketches": given.sketches, "days": given.days, "cores": os.cpu_count(), "asked": {}}
    print(f"{'asked':<16}{'first':>8}{'whole':>8}{'plain':>8}{'exchanges':>13}{'accounts':>11}")
    for name, (indicator, condition) in questions(given.out, given.accounts).items():
        if given.only and name not in given.only:
            continue
        hunt = [sys.executable, "-c", code, "hunt", indicator, "--in", str(lake), "--json"]
        query = [sys.executable, __file__, "--plain", parts, condition]
        runs = [(timed(hunt), timed(query)) for _ in range(given.rounds)]
        first, whole = (float(np.median([ours[i] for ours, _ in runs])) for i in (0, 1))
        beside = float(np.median([theirs[1] for _, theirs in runs]))
        answers = json.loads(runs[0][0][2])["answers"]
        exchanges = sum(answer["exchanges"] for answer in answers)
        accounts = sum(answer["account_count"] for answer in answers)
        figures["asked"][name] = {
            "indicator": indicator,
            "first_s": round(first, 2),
            "whole_s": round(whole, 2),
            "plain_s": round(beside, 2),
            "exchanges": exchanges,
            "accounts": accounts,
        }
        print(f"{name:<16}{first:8.2f}{whole:8.2f}{beside:8.2f}{exchanges:13,}{accounts:11,}")
    (given.out / "hunt.json").write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
