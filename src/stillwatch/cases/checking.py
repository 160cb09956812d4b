"""Whether store and log agree: each record has its entry, as it is, and no entry is of none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from stillwatch.cases.log import Log, body, of_ours
from stillwatch.cases.tables import RECORDS, Message

BATCH = 1000


@dataclass(frozen=True, slots=True)
class Agreement:
    """records: rows of the store. waiting: of these, not in the log yet. problems: in words, one
    for each row or entry that does not fit."""

    records: int
    waiting: int
    problems: tuple[str, ...]


def agreement(session: Session, log: Log) -> Agreement:
    """Holds every record against the log, and every entry against the records.

    Other stages may write to the log, too; entries of other schemas are theirs.
    """
    problems: list[str] = []
    logged: dict[str, Mapping[str, Any]] = {}
    for _, entry in log.entries():
        if (found := of_ours(entry)) is None:
            continue
        if found["id"] in logged:
            problems.append(f"{_row(found)}: is twice in the log")
        logged[found["id"]] = found
    waiting = set(session.scalars(select(Message.entry).where(Message.topic == "log")))
    records = behind = 0
    for table in RECORDS:
        for row in session.scalars(select(table).execution_options(yield_per=BATCH)):
            records += 1
            expected, entered = body(row), logged.pop(row.entry, None)
            if entered is None and row.entry in waiting:
                behind += 1
            elif entered is None:
                problems.append(f"{_row(expected)}: is not in the log")
            elif entered != expected:
                problems.append(
                    f"{_row(expected)}: is not as it was when it was entered into the log"
                )
    problems += [f"{_row(left)}: is in the log and not in the store" for left in logged.values()]
    return Agreement(records, behind, tuple(problems))


def _row(body: Mapping[str, Any]) -> str:
    """Which row an entry is of, for people."""
    keys = ", ".join(f"{name} {value}" for name, value in sorted(body["key"].items()))
    return f"{body['table']} ({keys})"
