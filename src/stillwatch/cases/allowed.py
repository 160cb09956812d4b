"""Whether the terms allow a measure, and how many people it needs under them."""

from __future__ import annotations

from datetime import datetime

from stillwatch.complaints import meant
from stillwatch.errors import UsageError
from stillwatch.terms import Versions
from stillwatch.terms.measures import Measure
from stillwatch.written.times import shown

MOST = 2
"""People that a decision can have: who proposes it, and who approves it."""


def people(terms: Versions, clause: str, measure: Measure, at: datetime) -> int:
    """How many people a measure needs under a clause that is in force at a time.

    Raises `UsageError` where no such clause is in force, where it does not allow the measure, or
    where it wants more people than a decision can have.
    """
    clauses = {found.clause.id: found.clause for found in terms.in_force(at)}
    if clause not in clauses:
        others = meant(clause, clauses) or "; there is none"
        raise UsageError(f"--clause {clause}: is no clause in force on {shown(at)}{others}")
    allowed = {one.measure: one.people for one in clauses[clause].measures}
    if measure not in allowed:
        raise UsageError(
            f"{measure}: clause {clause} does not allow it; it allows {', '.join(allowed)}"
        )
    if allowed[measure] > MOST:
        raise UsageError(
            f"{measure}: clause {clause} wants {allowed[measure]} people, and a decision has "
            f"{MOST} at most: who proposes it, and who approves it"
        )
    return allowed[measure]
