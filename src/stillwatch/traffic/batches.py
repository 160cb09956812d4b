"""Rows to record batches of the Exchange table, bounded in rows and in bytes of text."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.traffic.exchange import SCHEMA, TEXT
from stillwatch.traffic.reader import RecordError
from stillwatch.traffic.values import Cells

MOST_ROWS = 65_536
KEPT_ROWS = 16_384
"""Most rows kept as Python objects before they become a batch: they weigh ten times as much."""
MOST_TEXT = 64 << 20
"""Most bytes of system prompts, prompts and answers in one batch: 64 MiB."""

_TEXT = tuple(map(SCHEMA.get_field_index, TEXT))


class RowBatch:
    """Converted rows on their way to a batch.

    `add` says whether the batch should be taken before the row is added.
    """

    def __init__(self) -> None:
        self._rows: list[Cells] = []
        self._text = 0

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, row: Cells) -> pa.RecordBatch | None:
        """Keep a row; gives back the batch before it, when there is no room for it there.

        Raises
        ------
        RecordError
            The row alone has more text than a batch may have.
        """
        size = 0
        for index in _TEXT:
            text = row[index]
            if text:
                size += len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
        if size > MOST_TEXT:
            raise RecordError("record too large", detail=f"more than {MOST_TEXT >> 20} MiB of text")
        full = len(self._rows) == KEPT_ROWS or self._text + size > MOST_TEXT
        batch = self.take() if full else None
        self._rows.append(row)
        self._text += size
        return batch

    def take(self) -> pa.RecordBatch:
        """What was kept so far, as a batch; starts a new one."""
        rows, self._rows, self._text = self._rows, [], 0
        columns = map(_array, zip(*rows, strict=True), SCHEMA.types)
        return without_nul(pa.RecordBatch.from_arrays(list(columns), schema=SCHEMA))


def _array(values: tuple[object, ...], kind: pa.DataType) -> pa.Array:
    try:
        return pa.array(values, kind)
    except UnicodeEncodeError:
        return pa.array([_whole(value) for value in values], kind)


def _whole(value: object) -> object:
    """Half of a surrogate pair, which JSON can escape and UTF-8 cannot hold, becomes U+FFFD.

    Producers that cut text at a fixed length leave such halves of emoji.
    """
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_whole(item) for item in value]
    return value


def without_nul(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The batch with U+0000 in text as U+FFFD, since SQLite, PostgreSQL and C end strings there."""
    for index, field in enumerate(batch.schema):
        if pa.types.is_string(field.type):
            column = batch.column(index)
            if pc.any(pc.match_substring(column, "\0")).as_py():
                clean = pc.replace_substring(column, "\0", "\ufffd")
                batch = batch.set_column(index, field, clean)
    return batch


def bounded(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """The batch in consecutive slices that keep both bounds. A slice has at least one row."""
    rows = batch.num_rows
    if not rows:
        return
    # Halving needs no sums along the rows, and nearly always there is nothing to halve.
    if rows > 1 and (rows > MOST_ROWS or text_bytes(batch) > MOST_TEXT):
        half = rows // 2
        yield from bounded(batch.slice(0, half))
        yield from bounded(batch.slice(half))
    else:
        yield batch


def text_bytes(batch: pa.RecordBatch) -> int:
    """Bytes of other people's words in a batch."""
    return sum(pc.sum(pc.binary_length(batch.column(name))).as_py() or 0 for name in TEXT)
