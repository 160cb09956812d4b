"""What waits for others: entries for the log, messages for guard and forum."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from stillwatch.cases.log import Log, entry, of_ours
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

    Killed between the two, it is found in the log by its id, and not appended again. So the log is
    ours alone meanwhile. Returns how many entries waited.
    """
    done = 0
    while waiting := _of_log(engine):
        places = _found(engine, log, waiting)
        fresh = [message for message in waiting if message.entry not in places]
        if fresh:
            appended = log.append([entry(message.body) for message in fresh])
            places |= zip((message.entry for message in fresh), appended, strict=True)
        with writing(engine) as session, session.begin():
            # Somebody else may have struck them since they were read.
            session.execute(
                _insert(engine, Receipt).on_conflict_do_nothing(),
                [{"entry": id, "position": place, "at": now} for id, place in places.items()],
            )
            struck = [message.place for message in waiting]
            session.execute(delete(Message).where(Message.place.in_(struck)))
        done += len(waiting)
    return done


def _of_log(engine: Engine) -> Sequence[Message]:
    with reading(engine) as session:
        return session.scalars(
            select(Message).where(Message.topic == "log").order_by(Message.place).limit(BATCH)
        ).all()


def _found(engine: Engine, log: Log, waiting: Sequence[Message]) -> dict[str, int]:
    """Those of the waiting that the log has already, and where: they can only lie behind the last
    that a receipt tells of."""
    with reading(engine) as session:
        last = session.scalar(select(func.max(Receipt.position)))
    wanted = {message.entry for message in waiting}
    later = log.entries(start=0 if last is None else last + 1)
    bodies = ((place, of_ours(one)) for place, one in later)
    return {body["id"]: place for place, body in bodies if body and body["id"] in wanted}


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
