"""Lists of cases, the newest first, a page at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, aliased

from stillwatch.cases.ladder import State
from stillwatch.cases.tables import Campaign, Case, Term
from stillwatch.cases.words import term, words
from stillwatch.errors import UsageError

PAGE = 50


@dataclass(frozen=True, slots=True)
class Asked:
    """Which cases are wanted; all that is given must be true of them.

    text: words that all occur in its notes, reasons and statements. before: only cases with a
    smaller number, so that the last of a page leads to the next.
    """

    state: State | None = None
    assignee: str | None = None
    account: str | None = None
    campaign: str | None = None
    tactic: str | None = None
    text: str | None = None
    before: int | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A case in a list."""

    number: int
    campaign: str
    state: State
    assignee: str | None
    verdict: str
    probability: float
    accounts: int
    exchanges: int
    opened: datetime
    last_seen: datetime


def page(session: Session, asked: Asked, limit: int = PAGE) -> list[Row]:
    """At most `limit` cases, the newest first.

    The number is the key of the pages: it never changes, so no case is on two of them.
    """
    conditions, number = _terms(asked)
    query = select(Case).where(*conditions, *_columns(asked)).order_by(number.desc()).limit(limit)
    if asked.before is not None:
        query = query.where(number < asked.before)
    return [
        Row(**{name: getattr(case, name) for name in Row.__slots__})
        for case in session.scalars(query)
    ]


def _columns(asked: Asked) -> Iterator[ColumnElement[bool]]:
    if asked.state is not None:
        yield Case.state == asked.state
    if asked.assignee is not None:
        yield Case.assignee == asked.assignee
    if asked.campaign is not None:
        yield Case.number.in_(select(Campaign.number).where(Campaign.campaign == asked.campaign))


def _terms(asked: Asked) -> tuple[list[ColumnElement[bool]], ColumnElement[int]]:
    """Conditions on terms, and the number to order by: that of the first of them, so that its
    index gives the order and the rest is looked up case by case."""
    wanted = [
        (kind, term(text))
        for kind, text in (("account", asked.account), ("tactic", asked.tactic))
        if text is not None
    ]
    if asked.text is not None:
        found = sorted(words(asked.text))
        if not found:
            raise UsageError(f"--text {asked.text!r}: has no word in it")
        wanted += [("word", word) for word in found]
    if not wanted:
        return [], Case.__table__.c.number
    tables = [aliased(Term) for _ in wanted]
    conditions: list[ColumnElement[bool]] = []
    for table, (kind, text) in zip(tables, wanted, strict=True):
        conditions += [table.number == Case.number, table.kind == kind, table.term == text]
    return conditions, tables[0].number.expression
