"""Whom a version of terms would have touched in a scan, as if it had been in force."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from stillwatch.config import Settings
from stillwatch.licences import Licence
from stillwatch.terms.document import Effect, Simulation, Touched
from stillwatch.terms.measures import LADDER, Measure
from stillwatch.terms.model import Clause, Evidence, Terms
from stillwatch.terms.seen import Account, Place, Seen, seen
from stillwatch.version import __version__

Names = frozenset[str]
Effects = dict[tuple[str, Measure | None], Names]
"""Clause and measure, or the clause alone → accounts that it touches."""


def simulate(
    new: Terms,
    scan: Path,
    *,
    old: Terms | None = None,
    licences: Sequence[Licence] = (),
    settings: Settings | None = None,
) -> Simulation:
    """What a version of the terms would have touched, and what an old one does not, or did.

    Both are taken as if they had been in force throughout the scan. Raises `StillwatchError` where
    the scan does not tell what is asked.
    """
    versions = [new, *([old] if old else [])]
    placed = any(c.models or c.regions for version in versions for c in version.clauses)
    there = seen(scan, licences, settings or Settings(), placed=placed)
    ours, theirs = _effects(new, there), _effects(old, there) if old else {}
    touched, before = _all(ours), _all(theirs)
    names = dict.fromkeys([*_order(new), *(_order(old) if old else ())])
    nobody: Names = frozenset()
    return Simulation(
        version=__version__,
        new=new.version,
        old=old.version if old else None,
        scan=there.document.made,
        accounts=len(there.accounts),
        touched=len(touched),
        licensed=sum(there.accounts[name].licensed for name in touched),
        added=_told(touched - before, there) if old else (),
        released=_told(before - touched, there),
        effects=tuple(
            Effect(
                clause=clause,
                measure=measure,
                new=len(ours.get((clause, measure), nobody)),
                old=len(theirs.get((clause, measure), nobody)),
                added=_told(_less(ours, theirs, (clause, measure)), there) if old else (),
                released=_told(_less(theirs, ours, (clause, measure)), there),
            )
            for clause, measure in names
        ),
    )


def _effects(terms: Terms, there: Seen) -> Effects:
    found: Effects = {}
    for clause in terms.clauses:
        touched = _touched(clause, clause.evidence, there, there.accounts)
        found[clause.id, None] = touched
        for one in clause.measures:
            found[clause.id, one.measure] = (
                _touched(clause, one.evidence, there, touched) if one.evidence else touched
            )
    return found


def _touched(
    clause: Clause, evidence: Sequence[Evidence], there: Seen, among: Iterable[str]
) -> Names:
    return frozenset(
        name
        for name in among
        if any(holds(clause, one, there.accounts[name], placed=there.placed) for one in evidence)
    )


def holds(clause: Clause, evidence: Evidence, account: Account, *, placed: bool) -> bool:
    """Whether evidence for a clause holds of an account; `placed`: if places are to be compared."""
    row = account.row
    if evidence.verdict is not None:
        verdicts = ("campaign",) if evidence.verdict == "campaign" else ("campaign", "lead")
        if row["verdict"] not in verdicts:
            return False
    at_least = (
        (evidence.campaign_bits, account.group_bits),
        (evidence.account_bits, row["bits"]),
        *((bits, row.get(f"{name}:bits")) for name, bits in evidence.signals.items()),
    )
    if any(least is not None and (has is None or has < least) for least, has in at_least):
        return False
    counts = account.attributed if evidence.verdict else account.whole
    scoped = placed and bool(clause.models or clause.regions)
    exchanges = sum(n for place, n in counts.items() if not scoped or _within(clause, place))
    return exchanges >= (evidence.exchanges or (1 if scoped else 0))


def _within(clause: Clause, place: Place) -> bool:
    """Whether an exchange is one that a clause is for. What is not known is none of them."""
    model, country = place
    return (not clause.models or model in clause.models) and (
        not clause.regions or country in clause.regions
    )


def _order(terms: Terms) -> Iterator[tuple[str, Measure | None]]:
    """Clauses as they stand, and the measures of each from the mildest."""
    for clause in terms.clauses:
        yield clause.id, None
        allowed = {one.measure for one in clause.measures}
        yield from ((clause.id, measure) for measure in LADDER if measure in allowed)


def _all(effects: Effects) -> Names:
    return frozenset().union(*effects.values())


def _less(these: Effects, those: Effects, name: tuple[str, Measure | None]) -> Names:
    nobody: Names = frozenset()
    return these.get(name, nobody) - those.get(name, nobody)


def _told(names: Names, there: Seen) -> tuple[Touched, ...]:
    return tuple(
        Touched(
            account=name,
            group=there.accounts[name].row["campaign"],
            licensed=there.accounts[name].licensed,
        )
        for name in sorted(names)
    )
