"""What a file is on the outside: JSON, CSV or Parquet. Content tells; the name is only a hint."""

from __future__ import annotations

import contextlib
import csv
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq

from stillwatch.traffic.columnar import documents_of
from stillwatch.traffic.compression import chunks, compression
from stillwatch.traffic.documents import documents
from stillwatch.traffic.reader import RecordError
from stillwatch.traffic.sources import Source
from stillwatch.traffic.stretch import Stretch
from stillwatch.traffic.tables import header

Container = Literal["json", "csv", "parquet", "empty"]

_BY_NAME: dict[str, Container] = {
    **dict.fromkeys((".csv", ".tsv"), "csv"),
    **dict.fromkeys((".json", ".jsonl", ".ndjson"), "json"),
}
_HEAD = 1 << 16


def container(source: Source) -> Container:
    """What kind of file it is, without a look at its format.

    Raises
    ------
    RecordError
        The file cannot be read, or is Parquet within gzip or Zstandard.
    """
    head = _head(source)
    if head.startswith(b"PAR1") and not isinstance(source, Stretch):
        if compression(source):
            raise RecordError("compressed Parquet", None, "decompress it: Parquet is read in parts")
        return "parquet"
    begin = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not begin and len(head) < _HEAD:
        return "empty"
    if begin[:1] in (b"{", b"[") or isinstance(source, Stretch):
        return "json"
    path = PurePath(source.path)
    if path.suffix.lower() in (".gz", ".zst"):
        path = path.with_suffix("")
    return _BY_NAME.get(path.suffix.lower()) or ("csv" if _like_header(begin) else "json")


def samples(source: Source) -> Iterator[dict[str, Any]]:
    """Documents from the beginning of a file, or rows of it as documents; broken ones left out.

    A table without rows gives one document of its column names.

    Raises
    ------
    RecordError
        Nothing in the file can be read.
    """
    kind = container(source)
    if kind == "json":
        lines = isinstance(source, Stretch)
        values = documents(chunks(source), a_line_each=lines)
        yield from (d for _, d in values if isinstance(d, dict))
    elif kind == "csv":
        yield from _csv_rows(source)
    elif kind == "parquet":
        yield from _parquet_rows(source)


def _parquet_rows(source: Source) -> Iterator[dict[str, Any]]:
    some = False
    try:
        with source.open() as raw, pq.ParquetFile(raw) as file:
            if not file.metadata.num_rows:
                yield dict.fromkeys(file.schema_arrow.names)
            for batch in file.iter_batches(4):
                yield from (d for d in documents_of(batch) if isinstance(d, dict))
                some = True
    except (pa.ArrowException, OSError, ValueError) as error:
        if some:
            return  # damage further on is for the one who reads it all to tell
        raise RecordError("unreadable Parquet", None, type(error).__name__) from error


def _csv_rows(source: Source) -> Iterator[dict[str, Any]]:
    names, delimiter = header(source)
    lines = _head(source).decode("utf-8-sig", "replace").splitlines()
    # The last line may be cut off, and the header is not a row.
    rows: list[list[str]] = []
    with contextlib.suppress(csv.Error):
        rows.extend(csv.reader(lines[1:-1] or lines[1:], delimiter=delimiter))
    for row in rows or [[]]:
        yield dict(zip(names, [*row, *([None] * (len(names) - len(row)))], strict=False))


def _head(source: Source) -> bytes:
    head = b""
    try:
        for chunk in chunks(source):
            head += chunk
            if len(head) >= _HEAD:
                break
    except RecordError:
        if not head:
            raise
    return head[:_HEAD]


def _like_header(begin: bytes) -> bool:
    line = begin.split(b"\n", 1)[0]
    try:
        text = line.decode().strip()
    except UnicodeDecodeError:
        return False
    return text.replace("\t", " ").isprintable() and any(mark in text for mark in ",\t;|")
