"""The measures in force at a moment, by account: what a gateway goes by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from stillwatch.cases.ids import DecisionId
from stillwatch.cases.ladder import LADDER, Measure
from stillwatch.cases.tables import Approval, Decision, Freed, Touched


@dataclass(frozen=True, slots=True)
class Effective:
    """A measure that holds for an account, by which decision and clause, and how long."""

    account: str
    measure: Measure
    decision: DecisionId
    clause: str
    since: datetime
    until: datetime
    way_back: str


def effective(session: Session, at: datetime) -> list[Effective]:
    """All of them, by account, the gravest measure of each first."""
    rank = {measure: place for place, measure in enumerate(LADDER)}
    return sorted(_rows(session, at), key=lambda e: (e.account, -rank[e.measure], e.decision))


def _rows(session: Session, at: datetime) -> Iterator[Effective]:
    freed = select(Freed.place).where(
        Freed.number == Touched.number,
        Freed.decision == Touched.decision,
        Freed.place == Touched.place,
        Freed.at <= at,
    )
    query = (
        select(
            Touched.account,
            Decision.measure,
            Decision.number,
            Decision.decision,
            Decision.clause,
            func.coalesce(Approval.at, Decision.at),
            Decision.until,
            Decision.way_back,
        )
        .join(
            Decision,
            and_(Decision.number == Touched.number, Decision.decision == Touched.decision),
        )
        .outerjoin(
            Approval,
            and_(Approval.number == Decision.number, Approval.decision == Decision.decision),
        )
        .where(
            Decision.until > at,
            or_(and_(~Decision.second, Decision.at <= at), Approval.at <= at),
            ~freed.exists(),
        )
    )
    for row in session.execute(query):
        account, measure, number, decision, clause, since, until, way_back = row
        yield Effective(
            account, measure, DecisionId(number, decision), clause, since, until, way_back
        )
