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
from stillwatch.rules.detection import Detection
from stillwatch.rules.logic import Any, Logic, holding, leaves


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


Leaf = Equal | Inside | Begins | Like | During | Detected
Condition = Logic[Leaf]

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
    asked: Iterator[Leaf] = leaves(condition)
    return frozenset().union(*map(_columns, asked))


def _columns(leaf: Leaf) -> frozenset[str]:
    match leaf:
        case Inside(network):
            fine = networks.finer(network)
            return frozenset({"address_block", "address"} if fine else {"address_block"})
        case Detected(detection):
            return detection.columns
        case _:
            return frozenset({leaf.column})


def finer(condition: Condition) -> Iterator[Network]:
    """The networks in a condition that are finer than a block."""
    for leaf in leaves(condition):
        if isinstance(leaf, Inside) and networks.finer(leaf.network):
            yield leaf.network


def holds(condition: Condition, exchanges: ir.Table, texts: Texts) -> ir.BooleanValue:
    """Whether the condition holds of each exchange; never null.

    `texts` has all networks that `finer` yields.
    """

    def one(leaf: Leaf) -> ir.BooleanValue:
        match leaf:
            case Detected(detection):
                return detection.matches(exchanges)
            case Inside(network):
                return _inside(network, exchanges, texts).fill_null(False)
            case _:
                return _compared(leaf, exchanges[leaf.column]).fill_null(False)

    return holding(one)(condition)


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
