"""Who and what cases need in a test: a clock, and a log."""

from __future__ import annotations

import fcntl
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from stillwatch.cases import AppealId, Cases

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
        self.entries_by_id: dict[str, bytes] = {}
        self.appended = 0
        self.broken: OSError | None = None

    def append(self, entries: Any) -> list[int]:
        if self.broken:
            raise self.broken
        for entry in entries:
            self.appended += 1
            self.entries_by_id.setdefault(entry.id, entry.data)
        known = list(self.entries_by_id)
        return [known.index(entry.id) for entry in entries]

    def entries(self) -> list[bytes]:
        return list(self.entries_by_id.values())


class FileLog:
    """A log in a file, an entry a line: its id, then what it says. A torn end is cut off."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def append(self, entries: Any) -> list[int]:
        with self.path.open("ab+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            lines = file.read().split(b"\n")
            file.truncate(file.tell() - len(lines[-1]))
            known = {row.split(b" ", 1)[0].decode(): n for n, row in enumerate(lines[:-1])}
            for entry in entries:
                if entry.id not in known:
                    known[entry.id] = len(known)
                    file.write(entry.id.encode() + b" " + entry.data + b"\n")
                    file.flush()
        return [known[entry.id] for entry in entries]

    def entries(self) -> list[bytes]:
        return [row.split(b" ", 1)[1] for row in self.path.read_bytes().split(b"\n")[:-1]]


def decide(place: str, path: Path, told: Connection) -> None:
    """Decides, approves, appeals and reverses on case 1 without an end; tells of each that is
    done. For those that kill it."""
    until = NOW + timedelta(days=3650)
    with Cases(place, FileLog(path), families={"class_of_students"}) as cases:

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
