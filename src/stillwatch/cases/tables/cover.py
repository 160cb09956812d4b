"""The cover sheet of a case: what lists show. It can be made anew from the records."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from stillwatch.cases.ladder import State
from stillwatch.cases.tables.base import Name, Table


class Case(Table):
    """One case. The only table whose rows change, but for what waits to be fetched."""

    __tablename__ = "cases"
    __table_args__ = (
        Index(None, "state", "number"),
        Index(None, "assignee", "number"),
    )

    number: Mapped[int] = mapped_column(primary_key=True)
    campaign: Mapped[str] = mapped_column(Name)
    """The id that the newest scan gives it."""
    state: Mapped[State] = mapped_column(String(20))
    assignee: Mapped[str | None] = mapped_column(Name)
    version: Mapped[int]
    """Of its facts and inference."""
    verdict: Mapped[str] = mapped_column(String(20))
    probability: Mapped[float]
    accounts: Mapped[int]
    exchanges: Mapped[int]
    opened: Mapped[datetime]
    last_seen: Mapped[datetime]


class Campaign(Table):
    """An id that scans gave to the campaign of a case. One case has several, if scans differ.

    Where an id has several cases, it is that of the newest.
    """

    __tablename__ = "campaigns"

    campaign: Mapped[str] = mapped_column(Name, primary_key=True)
    number: Mapped[int] = mapped_column(ForeignKey("cases.number"), primary_key=True, index=True)
