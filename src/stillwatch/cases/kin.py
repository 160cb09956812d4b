"""Which groups of a scan are which cases: by id, and where the id is new, by accounts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from math import log

from scipy.special import expit
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from stillwatch.campaigns.document import Campaign as Group
from stillwatch.campaigns.succession import Members, succession
from stillwatch.cases.parts import Concluded
from stillwatch.cases.tables import Campaign, Case, Inference, Term
from stillwatch.cases.words import term

CHUNK = 500
"""Values in one query."""


@dataclass(slots=True)
class Kin:
    """heir: group → the case it goes on; merged, split: group → cases that went into it, or of
    which it is a part. By the ids of groups, and of cases the numbers."""

    numbers: dict[str, int]
    heir: dict[str, int] = field(default_factory=dict)
    merged: dict[str, set[int]] = field(default_factory=dict)
    split: dict[str, set[int]] = field(default_factory=dict)

    def known(self, ids: Iterable[str]) -> set[int]:
        """The cases of campaigns, by id."""
        return {self.numbers[id] for id in ids if id in self.numbers}


def kin(session: Session, groups: Sequence[Group]) -> Kin:
    """Matches groups with cases. A scan that follows another has its ids; one that follows none,
    or runs beside, is matched as scans are, by accounts in common (`campaigns.succession`)."""
    ids = {id for group in groups for id in _ids(group)}
    found = Kin(numbers=_numbers(session, ids))
    strangers: list[Group] = []
    for group in groups:
        number = found.numbers.get(group.id)
        if number is None or number in found.heir.values():
            strangers.append(group)
        else:
            found.heir[group.id] = number
    cases = sorted(_sharing(session, strangers) - set(found.heir.values()))
    if not cases:
        return found
    members = [_members(session, number) for number in cases]
    chain = succession(members, [_group_members(group) for group in strangers])
    for row, number in enumerate(cases):
        heir = chain.heir.get(row)
        end = chain.end(row)
        if heir is not None:
            found.heir[strangers[heir].id] = number
        elif end is not None:
            found.merged.setdefault(strangers[end].id, set()).add(number)
        for column in chain.common[row].nonzero()[0].tolist():
            if column not in (heir, end):
                found.split.setdefault(strangers[column].id, set()).add(number)
    return found


def _ids(group: Group) -> Iterator[str]:
    yield group.id
    if group.past:
        yield from (*group.past.merged, *group.past.split_from)


def _numbers(session: Session, ids: Iterable[str]) -> dict[str, int]:
    """Campaign → the newest case of that id."""
    found: dict[str, int] = {}
    for some in _chunks(sorted(ids)):
        rows = session.execute(
            select(Campaign.campaign, func.max(Campaign.number))
            .where(Campaign.campaign.in_(some))
            .group_by(Campaign.campaign)
        )
        found.update(dict(rows.all()))
    return found


def _sharing(session: Session, groups: Iterable[Group]) -> set[int]:
    """Cases that ever had an account of some groups."""
    accounts = sorted({term(m.account) for group in groups for m in group.accounts})
    found: set[int] = set()
    for some in _chunks(accounts):
        found.update(
            session.scalars(
                select(Term.number).where(Term.kind == "account", Term.term.in_(some)).distinct()
            )
        )
    return found


def _members(session: Session, number: int) -> Members:
    case = session.get_one(Case, number)
    latest = session.get_one(Inference, (number, case.version))
    return _belonging(Concluded.model_validate_json(latest.document).members)


def _group_members(group: Group) -> Members:
    return _belonging({member.account: member.bits for member in group.accounts})


def _belonging(bits: dict[str, float]) -> Members:
    """Account → probability that it belongs: its bits as a logistic of base 2."""
    return {account: float(expit(value * log(2))) for account, value in bits.items()}


def _chunks(values: Sequence[str]) -> Iterator[Sequence[str]]:
    return (values[start : start + CHUNK] for start in range(0, len(values), CHUNK))
