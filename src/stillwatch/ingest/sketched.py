"""Sources that are sketches already: Parquet files with the Sketch table's schema."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from stillwatch.errors import FormatError
from stillwatch.sketch import SCHEMA
from stillwatch.sketch.schema import SCHEMA_ID
from stillwatch.traffic import Source
from stillwatch.traffic.sources import is_local

_MAGIC = b"PAR1"
_SPARK = b"org.apache.spark.sql.parquet.row.metadata"


@dataclass(frozen=True, slots=True)
class Sketched:
    """A Parquet file of sketches: where it is, what it is shown as, the columns it fills."""

    path: Path
    shown: str
    columns: frozenset[str]


def sketched(source: Source) -> Sketched | None:
    """The source as sketches, or None if it is none.

    Raises `FormatError` for sketches of another version, or that lie where the engine cannot
    read them.
    """
    try:
        with source.open() as file:
            if file.read(len(_MAGIC)) != _MAGIC:
                return None
            file.seek(0)
            metadata = pq.ParquetFile(file).metadata
    except (OSError, pa.ArrowException):
        # What is wrong with the file is for its reader to tell.
        return None
    schema = metadata.schema.to_arrow_schema()
    mark = _mark(metadata.metadata or {})
    if not mark.startswith(SCHEMA_ID.split("/")[0] + "/"):
        return None
    if mark != SCHEMA_ID or not _same(schema):
        raise FormatError(
            f"{source.path}: sketches of another release, not of {SCHEMA_ID}; sketch the logs again"
        )
    if not is_local(source):
        raise FormatError(f"{source.path}: sketches are read from local disks only; copy them here")
    return Sketched(Path(source.location), source.path, _filled(metadata))


def _mark(metadata: Mapping[bytes, bytes]) -> str:
    """The schema's name, written by us into the file, or by Spark beside the first column."""
    if b"schema" in metadata:
        return metadata[b"schema"].decode()
    try:
        fields = json.loads(metadata[_SPARK])["fields"]
        return str(fields[0]["metadata"]["schema"])
    except (KeyError, IndexError, TypeError, ValueError):
        return ""


def _same(schema: pa.Schema) -> bool:
    """Whether columns and types are ours. What the items of a list are called is the writer's."""
    return schema.names == SCHEMA.names and all(
        theirs.equals(ours)
        or (pa.types.is_list(theirs) and pa.types.is_list(ours) and theirs[0].type == ours[0].type)
        for theirs, ours in zip(schema.types, SCHEMA.types, strict=True)
    )


def _filled(metadata: pq.FileMetaData) -> frozenset[str]:
    """Columns with a value in some row group; without statistics a column counts as filled."""
    filled: set[str] = set()
    for index in range(metadata.num_row_groups):
        group = metadata.row_group(index)
        for number in range(group.num_columns):
            column = group.column(number)
            stats = column.statistics
            if stats is None or not stats.has_null_count or stats.null_count < column.num_values:
                filled.add(column.path_in_schema.split(".")[0])
    return frozenset(filled)
