"""Which exchanges a licence covers, and why not the others: one expression over sketches.

They are counted in the order in which they came (time, then key), and all that a licence names
counts, whether it was too fast or not. So what is covered does not hang on the window of a scan.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import takewhile
from typing import Any, Literal, get_args

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from stillwatch.engine import Engine
from stillwatch.licences.model import COVERED, SUBKEYS, Customer, Licence, Pace
from stillwatch.licences.periods import periods
from stillwatch.portable import seconds
from stillwatch.traffic.exchange import TIMESTAMP

_SECONDS: dict[Pace, int] = {"minute": 60, "hour": 3600, "day": 86400}
_KEPT = ("exchange_key", "account_key", "account", "time")
_READ = (*_KEPT, "organization", "model", "output_tokens", *SUBKEYS)
_GRANTS = pa.schema(
    [
        ("grant", pa.int64()),
        ("licence", pa.string()),
        ("customer", pa.string()),
        ("account", pa.string()),
        ("organization", pa.string()),
        *((f"its_{name}", pa.string()) for name in SUBKEYS),
        ("asked", pa.string()),
        ("start", TIMESTAMP),
        ("end", TIMESTAMP),
        ("place", pa.int64()),
    ]
)
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
_COUNTS = ("begin", "exchanges", "tokens", "pace")
Meter = tuple[str, Licence, Licence | Customer]
"""What is counted by itself: its name, its licence, and whose limits hold."""


def coverage(engine: Engine, sketches: ir.Table, licences: Sequence[Licence]) -> ir.Table:
    """What the licences say of each exchange of an account or organisation that one names.

    Columns exchange_key, account_key, account, time, tokens, licence, customer, outcome. That is
    `COVERED` or a `Reason`; `licence` that which covers it, or which comes closest to it. And for
    each of `LEVELS` how far its limits were used with this exchange: `<level>_exchanges` and
    `<level>_tokens` of the period of its volume that began at `<level>_begin`, `<level>_pace`
    exchanges of its minute, hour or day; null where there is no such limit.
    `sketches`: all there are, so that what was used before a window is counted.
    """
    named = engine.keep("licence_named", _named(engine, sketches, licences))
    fitting = named.filter(named.reason.isnull())
    last = fitting.time.max().to_pyarrow().as_py()
    counted = fitting
    for level in LEVELS:
        counted = _metered(engine, counted, level, licences, last)
    within = {
        kind: _all([counted[f"{level}_{kind}"] for level in LEVELS]) for kind in ("rate", "volume")
    }
    # What is too much in two ways is told as what lasts.
    outcome = ibis.cases((~within["volume"], "volume"), (~within["rate"], "rate"), else_=COVERED)
    kept = (*_KEPT, "tokens", "licence", "customer")
    meters = [f"{level}_{what}" for level in LEVELS for what in _COUNTS]
    rest = named.filter(named.reason.notnull())
    nothing = {name: ibis.null(counted[name].type()) for name in meters}
    return engine.keep(
        "licence_coverage",
        counted.select(*kept, *meters, outcome=outcome).union(
            rest.select(*kept, **nothing, outcome=rest.reason)
        ),
    )


def _named(engine: Engine, sketches: ir.Table, licences: Sequence[Licence]) -> ir.Table:
    """The exchanges of whoever is named, each once and with one licence; `reason` is null of those
    that it is for.

    Of several copies the earliest counts. Of several licences that which is for it; then one for
    its customer, its account, its organisation.
    """
    grants = engine.memtable(
        "licence_grants", pa.Table.from_pylist([*_grants(licences)], schema=_GRANTS)
    )
    read = sketches.select(*_READ)
    found = [
        read.inner_join(grants.filter(grants[who].notnull()), who).select(
            *_READ,
            *("grant", "licence", "customer", "asked", "start", "end", "place"),
            *(f"its_{name}" for name in SUBKEYS),
        )
        for who in ("account", "organization")
    ]
    rows = found[0].union(found[1])
    its = _all(
        [
            rows[f"its_{n}"].isnull() | (rows[f"its_{n}"] == rows[n]).fill_null(False)
            for n in SUBKEYS
        ]
    )
    asked = rows.asked.isnull() | (rows.asked == rows.model).fill_null(False)
    dated = (rows.time >= rows.start) & (rows.time < rows.end)
    reason = ibis.cases(
        (~dated, "dates"), (~asked, "model"), (~its, "customer"), else_=ibis.null("string")
    )
    misses = ibis.cases((~dated, 3), (~asked, 2), (~its, 1), else_=0)
    first = ibis.window(group_by="exchange_key", order_by=["time", "misses", "place", "grant"])
    ranked = rows.mutate(reason=reason, misses=misses)
    chosen = ranked.mutate(copy=ibis.row_number().over(first)).filter(lambda t: t.copy == 0)
    return chosen.select(
        *(*_KEPT, "licence", "reason"),
        customer=ibis.ifelse(chosen.reason.isnull(), chosen.customer, ibis.null("string")),
        tokens=chosen.output_tokens.fill_null(0),
    )


def _grants(licences: Sequence[Licence]) -> Iterator[dict[str, Any]]:
    """A row for each account or organisation, model and key that a licence names."""
    number = 0
    for one in licences:
        who: list[tuple[str, str]] = [("account", a) for a in one.accounts]
        who += [("organization", o) for o in one.organizations]
        models = [None] if one.any_model else list(one.models)
        keys: list[tuple[str | None, str | None]] = [
            (customer.name, key) for customer in one.customers for key in customer.keys
        ] or [(None, None)]
        for column, name in who:
            for model in models:
                for customer, key in keys:
                    number += 1
                    yield {
                        "grant": number,
                        "licence": one.id,
                        "customer": customer,
                        column: name,
                        f"its_{one.subkey}" if one.subkey else "its_credential": key,
                        "asked": model,
                        "start": one.start,
                        "end": one.end,
                        "place": (0 if column == "account" else 1) + (0 if customer else 2),
                    }


def _metered(
    engine: Engine, rows: ir.Table, level: Level, licences: Sequence[Licence], last: datetime | None
) -> ir.Table:
    """The rows with `<level>_rate` and `<level>_volume`: whether each was within both."""
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


def _all(tests: Sequence[ir.BooleanValue]) -> ir.BooleanValue:
    found = tests[0]
    for test in tests[1:]:
        found = found & test
    return found
