"""What the log has of a record: that there is one, and a commitment to it. No name and no text."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Protocol

from sqlalchemy import inspect

from stillwatch.cases.tables import Facts, Inference, Kinship, Record, canonical
from stillwatch.errors import OutputError
from stillwatch.evidence import Entry
from stillwatch.evidence import Log as EvidenceLog

SCHEMA_ID = "stillwatch.case-record/1"
PATIENCE = 5.0
"""Seconds to wait for somebody else who has the log."""
PAUSE = 0.05


class Log(Protocol):
    """An append-only log (`stillwatch.evidence.Log`)."""

    def append(self, entries: Sequence[Entry]) -> Sequence[int]:
        """Appends all of them or none, and returns where each is, once they are on the disk."""

    def entries(self, start: int = 0) -> Iterable[tuple[int, Entry]]:
        """Entries from a place on, each with its place."""


Opener = Callable[[], AbstractContextManager[Log]]
"""Opens a log for whoever is the one that writes to it meanwhile."""


def body(row: Record) -> dict[str, Any]:
    """What the entry of a record says."""
    keys = {c.name: getattr(row, c.name) for c in inspect(type(row)).primary_key}
    return {
        "schema": SCHEMA_ID,
        "id": row.entry,
        "table": row.__tablename__,  # type: ignore[attr-defined]
        "key": keys,
        "commitment": row.commitment,
    }


def line(row: Record) -> str:
    """The same as text that waits for the log."""
    return canonical(body(row))


def entry(text: str) -> Entry:
    """What is appended for such a text."""
    found = json.loads(text)
    kinds: dict[str, Any] = {
        Facts.__tablename__: "fact",
        Inference.__tablename__: "weight",
        Kinship.__tablename__: "weight",
    }
    kind = kinds.get(found["table"], "decision")
    return Entry(kind=kind, subject=f"case-{found['key']['number']}", body=found)


def of_ours(entry: Entry) -> Mapping[str, Any] | None:
    """The body of an entry, if it is of a record of cases: other stages write to a log, too."""
    return entry.body if entry.body.get("schema") == SCHEMA_ID else None


def in_directory(directory: Path) -> Opener:
    """The log in a directory, opened for as long as something is written to it.

    Somebody else who writes is waited for, since nobody does for long.
    """

    @contextmanager
    def opened() -> Iterator[Log]:
        with _patiently(directory) as log:
            yield log

    return opened


def _patiently(directory: Path) -> EvidenceLog:
    deadline = monotonic() + PATIENCE
    while True:
        try:
            return EvidenceLog.open(directory)
        except OutputError:
            if monotonic() >= deadline:
                raise
            sleep(PAUSE)
