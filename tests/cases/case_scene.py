"""Who and what cases need in a test: a clock, and a log."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

NOW = datetime(2026, 6, 1, 3, tzinfo=UTC)


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **span: float) -> None:
        self.now += timedelta(**span)


class NotedLog:
    """A log in memory, which knows an entry by its id."""

    def __init__(self) -> None:
        self.entries: dict[str, bytes] = {}
        self.appended = 0
        self.broken: OSError | None = None

    def append(self, entries: Any) -> list[int]:
        if self.broken:
            raise self.broken
        for entry in entries:
            self.appended += 1
            self.entries.setdefault(entry.id, entry.data)
        known = list(self.entries)
        return [known.index(entry.id) for entry in entries]
