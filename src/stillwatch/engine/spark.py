"""Spark as the engine: on a cluster, through Spark Connect, or in this process."""

from __future__ import annotations

import math
import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.operations as ops
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq
import sqlglot.expressions as sge
from ibis.backends.pyspark import Backend
from ibis.backends.pyspark.datatypes import PySparkSchema, PySparkType
from ibis.backends.sql.compilers.pyspark import PySparkCompiler
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession

from stillwatch.config import without_token
from stillwatch.errors import UsageError
from stillwatch.spark import TIMES

LOCAL = "local"
CONNECT = "sc://"
CONNECT_PORT = 15002
_TIMEOUT = 15.0
"""Seconds that a server of Connect has to answer."""


class Compiler(PySparkCompiler):
    """Ibis' compiler, where Spark would come to other numbers than DuckDB does."""

    def visit_NonNullLiteral(self, op: Any, *, value: Any, dtype: Any) -> Any:  # noqa: N802
        """`0.5` is a decimal to Spark, whose quotients have six digits, and `1` has 32 bits."""
        if dtype.is_floating() and math.isfinite(value):
            return self.cast(sge.convert(repr(value)), dt.float64)
        if dtype.is_int64():
            return self.cast(sge.convert(value), dtype)
        return super().visit_NonNullLiteral(op, value=value, dtype=dtype)

    def visit_ExtractEpochSeconds(self, _: Any, *, arg: Any) -> Any:  # noqa: N802
        """With their fraction (`portable.seconds`)."""
        return self.f.unix_micros(arg) / 1_000_000


class ArrowBackend(Backend):
    """Ibis' Spark, with tables that go and come as Arrow.

    By way of pandas, as ibis 12.0.0 takes, integers beside nulls become floats, and hashes of 64
    bits lose their last digits.
    """

    name = "pyspark"
    compiler = Compiler()

    def frame(self, expression: ir.Expr) -> DataFrame:
        """An expression as Spark has it, with the types that Ibis says it has."""
        table = expression.as_table()
        self._run_pre_execute_hooks(table)
        found = self._session.sql(self.compile(table))
        return found.select(
            *(
                found[f"`{name}`"].cast(PySparkType.from_ibis(kind)).alias(name)
                for name, kind in table.schema().items()
            )
        )

    def _register_in_memory_table(self, op: ops.InMemoryTable) -> None:
        given = op.data.to_pyarrow(op.schema)
        frame = self._session.createDataFrame(given, PySparkSchema.from_ibis(op.schema))
        frame.createOrReplaceTempView(op.name)

    def to_pyarrow(self, expr: ir.Expr, /, **_: Any) -> Any:
        """The rows of a table, a column's values, or one value."""
        table = expr.as_table()
        made = self.frame(table).toArrow().cast(table.schema().to_pyarrow())
        return expr.__pyarrow_result__(made)


class SparkEngine:
    """One session. Tables are kept as Parquet in a directory that all its machines reach."""

    def __init__(self, session: SparkSession, scratch: Path) -> None:
        self._session, self._scratch, self._kept = session, scratch, 0
        self._backend = ArrowBackend()
        self._backend.register_options()
        self._backend.do_connect(session)

    def parquet(self, parts: list[Path]) -> ir.Table:
        """A table over Parquet files, read only as far as columns are asked for."""
        frame = self._session.read.parquet(*map(str, parts))
        return self._named("parts", frame, ibis.Schema.from_pyarrow(pq.read_schema(parts[0])))

    def keep(self, name: str, expression: ir.Table) -> ir.Table:
        """Computes a table once and keeps it for the stages after it.

        Not by Spark's checkpoints: what an executor holds is lost with it, and a union of such
        tables fails in Spark 4.1 ("key not found").
        """
        place = self._place(name)
        self._backend.frame(expression).write.parquet(place)
        return self._named(name, self._session.read.parquet(place), expression.schema())

    def memtable(self, name: str, table: pa.Table) -> ir.Table:
        """Puts a local Arrow table into the engine."""
        place = Path(self._place(name))
        place.mkdir()
        pq.write_table(table, place / "0.parquet")
        frame = self._session.read.parquet(str(place))
        return self._named(name, frame, ibis.Schema.from_pyarrow(table.schema))

    def batches(self, expression: ir.Table) -> Iterator[pa.RecordBatch]:
        """The rows of an expression, in its order, without having all of them in memory."""
        place = self._place("batches")
        self._backend.frame(expression).write.parquet(place)
        # Spark numbers its files in the order of the rows.
        for path in sorted(Path(place).glob("*.parquet")):
            with pq.ParquetFile(path) as file:
                yield from file.iter_batches()

    def _place(self, name: str) -> str:
        self._kept += 1
        return str(self._scratch / f"{self._kept:04d}-{name}")

    def _named(self, name: str, frame: DataFrame, schema: ibis.Schema) -> ir.Table:
        # Views outlive an engine where its session does.
        view = f"{self._scratch.name}_{name}".replace("-", "_")
        frame.createOrReplaceTempView(view)
        # Spark's own schema forgets the zone of times.
        found: ir.Table = ops.DatabaseTable(view, schema=schema, source=self._backend).to_expr()
        return found


@contextmanager
def spark(name: str, scratch: Path | None) -> Iterator[SparkEngine]:
    """A session of a Spark by its master's URL (`spark://`, `local[4]`) or Connect's (`sc://`).

    Raises
    ------
    UsageError
        No Java is there to run Spark in this process; there is no scratch directory that a
        cluster's machines reach; no session can be had.
    """
    local, shown = name.startswith(LOCAL), without_token(name)
    if not local and scratch is None:
        raise UsageError(
            f"engine {shown}: name a directory that all its machines reach with the setting scratch"
        )
    if not name.startswith(CONNECT) and not _java():
        raise UsageError(
            f"engine {shown}: there is no Java here, which Spark needs; install a Java runtime of "
            "version 17 or newer"
        )
    with TemporaryDirectory(prefix="stillwatch-", dir=scratch) as kept:
        session = _session(name, shown)
        try:
            yield SparkEngine(session, Path(kept))
        finally:
            session.stop()


def _java() -> bool:
    home = os.environ.get("JAVA_HOME")
    return bool(shutil.which("java") or (home and (Path(home) / "bin" / "java").exists()))


def _session(name: str, shown: str) -> SparkSession:
    begun = SparkSession.builder.config("spark.sql.session.timeZone", "UTC").config(*TIMES)
    if name.startswith(CONNECT):
        _check_answers(shown)
        begun = begun.remote(name)
    else:
        # A server of Connect has these from whoever started it.
        begun = begun.master(name).appName("stillwatch").config("spark.ui.enabled", "false")
        begun = begun.config("spark.ui.showConsoleProgress", "false")
    try:
        session = begun.getOrCreate()
    except (PySparkException, OSError, RuntimeError) as error:
        why = str(error).split("\n")[0]
        raise UsageError(f"engine {shown}: no session ({type(error).__name__}: {why})") from error
    if not name.startswith(CONNECT):
        session.sparkContext.setLogLevel("ERROR")
    return session


def _check_answers(shown: str) -> None:
    """Raises `UsageError` where nobody answers. Connect's client would try for many minutes."""
    try:
        parts = urlsplit(shown)
        socket.create_connection((parts.hostname, parts.port or CONNECT_PORT), _TIMEOUT).close()
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise UsageError(f"engine {shown}: nobody answers there: {why}") from error
