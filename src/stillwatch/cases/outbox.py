"""What waits for others: entries for the log, messages for guard and forum."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from stillwatch.cases.log import Entry, Log
from stillwatch.cases.store import reading, writing
from stillwatch.cases.tables import Message, Receipt, Table

BATCH = 1000


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message of a topic, and its place in the outbox."""

    place: int
    body: dict[str, Any]


def deliver(engine: Engine, log: Log, now: datetime) -> int:
    """Appends to the log what waits for it, and strikes it from the outbox once it is there.

    Killed between the two, it is appended again: the log knows it by its id. Returns how many.
    """
    done = 0
    while True:
        with reading(engine) as session:
            waiting = session.scalars(
                select(Message).where(Message.topic == "log").order_by(Message.place).limit(BATCH)
            ).all()
        if not waiting:
            return done
        entries = [Entry(message.entry, message.body.encode()) for message in waiting]
        positions = log.append(entries)
        with writing(engine) as session, session.begin():
            # Somebody else may deliver the same at the same time.
            session.execute(
                _insert(engine, Receipt).on_conflict_do_nothing(),
                [
                    {"entry": entry.id, "position": position, "at": now}
                    for entry, position in zip(entries, positions, strict=True)
                ],
            )
            places = [message.place for message in waiting]
            session.execute(delete(Message).where(Message.place.in_(places)))
        done += len(waiting)


def waiting(engine: Engine, topic: str, limit: int = BATCH) -> list[Waiting]:
    """Messages of a topic that were not fetched yet, the oldest first."""
    with reading(engine) as session:
        rows = session.scalars(
            select(Message).where(Message.topic == topic).order_by(Message.place).limit(limit)
        ).all()
    return [Waiting(row.place, json.loads(row.body)) for row in rows]


def fetched(engine: Engine, messages: Iterable[Waiting]) -> None:
    """Strikes messages: whoever asked for them has them for good."""
    places = [message.place for message in messages]
    with writing(engine) as session, session.begin():
        session.execute(delete(Message).where(Message.place.in_(places)))


def behind(engine: Engine) -> int:
    """Records that the log does not have yet."""
    with reading(engine) as session:
        query = select(func.count()).select_from(Message).where(Message.topic == "log")
        return session.scalar(query) or 0


def _insert(engine: Engine, table: type[Table]) -> sqlite.Insert | postgresql.Insert:
    return sqlite.insert(table) if engine.dialect.name == "sqlite" else postgresql.insert(table)
