"""A case as a whole, as `stillwatch case show` tells it: facts, inference, decisions apart."""

from __future__ import annotations

import json
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from stillwatch.cases.ids import AppealId
from stillwatch.cases.ladder import State
from stillwatch.cases.parts import Concluded, Seen
from stillwatch.cases.similar import similar
from stillwatch.cases.standing import Standing, standings
from stillwatch.cases.tables import (
    Appeal,
    Campaign,
    Case,
    Facts,
    Inference,
    JournalLine,
    Kinship,
    Ruling,
)

SCHEMA_ID = "stillwatch.case/1"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ToldDecision(_Part):
    """A decision as it stands."""

    id: str
    measure: str
    status: str = Field(
        description="`proposed`, `lapsed` (a proposal that nobody approved in time), `in force`, "
        "`ended`, `taken back` (for all accounts)."
    )
    accounts: tuple[str, ...]
    taken_back_for: tuple[str, ...]
    reason: str
    clause: str
    until: datetime
    way_back: str
    grounds: str | None = Field(description="What beyond the report confirms a harvest.")
    version: int = Field(description="Of the facts that it was decided upon.")
    by: str
    at: datetime
    approved_by: str | None
    approved_at: datetime | None


class ToldRuling(_Part):
    """How an appeal ended, a decision was taken back, or a case was cleared."""

    outcome: str
    reaches: dict[str, tuple[str, ...]] = Field(description="Decision → accounts.")
    family: str | None
    reason: str
    by: str
    at: datetime


class ToldAppeal(_Part):
    """An appeal; without a ruling it is pending."""

    id: str
    account: str
    statement: str
    by: str
    at: datetime
    ruling: ToldRuling | None


class ToldLine(_Part):
    """A line of the journal."""

    kind: str
    text: str
    by: str
    at: datetime


class ToldKin(_Part):
    """Another case that went into this one or the other way, or split off."""

    relation: str = Field(
        description="`merged_into`, `split_from`: this case into, from the other; `took_in`, "
        "`split_into`: the other way round."
    )
    case: int


class ToldSimilar(_Part):
    """Another case with rare things in common."""

    case: int
    accounts: int = Field(description="Accounts of both.")
    things: int = Field(description="Links and templates of both.")
    bits: float = Field(description="By which they are ordered; things hang together.")


class Told(_Part):
    """A case."""

    schema_id: str = Field(default=SCHEMA_ID, alias="schema")
    number: int
    campaign: str
    campaigns: tuple[str, ...] = Field(description="All ids that scans gave it.")
    state: State
    assignee: str | None
    opened: datetime
    version: int
    scanned: datetime = Field(description="When the newest scan was made.")
    facts: Seen
    inference: Concluded
    decisions: tuple[ToldDecision, ...]
    untouched: tuple[str, ...] = Field(description="Accounts that no decision in force touches.")
    appeals: tuple[ToldAppeal, ...]
    rulings: tuple[ToldRuling, ...] = Field(description="Those without an appeal.")
    journal: tuple[ToldLine, ...]
    kin: tuple[ToldKin, ...]
    similar: tuple[ToldSimilar, ...]


def told(session: Session, case: Case, now: datetime) -> Told:
    """All that is known and said of a case, by its newest version."""
    number = case.number
    facts = session.get_one(Facts, (number, case.version))
    seen = Seen.model_validate_json(facts.document)
    inference = session.get_one(Inference, (number, case.version))
    decisions = standings(session, number)
    touched = {
        account
        for one in decisions
        if one.status(now) == "in force"
        for account in one.accounts
        if account not in one.freed
    }
    campaigns = session.scalars(select(Campaign.campaign).where(Campaign.number == number))
    rulings = session.scalars(
        select(Ruling).where(Ruling.number == number).order_by(Ruling.ruling)
    ).all()
    by_appeal = {row.appeal: _ruling(row) for row in rulings if row.appeal is not None}
    appeals = session.scalars(select(Appeal).where(Appeal.number == number).order_by(Appeal.appeal))
    journal = session.scalars(
        select(JournalLine).where(JournalLine.number == number).order_by(JournalLine.line)
    )
    return Told(
        schema=SCHEMA_ID,
        number=number,
        campaign=case.campaign,
        campaigns=tuple(sorted(campaigns)),
        state=case.state,
        assignee=case.assignee,
        opened=case.opened,
        version=case.version,
        scanned=facts.made,
        facts=seen,
        inference=Concluded.model_validate_json(inference.document),
        decisions=tuple(_decision(one, now) for one in decisions),
        untouched=tuple(account for account in seen.names if account not in touched),
        appeals=tuple(
            ToldAppeal(
                id=str(AppealId(number, row.appeal)),
                account=row.account,
                statement=row.statement,
                by=row.by,
                at=row.at,
                ruling=by_appeal.get(row.appeal),
            )
            for row in appeals
        ),
        rulings=tuple(_ruling(row) for row in rulings if row.appeal is None),
        journal=tuple(ToldLine(kind=r.kind, text=r.text, by=r.by, at=r.at) for r in journal),
        kin=_kin(session, number),
        similar=tuple(
            ToldSimilar(case=s.number, accounts=s.accounts, things=s.things, bits=s.bits)
            for s in similar(session, number)
        ),
    )


def _decision(one: Standing, now: datetime) -> ToldDecision:
    same = ("measure", "reason", "clause", "until", "way_back", "grounds", "version", "by", "at")
    return ToldDecision(
        **{name: getattr(one.row, name) for name in same},
        id=str(one.id),
        status=one.status(now),
        accounts=tuple(one.accounts),
        taken_back_for=tuple(one.freed),
        approved_by=one.approval.by if one.approval else None,
        approved_at=one.approval.at if one.approval else None,
    )


def _ruling(row: Ruling) -> ToldRuling:
    reaches = {f"{row.number}-d{d}": tuple(a) for d, a in json.loads(row.reaches).items()}
    return ToldRuling(
        outcome=row.outcome,
        reaches=reaches,
        family=row.family,
        reason=row.reason,
        by=row.by,
        at=row.at,
    )


def _kin(session: Session, number: int) -> tuple[ToldKin, ...]:
    rows = session.scalars(
        select(Kinship).where(or_(Kinship.number == number, Kinship.other == number))
    )
    back = {"merged_into": "took_in", "split_from": "split_into"}
    found = {
        (row.kind, row.other) if row.number == number else (back[row.kind], row.number)
        for row in rows
    }
    return tuple(ToldKin(relation=relation, case=case) for relation, case in sorted(found))
