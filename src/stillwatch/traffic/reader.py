"""What a reader is: a function from the records of one file to rows of the Exchange table."""

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


@dataclass(frozen=True, slots=True)
class Reader:
    """A log format.

    `matches(document)` says whether the first JSON document of a file looks like this format,
    as a score from 0 (no) to 1 (certain). `rows(document)` yields the exchanges in it; it raises
    `RecordError` for a record that cannot be used.
    """

    name: str
    title: str
    """The format as people call it, with the version it was written against."""
    matches: Callable[[Mapping[str, Any]], float]
    rows: Callable[[Mapping[str, Any]], Iterator[Row]]
    columns: tuple[str, ...] = field(default=())
    """Exchange columns this format can fill."""


class RecordError(ValueError):
    """One record cannot be used. Carries the field and a countable reason."""

    def __init__(self, reason: str, field: str | None = None, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.field = field
        self.detail = detail
