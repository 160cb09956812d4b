"""Whether store and log agree: each record has its entry, as it is, and no entry is of none."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from stillwatch.cases.log import SCHEMA_ID, Log, line
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
    logged: dict[str, str] = {}
    for data in log.entries():
        text = data.decode()
        entry = _of_ours(text)
        if entry is None:
            continue
        if entry in logged:
            problems.append(f"{entry}: is twice in the log")
        logged[entry] = text
    waiting = set(session.scalars(select(Message.entry).where(Message.topic == "log")))
    records = behind = 0
    for table in RECORDS:
        for row in session.scalars(select(table).execution_options(yield_per=BATCH)):
            records += 1
            where = f"{table.__tablename__} {line_key(line(row))}"  # type: ignore[attr-defined]
            found = logged.pop(row.entry, None)
            if found is None and row.entry in waiting:
                behind += 1
            elif found is None:
                problems.append(f"{where}: is not in the log")
            elif found != line(row):
                problems.append(f"{where}: is not as it was when it was entered into the log")
    problems += _unknown(logged)
    return Agreement(records, behind, tuple(problems))


def line_key(text: str) -> str:
    """Which row an entry is of, for people."""
    return ", ".join(f"{name} {value}" for name, value in json.loads(text)["key"].items())


def _of_ours(text: str) -> str | None:
    try:
        found = json.loads(text)
    except ValueError:
        return None
    ours = isinstance(found, dict) and found.get("schema") == SCHEMA_ID
    return str(found["id"]) if ours else None


def _unknown(logged: dict[str, str]) -> Iterable[str]:
    for text in logged.values():
        yield f"{json.loads(text)['table']} {line_key(text)}: is in the log and not in the store"
