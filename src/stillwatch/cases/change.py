"""One change of one case: all of it or nothing, with what the log and others have to be told."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from stillwatch.cases.ladder import State
from stillwatch.cases.log import line
from stillwatch.cases.tables import Case, JournalLine, Message, Record
from stillwatch.cases.words import index, words
from stillwatch.errors import UsageError
from stillwatch.evidence.commitments import new_salt

LONGEST_TEXT = 20_000
"""Characters of a reason, a note or a statement."""


@dataclass(frozen=True, slots=True)
class Change:
    """A transaction that writes to a case, which nobody else does meanwhile."""

    session: Session
    case: Case
    now: datetime

    @property
    def number(self) -> int:
        """Of the case."""
        return self.case.number

    def record(self, row: Record) -> None:
        """Writes a row, once and for all."""
        record(self.session, row)

    def next(self, column: Any) -> int:
        """The next of the numbers that the case counts in a column of one of its tables."""
        table = column.class_
        last = self.session.scalar(select(func.max(column)).where(table.number == self.number))
        return (last or 0) + 1

    def tell(self, topic: str, **what: Any) -> None:
        """Leaves a message for a stage that follows."""
        body = {"schema": f"stillwatch.case-{topic}/1", "case": self.number, **what}
        self.session.add(Message(topic=topic, entry=str(uuid4()), body=json.dumps(body)))

    def write(self, kind: str, text: str, by: str) -> None:
        """A line of the journal."""
        self.record(
            JournalLine(
                number=self.number,
                line=self.next(JournalLine.line),
                kind=kind,
                text=text,
                by=by,
                at=self.now,
            )
        )

    def enter(self, state: State, by: str) -> None:
        """Puts the case into a state, if it is in another."""
        if self.case.state != state:
            self.case.state = state
            self.write("state", state, by)

    def find_by(self, *texts: str) -> None:
        """Makes the case be found by the words of some texts."""
        found = {word for text in texts for word in words(text)}
        index(self.session, self.number, (("word", word) for word in found))


def record(session: Session, row: Record) -> None:
    """Writes a row once and for all, and what the log will have of it, in one transaction."""
    row.entry = str(uuid4())
    row.salt = new_salt()
    session.add(row)
    session.add(Message(topic="log", entry=row.entry, body=line(row)))


def said(option: str, text: str) -> str:
    """A text that somebody wrote. Raises `UsageError` where there is none, or too much."""
    found = text.replace("\0", "").strip()
    if not found or len(found) > LONGEST_TEXT:
        raise UsageError(f"{option}: 1 to {LONGEST_TEXT:,} characters are needed")
    return found
