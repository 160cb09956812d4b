"""Writes what a hunt found into a directory, each file as a whole."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from stillwatch import results
from stillwatch.durable import replaced
from stillwatch.errors import OutputError
from stillwatch.hunts.document import Hunt
from stillwatch.hunts.tables import EXCHANGES

DOCUMENT = "hunt.json"


def ready(out: Path) -> Path:
    """The directory, made if need be.

    Raises `OutputError` where it cannot be, or holds a scan, or tables that are no hunt's.
    """
    results.check_free(out, "hunt")
    for name in (results.ACCOUNTS, results.EXCHANGES):
        if (out / name).exists() and not _ours(out / name):
            raise OutputError(
                f"{out / name}: is no table of a hunt; move it or choose another --out"
            )
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{out}: cannot be written: {error.strerror}") from error
    return out


def _ours(path: Path) -> bool:
    """Whether an earlier hunt wrote the table."""
    try:
        marks = pq.read_schema(path).metadata or {}
    except (OSError, pa.ArrowException):
        return False
    return bool(marks.get(b"schema", b"").startswith(b"stillwatch.hunt_"))


def write(
    out: Path, document: Hunt, accounts: pa.Table, exchanges: Iterable[pa.RecordBatch]
) -> None:
    """Writes the tables, and at last the document. Raises `OutputError` where it cannot."""
    text = document.model_dump_json(by_alias=True, indent=2) + "\n"
    try:
        with (
            replaced(out / results.EXCHANGES) as fresh,
            pq.ParquetWriter(fresh, EXCHANGES, compression="zstd") as writer,
        ):
            for batch in exchanges:
                writer.write_batch(batch)
        with replaced(out / results.ACCOUNTS) as fresh:
            pq.write_table(accounts, fresh, compression="zstd")
        with replaced(out / DOCUMENT) as fresh:
            fresh.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OutputError(f"{out}: cannot be written: {error.strerror or error}") from error
