"""Which exchanges of a campaign's accounts belong to the harvest.

A relay account carries real customers beside the harvest, so each exchange is weighed by itself:
by the wording and origin it shares with the campaign, by what it asks for, and by its account.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from stillwatch.evidence import Evidence
from stillwatch.signals.catalogue.coverage import LIFT

LARGEST = 8.0
"""Bits that wording, or origin, may say about one exchange at most."""
UNSHARED = 0.05
"""Least share of a harvest that follows no template found; keeps the logarithm finite."""
PER_EXCHANGE = frozenset({"address", "address_block", "client"})
"""Kinds of origin that differ between the exchanges of one account."""


def attributed(groups: Iterable[int], seen: Evidence) -> ir.Table:
    """exchange_id, account_key, group, time, model, intent, bits: exchanges of some groups.

    Each exchange of their members is weighed; positive bits speak for the harvest.
    """
    chosen = ibis.memtable(pa.table({"group": pa.array(list(groups), pa.int64())}))
    found = seen.found
    exchanges = found.exchanges.semi_join(chosen, "group")
    shared = found.shared.semi_join(chosen, "group")
    members = found.members.semi_join(chosen, "group")
    varying = [link for link in seen.links if link.text or link.about.name in PER_EXCHANGE]
    values = (
        shared.filter(shared.inside >= 2, shared.lift >= LIFT)
        .group_by("group", "node")
        .agg(thing_bits=lambda t: t.thing_ratio.max().log2().clip(lower=0.0, upper=LARGEST))
        .join(seen.things, "node")
    )
    rows = exchanges.select(
        "exchange_id",
        "account_key",
        "group",
        "time",
        "model",
        "intent",
        "intent_bits",
        **{link.about.name: link.value(exchanges).cast("string") for link in varying},
    )
    for link in varying:
        kind = link.about.name
        of_kind = values.filter(values.kind == kind).select(
            **{"group": values.group, kind: values.value, f"{kind}_bits": values.thing_bits}
        )
        rows = rows.left_join(of_kind, ["group", kind]).drop("group_right", f"{kind}_right")
    wording = [rows[f"{k.about.name}_bits"] for k in varying if k.text]
    origin = [rows[f"{k.about.name}_bits"] for k in varying if not k.text]
    rows = rows.mutate(wording=_largest(wording), origin=_largest(origin))
    rows = rows.mutate(
        **{
            "wording_bits": _or_unshared(rows, "wording"),
            "origin_bits": _or_unshared(rows, "origin"),
            "asks": rows.intent_bits.cast("float64").mean().over(ibis.window(group_by="group")),
        }
    )
    asked = rows.intent_bits.cast("float64").fill_null(0.0).clip(lower=-3.0, upper=3.0)
    intent = ibis.ifelse(rows.asks > 0.5, asked, 0.0)
    rows = rows.join(members.select("group", "account_key", "link_bits"), ["group", "account_key"])
    account = (rows.link_bits - 2.0).clip(lower=-2.0, upper=3.0)
    return rows.select(
        "exchange_id",
        "account_key",
        "group",
        "time",
        "model",
        "intent",
        bits=rows.wording_bits + rows.origin_bits + intent + account,
    )


def _or_unshared(rows: ir.Table, column: str) -> ir.NumericValue:
    """Bits of what is shared; where nothing is, what the lack of it says about the exchange."""
    covered = rows[column].notnull().cast("float64").mean().over(ibis.window(group_by="group"))
    return rows[column].fill_null((1.0 - covered + UNSHARED).log2())


def _largest(values: Sequence[ir.NumericValue]) -> ir.NumericValue:
    if not values:
        return ibis.null("float64")
    return values[0] if len(values) == 1 else ibis.greatest(*values)
