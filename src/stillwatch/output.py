"""Writes what a scan found into a fresh result directory."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from stillwatch import results
from stillwatch.campaigns.document import Scan
from stillwatch.report import render


def write(
    run: Path,
    document: Scan,
    accounts: pa.Table,
    exchanges: pa.Table,
    rejected: Iterable[Mapping[str, Any]],
) -> None:
    """Writes all of `results.FILES` into `run`."""
    (run / results.CAMPAIGNS).write_text(
        document.model_dump_json(by_alias=True, indent=2) + "\n", encoding="utf-8"
    )
    (run / results.REPORT).write_text(render(document), encoding="utf-8")
    pq.write_table(accounts, run / results.ACCOUNTS, compression="zstd")
    pq.write_table(exchanges, run / results.EXCHANGES, compression="zstd")
    write_records(run / results.REJECTED, rejected)


def write_records(path: Path, records: Iterable[Mapping[str, Any]]) -> None:
    """Writes records as JSON Lines."""
    with path.open("w", encoding="utf-8") as lines:
        for record in records:
            lines.write(json.dumps(record, ensure_ascii=False) + "\n")
