"""How often people were right, and what the innocent were."""

from __future__ import annotations

import json
from collections import Counter

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from stillwatch.cases.ladder import LADDER, STATES
from stillwatch.cases.learning import known
from stillwatch.cases.tables import Appeal, Approval, Case, Decision, Freed, Ruling
from stillwatch.range.rate import Rate, rate


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class MeasureFigures(_Part):
    """Decisions on one measure."""

    measure: str
    decided: int = Field(description="Those that took effect.")
    taken_back: int = Field(description="Of these, for some accounts or all.")


class FamilyFigures(_Part):
    """What was taken for a harvest, and was none."""

    family: str
    cases: int
    accounts: int = Field(description="Accounts that a measure was taken back for.")


class Figures(_Part):
    """Counts over all cases."""

    states: dict[str, int]
    measures: tuple[MeasureFigures, ...]
    appeals: dict[str, int] = Field(description="`pending`, `upheld`, `reversed`.")
    confirmed: int = Field(description="Cases of which people came to know that they are one.")
    families: tuple[FamilyFigures, ...]
    false: Rate = Field(description="Cases that were none, of all of which people came to know.")


def figures(session: Session) -> Figures:
    """Counts everything as it stands."""
    states = dict(session.execute(select(Case.state, func.count()).group_by(Case.state)).all())
    found = list(known(session))
    cases = Counter(one.family for one in found if one.verdict == "innocent" and one.family)
    confirmed = sum(one.verdict == "harvest" for one in found)
    accounts = _accounts(session)
    return Figures(
        states={state: states.get(state, 0) for state in STATES},
        measures=_measures(session),
        appeals=_appeals(session),
        confirmed=confirmed,
        families=tuple(
            FamilyFigures(family=family, cases=cases[family], accounts=accounts[family])
            for family in sorted({*cases, *accounts})
        ),
        false=rate(cases.total(), cases.total() + confirmed),
    )


def _measures(session: Session) -> tuple[MeasureFigures, ...]:
    freed = select(Freed.place).where(
        Freed.number == Decision.number, Freed.decision == Decision.decision
    )
    query = (
        select(Decision.measure, freed.exists(), func.count())
        .outerjoin(
            Approval,
            and_(Approval.number == Decision.number, Approval.decision == Decision.decision),
        )
        .where(or_(~Decision.second, Approval.at.is_not(None)))
        .group_by(Decision.measure, freed.exists())
    )
    counts = {(measure, back): count for measure, back, count in session.execute(query)}
    return tuple(
        MeasureFigures(
            measure=measure,
            decided=counts.get((measure, False), 0) + counts.get((measure, True), 0),
            taken_back=counts.get((measure, True), 0),
        )
        for measure in LADDER
    )


def _appeals(session: Session) -> dict[str, int]:
    total = session.scalar(select(func.count()).select_from(Appeal)) or 0
    query = (
        select(Ruling.outcome, func.count())
        .where(Ruling.appeal.is_not(None))
        .group_by(Ruling.outcome)
    )
    ended = dict(session.execute(query).all())
    return {
        "pending": total - sum(ended.values()),
        "upheld": ended.get("upheld", 0),
        "reversed": ended.get("reversed", 0),
    }


def _accounts(session: Session) -> Counter[str]:
    """Family → accounts that a measure was taken back for."""
    found: Counter[str] = Counter()
    query = select(Ruling.number, Ruling.family, Ruling.reaches).where(
        Ruling.family.is_not(None), Ruling.outcome == "reversed"
    )
    named: dict[str, set[tuple[int, str]]] = {}
    for number, family, reaches in session.execute(query):
        for accounts in json.loads(reaches).values():
            named.setdefault(str(family), set()).update((number, account) for account in accounts)
    found.update({family: len(accounts) for family, accounts in named.items()})
    return found
