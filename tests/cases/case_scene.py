"""Who and what cases need in a test: a clock, and a log."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path

from stillwatch.cases import AppealId, Cases, Log, in_directory
from stillwatch.evidence import Entry

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
    """A log in memory."""

    def __init__(self) -> None:
        self.known: list[Entry] = []
        self.broken: OSError | None = None

    def append(self, entries: Sequence[Entry]) -> range:
        if self.broken:
            raise self.broken
        self.known += entries
        return range(len(self.known) - len(entries), len(self.known))

    def entries(self, start: int = 0) -> Iterator[tuple[int, Entry]]:
        yield from list(enumerate(self.known))[start:]

    def opened(self) -> AbstractContextManager[Log]:
        return nullcontext(self)


def decide(place: str, path: Path, told: Connection) -> None:
    """Decides, approves, appeals and reverses on case 1 without an end; tells of each that is
    done. For those that kill it."""
    until = NOW + timedelta(days=3650)
    with Cases(place, in_directory(path), families={"class_of_students"}) as cases:

        def reverse(name: AppealId) -> None:
            ruling = cases.reverse(name, reason="So.", by="M. Egret", family="class_of_students")
            told.send(("rulings", ruling.ruling))

        for appeal in cases.case(1).appeals:
            if appeal.ruling is None:
                reverse(AppealId.read(appeal.id))
        while True:
            made = cases.propose(
                1, "suspend", ["acct-a"], reason="r", clause="c", until=until, way_back="w",
                by="R. Heron",
            )  # fmt: skip
            told.send(("decisions", made.row.decision))
            cases.approve(made.id, by="M. Egret")
            told.send(("approvals", made.row.decision))
            name, _ = cases.appeal(1, "acct-a", "Why?", by="M. Egret")
            told.send(("appeals", name.appeal))
            reverse(name)
