"""One day of a table to batches of the Exchange table."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pyarrow as pa

from stillwatch.traffic.batches import bounded
from stillwatch.traffic.columnar import at_path, exchanges
from stillwatch.traffic.database import TableDay
from stillwatch.traffic.exchange import SCHEMA
from stillwatch.traffic.mapping import NATIVE, ColumnMapping
from stillwatch.traffic.nowhere import Nowhere
from stillwatch.traffic.reader import UNKNOWN, Note, RecordError, Reject
from stillwatch.traffic.tables import Refuse


def exchanges_of(
    day: TableDay,
    mapping: ColumnMapping,
    on_reject: Callable[[Reject], None],
    on_note: Callable[[Note], None] | None,
) -> Iterator[pa.RecordBatch]:
    """The exchanges of a day, in any order, as `read` gives those of a file.

    A row that cannot be used is told by its id, as it has no line.
    """
    tell = on_note or (lambda _: None)
    if mapping is NATIVE:
        for name in day.columns:
            if name not in SCHEMA.names:
                tell(Note(day.path, name, UNKNOWN))
    nowhere = Nowhere(None if mapping is NATIVE else mapping)
    first = 1
    for batch in day.batches(mapping.tops()):
        nowhere.look_through(batch)
        numbers = range(first, first + batch.num_rows)
        refuse = _refuser(day.path, batch, mapping, first, on_reject)
        prefix = f"x-{day.digest[:20]}-"
        yield from bounded(exchanges(batch, numbers, mapping, refuse, prefix, null_prompt=True))
        first += batch.num_rows
    for note in nowhere.notes(day.path):
        tell(note)


def _refuser(
    path: str,
    batch: pa.RecordBatch,
    mapping: ColumnMapping,
    first: int,
    on_reject: Callable[[Reject], None],
) -> Refuse:
    ids = at_path(batch, mapping.columns["exchange_id"].path or "")

    def refuse(number: int | None, error: RecordError) -> None:
        name = ids[(number or first) - first].as_py() if ids is not None else None
        shown = None if name is None else str(name)
        on_reject(Reject(path, None, error.field, error.reason, error.detail, shown))

    return refuse
