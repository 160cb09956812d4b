"""Counts what was seen: by indicator, by account, by day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from stillwatch.engine import Engine
from stillwatch.hunts.indicator import Indicator
from stillwatch.portable import seconds
from stillwatch.sketch.schema import BANDS
from stillwatch.traffic.exchange import TIMESTAMP

Row = dict[str, Any]
DAY = 86_400


@dataclass(frozen=True, slots=True)
class Tally:
    """What was seen, each exchange once for each indicator. Indicators are named by number.

    exchanges: indicator, exchange_key, exchange_id, account_key, time, shared (bands in common),
    after_id.
    accounts: indicator, account, organization, matched (exchanges that match), exchanges (all of
    the account's), first, last, input_tokens, output_tokens, shared; by indicator, those with most
    matches first.
    days: indicator, day (since 1970-01-01), exchanges, accounts.
    likeness: indicator, shared, exchanges; of indicators with bands alone.
    valid: indicator, exchanges before it began and before it ended; of those alone that say when.
    several: account, organization, indicators, matched, exchanges, first, last; those with most
    indicators first. Indicators that have expired do not count here.
    """

    exchanges: ir.Table
    accounts: pa.Table
    days: list[Row]
    likeness: list[Row]
    valid: list[Row]
    several: list[Row]


def tally(
    engine: Engine, seen: ir.Table, sketches: ir.Table, indicators: Sequence[Indicator]
) -> Tally:
    """Counts sightings, as `probe` gives them.

    `sketches` are all that were searched: the other exchanges of the accounts are among them.
    """
    exchanges = _once(engine, seen)
    accounts = engine.keep("seen_accounts", _by_account(exchanges))
    totals = engine.keep("seen_totals", _totals(accounts, sketches))
    named = accounts.join(totals, "account_key")
    return Tally(
        exchanges=exchanges.join(totals.select("account_key", "account"), "account_key"),
        accounts=named.select(*ACCOUNT)
        .order_by("indicator", ibis.desc("matched"), "account")
        .to_pyarrow(),
        days=_days(exchanges),
        likeness=_likeness(exchanges),
        valid=_valid(exchanges, indicators),
        several=_several(exchanges, accounts, totals, indicators),
    )


ACCOUNT = (
    *("indicator", "account", "organization", "matched", "exchanges", "first", "last"),
    *("input_tokens", "output_tokens", "shared"),
)


def _once(engine: Engine, seen: ir.Table) -> ir.Table:
    """The sightings, those of one exchange as one; of several copies of it the earliest."""
    keys = ["indicator", "exchange_key"]
    counts = seen.group_by(*keys).agg(times=seen.count())
    # Few are seen twice, and to put all together again would cost more than to look for them.
    twice = engine.keep("seen_twice", counts.filter(counts.times > 1))
    whole = seen
    if int(twice.count().to_pyarrow().as_py()):
        again = seen.semi_join(twice, keys)
        merged = again.group_by(*keys).agg(
            account_key=again.account_key.min(),
            exchange_id=again.exchange_id.min(),
            time=again.time.min(),
            input_tokens=again.input_tokens.max(),
            output_tokens=again.output_tokens.max(),
            bands=again.bands.bit_or(),
            after_id=again.after_id.min(),
        )
        alone = seen.anti_join(twice, keys)
        together = alone.select(*merged.columns).union(merged.cast({"bands": "int32"}))
        whole = engine.keep("seen_once", together)
    shared = reduce(add, ((whole.bands // 2**band) % 2 for band in range(BANDS)))
    return whole.mutate(shared=shared.cast("int32")).drop("bands")


def _by_account(exchanges: ir.Table) -> ir.Table:
    return exchanges.group_by("indicator", "account_key").agg(
        matched=exchanges.count(),
        first=exchanges.time.min(),
        last=exchanges.time.max(),
        input_tokens=exchanges.input_tokens.sum(),
        output_tokens=exchanges.output_tokens.sum(),
        shared=exchanges.shared.max(),
    )


def _totals(accounts: ir.Table, sketches: ir.Table) -> ir.Table:
    """account_key, account, organization, exchanges: of all accounts that were seen."""
    theirs = sketches.semi_join(accounts, "account_key")
    return theirs.group_by("account_key").agg(
        account=theirs.account.min(),
        organization=theirs.organization.max(),
        exchanges=theirs.exchange_key.nunique(),
    )


def _days(exchanges: ir.Table) -> list[Row]:
    # Whole days of UTC, whatever the time zone of the engine is.
    timed = exchanges.filter(exchanges.time.notnull())
    dated = timed.mutate(day=seconds(timed.time) // DAY)
    days = dated.group_by("indicator", "day").agg(
        exchanges=dated.count(), accounts=dated.account_key.nunique()
    )
    return _rows(days.order_by("indicator", "day"))


def _likeness(exchanges: ir.Table) -> list[Row]:
    counts = (
        exchanges.filter(exchanges.shared > 0)
        .group_by("indicator", "shared")
        .agg(exchanges=lambda t: t.count())
    )
    return _rows(counts.order_by("indicator", ibis.desc("shared")))


def _valid(exchanges: ir.Table, indicators: Sequence[Indicator]) -> list[Row]:
    limited = [
        {"indicator": number, "start": one.valid_from, "end": one.valid_until}
        for number, one in enumerate(indicators)
        if one.valid_from or one.valid_until
    ]
    if not limited:
        return []
    schema = pa.schema([("indicator", pa.int32()), ("start", TIMESTAMP), ("end", TIMESTAMP)])
    limits = ibis.memtable(pa.Table.from_pylist(limited, schema))
    dated = exchanges.join(limits, "indicator")
    counts = dated.group_by("indicator").agg(
        before_start=(dated.time < dated.start).sum().fill_null(0),
        before_end=(dated.time < dated.end).sum().fill_null(0),
    )
    return _rows(counts)


def _several(
    exchanges: ir.Table, accounts: ir.Table, totals: ir.Table, indicators: Sequence[Indicator]
) -> list[Row]:
    current = [number for number, one in enumerate(indicators) if not one.expired]
    if len(current) < 2:
        return []
    several = (
        accounts.filter(accounts.indicator.isin(current))
        .group_by("account_key")
        .agg(indicators=lambda t: t.indicator.collect())
        .filter(lambda t: t.indicators.length() > 1)
    )
    theirs = exchanges.filter(exchanges.indicator.isin(current))
    theirs = theirs.semi_join(several, "account_key")
    counts = theirs.group_by("account_key").agg(
        matched=theirs.exchange_key.nunique(), first=theirs.time.min(), last=theirs.time.max()
    )
    named = several.join(counts, "account_key").join(totals, "account_key")
    most = [ibis.desc(named.indicators.length()), ibis.desc("matched"), "account"]
    return _rows(named.order_by(*most).drop("account_key"))


def _rows(table: ir.Table) -> list[Row]:
    rows: list[Row] = table.to_pyarrow().to_pylist()
    return rows
