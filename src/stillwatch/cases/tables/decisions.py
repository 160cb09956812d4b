"""What people said and did: each row names who."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from stillwatch.cases.ladder import Measure
from stillwatch.cases.tables.base import Name, Record, Table


class JournalLine(Record, Table):
    """A note, an assignment, or a change of state."""

    __tablename__ = "journal"

    number: Mapped[int] = mapped_column(ForeignKey("cases.number"), primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    """`note`, `assignee` or `state`."""
    text: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(Name)
    at: Mapped[datetime]


class Decision(Record, Table):
    """A measure that somebody decided or, where a second person is needed, proposed."""

    __tablename__ = "decisions"
    __table_args__ = (Index(None, "until"),)

    number: Mapped[int] = mapped_column(ForeignKey("cases.number"), primary_key=True)
    decision: Mapped[int] = mapped_column(primary_key=True)
    measure: Mapped[Measure] = mapped_column(String(20))
    accounts: Mapped[str] = mapped_column(Text)
    """The accounts it touches, as a JSON list."""
    reason: Mapped[str] = mapped_column(Text)
    clause: Mapped[str] = mapped_column(Name)
    until: Mapped[datetime]
    way_back: Mapped[str] = mapped_column(Text)
    grounds: Mapped[str | None] = mapped_column(Text)
    """What beyond the report confirms a harvest; null where nothing does."""
    version: Mapped[int]
    """Of the facts that it was decided upon."""
    second: Mapped[bool]
    """Whether it takes effect only when a second person approves."""
    by: Mapped[str] = mapped_column(Name)
    at: Mapped[datetime]


class Approval(Record, Table):
    """A second person's yes."""

    __tablename__ = "approvals"
    __table_args__ = (
        ForeignKeyConstraint(["number", "decision"], ["decisions.number", "decisions.decision"]),
    )

    number: Mapped[int] = mapped_column(primary_key=True)
    decision: Mapped[int] = mapped_column(primary_key=True)
    by: Mapped[str] = mapped_column(Name)
    at: Mapped[datetime]


class Appeal(Record, Table):
    """What a customer says against the measures on an account."""

    __tablename__ = "appeals"

    number: Mapped[int] = mapped_column(ForeignKey("cases.number"), primary_key=True)
    appeal: Mapped[int] = mapped_column(primary_key=True)
    account: Mapped[str] = mapped_column(Text)
    statement: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(Name)
    """Who entered it."""
    at: Mapped[datetime]


class Ruling(Record, Table):
    """How an appeal ended, a decision that was taken back, or a case that was cleared."""

    __tablename__ = "rulings"
    __table_args__ = (
        ForeignKeyConstraint(["number", "appeal"], ["appeals.number", "appeals.appeal"]),
    )

    number: Mapped[int] = mapped_column(ForeignKey("cases.number"), primary_key=True)
    ruling: Mapped[int] = mapped_column(primary_key=True)
    appeal: Mapped[int | None]
    outcome: Mapped[str] = mapped_column(String(20))
    """`upheld`, `reversed`, `withdrawn` (a proposal) or `cleared` (closed as no harvest)."""
    reaches: Mapped[str] = mapped_column(Text)
    """Decision → the accounts for which it is taken back, as a JSON object."""
    family: Mapped[str | None] = mapped_column(Name)
    """What it was instead of a harvest; null where that is not what was found."""
    reason: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(Name)
    at: Mapped[datetime]
