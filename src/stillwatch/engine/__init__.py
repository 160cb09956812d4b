"""The engine that holds the tables: an embedded DuckDB, or the Spark that a provider has.

Everything after the sketch is Ibis expressions, the same for both. What an engine must do besides
is little, and stands here.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

import ibis.expr.types as ir
import pyarrow as pa

from stillwatch.engine.duck import duck
from stillwatch.errors import UsageError

DUCKDB = "duckdb"


class Engine(Protocol):
    """A place for tables that several stages read."""

    def parquet(self, parts: list[Path]) -> ir.Table:
        """A table over Parquet files, read only as far as columns are asked for."""

    def keep(self, name: str, expression: ir.Table) -> ir.Table:
        """Computes a table once and keeps it for the stages after it."""

    def memtable(self, name: str, table: pa.Table) -> ir.Table:
        """Puts a local Arrow table into the engine."""

    def batches(self, expression: ir.Table) -> Iterator[pa.RecordBatch]:
        """The rows of an expression, in its order, without having all of them in memory."""


def engine(
    memory: str, name: str = DUCKDB, scratch: Path | None = None
) -> AbstractContextManager[Engine]:
    """An engine that leaves nothing behind.

    memory: what DuckDB may use before it spills; Spark is configured elsewhere. scratch: where
    tables are kept meanwhile, a directory that all of Spark's machines reach.
    """
    if name == DUCKDB:
        return duck(memory, scratch)
    try:
        from stillwatch.engine.spark import spark
    except ImportError as error:
        raise UsageError(
            f"engine {name}: {error.name} is not installed; pip install 'stillwatch[spark]'"
        ) from error
    return spark(name, scratch)
