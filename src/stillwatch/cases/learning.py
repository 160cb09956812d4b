"""What weights should learn from the cases: lessons of what people came to know."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from stillwatch.cases.parts import Concluded
from stillwatch.cases.standing import Standing, standings
from stillwatch.cases.tables import Campaign, Decision, Facts, Inference, Ruling
from stillwatch.signals.lesson import Decision as Verdict
from stillwatch.signals.lesson import Lesson
from stillwatch.signals.lessons import forgotten, learned
from stillwatch.signals.weights import Weights


@dataclass(frozen=True, slots=True)
class Known:
    """What people came to know of a case.

    verdict: none where what they said was taken back. version: of the facts they said it of.
    family: what it was instead of a harvest.
    """

    number: int
    verdict: Verdict | None
    version: int
    at: datetime | None
    family: str | None = None


@dataclass(frozen=True, slots=True)
class Learned:
    """Weights after the cases, and the campaigns learned and forgotten."""

    weights: Weights
    learned: tuple[str, ...]
    forgotten: tuple[str, ...]


def known(session: Session) -> Iterator[Known]:
    """Of each case in which somebody confirmed a harvest, or found that there was none.

    A harvest is known as long as a decision with grounds stands for any account. That there was
    none is known where that was said of a decision or on closing, and no decision stands that took
    effect: of a single account it says nothing about the campaign.
    """
    spoken = select(Decision.number).where(Decision.grounds.is_not(None))
    cleared = select(Ruling.number).where(Ruling.family.is_not(None))
    for number in sorted({*session.scalars(spoken), *session.scalars(cleared)}):
        decisions = [one for one in standings(session, number) if one.since]
        standing = [one for one in decisions if not one.whole]
        confirmed = [one for one in standing if one.row.grounds]
        if confirmed:
            last = max(confirmed, key=lambda one: (one.since, one.row.decision))
            yield Known(number, "harvest", last.row.version, last.since)
        elif not standing and (ruling := _last_cleared(session, number)):
            version = _version(session, number, ruling, decisions)
            yield Known(number, "innocent", version, ruling.at, ruling.family)
        else:
            yield Known(number, None, 0, None)


def taught(session: Session, weights: Weights) -> Learned:
    """Weights brought up to what is known. Lessons of other campaigns stay as they are."""
    learns: list[str] = []
    forgets: list[str] = []
    there = {lesson.id: lesson for lesson in weights.lessons}
    for one in known(session):
        lesson = _lesson(session, one)
        of_case = session.scalars(select(Campaign.campaign).where(Campaign.number == one.number))
        for campaign in sorted(of_case):
            wanted = lesson if lesson and lesson.id == campaign else None
            if there.get(campaign) == wanted:
                continue
            if campaign in there and (not wanted or there[campaign].verdict != wanted.verdict):
                weights = forgotten(weights, campaign)
                forgets.append(campaign)
            if wanted:
                weights = learned(weights, wanted)
                learns.append(campaign)
    return Learned(weights, tuple(learns), tuple(forgets))


def _last_cleared(session: Session, number: int) -> Ruling | None:
    return session.scalars(
        select(Ruling)
        .where(Ruling.number == number, Ruling.family.is_not(None))
        .order_by(Ruling.ruling.desc())
        .limit(1)
    ).first()


def _version(session: Session, number: int, ruling: Ruling, decisions: list[Standing]) -> int:
    """The facts that a ruling is about: those of the newest decision, or the case as it was."""
    if ruling.outcome == "reversed":
        return max(one.row.version for one in decisions)
    return session.scalars(
        select(Facts.version)
        .where(Facts.number == number, Facts.taken <= ruling.at)
        .order_by(Facts.version.desc())
        .limit(1)
    ).one()


def _lesson(session: Session, one: Known) -> Lesson | None:
    if one.verdict is None:
        return None
    row = session.get_one(Inference, (one.number, one.version))
    lesson = Concluded.model_validate_json(row.document).lesson
    return lesson and lesson.model_copy(update={"verdict": one.verdict, "learned": one.at})
