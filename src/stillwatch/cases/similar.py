"""Cases that have rare things in common with one: accounts, links, templates."""

from __future__ import annotations

from dataclasses import dataclass
from math import log2

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from stillwatch.cases.tables import Case, Term

KINDS = ("account", "thing")
SHOWN = 5
COMMON = 100
"""A thing of more cases than this says nothing, and is left out."""
LOOKED_AT = 2000
"""Terms of a case that are looked up."""


@dataclass(frozen=True, slots=True)
class Similar:
    """Another case, and what both have.

    bits: how surprising that is, each thing by log2 of all cases over those that have it. Things
    hang together, so it is for ordering only.
    """

    number: int
    accounts: int
    things: int
    bits: float


def similar(session: Session, number: int) -> list[Similar]:
    """The most similar cases, the most similar first."""
    total = session.scalar(select(func.count()).select_from(Case)) or 0
    own = (
        select(Term.kind, Term.term)
        .where(Term.number == number, Term.kind.in_(KINDS))
        .limit(LOOKED_AT)
        .subquery()
    )
    shared = aliased(Term)
    rows = session.execute(
        select(shared.kind, shared.term, shared.number)
        .join(own, (own.c.kind == shared.kind) & (own.c.term == shared.term))
        .where(shared.number != number)
    )
    having: dict[tuple[str, str], set[int]] = {}
    for kind, term, other in rows:
        having.setdefault((kind, term), set()).add(other)
    counts: dict[int, dict[str, int]] = {}
    bits: dict[int, float] = {}
    for (kind, _), others in having.items():
        if len(others) > COMMON:
            continue
        for other in others:
            counts.setdefault(other, dict.fromkeys(KINDS, 0))[kind] += 1
            bits[other] = bits.get(other, 0.0) + log2(total / (len(others) + 1))
    best = sorted(bits, key=lambda other: (-bits[other], other))[:SHOWN]
    return [
        Similar(other, counts[other]["account"], counts[other]["thing"], round(bits[other], 1))
        for other in best
    ]
