"""A detection: named selections, and the condition that joins them.

As in the Sigma rules specification 2.1.0, section Detection: the lines of a map are joined by AND,
the maps of a list by OR. Sigma's lists of keywords search the whole of a log line; a sketch has no
text to search, so there are none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import ibis.expr.types as ir

from stillwatch.rules import matching
from stillwatch.rules.balanced import every, some
from stillwatch.rules.condition import Condition, holds, names, parse
from stillwatch.rules.matching import Test
from stillwatch.written.problems import PartError, Place, Problem

CONDITION = "condition"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_RESERVED = frozenset({"and", "or", "not", "of", "them", "all", "any"})

Selection = tuple[tuple[Test, ...], ...]
"""Maps joined by OR, each of tests joined by AND."""


@dataclass(frozen=True, slots=True)
class Detection:
    """What an exchange must look like."""

    selections: dict[str, Selection]
    condition: Condition

    @property
    def columns(self) -> frozenset[str]:
        """The columns it reads."""
        tests = (t for maps in self.selections.values() for tests in maps for t in tests)
        return frozenset(column for test in tests for column in test.columns)

    def matches(self, exchanges: ir.Table) -> ir.BooleanValue:
        """Whether each exchange matches; never null."""

        def selected(name: str) -> ir.BooleanValue:
            maps = self.selections[name]
            return some([every([test.matches(exchanges) for test in tests]) for tests in maps])

        return holds(self.condition, selected)


def read(given: Any) -> Detection:
    """A detection from its YAML. Raises `PartError` with every problem and its place in it."""
    if isinstance(given, Detection):
        return given
    if not isinstance(given, dict):
        raise PartError([Problem((), "must be a map of selections and a condition")])
    problems: list[Problem] = []
    selections: dict[str, Selection] = {}
    for name, inner in given.items():
        if name == CONDITION:
            continue
        if not _NAME.fullmatch(name) or name.lower() in _RESERVED:
            told = (
                "is no name for a selection; use letters, digits and _, and no word of conditions"
            )
            problems.append(Problem((name,), f"{name!r} {told}"))
        selections[name] = tuple(_selection(inner, (name,), problems))
    if not selections:
        problems.append(Problem((), "has no selection; name one, as in `selection: {status: ok}`"))
    named = _condition(given, selections, problems) if not problems else None
    if problems or named is None:
        raise PartError(problems)
    return Detection(selections, named)


def _selection(given: Any, place: Place, problems: list[Problem]) -> Iterator[tuple[Test, ...]]:
    maps = given if isinstance(given, list) else [given]
    if not maps:
        problems.append(Problem(place, "is empty; give it a column and a value"))
    for number, lines in enumerate(maps):
        here = (*place, number) if isinstance(given, list) else place
        if not isinstance(lines, dict) or not lines:
            told = "must be a map of columns and values, or a list of such maps"
            if isinstance(lines, str):
                told += "; keywords are not searched for, since no text is kept"
            problems.append(Problem(here, told))
            continue
        tests = []
        for key, value in lines.items():
            try:
                tests.append(matching.read(key, value))
            except ValueError as error:
                problems.append(Problem((*here, key), str(error)))
        yield tuple(tests)


def _condition(
    given: dict[str, Any], selections: dict[str, Selection], problems: list[Problem]
) -> Condition | None:
    if CONDITION not in given:
        close = get_close_matches(CONDITION, selections, n=1, cutoff=0.7)
        hint = (
            f"is {close[0]!r} meant to be it?" if close else f"add `condition: {min(selections)}`"
        )
        problems.append(Problem((), f"has no condition; {hint}"))
        return None
    text = given[CONDITION]
    if not isinstance(text, str):
        problems.append(Problem((CONDITION,), "must be text, as in `selection and not filter`"))
        return None
    try:
        found = parse(text, list(selections))
    except ValueError as error:
        problems.append(Problem((CONDITION,), str(error)))
        return None
    unused = [name for name in selections if name not in names(found)]
    problems.extend(
        Problem((name,), "is not used by the condition; use it or drop it") for name in unused
    )
    return found
