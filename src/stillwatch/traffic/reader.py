"""What a reader is: a function from the records of one file to rows of the Exchange table.

A format is one file with one `READER`, found through the entry point group `stillwatch.readers`.
It knows the shape of its documents and nothing of files, compression, Arrow or error handling.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]
"""One exchange as a mapping from Exchange column to value; absent columns are null."""


@dataclass(frozen=True, slots=True)
class Reject:
    """A record that could not be used, and why. It goes to `rejected.jsonl`, never to nowhere."""

    file: str
    line: int | None
    field: str | None
    reason: str
    """A short fixed phrase, for counting: `not JSON`, `missing time`, `time without zone` ..."""
    detail: str = ""
    """What was wrong in words, without the record's text: logs hold no prompts."""
    exchange_id: str | None = None
    """Of a row of a table, which has no line."""


UNKNOWN = "unknown column"
NOWHERE = "nothing at its path"


@dataclass(frozen=True, slots=True)
class Note:
    """Something to know about a file that cost no record, told once a file and field."""

    file: str
    field: str
    reason: str
    """A short fixed phrase: `UNKNOWN` or `NOWHERE`."""
    detail: str = ""
    """Of `NOWHERE`, the path."""


class RecordError(ValueError):
    """One record cannot be used. Carries the field and a countable reason."""

    def __init__(self, reason: str, field: str | None = None, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.field = field
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Reader:
    """A log format.

    `matches(document)` says whether a JSON document (or a row of a table) looks like this format,
    as a score from 0 (no) to 1 (certain).

    `rows(document)` yields the exchanges in it. Values may still be as the producer wrote them
    (numbers as text, times as ISO 8601 with a zone, as `datetime`, or as an epoch number):
    `stillwatch.traffic.values` brings them to the column's type. For a record that cannot be used
    it *yields* a `RecordError` and goes on, or raises one when nothing after it can be read.
    """

    name: str
    title: str
    """The format as people call it, with the version it was written against."""
    matches: Callable[[Mapping[str, Any]], float]
    rows: Callable[[Mapping[str, Any]], Iterator[Row | RecordError]]
    columns: tuple[str, ...] = field(default=())
    """Exchange columns this format can fill."""
