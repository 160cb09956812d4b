"""Decisions as they stand: approved, taken back, ended. No status is stored; the clock tells."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from stillwatch.cases.ids import DecisionId
from stillwatch.cases.tables import Approval, Decision, Freed, Touched

Status = Literal["proposed", "lapsed", "in force", "ended", "taken back"]


@dataclass(frozen=True, slots=True)
class Standing:
    """A decision, who approved it, and for which accounts it was taken back, and when."""

    row: Decision
    approval: Approval | None
    freed: dict[str, datetime]

    @property
    def id(self) -> DecisionId:
        """Its name."""
        return DecisionId(self.row.number, self.row.decision)

    @property
    def accounts(self) -> list[str]:
        """All that it touches, those for which it was taken back among them."""
        found: list[str] = json.loads(self.row.accounts)
        return found

    @property
    def since(self) -> datetime | None:
        """When it took effect; none where it waits for a second person."""
        if not self.row.second:
            return self.row.at
        return self.approval.at if self.approval else None

    @property
    def whole(self) -> bool:
        """Whether it was taken back for all of its accounts."""
        return len(self.freed) == len(self.accounts)

    def status(self, now: datetime) -> Status:
        """What is to be said of it at a time."""
        if self.whole:
            return "taken back"
        if self.since is None:
            return "proposed" if now < self.row.until else "lapsed"
        return "in force" if now < self.row.until else "ended"

    def binds(self, account: str) -> bool:
        """Whether it took effect for an account, and was not taken back for it."""
        return self.since is not None and account in self.accounts and account not in self.freed


def standings(session: Session, number: int) -> list[Standing]:
    """The decisions of a case, the first first."""
    rows = session.scalars(
        select(Decision).where(Decision.number == number).order_by(Decision.decision)
    ).all()
    approvals = {
        row.decision: row
        for row in session.scalars(select(Approval).where(Approval.number == number))
    }
    freed = _freed(session, number)
    return [Standing(r, approvals.get(r.decision), freed.get(r.decision, {})) for r in rows]


def _freed(session: Session, number: int) -> dict[int, dict[str, datetime]]:
    """Decision → account → when it was taken back for it."""
    rows = session.execute(
        select(Freed.decision, Touched.account, Freed.at)
        .join(
            Touched,
            (Touched.number == Freed.number)
            & (Touched.decision == Freed.decision)
            & (Touched.place == Freed.place),
        )
        .where(Freed.number == number)
    )
    found: dict[int, dict[str, datetime]] = {}
    for decision, account, at in rows:
        found.setdefault(decision, {})[account] = at
    return found


def in_force(decisions: Sequence[Standing], now: datetime) -> bool:
    """Whether any of some decisions is."""
    return any(one.status(now) == "in force" for one in decisions)
