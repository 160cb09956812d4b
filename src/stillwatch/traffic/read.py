"""The public function of the stage: one file to batches of the Exchange table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pyarrow as pa

from stillwatch.traffic.batches import RowBatch, bounded
from stillwatch.traffic.columnar import documents_of, exchanges
from stillwatch.traffic.compression import chunks
from stillwatch.traffic.containers import container
from stillwatch.traffic.database import TableDay
from stillwatch.traffic.documents import documents
from stillwatch.traffic.exchange import SCHEMA
from stillwatch.traffic.mapping import NATIVE, ColumnMapping
from stillwatch.traffic.native import READER as NATIVE_READER
from stillwatch.traffic.nowhere import Nowhere
from stillwatch.traffic.reader import UNKNOWN, Note, Reader, RecordError, Reject, Row
from stillwatch.traffic.registry import detected
from stillwatch.traffic.rows import exchanges_of
from stillwatch.traffic.sources import Source
from stillwatch.traffic.stretch import Stretch
from stillwatch.traffic.tables import csv_batches, parquet_batches
from stillwatch.traffic.values import convert

_COLUMNS = frozenset(SCHEMA.names)
MOST_NOTES = 100
"""Unknown columns noted of one file: in logs whose keys are data there is no end of them."""
_ID = SCHEMA.get_field_index("exchange_id")


def read(
    source: Source | TableDay,
    reader: Reader | ColumnMapping | None = None,
    *,
    on_reject: Callable[[Reject], None],
    on_note: Callable[[Note], None] | None = None,
) -> Iterator[pa.RecordBatch]:
    """The exchanges of a file, in the order of the file, or of one day of a table.

    Every batch has exactly `exchange.SCHEMA`, at most 65,536 rows, and at most 64 MiB of text.
    Without a reader the format is told from the content.

    Every record of the file is either a row or is told to `on_reject`, with the line it begins on
    (in CSV the row, the header being 1; in Parquet the record, from 1). A file that breaks off
    gives what could be read before. `on_note` hears of what costs no record: unknown columns, once
    each, up to `MOST_NOTES`; and at the end the columns of a mapping whose paths led nowhere.

    A record without `exchange_id` gets one made of the file's digest and the line, so reading the
    same file twice gives the same ids. U+0000 in text and halves of surrogate pairs become U+FFFD.

    Raises
    ------
    FormatError
        No reader was given and none knows the file.
    """
    if isinstance(source, TableDay):
        mapping = reader if isinstance(reader, ColumnMapping) else NATIVE
        yield from exchanges_of(source, mapping, on_reject, on_note)
        return
    run = _Run(source, reader, on_reject, on_note)
    try:
        kind = container(source)
        if kind == "empty":
            return
        if reader is None:
            reader = detected(source)
        if kind == "json":
            yield from run.documents(reader)
        else:
            yield from run.table(reader, csv=kind == "csv")
    except RecordError as error:
        run.refuse(None, error)
    yield from run.rest()
    run.tell_nowhere()


class _Run:
    """One reading of one file: the rows waiting for their batch, and whom to tell what."""

    def __init__(
        self,
        source: Source,
        reader: Reader | ColumnMapping | None,
        on_reject: Callable[[Reject], None],
        on_note: Callable[[Note], None] | None,
    ) -> None:
        self._source = source
        self._on_reject = on_reject
        self._on_note = on_note
        self._noted: set[str] = set(_COLUMNS)
        self._nowhere = Nowhere(reader)
        self._id = f"x-{source.digest[:20]}-"
        self._rows = RowBatch()

    def refuse(self, line: int | None, error: RecordError) -> None:
        shown = None if line is None else self._source.line(line)
        self._on_reject(Reject(self._source.path, shown, error.field, error.reason, error.detail))

    def documents(self, reader: Reader | ColumnMapping) -> Iterator[pa.RecordBatch]:
        lines = isinstance(self._source, Stretch)
        for line, document in documents(chunks(self._source), a_line_each=lines):
            yield from self._document(line, document, reader)

    def table(self, reader: Reader | ColumnMapping, *, csv: bool) -> Iterator[pa.RecordBatch]:
        mapping = NATIVE if reader is NATIVE_READER else reader
        if isinstance(mapping, Reader):
            for numbers, batch in self._numbered(csv, None):
                for number, document in zip(numbers, documents_of(batch), strict=True):
                    yield from self._document(number, document, mapping)
            return
        wanted = None if mapping is NATIVE else mapping.tops()
        for numbers, batch in self._numbered(csv, wanted):
            if mapping is NATIVE:
                self._note(batch.schema.names)
            self._nowhere.look_through(batch)
            made = exchanges(batch, numbers, mapping, self.refuse, self._id, null_prompt=not csv)
            yield from bounded(made)

    def rest(self) -> Iterator[pa.RecordBatch]:
        """The rows that still wait for their batch to be full."""
        if len(self._rows):
            yield self._rows.take()

    def tell_nowhere(self) -> None:
        """Tell of the mapped columns that no record had anything for."""
        if self._on_note is not None:
            for note in self._nowhere.notes(self._source.path):
                self._on_note(note)

    def _numbered(
        self, csv: bool, wanted: set[str] | None
    ) -> Iterator[tuple[list[int] | range, pa.RecordBatch]]:
        if csv:
            yield from csv_batches(self._source, self.refuse)
            return
        first = 1
        for batch in parquet_batches(self._source, wanted):
            yield range(first, first + batch.num_rows), batch
            first += batch.num_rows

    def _document(
        self, line: int, document: object, reader: Reader | ColumnMapping
    ) -> Iterator[pa.RecordBatch]:
        if not isinstance(document, dict):
            error = document if isinstance(document, RecordError) else RecordError("not an object")
            self.refuse(line, error)
            return
        self._nowhere.look(document)
        for index, row in enumerate(_rows(reader, document), 1):
            try:
                if isinstance(row, RecordError):
                    raise row
                if not row.keys() <= self._noted:
                    self._note(row)
                made = convert(row)
                if made[_ID] is None:
                    made[_ID] = f"{self._id}{line}" + (f".{index}" if index > 1 else "")
                full = self._rows.add(made)
            except RecordError as error:
                self.refuse(line, error)
            else:
                if full is not None:
                    yield full

    def _note(self, names: Iterable[str]) -> None:
        for name in names:
            if name not in self._noted and len(self._noted) < len(_COLUMNS) + MOST_NOTES:
                self._noted.add(name)
                if self._on_note is not None:
                    self._on_note(Note(self._source.path, name, UNKNOWN))


def _rows(reader: Reader | ColumnMapping, document: dict[str, Any]) -> Iterator[Row | RecordError]:
    """What a reader makes of a document, with every way to fail as a `RecordError`.

    Anybody can install a reader, and anything can stand in a log: a reader that did not expect what
    it met costs this document, not the scan.
    """
    try:
        yield from reader.rows(document)
    except RecordError as error:
        yield error
    except Exception as error:
        yield RecordError("unexpected shape", None, type(error).__name__)
