"""Many techniques: an account that asks in one way after another for what a student needs."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from stillwatch.signals.catalogue.asks_for_reasoning import CLEAR
from stillwatch.signals.catalogue.clear_intents import HARVESTING, asking
from stillwatch.signals.model import About, AccountSignal, Scale

LEAST_SHARE = 0.03
"""Of prompts, below which an intent may be the intent model's error."""


def clear(exchanges: ir.Table) -> ir.Table:
    """account_key, asks_<intent>: prompts that clearly have each harvesting intent.

    Only of accounts with any: hardly anybody has, and the others are not counted ten times over.
    """
    few = exchanges.filter(exchanges.intent_bits >= CLEAR)
    return few.group_by("account_key").agg(
        **{f"asks_{intent}": asking(few, intent) for intent in HARVESTING}
    )


def techniques(accounts: ir.Table) -> ir.IntegerValue:
    """Harvesting intents that at least two prompts and `LEAST_SHARE` of them clearly have."""
    least = ibis.greatest(2.0, LEAST_SHARE * accounts.prompts_with_intent)
    total: ir.IntegerValue = ibis.literal(0)
    for intent in HARVESTING:
        total = total + (accounts[f"asks_{intent}"].fill_null(0) >= least).cast("int64")
    return total


SIGNAL = AccountSignal(
    about=About(
        name="many_techniques",
        title="Harvesting techniques",
        group="text",
        needs=("intent", "intent_bits"),
        innocent="Who evaluates models asks for rubrics, comparisons and steps in turn.",
        source="Disclosures of 2026: sweeps over extraction techniques.",
        atlas=("AML.T0024.002", "AML.T0065"),
    ),
    scale=Scale(
        edges=(0.5, 1.5, 2.5),
        harvest=(0.35, 0.35, 0.12, 0.18),
        ordinary=(0.88, 0.09, 0.02, 0.01),
        reading="{value:.0f} of the harvesting intents",
        rises=True,
    ),
    aggregates=lambda t: {"prompts_with_intent": t.intent.count()},
    value=lambda a: (a.prompts_with_intent >= 5).ifelse(techniques(a), None),
    facts=clear,
)
