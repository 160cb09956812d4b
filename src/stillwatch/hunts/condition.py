"""What an indicator asks of one exchange: a condition over the columns of its sketch.

Equalities and address ranges are looked up, many at once (`probe`); everything else becomes an
expression here. A condition is true or false, never unknown: an exchange that lacks a column does
not match, and so passes a `Not`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import ibis
import ibis.expr.types as ir

from stillwatch.hunts import networks
from stillwatch.hunts.networks import Network
from stillwatch.rules.balanced import every, some
from stillwatch.rules.detection import Detection


@dataclass(frozen=True, slots=True)
class Equal:
    """A column has a value. `band` numbers the MinHash band that it is, from 0."""

    column: str
    value: str | int
    band: int | None = None


@dataclass(frozen=True, slots=True)
class Inside:
    """The address lies in a network."""

    network: Network


@dataclass(frozen=True, slots=True)
class Begins:
    """A column of text begins with a text."""

    column: str
    text: str


@dataclass(frozen=True, slots=True)
class Like:
    """A column of text is like a pattern: `%` stands for any characters, `_` for one."""

    column: str
    pattern: str


@dataclass(frozen=True, slots=True)
class During:
    """A column of times lies in since <= time < until."""

    column: str
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Detected:
    """The detection of a rule matches."""

    detection: Detection


@dataclass(frozen=True, slots=True)
class Not:
    """The condition within does not hold."""

    inner: Condition


@dataclass(frozen=True, slots=True)
class All:
    """Each of one or more conditions holds."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Any:
    """At least one of one or more conditions holds."""

    parts: tuple[Condition, ...]


Condition = Equal | Inside | Begins | Like | During | Detected | Not | All | Any

Texts = Mapping[Network, Collection[str]]
"""Network finer than a block → the spellings of its addresses that were found."""


def alternatives(condition: Condition) -> Iterator[Condition]:
    """The conditions of which any is enough."""
    if isinstance(condition, Any):
        for part in condition.parts:
            yield from alternatives(part)
    else:
        yield condition


def columns(condition: Condition) -> frozenset[str]:
    """The columns of the sketch that a condition reads."""
    match condition:
        case Inside(network):
            fine = networks.finer(network)
            return frozenset({"address_block", "address"} if fine else {"address_block"})
        case Detected(detection):
            return detection.columns
        case Not(inner):
            return columns(inner)
        case All(parts) | Any(parts):
            return frozenset().union(*map(columns, parts))
        case _:
            return frozenset({condition.column})


def finer(condition: Condition) -> Iterator[Network]:
    """The networks in a condition that are finer than a block."""
    match condition:
        case Inside(network) if networks.finer(network):
            yield network
        case Not(inner):
            yield from finer(inner)
        case All(parts) | Any(parts):
            for part in parts:
                yield from finer(part)
        case _:
            pass


def holds(condition: Condition, exchanges: ir.Table, texts: Texts) -> ir.BooleanValue:
    """Whether the condition holds of each exchange; never null.

    `texts` has all networks that `finer` yields.
    """
    match condition:
        case Not(inner):
            return ~holds(inner, exchanges, texts)
        case All(parts):
            return every([holds(part, exchanges, texts) for part in parts])
        case Any(parts):
            return some([holds(part, exchanges, texts) for part in parts])
        case Detected(detection):
            return detection.matches(exchanges)
        case Inside(network):
            return _inside(network, exchanges, texts).fill_null(False)
        case _:
            return _compared(condition, exchanges[condition.column]).fill_null(False)


def _compared(condition: Equal | Begins | Like | During, column: ir.Value) -> ir.BooleanValue:
    match condition:
        case Equal(_, value):
            return column == value
        case Begins(_, text):
            return column.startswith(text)
        case Like(_, pattern):
            return column.like(pattern)
        case During(_, since, until):
            return (column >= ibis.literal(since)) & (column < ibis.literal(until))


def _inside(network: Network, exchanges: ir.Table, texts: Texts) -> ir.BooleanValue:
    if networks.finer(network):
        found = list(texts[network])
        return exchanges.address.isin(found) if found else ibis.literal(False)
    first, last = networks.bounds(network)
    return networks.key(exchanges.address_block).between(first, last)
