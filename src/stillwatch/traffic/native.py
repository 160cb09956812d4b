"""Stillwatch's own format: one exchange a record, under the names of the Exchange table.

JSON Lines, a JSON array, CSV with a header, or Parquet; `stillwatch.traffic.exchange.json_schema()`
is the contract. Only `time`, `account` and `prompt` are required, any other column may be left out
or null, and unknown columns are ignored and noted once a file. Times need a zone, unless they are
epoch numbers. In CSV an empty cell is null (an empty prompt excepted), and `tools` is the text of a
JSON list.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from stillwatch.traffic.exchange import COLUMNS, REQUIRED
from stillwatch.traffic.reader import Reader, RecordError, Row

_NAMES = tuple(c.name for c in COLUMNS)


def matches(document: Mapping[str, Any]) -> float:
    present = sum(name in document for name in REQUIRED)
    if present == len(REQUIRED):
        return 1.0
    known = sum(name in document for name in _NAMES)
    # A record that lacks what is required is still ours when it speaks our language otherwise;
    # envelopes of other formats also have `time` and `account`, but no `prompt`.
    return 0.7 if "prompt" in document and present == len(REQUIRED) - 1 and known >= 2 else 0.0


def rows(document: Mapping[str, Any]) -> Iterator[Row | RecordError]:
    yield dict(document)


READER = Reader(
    name="native",
    title="Stillwatch exchanges: JSON Lines, CSV or Parquet",
    matches=matches,
    rows=rows,
    columns=_NAMES,
)
