"""The embedded engine: DuckDB behind Ibis."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import duckdb
import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq

from stillwatch.errors import UsageError


class DuckEngine:
    """One connection, with a place for tables that several stages read."""

    def __init__(self, memory: str, spill: Path) -> None:
        self._spill = spill
        self._backend = ibis.duckdb.connect(
            memory_limit=memory, temp_directory=str(spill), preserve_insertion_order=False
        )
        # In notebooks and `python -c` DuckDB draws a bar on standard output: others' output, and
        # there is a progress of our own.
        self._backend.con.execute("SET enable_progress_bar = false")

    def parquet(self, parts: list[Path]) -> ir.Table:
        """A table over Parquet files, read only as far as columns are asked for."""
        return self._backend.read_parquet([str(part) for part in parts])

    def keep(self, name: str, expression: ir.Table) -> ir.Table:
        """Computes a table once and keeps it for the stages after it."""
        return self._backend.create_table(name, expression, temp=True)

    def memtable(self, name: str, table: object) -> ir.Table:
        """Puts a local Arrow table into the engine."""
        return self._backend.create_table(name, table, temp=True)

    def batches(self, expression: ir.Table) -> Iterator[pa.RecordBatch]:
        """The rows of an expression, in its order, without having all of them in memory."""
        # By way of a file: ibis 12.0.0 asks duckdb 2 for `fetch_record_batch`, which is gone.
        path = self._spill / f"{uuid4().hex}.parquet"
        try:
            expression.to_parquet(path)
            with pq.ParquetFile(path) as file:
                yield from file.iter_batches()
        finally:
            path.unlink(missing_ok=True)

    def close(self) -> None:
        self._backend.disconnect()


@contextmanager
def duck(memory: str, scratch: Path | None) -> Iterator[DuckEngine]:
    """A DuckDB that spills to a directory of its own, in `scratch` if there is one."""
    with TemporaryDirectory(prefix="stillwatch-", dir=scratch) as spill:
        opened = DuckEngine(memory, Path(spill))
        try:
            yield opened
        except duckdb.OutOfMemoryException as error:
            raise UsageError(
                f"the engine needs more memory than the setting memory = {memory!r} gives it; "
                "raise it, or take a shorter window with --since and --until"
            ) from error
        finally:
            opened.close()
