"""A table in ClickHouse is scanned where it lies. Its engine runs in the client's process here."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

import stillwatch as sw

LACKING = [name for name in ("chdb", "clickhouse_connect") if not find_spec(name)]
SCAN = """
import json, sys
import clickhouse_connect
import stillwatch as sw
place, out, mapping = sys.argv[1:]
base = clickhouse_connect.get_client(dsn=f"chdb://{place}")
base.command("create database logs")
base.command(
    "create table logs.calls (exchange_id String, time DateTime64(6, 'UTC'), "
    "account Nullable(String), body String, address Nullable(String), output_tokens UInt32) "
    "engine = MergeTree order by exchange_id"
)
rows = json.load(sys.stdin)
base.raw_insert("logs.calls", insert_block="\\n".join(map(json.dumps, rows)), fmt="JSONEachRow")
url = f"clickhouse://reader@localhost/logs?interface=chdb&path={place}#logs.calls"
sw.scan(url, out, settings=sw.Settings(workers=1), mapping=mapping)
"""


@pytest.mark.skipif(bool(LACKING), reason=f"ClickHouse needs {' and '.join(LACKING)}")
def test_a_table_in_clickhouse_is_scanned_as_a_file_is(
    tmp_path: Path, record: Callable[..., dict[str, Any]], log: Callable[..., Path]
) -> None:
    records = [record(n, time=f"2026-03-0{1 + n % 3} 09:{n:02}:00.5") for n in range(60)]
    records += [record(n, account=None, time="2026-03-01 09:00:00") for n in (60,)]
    rows = []
    for one in records:
        prompt = one.pop("prompt")
        chat = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": prompt}]
        rows.append({**one, "body": json.dumps(chat), "output_tokens": 7})
    mapping = tmp_path / "calls.toml"
    mapping.write_text(
        '[columns]\nexchange_id = "exchange_id"\ntime = "time"\naccount = "account"\n'
        'address = "address"\noutput_tokens = "output_tokens"\n'
        'prompt = { path = "body", messages = true }\nsystem = { path = "body", messages = true }\n'
    )
    # In a process of its own, in which the engine may do as it likes.
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", SCAN, tmp_path / "base", tmp_path / "there", mapping],
        input=json.dumps(rows),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]

    path = log(
        "calls.jsonl", [{**row, "time": row["time"].replace(" ", "T") + "Z"} for row in rows]
    )
    sw.scan(path, tmp_path / "here", settings=sw.Settings(workers=1), mapping=mapping)
    assert sketches(tmp_path / "there") == sketches(tmp_path / "here")
    told = [
        json.loads((tmp_path / out / "campaigns.json").read_text()) for out in ("there", "here")
    ]
    there, here = (one["reading"] for one in told)
    assert (there["files"], here["files"]) == (3, 1), "a source for each day"
    assert there["exchanges"] == here["exchanges"] == 60
    assert there["rejected"] == here["rejected"] == {"missing account": 1}


def sketches(out: Path) -> list[dict[str, Any]]:
    parts = (out / "sketches").glob("day=*/*.parquet")
    rows = [row for part in parts for row in pq.read_table(part).to_pylist()]
    return sorted(rows, key=lambda row: row["exchange_id"])
