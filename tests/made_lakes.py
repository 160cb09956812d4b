"""Lakes of a few exchanges, made as a scan makes them but for the scan."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from typing import Any

import pyarrow as pa

from stillwatch.ingest.task import filled
from stillwatch.sketch import sketch
from stillwatch.sketch.lake import Lake
from stillwatch.traffic.exchange import SCHEMA

START = datetime(2026, 10, 6, 9, tzinfo=UTC)

Record = dict[str, Any]


def sketched(records: Iterable[Record]) -> pa.RecordBatch:
    """Sketches of exchanges, one an hour, each with an id and an account of its own."""
    rows = [
        {
            "exchange_id": f"e{n}",
            "time": START + timedelta(hours=n),
            "account": f"acct-{n}",
            "prompt": f"What is {n}?",
        }
        | record
        for n, record in enumerate(records)
    ]
    return sketch(pa.RecordBatch.from_pylist(rows, schema=SCHEMA))


def lake(place: Path, *logs: Sequence[Record] | pa.RecordBatch) -> Path:
    """The output directory of a scan of these logs."""
    with Lake.open(place, write=True) as opened:
        for number, log in enumerate(logs):
            batch = log if isinstance(log, pa.RecordBatch) else sketched(log)
            meta = {"path": f"{number}.jsonl", "columns": sorted(filled(batch))}
            digest = blake2b(repr(batch.to_pylist()).encode(), digest_size=16).hexdigest()
            opened.write(digest, [batch], meta)
    return place
