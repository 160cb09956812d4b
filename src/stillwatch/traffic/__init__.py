"""Traffic: from the logs providers have to the Exchange table.

`sources` finds the files, `read` turns one into record batches, and what cannot be read is told,
not dropped. Formats are `Reader`s found by entry points, or a `ColumnMapping` from a TOML file.
"""

from stillwatch.traffic.database import TableDay
from stillwatch.traffic.exchange import COLUMNS, REQUIRED, SCHEMA, STATUSES, Column, json_schema
from stillwatch.traffic.mapping import ColumnMapping, load_mapping
from stillwatch.traffic.read import read
from stillwatch.traffic.reader import Note, Reader, RecordError, Reject, Row
from stillwatch.traffic.registry import detect, named, reader_for, readers
from stillwatch.traffic.sources import Source, sources
from stillwatch.traffic.stretch import Log, Stretch, grows

__all__ = [
    "COLUMNS",
    "REQUIRED",
    "SCHEMA",
    "STATUSES",
    "Column",
    "ColumnMapping",
    "Log",
    "Note",
    "Reader",
    "RecordError",
    "Reject",
    "Row",
    "Source",
    "Stretch",
    "TableDay",
    "detect",
    "grows",
    "json_schema",
    "load_mapping",
    "named",
    "read",
    "reader_for",
    "readers",
    "sources",
]
