"""Lists of cases, the newest first, a page at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from stillwatch.cases.ladder import State
from stillwatch.cases.tables import Campaign, Case, Term
from stillwatch.cases.words import term, words
from stillwatch.errors import UsageError

PAGE = 50
MANY = 2000
"""Cases from which on it does not matter how many there are of a thing."""


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
    numbers = _numbers(session, asked).limit(limit)
    query = select(Case).where(Case.number.in_(session.scalars(numbers).all()))
    return [
        Row(**{name: getattr(case, name) for name in Row.__slots__})
        for case in session.scalars(query.order_by(Case.number.desc()))
    ]


def _numbers(session: Session, asked: Asked) -> Select[int]:
    """The numbers wanted: read off the index of the rarest thing that is asked for, while the rest
    is looked up number by number. A planner that does not know words guesses, and at times badly.
    """
    wanted = [*_of_case(asked), *_of_terms(asked)]
    if not wanted:
        query = select(Case.number)
        return _before(query, Case.number, asked)
    if len(wanted) > 1:
        wanted.sort(key=lambda one: _count(session, one))
    first, *others = wanted
    query = select(first.number).where(*first.conditions)
    for one in others:
        found = select(one.number).where(one.number == first.number, *one.conditions)
        query = query.where(found.correlate(first.table).exists())
    return _before(query, first.number, asked)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """One thing that is asked for, on a table of its own."""

    table: Any
    number: InstrumentedAttribute[int]
    conditions: tuple[ColumnElement[bool], ...]


def _count(session: Session, one: _Wanted) -> int:
    """How many cases there are of it, as far as that matters."""
    some = select(one.number).where(*one.conditions).limit(MANY).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def _before(query: Select[int], number: InstrumentedAttribute[int], asked: Asked) -> Select[int]:
    if asked.before is not None:
        query = query.where(number < asked.before)
    return query.order_by(number.desc())


def _of_case(asked: Asked) -> Iterator[_Wanted]:
    if asked.state is not None:
        case = aliased(Case)
        yield _Wanted(case, case.number, (case.state == asked.state,))
    if asked.assignee is not None:
        case = aliased(Case)
        yield _Wanted(case, case.number, (case.assignee == asked.assignee,))
    if asked.campaign is not None:
        named = aliased(Campaign)
        yield _Wanted(named, named.number, (named.campaign == asked.campaign,))


def _of_terms(asked: Asked) -> Iterator[_Wanted]:
    texts = [("account", asked.account), ("tactic", asked.tactic)]
    wanted = [(kind, term(text)) for kind, text in texts if text is not None]
    if asked.text is not None:
        found = sorted(words(asked.text))
        if not found:
            raise UsageError(f"--text {asked.text!r}: has no word in it")
        wanted += [("word", word) for word in found]
    for kind, text in wanted:
        one = aliased(Term)
        yield _Wanted(one, one.number, (one.kind == kind, one.term == text))
