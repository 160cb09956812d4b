"""One line of a selection: a column, its modifiers and the values it must have.

Modifiers are Sigma's (modifiers appendix 2.1.0). As in Sigma, text is compared without regard to
case, `*` stands for any characters and `?` for one, and a list is joined by OR, or with `all` by
AND. A test is true or false, never unknown: an exchange that lacks the column does not match.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import ibis.expr.types as ir

from stillwatch.complaints import meant
from stillwatch.rules.balanced import every, some
from stillwatch.rules.columns import KINDS, known
from stillwatch.rules.text import PARTIAL, matches
from stillwatch.rules.values import UnfitError, Value, value

_COMPARED: dict[str, Callable[[ir.Value, Any], ir.BooleanValue]] = {
    "lt": lambda column, value: column < value,
    "lte": lambda column, value: column <= value,
    "gt": lambda column, value: column > value,
    "gte": lambda column, value: column >= value,
}
_OTHER = ("all", "cased", "neq", "exists", "fieldref")
MODIFIERS = (*PARTIAL, *_OTHER, *_COMPARED)
_SIGMA_ONLY = frozenset(
    {
        *("re", "i", "m", "s", "base64", "base64offset", "utf16le", "utf16be", "utf16", "wide"),
        *("windash", "cidr", "expand", "minute", "hour", "day", "week", "month", "year"),
    }
)


@dataclass(frozen=True, slots=True)
class Test:
    """A checked line.

    `values` is empty for `null` and `exists`, which `present` tells apart, and for `fieldref`,
    where the value is that of the column `other`.
    """

    column: str
    modifiers: frozenset[str]
    values: tuple[Value, ...]
    present: bool = True
    other: str | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it reads."""
        return (self.column, self.other) if self.other else (self.column,)

    def matches(self, exchanges: ir.Table) -> ir.BooleanValue:
        """Whether each exchange passes; never null."""
        column = exchanges[self.column]
        if self.other is None and not self.values:
            return column.notnull() if self.present else column.isnull()
        values = [exchanges[self.other]] if self.other else self.values
        found = self._found(column, values).fill_null(False)
        return ~found if "neq" in self.modifiers else found

    def _found(self, column: ir.Value, values: Sequence[Any]) -> ir.BooleanValue:
        kind = KINDS[self.column]
        compared = next((_COMPARED[m] for m in _COMPARED if m in self.modifiers), None)
        if compared is not None:
            return compared(column, values[0])
        if kind in ("number", "hash", "time") or self.other:
            return column.isin(values)
        partial = next((m for m in PARTIAL if m in self.modifiers), None)
        cased = "cased" in self.modifiers
        tests = [matches(column, value, kind == "list", partial, cased) for value in values]
        return every(tests) if "all" in self.modifiers else some(tests)


def read(key: str, given: Any) -> Test:
    """The test that `column|modifier: value` says.

    Raises `ValueError` in words: what does not fit, and what to do.
    """
    name, *modifiers = key.split("|")
    column = known(name)
    for modifier in modifiers:
        if modifier in _SIGMA_ONLY:
            raise UnfitError(
                f"{modifier!r} is a modifier of Sigma that rules do not have; there are "
                + ", ".join(MODIFIERS)
            )
        if modifier not in MODIFIERS:
            raise UnfitError(f"there is no modifier {modifier!r}{meant(modifier, MODIFIERS)}")
    chosen = frozenset(modifiers)
    _fit(column, chosen, given)
    if "exists" in chosen:
        if not isinstance(given, bool):
            raise UnfitError("exists takes true or false")
        return Test(column, chosen, (), present=given)
    if given is None:
        return Test(column, chosen, (), present="neq" in chosen)
    if "fieldref" in chosen:
        return Test(column, chosen, (), other=_reference(column, given))
    values = given if isinstance(given, list) else [given]
    if not values:
        raise UnfitError("an empty list matches nothing; give it a value")
    return Test(column, chosen, tuple(value(column, chosen, v) for v in values))


def _fit(column: str, modifiers: frozenset[str], given: Any) -> None:
    """Raises where the modifiers do not suit the column, its values or one another."""
    kind = KINDS[column]
    compared = modifiers & _COMPARED.keys()
    partial = modifiers & set(PARTIAL)
    if "exists" in modifiers and len(modifiers) > 1:
        raise UnfitError("exists stands alone")
    if len(compared | partial) > 1:
        raise UnfitError(f"{' and '.join(sorted(compared | partial))} do not go together")
    if compared and kind not in ("number", "time"):
        raise UnfitError(f"{min(compared)} compares numbers and times, and {column} holds {kind}")
    if compared and isinstance(given, list):
        raise UnfitError(f"{min(compared)} takes one value, not a list")
    if kind not in ("text", "list") and (wrong := partial | (modifiers & {"cased"})):
        raise UnfitError(f"{min(wrong)} is for text, and {column} holds a {kind}")
    if "fieldref" in modifiers and (kind == "list" or modifiers & {*PARTIAL, "cased", "all"}):
        raise UnfitError("fieldref compares two columns as they are; drop the other modifiers")
    if kind == "time" and not modifiers & {*_COMPARED, "exists"} and given is not None:
        raise UnfitError(f"{column} is a time; compare it: {column}|gte, {column}|lt")
    if "all" in modifiers and not (isinstance(given, list) and len(given) > 1):
        raise UnfitError("all takes a list of at least two values")
    if "all" in modifiers and kind != "list" and not partial:
        raise UnfitError(f"no {column} equals several values at once; drop all, or use contains")
    if given is None and modifiers - {"neq"}:
        raise UnfitError("null goes with no modifier but neq")


def _reference(column: str, given: Any) -> str:
    if not isinstance(given, str):
        raise UnfitError("fieldref takes the name of a column")
    if KINDS[known(given)] != KINDS[column]:
        raise UnfitError(f"{column} holds a {KINDS[column]}, and {given} a {KINDS[given]}")
    return given
