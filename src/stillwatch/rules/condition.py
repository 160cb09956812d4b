"""The condition of a detection: names of selections, joined with and, or, not and `1 of`.

The grammar is that of the Sigma rules specification 2.1.0, section Condition. From what binds
least: or, and, not, `1 of` / `all of`, brackets. The parser is parsy's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

import ibis.expr.types as ir
import parsy

from stillwatch.complaints import meant
from stillwatch.rules.logic import All, Any, Logic, Not, holding, leaves

DEEPEST = 20
"""Levels of brackets, beyond which nobody could read a condition and the engine may not."""


@dataclass(frozen=True, slots=True)
class Named:
    """A selection holds."""

    name: str


Condition = Logic[Named]


def parse(text: str, selections: Sequence[str]) -> Condition:
    """The condition that a text says about these selections.

    Raises `ValueError` in words: what could not be read and where, or which name is unknown.
    """
    try:
        found: Condition = _grammar(selections).parse(text)
    except parsy.ParseError as error:
        at = text[error.index :].split(maxsplit=1)
        seen = f"{at[0]!r} at character {error.index + 1}" if at else "its end"
        raise ValueError(
            f"cannot be understood at {seen}; write selections joined with and, or, not, "
            "`1 of selection*`, `all of selection*` and brackets"
        ) from error
    except RecursionError as error:
        raise ValueError("is nested too deeply; use fewer brackets") from error
    if _depth(found) > DEEPEST:
        raise ValueError("is nested too deeply; use fewer brackets")
    return found


def names(condition: Condition) -> frozenset[str]:
    """The selections that a condition uses."""
    return frozenset(named.name for named in leaves(condition))


def holds(condition: Condition, selection: Callable[[str], ir.BooleanValue]) -> ir.BooleanValue:
    """The condition as an expression, from those of its selections, which must not be null."""

    def one(named: Named) -> ir.BooleanValue:
        return selection(named.name)

    return holding(one)(condition)


def _grammar(selections: Sequence[str]) -> parsy.Parser:
    space = parsy.whitespace.optional()
    word = parsy.regex(r"[A-Za-z0-9_]*[A-Za-z_*][A-Za-z0-9_*]*") << space

    def keyword(*texts: str) -> parsy.Parser:
        return parsy.regex(rf"(?:{'|'.join(texts)})\b") << space

    name = (keyword("and", "or", "not", "of").should_fail("a name") >> word).bind(
        lambda given: _known(given, selections)
    )
    pattern = (keyword("them") | word).bind(lambda given: _matching(given, selections))
    of = parsy.seq(keyword("1", "any", "all") << keyword("of"), pattern).combine(
        lambda how, found: _joined(All if how == "all" else Any, found)
    )
    either = parsy.forward_declaration()
    inner = parsy.string("(") >> space >> either << parsy.string(")") << space
    negated = parsy.forward_declaration()
    negated.become((keyword("not") >> negated).map(_negation) | of | inner | name)
    both = negated.sep_by(keyword("and"), min=1).map(lambda parts: _joined(All, parts))
    either.become(both.sep_by(keyword("or"), min=1).map(lambda parts: _joined(Any, parts)))
    return space >> either


def _known(given: str, selections: Sequence[str]) -> parsy.Parser:
    if given not in selections:
        raise ValueError(f"there is no selection {given!r}{meant(given, selections)}")
    return parsy.success(Named(given))


def _matching(given: str, selections: Sequence[str]) -> parsy.Parser:
    found = [s for s in selections if _matches(s, given)]
    if not found:
        raise ValueError(f"no selection is called like {given!r}{meant(given, selections)}")
    return parsy.success([Named(s) for s in found])


def _matches(selection: str, pattern: str) -> bool:
    # Selections that begin with an underscore are left out of `them`, as in Sigma.
    return not selection.startswith("_") if pattern == "them" else fnmatchcase(selection, pattern)


def _negation(inner: Condition) -> Condition:
    return inner.inner if isinstance(inner, Not) else Not(inner)


def _joined(how: type[All[Named]] | type[Any[Named]], parts: Sequence[Condition]) -> Condition:
    return parts[0] if len(parts) == 1 else how(tuple(parts))


def _depth(condition: Condition) -> int:
    match condition:
        case Named():
            return 0
        case Not(inner):
            return 1 + _depth(inner)
        case All(parts) | Any(parts):
            return 1 + max(map(_depth, parts))
