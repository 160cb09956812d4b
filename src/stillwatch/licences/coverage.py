"""Which exchanges a licence covers, and why not the others: one expression over sketches.

They are counted in the order in which they came (time, then key), and all that a licence names
counts, whether it was too fast or not. So what is covered does not hang on the window of a scan.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from stillwatch.engine import Engine
from stillwatch.licences.meters import COUNTS, LEVELS, metered
from stillwatch.licences.model import COVERED, SUBKEYS, Licence
from stillwatch.traffic.exchange import TIMESTAMP

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
        counted = metered(engine, counted, level, licences, last)
    within = {
        kind: _all([counted[f"{level}_{kind}"] for level in LEVELS]) for kind in ("rate", "volume")
    }
    # What is too much in two ways is told as what lasts.
    outcome = ibis.cases((~within["volume"], "volume"), (~within["rate"], "rate"), else_=COVERED)
    kept = (*_KEPT, "tokens", "licence", "customer")
    meters = [f"{level}_{what}" for level in LEVELS for what in COUNTS]
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


def _all(tests: Sequence[ir.BooleanValue]) -> ir.BooleanValue:
    found = tests[0]
    for test in tests[1:]:
        found = found & test
    return found
