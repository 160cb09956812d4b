"""The sketch on Spark: a frame of exchanges to a frame of sketches, where the exchanges lie.

Text is read by the executors and goes nowhere else. What becomes of the frames is the caller's to
say; `sketched(exchanges).write.parquet(...)` makes a folder that a scan takes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import DataFrame
from pyspark.sql.pandas.types import from_arrow_schema
from pyspark.sql.types import StructField, StructType

from stillwatch.errors import UsageError
from stillwatch.sketch import SCHEMA, sketch
from stillwatch.sketch.schema import SCHEMA_ID
from stillwatch.traffic.batches import bounded
from stillwatch.traffic.columnar import exchanges
from stillwatch.traffic.exchange import REQUIRED
from stillwatch.traffic.mapping import NATIVE
from stillwatch.traffic.reader import RecordError
from stillwatch.traffic.tables import Refuse

Batches: TypeAlias = Iterable[pa.RecordBatch]

TIMES = ("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS")
SET_ASIDE = pa.schema(
    [(name, pa.string()) for name in ("exchange_id", "field", "reason", "detail")]
)
"""Columns of what is set aside. No text, no account."""


def sketched(frame: DataFrame) -> DataFrame:
    """The sketches of exchanges, in the columns of the Sketch table.

    `frame` has columns of the Exchange table under their names; what it lacks is null. Rows that
    cannot be used are left out: `set_aside` has them. The session is told to write times as
    Parquet has them; by itself Spark writes them in a way of its own that has no zone.

    Raises
    ------
    UsageError
        It lacks an id, a time, an account or a prompt.
    """
    checked = _checked(frame)
    frame.sparkSession.conf.set(*TIMES)
    fields = from_arrow_schema(SCHEMA).fields
    # Spark keeps no marks of a whole table in Parquet, but those of a column.
    first = StructField(fields[0].name, fields[0].dataType, True, {"schema": SCHEMA_ID})
    return checked.mapInArrow(_sketches, StructType([first, *fields[1:]]))


def set_aside(frame: DataFrame) -> DataFrame:
    """The rows that `sketched` leaves out, each with its reason; reads the frame once more.

    Columns exchange_id, field, reason, detail.
    """
    return _checked(frame).mapInArrow(_rejects, from_arrow_schema(SET_ASIDE))


def _checked(frame: DataFrame) -> DataFrame:
    if missing := [name for name in ("exchange_id", *REQUIRED) if name not in frame.columns]:
        raise UsageError(
            f"the frame has no column {', '.join(missing)}; name its columns as those of the "
            "Exchange table"
        )
    return frame.select(*(name for name in frame.columns if name in NATIVE.columns))


def _sketches(batches: Batches) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        for part in bounded(_exchanges(batch, lambda *_: None)):
            yield sketch(part)


def _rejects(batches: Batches) -> Iterator[pa.RecordBatch]:
    yield from map(_rejected, batches)


def _rejected(batch: pa.RecordBatch) -> pa.RecordBatch:
    ids = batch.column("exchange_id").cast(pa.string()).to_pylist()
    rows: list[tuple[str | None, ...]] = []

    def refuse(number: int | None, error: RecordError) -> None:
        name = None if number is None else ids[number]
        rows.append((name, error.field, error.reason, error.detail))

    _exchanges(batch, refuse)
    columns = zip(*rows, strict=True) if rows else [()] * len(SET_ASIDE)
    return pa.RecordBatch.from_arrays([pa.array(c, pa.string()) for c in columns], schema=SET_ASIDE)


def _exchanges(batch: pa.RecordBatch, refuse: Refuse) -> pa.RecordBatch:
    """The rows that can be used. Without an id of its own a row could not be told from a copy."""
    known = pc.is_valid(batch.column("exchange_id")).to_numpy(zero_copy_only=False)
    for number in np.flatnonzero(~known).tolist():
        refuse(number, RecordError("missing exchange_id", "exchange_id"))
    numbers = np.flatnonzero(known).tolist()
    rows = batch.filter(pa.array(known))
    return exchanges(rows, numbers, NATIVE, refuse, "", null_prompt=True)
