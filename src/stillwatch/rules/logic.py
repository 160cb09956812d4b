"""Conditions joined by and, or, not, whatever they are of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar, Union

import ibis.expr.types as ir

from stillwatch.rules.balanced import every, some

Leaf = TypeVar("Leaf")


@dataclass(frozen=True, slots=True)
class Not(Generic[Leaf]):
    """The condition within does not hold."""

    inner: Logic[Leaf]


@dataclass(frozen=True, slots=True)
class All(Generic[Leaf]):
    """Each of one or more conditions holds."""

    parts: tuple[Logic[Leaf], ...]


@dataclass(frozen=True, slots=True)
class Any(Generic[Leaf]):
    """At least one of one or more conditions holds."""

    parts: tuple[Logic[Leaf], ...]


Logic: TypeAlias = Union[Leaf, Not[Leaf], All[Leaf], Any[Leaf]]  # noqa: UP007 - a type variable


def leaves(condition: Logic[Leaf]) -> Iterator[Leaf]:
    """All that is joined, from left to right."""
    match condition:
        case Not(inner):
            yield from leaves(inner)
        case All(parts) | Any(parts):
            for part in parts:
                yield from leaves(part)
        case _:
            yield condition


def holding(
    leaf: Callable[[Leaf], ir.BooleanValue],
) -> Callable[[Logic[Leaf]], ir.BooleanValue]:
    """What makes a condition an expression, from those of its leaves, which must not be null."""

    def holds(condition: Logic[Leaf]) -> ir.BooleanValue:
        match condition:
            case Not(inner):
                return ~holds(inner)
            case All(parts):
                return every(list(map(holds, parts)))
            case Any(parts):
                return some(list(map(holds, parts)))
            case _:
                return leaf(condition)

    return holds
