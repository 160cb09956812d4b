"""Writes what a hunt found into a directory, each file as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from stillwatch import results
from stillwatch.errors import OutputError
from stillwatch.hunts.document import Hunt
from stillwatch.hunts.tables import EXCHANGES

DOCUMENT = "hunt.json"


def ready(out: Path) -> Path:
    """The directory, made if need be. Raises `OutputError` where it cannot be, or holds a scan."""
    # A scan's tables have the same names.
    if any((out / name).exists() for name in (results.CAMPAIGNS, "sketches")):
        raise OutputError(f"{out}: holds a scan; choose another --out for the hunt")
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{out}: cannot be written: {error.strerror}") from error
    return out


def write(
    out: Path, document: Hunt, accounts: pa.Table, exchanges: Iterable[pa.RecordBatch]
) -> None:
    """Writes the tables, and at last the document. Raises `OutputError` where it cannot."""

    def batches(path: Path) -> None:
        with pq.ParquetWriter(path, EXCHANGES, compression="zstd") as writer:
            for batch in exchanges:
                writer.write_batch(batch)

    text = document.model_dump_json(by_alias=True, indent=2) + "\n"
    try:
        _replace(out / results.EXCHANGES, batches)
        _replace(
            out / results.ACCOUNTS, lambda path: pq.write_table(accounts, path, compression="zstd")
        )
        _replace(out / DOCUMENT, lambda path: path.write_text(text, encoding="utf-8"))
    except OSError as error:
        raise OutputError(f"{out}: cannot be written: {error.strerror or error}") from error


def _replace(path: Path, write: Callable[[Path], object]) -> None:
    """Puts a file in place all at once; cut off, it leaves what was there."""
    fresh = path.with_name(f".{path.name}.new")
    try:
        write(fresh)
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
