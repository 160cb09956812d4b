"""What limits are counted by: of each licence, and of each customer that it names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import takewhile
from typing import Any, Literal, get_args

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from stillwatch.engine import Engine
from stillwatch.licences.model import Customer, Licence, Pace
from stillwatch.licences.periods import periods
from stillwatch.portable import seconds
from stillwatch.traffic.exchange import TIMESTAMP

_SECONDS: dict[Pace, int] = {"minute": 60, "hour": 3600, "day": 86400}
_RATES = pa.schema([("paced", pa.string()), ("quickest", pa.int64()), ("pace", pa.int64())])
_VOLUMES = pa.schema(
    [
        ("metered", pa.string()),
        ("begin", TIMESTAMP),
        ("finish", TIMESTAMP),
        ("most", pa.int64()),
        ("most_tokens", pa.int64()),
        ("counted", TIMESTAMP),
        ("used", pa.int64()),
        ("used_tokens", pa.int64()),
    ]
)

Level = Literal["licence", "customer"]
LEVELS: tuple[Level, ...] = get_args(Level)
COUNTS = ("begin", "exchanges", "tokens", "pace")
"""What is told of each level: see `coverage.coverage`."""
Meter = tuple[str, Licence, Licence | Customer]
"""What is counted by itself: its name, its licence, and whose limits hold."""


def metered(
    engine: Engine, rows: ir.Table, level: Level, licences: Sequence[Licence], last: datetime | None
) -> ir.Table:
    """The rows with `COUNTS`, `<level>_rate` and `<level>_volume`: whether each was within both.

    `rows`: exchange_key, time, tokens, licence, customer; `last`: the latest time there is.
    """
    meters = [*_meters(licences, level)]
    rates = engine.memtable(
        f"{level}_rates", pa.Table.from_pylist([*_rates(meters)], schema=_RATES)
    )
    volumes = engine.memtable(
        f"{level}_volumes", pa.Table.from_pylist([*_volumes(meters, last)], schema=_VOLUMES)
    )
    meter = rows.licence if level == "licence" else rows.licence + ":" + rows.customer
    rows = rows.mutate(meter=meter)
    paced = rows.left_join(rates, rows.meter == rates.paced)
    # Kept: of joins on joins the engine confuses the names.
    paced = engine.keep(f"{level}_paced", paced)
    timed = engine.keep(
        f"{level}_timed",
        paced.left_join(
            volumes,
            [
                paced.meter == volumes.metered,
                paced.time >= volumes.begin,
                paced.time < volumes.finish,
            ],
        ),
    )
    order = [timed.time, timed.exchange_key]
    tick = (seconds(timed.time) / timed.pace).floor()
    in_tick = ibis.window(group_by=[timed.meter, tick], order_by=order)
    so_far = ibis.cumulative_window(group_by=[timed.meter, timed.begin], order_by=order)
    fresh = timed.time >= timed.counted
    exchanges = fresh.cast("int64").sum().over(so_far) + timed.used
    tokens = ibis.ifelse(fresh, timed.tokens, 0).sum().over(so_far) + timed.used_tokens
    pace = ibis.ifelse(timed.quickest.notnull(), ibis.row_number().over(in_tick) + 1, None)
    return engine.keep(
        f"{level}_counted",
        timed.select(
            *rows.drop("meter").columns,
            **{
                f"{level}_begin": timed.begin,
                f"{level}_exchanges": exchanges.cast("int64"),
                f"{level}_tokens": tokens.cast("int64"),
                f"{level}_pace": pace.cast("int64"),
                f"{level}_rate": (pace <= timed.quickest).fill_null(True),
                f"{level}_volume": (exchanges <= timed.most).fill_null(True)
                & (tokens <= timed.most_tokens).fill_null(True),
            },
        ),
    )


def _meters(licences: Sequence[Licence], level: Level) -> Iterator[Meter]:
    for one in licences:
        if level == "licence":
            yield one.id, one, one
        else:
            yield from ((f"{one.id}:{customer.name}", one, customer) for customer in one.customers)


def _rates(meters: Sequence[Meter]) -> Iterator[dict[str, Any]]:
    for name, _, limited in meters:
        if limited.rate:
            pace = _SECONDS[limited.rate.per]
            yield {"paced": name, "quickest": limited.rate.exchanges, "pace": pace}


def _volumes(meters: Sequence[Meter], last: datetime | None) -> Iterator[dict[str, Any]]:
    """A row for each period of each volume, until the last exchange."""
    for name, licence, limited in meters:
        if limited.volume is None or last is None:
            continue
        used = limited.used if isinstance(limited, Licence) else None
        every = periods(licence.start, licence.end, limited.volume.per)
        for begin, finish in takewhile(lambda period: period[0] <= last, every):
            here = used if used and begin <= used.at < finish else None
            yield {
                "metered": name,
                "begin": begin,
                "finish": finish,
                "most": limited.volume.exchanges,
                "most_tokens": limited.volume.tokens,
                "counted": here.at if here else begin,
                "used": here.exchanges if here else 0,
                "used_tokens": here.tokens if here else 0,
            }
