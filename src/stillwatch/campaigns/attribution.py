"""Which exchanges of a campaign's accounts belong to the harvest.

A relay account carries real customers beside the harvest, so each exchange is weighed by itself:
by the wording and origin it shares with the campaign, by what it asks for, and by its account.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from stillwatch.campaigns import membership
from stillwatch.evidence import Evidence
from stillwatch.signals.catalogue.asks_for_reasoning import CLEAR

MOST_WORDING, LEAST_WORDING = 8.0, -5.0
"""Bits that the wording of an exchange may say about it."""
MOST_ORIGIN, LEAST_ORIGIN = 2.0, -2.0
"""Bits that its address and client may say: a relay's customers come from the same places."""
MOST_INTENT = 3.0
"""Bits that what it asks for may say, in a campaign that asks for it at all."""
MOST_ACCOUNT = 2.0
"""Bits that its account may say."""
ASKING = 0.05
"""Share of a group's prompts that ask for what a student needs, from which intents count."""
LOOSE, TIGHT = 0.2, 0.8
"""Share of a group's exchanges that carry something typical: below the first, the lack of it says
nothing about an exchange; from the second on, it says all it can."""
PER_EXCHANGE = frozenset({"address", "address_block", "client"})
"""Kinds of origin that differ between the exchanges of one account."""


def attributed(groups: Iterable[int], seen: Evidence) -> ir.Table:
    """The exchanges of some groups' members, each weighed in bits; positive ones are the harvest's.

    Columns exchange_id, account_key, group, time, model, intent, intent_bits, bits.
    """
    chosen = ibis.memtable(pa.table({"group": pa.array(list(groups), pa.int64())}))
    found = seen.found
    exchanges = found.exchanges.semi_join(chosen, "group")
    shared = found.shared.semi_join(chosen, "group")
    members = found.members.semi_join(chosen, "group")
    varying = [link for link in seen.links if link.text or link.about.name in PER_EXCHANGE]
    values = (
        shared.group_by("group", "node")
        .agg(thing_bits=lambda t: t.thing_ratio.max().log2().clip(lower=0.0, upper=MOST_WORDING))
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
    # A view: joining onto a chain of joins whose columns are casts confuses the engine's names.
    rows = rows.view()
    for link in varying:
        kind = link.about.name
        of_kind = values.filter(values.kind == kind).select(
            **{"group": values.group, kind: values.value, f"{kind}_bits": values.thing_bits}
        )
        rows = rows.left_join(of_kind, ["group", kind]).drop("group_right", f"{kind}_right")
    wording = [rows[f"{k.about.name}_bits"] for k in varying if k.text]
    origin = [rows[f"{k.about.name}_bits"] for k in varying if not k.text]
    rows = rows.mutate(wording=_largest(wording), origin=_largest(origin))
    rows = rows.join(members.select("group", "account_key", "link_bits"), ["group", "account_key"])
    whole = ibis.window(group_by="group")
    asking = (rows.intent_bits >= CLEAR).fill_null(False).cast("float64").mean().over(whole)
    asked = rows.intent_bits.cast("float64").fill_null(0.0)
    parts = (
        _typical(rows.wording, LEAST_WORDING, MOST_WORDING, whole),
        _typical(rows.origin, LEAST_ORIGIN, MOST_ORIGIN, whole),
        ibis.ifelse(asking >= ASKING, asked.clip(lower=-MOST_INTENT, upper=MOST_INTENT), 0.0),
        (rows.link_bits - membership.LEAST).clip(lower=-MOST_ACCOUNT, upper=MOST_ACCOUNT),
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


def _typical(bits: ir.FloatingColumn, least: float, most: float, whole: Any) -> ir.FloatingColumn:
    """Bits of carrying something typical; where there is nothing, what the lack of it says.

    The more of the group's exchanges carry something typical, the more one that does not looks
    like a customer's of a relay.
    """
    covered = bits.notnull().cast("float64").mean().over(whole)
    lacking = least * ((covered - LOOSE) / (TIGHT - LOOSE)).clip(lower=0.0, upper=1.0)
    return ibis.ifelse(bits.notnull(), bits.clip(upper=most), lacking)


def _largest(values: Sequence[ir.NumericValue]) -> ir.NumericValue:
    if not values:
        return ibis.null("float64")
    return values[0] if len(values) == 1 else ibis.greatest(*values)
