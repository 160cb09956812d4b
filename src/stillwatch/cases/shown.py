"""What a customer who appeals may see: a positive list. What is not a field here is not told."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from stillwatch.cases.parts import Concluded, Seen
from stillwatch.cases.standing import standings
from stillwatch.cases.tables import Appeal, Case, Facts, Inference


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ShownMeasure(_Part):
    """A measure on the account."""

    measure: str
    reason: str
    clause: str
    since: datetime
    until: datetime
    way_back: str


class ShownFinding(_Part):
    """Something that was measured of the account. How much it weighs is not told."""

    title: str
    reading: str
    speaks: str = Field(description="`for a harvest`, or `against a harvest`.")


class Shown(_Part):
    """What the customer of one account may see, when an appeal is entered."""

    account: str
    statement: str = Field(description="The customer's own.")
    measures: tuple[ShownMeasure, ...]
    requests: int = Field(description="Requests of the account in the time looked at.")
    first_seen: datetime
    last_seen: datetime
    measured: tuple[ShownFinding, ...] = Field(
        description="Of the account alone. Empty where a scan kept none of it."
    )
    shares: tuple[str, ...] = Field(
        description="Kinds of rare things that it has in common with others; not which, with whom, "
        "or with how many."
    )


def shown(session: Session, appeal: Appeal) -> Shown:
    """What may be shown, by the newest version of the case that has the account."""
    account = appeal.account
    case = session.get_one(Case, appeal.number)
    facts, inference = _newest(session, case, account)
    seen = next(one for one in facts.accounts if one.account == account)
    thought = next(one for one in inference.accounts if one.account == account)
    return Shown(
        account=account,
        statement=appeal.statement,
        measures=tuple(
            ShownMeasure(
                measure=one.row.measure,
                reason=one.row.reason,
                clause=one.row.clause,
                since=one.since,
                until=one.row.until,
                way_back=one.row.way_back,
            )
            for one in standings(session, case.number)
            if one.binds(account) and one.since
        ),
        requests=seen.exchanges,
        first_seen=seen.first_seen,
        last_seen=seen.last_seen,
        measured=tuple(
            ShownFinding(
                title=bar.title,
                reading=bar.reading,
                speaks="for a harvest" if bar.bits > 0 else "against a harvest",
            )
            for bar in thought.waterfall
            # Without a value it is no measurement of the account alone.
            if bar.value is not None and bar.bits
        ),
        shares=tuple(sorted({link.title for link in facts.links if account in link.members})),
    )


def _newest(session: Session, case: Case, account: str) -> tuple[Seen, Concluded]:
    for version in range(case.version, 0, -1):
        facts = Seen.model_validate_json(session.get_one(Facts, (case.number, version)).document)
        if account in facts.names:
            row = session.get_one(Inference, (case.number, version))
            return facts, Concluded.model_validate_json(row.document)
    raise AssertionError(f"{case.number}: a decision touches an account that no version has")
