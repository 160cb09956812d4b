"""What a new version changes, clause by clause, in words.

Tighter is what touches more accounts, or lets fewer people decide.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from typing import Literal

from stillwatch.terms.measures import words
from stillwatch.terms.model import Allowed, Clause, Evidence, Terms
from stillwatch.terms.wording import allowed, any_of, people, said
from stillwatch.written.times import shown

Became = Literal["new", "gone", "changed", "same"]
_NARROW = {"campaign": 2, "lead": 1, None: 0}
"""How few accounts a verdict leaves."""
AROUND = 3
"""Words shown on either side of a change in a text."""


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one clause."""

    clause: str
    title: str
    became: Became
    sentences: tuple[str, ...] = ()


def diff(old: Terms, new: Terms) -> tuple[Change, ...]:
    """Every clause of two versions: those of the new one in its order, then those that are gone."""
    changes = []
    for clause in new.clauses:
        before = old.clause(clause.id)
        if before is None:
            changes.append(Change(clause.id, clause.title, "new", tuple(_whole(clause))))
        else:
            told = tuple(_changed(before, clause))
            changes.append(Change(clause.id, clause.title, "changed" if told else "same", told))
    gone = [c for c in old.clauses if new.clause(c.id) is None]
    return (*changes, *(Change(c.id, c.title, "gone") for c in gone))


def _whole(clause: Clause) -> Iterator[str]:
    yield f"for models: {_listed(clause.models)}; countries: {_listed(clause.regions)}"
    yield f"touches accounts {any_of(clause.evidence)}"
    for one in clause.measures:
        needs = f", for accounts {any_of(one.evidence)}" if one.evidence else ""
        yield f"allows {allowed(one)}{needs}"


def _changed(old: Clause, new: Clause) -> Iterator[str]:
    if old.title != new.title:
        yield f"is called “{new.title}”, not “{old.title}”"
    yield from _reworded(old.text, new.text)
    yield from _dated("begins", old.start, new.start)
    yield from _dated("ends", old.end, new.end)
    yield from _scoped("models", old.models, new.models)
    yield from _scoped("countries", old.regions, new.regions)
    yield from _weighed("", old.evidence, new.evidence)
    before = {one.measure: one for one in old.measures}
    after = {one.measure: one for one in new.measures}
    for name, one in after.items():
        if name not in before:
            yield f"tighter: now allows {allowed(one)}"
        else:
            yield from _measured(before[name], one)
    for name, one in before.items():
        if name not in after:
            yield f"looser: no longer allows {words(one.measure)}"


def _measured(old: Allowed, new: Allowed) -> Iterator[str]:
    name = words(new.measure)
    if old.people != new.people:
        way = "tighter" if new.people < old.people else "looser"
        yield f"{way}: {name} needs {people(new.people)}, not {people(old.people)}"
    if new.evidence and not old.evidence:
        yield f"looser: {name} is only for accounts {any_of(new.evidence)}"
    elif old.evidence and not new.evidence:
        yield f"tighter: {name} is for all accounts that the clause touches"
    else:
        yield from _weighed(f"{name}: ", old.evidence, new.evidence)


def _weighed(of: str, old: Sequence[Evidence], new: Sequence[Evidence]) -> Iterator[str]:
    gone = [e for e in old if e not in new]
    more = [e for e in new if e not in old]
    if len(gone) == len(more) == 1:
        yield from (f"{of}{told}" for told in _shifted(gone[0], more[0]))
        return
    yield from (f"tighter: {of}touches accounts {said(e)}" for e in more)
    yield from (f"looser: {of}no longer touches accounts {said(e)}" for e in gone)


def _shifted(old: Evidence, new: Evidence) -> Iterator[str]:
    """What moved between two pieces of evidence."""
    whose = said(new)
    if old.verdict != new.verdict:
        way = "tighter" if _NARROW[new.verdict] < _NARROW[old.verdict] else "looser"
        yield f"{way}: touches accounts {whose}, and before {said(old)}"
    thresholds = [
        ("bits of the group", old.campaign_bits, new.campaign_bits),
        ("bits of belonging", old.account_bits, new.account_bits),
        ("exchanges", old.exchanges, new.exchanges),
        *(
            (f"bits of {name}", old.signals.get(name), new.signals.get(name))
            for name in sorted({*old.signals, *new.signals})
        ),
    ]
    for name, before, after in thresholds:
        if before == after:
            continue
        if before is None:
            yield f"looser: asks for {after:g} {name} (accounts {whose})"
        elif after is None:
            yield f"tighter: no longer asks for {before:g} {name} (accounts {whose})"
        else:
            way = "tighter" if after < before else "looser"
            yield f"{way}: {after:g} {name}, not {before:g} (accounts {whose})"


def _scoped(what: str, old: Sequence[str], new: Sequence[str]) -> Iterator[str]:
    if set(old) == set(new):
        return
    way = ""
    if not new or (old and set(new) > set(old)):
        way = "tighter: "
    elif not old or set(new) < set(old):
        way = "looser: "
    yield f"{way}for {what} {_listed(new)}, not {_listed(old)}"


def _dated(does: str, old: datetime | None, new: datetime | None) -> Iterator[str]:
    if old != new:
        before, after = (shown(t) if t else "with its version" for t in (old, new))
        yield f"{does} {after}, not {before}"


def _reworded(old: str, new: str) -> Iterator[str]:
    before, after = old.split(), new.split()
    for how, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if how == "equal":
            continue
        place = " ".join(before[max(a - AROUND, 0) : a])
        where = f" after “{place}”" if place else " at the beginning"
        gone, more = " ".join(before[a:b]), " ".join(after[c:d])
        if how == "replace":
            yield f"wording{where}: “{more}”, not “{gone}”"
        else:
            yield f"wording{where}: {f'“{more}” is new' if more else f'“{gone}” is gone'}"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) or "all"
