"""Which exchanges of a campaign's accounts belong to the harvest.

A relay account carries real customers beside the harvest, so each exchange is weighed by itself.
Wording that is typical of the campaign speaks for it. Without such wording an exchange is the
harvest's as far as the campaign's traffic cannot be ordinary (`ordinary.py`). What it asks for
may speak either way; that it comes from where the campaign comes from, or from an account that
fits well, does not speak for it, since a relay's customers come the same way.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import log2
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from stillwatch.campaigns import membership
from stillwatch.campaigns.ordinary import most_ordinary
from stillwatch.signals.catalogue.asks_for_reasoning import CLEAR
from stillwatch.weighing import Evidence

TYPICAL = 2.0
"""Bits from which wording that an exchange shares with the campaign is its own."""
MOST_WORDING = 8.0
"""Bits that the wording of an exchange may say about it."""
DOUBT = 0.03
"""An exchange without typical wording is never surer than this to be the harvest's, or not."""
UNTOLD = 1.0
"""Bits of an exchange where neither wording nor topics are known: then all are counted."""
LEAST_ORIGIN = -2.0
"""Bits that an address and client unlike the campaign's may say."""
MOST_INTENT = 3.0
"""Bits that what it asks for may say, in a campaign that asks for it at all."""
LEAST_ACCOUNT = -2.0
"""Bits that an account which hardly fits may say."""
ASKING = 0.05
"""Share of a group's prompts that ask for what a student needs, from which intents count."""
LOOSE, TIGHT = 0.2, 0.8
"""Share of a group's exchanges from a shared origin: below the first, coming from elsewhere says
nothing about an exchange; from the second on, it says all it can."""
PER_EXCHANGE = frozenset({"address", "address_block", "client"})
"""Kinds of origin that differ between the exchanges of one account."""


def attributed(groups: Iterable[int], seen: Evidence) -> ir.Table:
    """The exchanges of some groups' members, each weighed in bits; positive ones are the harvest's.

    Columns exchange_id, account_key, group, time, model, intent, intent_bits, bits.
    """
    chosen = ibis.memtable(pa.table({"group": pa.array(list(groups), pa.int64())}))
    found = seen.found
    shared = found.shared.semi_join(chosen, "group")
    members = seen.engine.keep("weighed_members", found.members.semi_join(chosen, "group"))
    exchanges = seen.exchanges.join(members, "account_key")
    varying = [link for link in seen.links if link.text or link.about.name in PER_EXCHANGE]
    values = (
        shared.group_by("group", "node")
        .agg(thing_bits=lambda t: t.thing_ratio.max().log2().clip(lower=0.0, upper=MOST_WORDING))
        .join(seen.things, "node")
    )
    values = seen.engine.keep("typical_values", values)
    rows = exchanges.select(
        "exchange_id",
        "account_key",
        "group",
        "time",
        "model",
        "intent",
        "intent_bits",
        "link_bits",
        **{link.about.name: link.value(exchanges) for link in varying},
    )
    # A view: joining onto a chain of joins whose columns are computed confuses the engine's names.
    rows = rows.view()
    for link in varying:
        kind = link.about.name
        # Names of things are strings; the few of them are cast, not each exchange's.
        thing = values.value.cast(rows[kind].type())
        of_kind = values.filter(values.kind == kind).select(
            **{"group": values.group, kind: thing, f"{kind}_bits": values.thing_bits}
        )
        rows = rows.left_join(of_kind, ["group", kind])
        rows = rows.drop("group_right", f"{kind}_right", kind)
    wording = _largest([rows[f"{k.about.name}_bits"] for k in varying if k.text])
    origin = _largest([rows[f"{k.about.name}_bits"] for k in varying if not k.text])
    rows = rows.mutate(worded=(wording >= TYPICAL).fill_null(False), wording=wording, origin=origin)
    rows = seen.engine.keep("worded", rows)
    rows = rows.left_join(_unworded(rows, seen.exchanges, members), "group")
    whole = ibis.window(group_by="group")
    asking = (rows.intent_bits >= CLEAR).fill_null(False).cast("float64").mean().over(whole)
    asked = rows.intent_bits.cast("float64").fill_null(0.0)
    parts = (
        ibis.ifelse(
            rows.worded, rows.wording.clip(upper=MOST_WORDING), rows.unworded.fill_null(UNTOLD)
        ),
        _elsewhere(rows.origin, whole),
        ibis.ifelse(asking >= ASKING, asked.clip(lower=-MOST_INTENT, upper=MOST_INTENT), 0.0),
        (rows.link_bits - membership.LEAST).clip(lower=LEAST_ACCOUNT, upper=0.0),
    )
    return rows.select(
        "exchange_id",
        "account_key",
        "group",
        "time",
        "model",
        "intent",
        "intent_bits",
        bits=parts[0] + parts[1] + parts[2] + parts[3],
    )


def _unworded(rows: ir.Table, exchanges: ir.Table, members: ir.Table) -> ir.Table:
    """group, unworded: bits that an exchange without typical wording is the harvest's.

    If a share r of a group's exchanges may be ordinary and a share w has no typical wording, then
    of those without it at most r / w are ordinary.
    """
    shares = rows.group_by("group").agg(without=lambda t: (~t.worded).mean()).to_pyarrow()
    without = dict(zip(shares["group"].to_pylist(), shares["without"].to_pylist(), strict=True))
    bits = {}
    for group, ordinary in most_ordinary(exchanges, members).items():
        sure = 1.0 - ordinary / without[group] if without[group] else 0.0
        sure = min(max(sure, DOUBT), 1.0 - DOUBT)
        bits[group] = log2(sure / (1.0 - sure))
    return ibis.memtable(
        pa.table(
            {
                "group": pa.array(list(bits), pa.int64()),
                "unworded": pa.array(list(bits.values()), pa.float64()),
            }
        )
    )


def _elsewhere(origin: ir.FloatingColumn, whole: Any) -> ir.FloatingColumn:
    """Bits that coming from elsewhere says, the more the fewer of the group do."""
    covered = origin.notnull().cast("float64").mean().over(whole)
    lacking = LEAST_ORIGIN * ((covered - LOOSE) / (TIGHT - LOOSE)).clip(lower=0.0, upper=1.0)
    return ibis.ifelse(origin.notnull(), 0.0, lacking)


def _largest(values: Sequence[ir.NumericValue]) -> ir.NumericValue:
    if not values:
        return ibis.null("float64")
    return values[0] if len(values) == 1 else ibis.greatest(*values)
