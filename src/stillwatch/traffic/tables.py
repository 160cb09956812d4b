"""CSV and Parquet files as Arrow record batches, each with the record it begins at.

Nothing is made of the values here: CSV cells stay bytes, and empty ones null.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq

from stillwatch.traffic.batches import MOST_ROWS, MOST_TEXT
from stillwatch.traffic.compression import CHUNK, chunks
from stillwatch.traffic.documents import LARGEST
from stillwatch.traffic.reader import RecordError
from stillwatch.traffic.sources import Source

Refuse = Callable[[int | None, RecordError], None]
"""Told of a record that cannot be used: the number of the record, and why."""

_STAND_IN = "\uffff\ufffe\uffff"
"""Characters that Unicode keeps out of interchange (section 23.7), so no sane file has them."""

_DELIMITERS = (",", "\t", ";", "|")


def parquet_batches(source: Source, columns: set[str] | None) -> Iterator[pa.RecordBatch]:
    """The record batches of a Parquet file, of only those top-level columns where some are named.

    Raises
    ------
    RecordError
        The file, or a part of it, is damaged.
    """
    try:
        with source.open() as raw, pq.ParquetFile(raw) as file:
            names = file.schema_arrow.names
            wanted = None if columns is None else [name for name in names if name in columns]
            for group in range(file.num_row_groups):
                meta = file.metadata.row_group(group)
                average = max(1, meta.total_byte_size // max(1, meta.num_rows))
                # Compression hides sizes, so a batch aims at half of what it may hold.
                size = max(1, min(MOST_ROWS, MOST_TEXT // 2 // average))
                yield from file.iter_batches(size, row_groups=[group], columns=wanted)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise RecordError("unreadable Parquet", None, type(error).__name__) from error


def csv_batches(source: Source, refuse: Refuse) -> Iterator[tuple[list[int], pa.RecordBatch]]:
    """Record batches of a CSV file with a header, all columns binary.

    With each come the row numbers of its records, the header being row 1. `refuse` is told of rows
    with too many or too few cells, and of the end of a file that cannot be read to its end.
    """
    skipped: list[int] = []

    def skip(row: arrow_csv.InvalidRow) -> str:
        detail = f"{row.actual_columns} cells where the header has {row.expected_columns}"
        refuse(row.number, RecordError("wrong number of cells", None, detail))
        skipped.append(row.number)
        return "skip"

    row = 2
    stream = _WholeLines(chunks(source))
    try:
        names, delimiter = header(source)
        reader = arrow_csv.open_csv(
            stream,
            # A block bounds the size of a record; one that is larger ends the file.
            read_options=arrow_csv.ReadOptions(use_threads=False, block_size=LARGEST),
            parse_options=arrow_csv.ParseOptions(
                delimiter=delimiter, newlines_in_values=True, invalid_row_handler=skip
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.binary()),
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
                check_utf8=False,
            ),
        )
        for batch in reader:
            numbers = _numbers(row, batch.num_rows, skipped)
            row = numbers[-1] + 1 if numbers else row
            yield numbers, _undone(batch) if stream.damaged else batch
    except RecordError as error:
        refuse(1, error)
    except (pa.ArrowException, OSError, ValueError) as error:
        refuse(
            row, RecordError("unreadable CSV", None, f"{type(error).__name__}; the rest is lost")
        )
    if stream.failure is not None:
        refuse(row, stream.failure)


def header(source: Source) -> tuple[list[str], str]:
    """Column names and delimiter of a CSV file.

    The delimiter is whichever of comma, tab, semicolon and bar the first line has most of.

    Raises
    ------
    RecordError
        The first line is not UTF-8, or the file cannot be read.
    """
    head = b""
    for chunk in chunks(source):
        head += chunk
        if b"\n" in head or len(head) > CHUNK:
            break
    try:
        line = head.split(b"\n", 1)[0].decode("utf-8-sig").rstrip("\r")
    except UnicodeDecodeError:
        raise RecordError("not UTF-8", None, "in the header") from None
    delimiter = max(_DELIMITERS, key=line.count)
    try:
        names = next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        names = []
    return names, delimiter


def _undone(batch: pa.RecordBatch) -> pa.RecordBatch:
    columns = [pc.replace_substring(c, _STAND_IN.encode(), b"\xff") for c in batch.columns]
    return pa.RecordBatch.from_arrays(columns, schema=batch.schema)


def _numbers(first: int, count: int, skipped: list[int]) -> list[int]:
    gaps = [number for number in skipped if number >= first]
    numbers = np.arange(first, first + count + len(gaps))
    return numbers[~np.isin(numbers, gaps)][:count].tolist()  # type: ignore[no-any-return]


class _WholeLines(io.RawIOBase):
    """Chunks as a file object that ends after its last whole line when reading fails.

    The rest of a line that was cut off would look like a record with a short last cell. Bytes that
    are not UTF-8 get a stand-in (and `damaged` is set), because Arrow loses, without a word, a row
    of a wrong length that has some.
    """

    def __init__(self, stream: Iterator[bytes]) -> None:
        super().__init__()
        self.failure: RecordError | None = None
        self.damaged = False
        self._stream = stream
        self._ready = bytearray()
        self._partial = b""
        self._ended = False
        self._begun = False

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        # Arrow takes a short read for a whole block, so reads are filled.
        while not self._ended and (size < 0 or len(self._ready) < size):
            self._fill()
        if size < 0:
            size = len(self._ready)
        out = bytes(self._ready[:size])
        del self._ready[:size]
        return out

    def _fill(self) -> None:
        try:
            chunk = next(self._stream, None)
        except RecordError as error:
            self.failure = error
            self._ended = True
            return
        if chunk is None:
            self._ready += self._sound(self._partial)
            self._ended = True
            return
        if not self._begun:
            self._begun = True
            chunk = chunk.removeprefix(codecs.BOM_UTF8)
        end = chunk.rfind(b"\n") + 1
        if end:
            self._ready += self._sound(self._partial + chunk[:end])
            self._partial = chunk[end:]
        else:
            self._partial += chunk

    def _sound(self, lines: bytes) -> bytes:
        try:
            lines.decode()
        except UnicodeDecodeError:
            self.damaged = True
            text = lines.decode("utf-8", "surrogateescape")
            return re.sub("[\udc80-\udcff]", _STAND_IN, text).encode()
        return lines
