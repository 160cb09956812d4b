"""A STIX pattern (STIX 2.1, chapter 9) as a condition on one exchange.

The grammar and its parser are those of OASIS (`stix2-patterns`). One observation is one exchange.
Alternatives that no sketch can answer are told and left out; whatever else cannot be answered
makes the whole unanswerable.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any as Node

from stix2patterns.exceptions import ParseException
from stix2patterns.v21.grammars.STIXPatternParser import STIXPatternParser as Grammar
from stix2patterns.v21.grammars.STIXPatternVisitor import STIXPatternVisitor
from stix2patterns.v21.pattern import Pattern

from stillwatch.complaints import shown
from stillwatch.hunts.condition import Condition, During
from stillwatch.hunts.stix import mapping
from stillwatch.hunts.stix.mapping import UnansweredError, Value
from stillwatch.rules.logic import All, Any, Not

LONGEST = 1_000_000
"""Characters of a pattern; the parser takes some seconds for so many."""

DEEPEST = 20
"""Levels of brackets, beyond which the engine may not follow."""

_PLAIN = re.compile(r"[A-Za-z0-9_]+")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Read:
    """What a pattern asks, and the alternatives in it that cannot be asked, each a clause."""

    asked: Condition
    left_out: tuple[str, ...]


def read(pattern: str) -> Read:
    """The condition of a pattern.

    Raises `UnansweredError` where it is no pattern, or none that a sketch can answer.
    """
    if len(pattern) > LONGEST:
        raise UnansweredError(f"is longer than {LONGEST:,} characters")
    try:
        kept = _Tree()
        Pattern(pattern).visit(kept)
        reader = _Reader()
        asked = reader.observations(kept.root)
    except ParseException as error:
        raise UnansweredError(f"is no STIX pattern: {_place(error)}") from error
    except RecursionError as error:
        raise UnansweredError("is nested too deeply") from error
    if _depth(asked) > DEEPEST:
        raise UnansweredError("is nested too deeply")
    return Read(asked, tuple(dict.fromkeys(reader.left_out)))


def _place(error: ParseException) -> str:
    """Where the parser stopped. Its own words are of the grammar."""
    token = error.__cause__.offendingToken
    if token.type == Grammar.EOF:
        return "it breaks off"
    return f"{shown(token.text)} cannot stand in line {token.line}, character {token.column + 1}"


class _Tree(STIXPatternVisitor):  # type: ignore[misc]
    """Keeps the tree that it is shown."""

    root: Node = None

    def visitPattern(self, ctx: Node) -> None:  # noqa: N802 - the parser calls it so
        self.root = ctx.observationExpressions()


class _Reader:
    """Turns parse trees into conditions, and notes the alternatives that it leaves out."""

    def __init__(self) -> None:
        self.left_out: list[str] = []

    def observations(self, node: Node) -> Condition:
        """Observation expressions, from what binds least: FOLLOWEDBY, OR, AND."""
        (first,) = _alone(_operands(node), "FOLLOWEDBY joins several observations")
        return self._any(_operands(first), self._observation)

    def _observation(self, node: Node) -> Condition:
        (inner,) = _alone(_operands(node), "AND joins several observations")
        return self._qualified(inner)

    def _qualified(self, node: Node) -> Condition:
        match node:
            case Grammar.ObservationExpressionSimpleContext():
                return self._comparisons(node.comparisonExpression(), _positive)
            case Grammar.ObservationExpressionCompoundContext():
                return self.observations(node.observationExpressions())
            case Grammar.ObservationExpressionStartStopContext():
                times = node.startStopQualifier().TimestampLiteral()
                since, until = (_moment(time.getText()) for time in times)
                inner = self._qualified(node.observationExpression())
                return All((inner, During("time", since, until)))
            case _:
                raise UnansweredError("WITHIN and REPEATS join several observations")

    def _comparisons(
        self, node: Node, check: Callable[[Condition], Condition] = lambda condition: condition
    ) -> Condition:
        """Comparisons joined by OR; each alternative passes `check`."""
        return self._any(_operands(node), lambda part: check(self._both(part)))

    def _both(self, node: Node) -> Condition:
        """Comparisons joined by AND."""
        parts = tuple(self._test(part) for part in _operands(node))
        return parts[0] if len(parts) == 1 else All(parts)

    def _test(self, node: Node) -> Condition:
        if isinstance(node, Grammar.PropTestParenContext):
            return self._comparisons(node.comparisonExpression())
        path = _path(node.objectPath())
        match node:
            case Grammar.PropTestEqualContext():
                found = mapping.equal(path, _literal(node.primitiveLiteral()))
                return Not(found) if bool(node.NOT()) != bool(node.NEQ()) else found
            case Grammar.PropTestSetContext():
                values = node.setLiteral().primitiveLiteral()
                if not values:
                    raise UnansweredError(f"the set of values for {path} is empty")
                found = Any(tuple(mapping.equal(path, _literal(value)) for value in values))
            case Grammar.PropTestLikeContext():
                found = mapping.like(path, _string(node.StringLiteral().getText()))
            case Grammar.PropTestIsSubsetContext():
                found = mapping.inside(path, _string(node.StringLiteral().getText()))
            case _:
                raise UnansweredError(f"only =, !=, IN, LIKE and ISSUBSET are answered for {path}")
        return Not(found) if node.NOT() else found

    def _any(self, nodes: list[Node], read: Callable[[Node], Condition]) -> Condition:
        found: list[Condition] = []
        reasons: list[str] = []
        for node in nodes:
            try:
                found.append(read(node))
            except UnansweredError as error:
                reasons.append(str(error))
        if not found:
            raise UnansweredError("; ".join(dict.fromkeys(reasons)))
        self.left_out.extend(reasons)
        return found[0] if len(found) == 1 else Any(tuple(found))


def _positive(condition: Condition) -> Condition:
    """The condition. Raises where it only says what is not: nearly all exchanges match that."""
    if not _says(condition):
        raise UnansweredError("it only says what is not")
    return condition


def _says(condition: Condition) -> bool:
    match condition:
        case Not():
            return False
        case All(parts):
            return any(map(_says, parts))
        case Any(parts):
            return all(map(_says, parts))
        case _:
            return True


def _depth(condition: Condition) -> int:
    match condition:
        case All(parts) | Any(parts):
            return 1 + max(map(_depth, parts))
        case _:
            return 0


def _operands(node: Node) -> list[Node]:
    """What a chain of one operator joins, in its order. Chains are as deep as they are long."""
    found, waiting = [], [node]
    while waiting:
        inner = waiting.pop().children
        if len(inner) == 1:
            found.append(inner[0])
        else:
            waiting.extend((inner[2], inner[0]))
    return found


def _alone(nodes: list[Node], otherwise: str) -> list[Node]:
    if len(nodes) > 1:
        raise UnansweredError(otherwise)
    return nodes


def _path(node: Node) -> str:
    """A path in one spelling: keys in quotes where they must be."""
    kind, _, first, *rest = node.children
    return f"{kind.getText()}:{_key(first.getText())}{''.join(_steps(rest))}"


def _steps(nodes: list[Node]) -> Iterator[str]:
    waiting = nodes[::-1]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Grammar.PathStepContext):
            waiting.extend(node.children[::-1])
        elif isinstance(node, Grammar.KeyPathStepContext):
            yield f".{_key(node.children[1].getText())}"
        else:
            yield node.getText()


def _key(text: str) -> str:
    plain = _string(text) if text.startswith("'") else text
    return plain if _PLAIN.fullmatch(plain) else f"'{plain}'"


def _string(literal: str) -> str:
    return _ESCAPED.sub(r"\1", literal[1:-1])


def _moment(literal: str) -> datetime:
    try:
        return datetime.fromisoformat(literal[2:-1])
    except ValueError as error:
        raise UnansweredError(f"{literal} is no time: {error}") from error


def _literal(node: Node) -> Value:
    while node.getChildCount():
        node = node.getChild(0)
    text: str = node.getText()
    match node.symbol.type:
        case Grammar.StringLiteral:
            return _string(text)
        case Grammar.IntPosLiteral | Grammar.IntNegLiteral if len(text) < 20:
            return int(text)
        case _:
            raise UnansweredError(f"{text[:40]} is compared with nothing that a sketch has")
