"""What the log has of a record: that there is one, when, and a commitment. No name and no text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import inspect

from stillwatch.cases.tables import Record, canonical

SCHEMA_ID = "stillwatch.case-record/1"


@dataclass(frozen=True, slots=True)
class Entry:
    """What is appended. An id is in a log once."""

    id: str
    data: bytes


class Log(Protocol):
    """An append-only log."""

    def append(self, entries: Sequence[Entry]) -> Sequence[int]:
        """Appends entries, and returns where each is, once all of them are on the disk.

        One whose id is there already is not appended again: where it is, is returned.
        """

    def entries(self) -> Iterable[bytes]:
        """All entries, the first first."""


def line(row: Record) -> str:
    """The entry of a record, as JSON."""
    keys = {c.name: getattr(row, c.name) for c in inspect(type(row)).primary_key}
    return canonical(
        {
            "schema": SCHEMA_ID,
            "id": row.entry,
            "table": row.__tablename__,  # type: ignore[attr-defined]
            "key": keys,
            "hmac_sha256": row.commitment,
        }
    )
