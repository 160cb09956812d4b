"""Looks for indicators in a chunk of sketches: which exchange shows which of them.

Values to be equal to are looked up by a join on their column, all of one column at once: the
engine filters by it before it reads any other column. So are address ranges, once they are known
as blocks and spellings. Conditions of another form are tested on every exchange.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from stillwatch.engine import Engine
from stillwatch.hunts import networks
from stillwatch.hunts.condition import (
    Condition,
    Detected,
    Equal,
    Inside,
    Texts,
    alternatives,
    columns,
    finer,
    holds,
)
from stillwatch.hunts.follow import followed
from stillwatch.hunts.indicator import Indicator
from stillwatch.hunts.networks import Finer, Network
from stillwatch.rules.balanced import some
from stillwatch.rules.detection import Detection
from stillwatch.rules.model import HuntRule, Then
from stillwatch.sketch.schema import SCHEMA

BATCH = 50
"""Conditions tested in one pass over the sketches."""


def union(tables: Sequence[ir.Table]) -> ir.Table:
    """All rows of one or more tables, as a flat tree."""
    if len(tables) == 1:
        return tables[0]
    half = len(tables) // 2
    return union(tables[:half]).union(union(tables[half:]))


class Probe:
    """Indicators, ready to be looked for in any number of chunks.

    `named` asks for `exchange_id`, which is dear to read where much matches.
    """

    def __init__(self, engine: Engine, indicators: Sequence[Indicator], named: bool) -> None:
        self._engine, self._named = engine, named
        self._read = (*_BASE, "exchange_id") if named else _BASE
        equal: defaultdict[str, list[tuple[int, Equal]]] = defaultdict(list)
        fine: defaultdict[Network, list[int]] = defaultdict(list)
        ranges: list[tuple[int, str, str]] = []
        tested: list[tuple[int, Condition]] = []
        self._chains: list[tuple[int, Detection, Then]] = []
        for number, condition in _wanted(indicators):
            match condition:
                case HuntRule(detection=first, then=then):
                    if then is None:
                        tested.append((number, Detected(first)))
                    else:
                        self._chains.append((number, first, then))
                case Equal(column):
                    equal[column].append((number, condition))
                case Inside(network) if networks.finer(network):
                    fine[network].append(number)
                case Inside(network):
                    ranges.append((number, *networks.bounds(network)))
                case _:
                    tested.append((number, condition))
        self._fine, self._tested = fine, tested
        self._equal = {
            column: engine.memtable(f"wanted_{column}", _values(column, found))
            for column, found in equal.items()
        }
        self._ranges = engine.memtable("wanted_ranges", _ranges(ranges)) if ranges else None
        self._spelled = {*fine, *(n for _, condition in tested for n in finer(condition))}
        blocks = pa.array(sorted({networks.block(n) for n in self._spelled}), pa.string())
        self._blocks = engine.memtable("wanted_blocks", pa.table({"address_block": blocks}))

    def sightings(
        self, name: str, sketches: ir.Table, before: Callable[[timedelta], ir.Table]
    ) -> ir.Table:
        """What is seen in a chunk of sketches; `before(span)` are the sketches up to `span` before.

        indicator: number of the indicator; exchange_key, account_key, time, input_tokens,
        output_tokens, exchange_id: of the exchange; bands: bits of the MinHash bands in common;
        after_id: the exchange that it followed. An exchange may be there several times. `name`
        begins the names of the tables that are kept in the engine.
        """
        spellings = self._spellings(sketches)
        found = [
            *self._looked_up(sketches),
            *self._ranged(name, sketches),
            *self._addressed(name, sketches, spellings),
            *self._held(name, sketches, spellings),
        ]
        for number, first, then in self._chains:
            found.append(self._rows(followed(first, then, before(then.timespan), sketches), number))
        nothing = self._rows(sketches.limit(0), 0)
        return self._engine.keep(name, union(found or [nothing]))

    def _looked_up(self, sketches: ir.Table) -> Iterator[ir.Table]:
        for column, wanted in self._equal.items():
            found = sketches.join(wanted, sketches[column] == wanted.wanted)
            yield self._rows(found, found.indicator, found.bands)

    def _ranged(self, name: str, sketches: ir.Table) -> Iterator[ir.Table]:
        """Exchanges in ranges of whole blocks: each different block is compared once."""
        if self._ranges is None:
            return
        there = sketches.select("address_block").distinct().filter(lambda t: t[0].notnull())
        blocks = self._engine.keep(
            f"{name}_blocks", there.mutate(sorts=networks.key(there.address_block))
        )
        ranges = self._ranges
        inside = blocks.join(
            ranges, [blocks.sorts >= ranges["first"], blocks.sorts <= ranges["last"]]
        )
        pairs = self._engine.keep(
            f"{name}_ranged", inside.select("address_block", "indicator").distinct()
        )
        found = sketches.join(pairs, "address_block")
        yield self._rows(found, found.indicator)

    def _addressed(self, name: str, sketches: ir.Table, spellings: Texts) -> Iterator[ir.Table]:
        """Exchanges in ranges finer than a block, by the spellings of their addresses."""
        pairs = [
            {"address": text, "indicator": number}
            for network, numbers in self._fine.items()
            for text in spellings[network]
            for number in numbers
        ]
        if pairs:
            schema = pa.schema([("address", pa.string()), ("indicator", pa.int32())])
            table = pa.Table.from_pylist(pairs, schema)
            wanted = self._engine.memtable(f"{name}_spelled", table)
            found = sketches.join(wanted, "address")
            yield self._rows(found, found.indicator)

    def _held(self, name: str, sketches: ir.Table, spellings: Texts) -> Iterator[ir.Table]:
        """Exchanges of which conditions hold, several conditions in one pass."""
        for begin in range(0, len(self._tested), BATCH):
            batch = self._tested[begin : begin + BATCH]
            read = {*self._read, *(c for _, condition in batch for c in columns(condition))}
            anyhow = some([holds(condition, sketches, spellings) for _, condition in batch])
            rows = sketches.filter(anyhow).select(*sorted(read))
            candidates = self._engine.keep(f"{name}_held_{begin}", rows)
            found = [
                self._rows(candidates.filter(holds(condition, candidates, spellings)), number)
                for number, condition in batch
            ]
            yield union(found)

    def _spellings(self, sketches: ir.Table) -> Texts:
        """The spellings of addresses that lie in the ranges finer than a block."""
        found: dict[Network, list[str]] = {network: [] for network in self._spelled}
        if found:
            near = sketches.semi_join(self._blocks, "address_block")
            ranges = Finer(found)
            for text in near.select("address").distinct().to_pyarrow()["address"].to_pylist():
                for network in ranges.ranges(text or ""):
                    found[network].append(text)
        return found

    def _rows(
        self, found: ir.Table, indicator: int | ir.Value, bands: int | ir.Value = 0
    ) -> ir.Table:
        name = found.exchange_id if self._named else ibis.null("string")
        after = found.after_id if "after_id" in found.columns else ibis.null("string")
        return found.select(
            *_BASE,
            indicator=_int32(indicator),
            bands=_int32(bands),
            exchange_id=name,
            after_id=after,
        )


_BASE = ("exchange_key", "account_key", "time", "input_tokens", "output_tokens")


def _wanted(indicators: Iterable[Indicator]) -> Iterator[tuple[int, Condition | HuntRule]]:
    """(number of an indicator, one of the things of which any is enough)."""
    for number, one in enumerate(indicators):
        if isinstance(one.asked, HuntRule):
            yield number, one.asked
        else:
            for condition in dict.fromkeys(alternatives(one.asked)):
                yield number, condition


def _values(column: str, found: Sequence[tuple[int, Equal]]) -> pa.Table:
    return pa.table(
        {
            "wanted": pa.array([one.value for _, one in found], SCHEMA.field(column).type),
            "indicator": pa.array([number for number, _ in found], pa.int32()),
            "bands": pa.array(
                [0 if one.band is None else 1 << one.band for _, one in found], pa.int32()
            ),
        }
    )


def _ranges(found: Sequence[tuple[int, str, str]]) -> pa.Table:
    numbers, first, last = zip(*found, strict=True)
    return pa.table({"indicator": pa.array(numbers, pa.int32()), "first": first, "last": last})


def _int32(value: int | ir.Value) -> ir.Value:
    return (ibis.literal(value) if isinstance(value, int) else value).cast("int32")
