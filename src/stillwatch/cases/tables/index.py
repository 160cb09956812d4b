"""What makes searches quick. All of it follows from the records."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from stillwatch.cases.tables.base import Table


class Term(Table):
    """A case can be found by this: an account, a tactic, a word, a thing that its accounts share.

    Of the key the case comes last, so that the newest cases with a term are read off the index.
    """

    __tablename__ = "terms"
    __table_args__ = (Index(None, "number", "kind", "term"),)

    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    term: Mapped[str] = mapped_column(
        String(200).with_variant(String(200, collation="C"), "postgresql"), primary_key=True
    )
    number: Mapped[int] = mapped_column(ForeignKey("cases.number"), primary_key=True)


class Touched(Table):
    """An account that a decision touches, at its place in the decision."""

    __tablename__ = "touched"
    __table_args__ = (
        ForeignKeyConstraint(["number", "decision"], ["decisions.number", "decisions.decision"]),
    )

    number: Mapped[int] = mapped_column(primary_key=True)
    decision: Mapped[int] = mapped_column(primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    account: Mapped[str] = mapped_column(Text)


class Freed(Table):
    """An account for which a decision was taken back."""

    __tablename__ = "freed"
    __table_args__ = (
        ForeignKeyConstraint(
            ["number", "decision", "place"],
            ["touched.number", "touched.decision", "touched.place"],
        ),
    )

    number: Mapped[int] = mapped_column(primary_key=True)
    decision: Mapped[int] = mapped_column(primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
