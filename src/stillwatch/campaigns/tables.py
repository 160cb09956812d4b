"""The two tables of a result: every account with its bits, every exchange of the campaigns."""

from __future__ import annotations

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from stillwatch.campaigns.document import Campaign
from stillwatch.traffic.exchange import TIMESTAMP, Column
from stillwatch.weighing import Evidence

ACCOUNTS_SCHEMA_ID = "stillwatch.accounts/1"
EXCHANGES_SCHEMA_ID = "stillwatch.exchanges/1"

ACCOUNT_COLUMNS: tuple[Column, ...] = (
    Column("account", pa.string(), "The account."),
    Column("campaign", pa.string(), "Campaign or lead it takes part in; null for none."),
    Column("verdict", pa.string(), "`campaign` or `lead`; null for none."),
    Column(
        "bits",
        pa.float64(),
        "own_bits + link_bits: how surely it belongs to its group, whatever that is.",
    ),
    Column("own_bits", pa.float64(), "What the account's own signals say, capped by group."),
    Column("link_bits", pa.float64(), "What it shares with its group says; null without one."),
    Column("exchanges", pa.int64(), "Exchanges in the window, but for licensed ones."),
    Column("licensed", pa.int64(), "Exchanges in the window that a licence covers: no evidence."),
    Column("first_seen", TIMESTAMP, "Its first exchange in the window."),
    Column("last_seen", TIMESTAMP, "Its last exchange in the window."),
)
"""Columns of `accounts.parquet`; after them, for each account signal, what it measured under its
name and what that weighs under `<name>:bits`. Of an account all of whose exchanges are licensed
nothing is measured, and its `own_bits` are 0."""

EXCHANGE_COLUMNS: tuple[Column, ...] = (
    Column("exchange_id", pa.string(), "The exchange."),
    Column("account", pa.string(), "Its account."),
    Column("campaign", pa.string(), "Campaign or lead it is attributed to."),
    Column("verdict", pa.string(), "`campaign` or `lead`."),
    Column("bits", pa.float64(), "Bits that it belongs to the harvest; above 0."),
)
"""Columns of `exchanges.parquet`."""


def account_table(seen: Evidence, named: Mapping[int, Campaign]) -> pa.Table:
    """Every account of the window: of campaigns, of leads, all others; by their bits in each.

    `campaign` and `verdict` are null for accounts of no group that was reported or is a lead;
    `bits` is `own_bits` (the account's own signals, capped by group) plus `link_bits` (what it
    shares with its group); `<signal>` and `<signal>:bits` are what each signal measured and says.
    """
    judged = seen.found.members.join(_names(named), "group").filter(lambda t: t.verdict != "spared")
    joined = _sided(seen).left_join(judged, "account_key")
    signals = [s.about.name for s in seen.account_signals]
    own = [column for name in signals for column in (name, f"{name}:bits")]
    table = joined.select(
        "account",
        campaign=joined.campaign,
        verdict=joined.verdict,
        bits=joined.own_bits + joined.link_bits.fill_null(0.0),
        own_bits=joined.own_bits,
        link_bits=joined.link_bits,
        exchanges=joined.exchanges,
        licensed=joined.licensed,
        first_seen=joined.first_seen,
        last_seen=joined.last_seen,
        **{name: joined[name] for name in own},
    )
    rank = table.verdict.cases(("campaign", 0), ("lead", 1), else_=2)
    table = table.order_by(rank, ibis.desc("bits"), "account")
    return table.to_pyarrow().replace_schema_metadata({"schema": ACCOUNTS_SCHEMA_ID})


def _sided(seen: Evidence) -> ir.Table:
    """All accounts, with how many of their exchanges are `licensed`; of those that have no others
    nothing is told that was measured."""
    accounts = seen.accounts
    if seen.sides is None:
        return accounts.mutate(licensed=ibis.literal(0, "int64"))
    sides = seen.sides.table
    whole = sides.select(
        account_key=ibis.ifelse(sides.alone, sides.account_key, sides.owner),
        covered=sides.exchanges,
        alone=sides.alone,
        begun=sides.first_seen,
        ended=sides.last_seen,
    )
    joined = accounts.left_join(whole, "account_key").drop("account_key_right")
    alone = joined.alone.fill_null(False)
    names = [s.about.name for s in seen.account_signals]
    hidden = [column for name in names for column in (name, f"{name}:bits")]
    return joined.mutate(
        exchanges=ibis.ifelse(alone, 0, joined.exchanges),
        licensed=joined.covered.fill_null(0),
        first_seen=ibis.coalesce(ibis.least(joined.first_seen, joined.begun), joined.first_seen),
        last_seen=ibis.coalesce(ibis.greatest(joined.last_seen, joined.ended), joined.last_seen),
        own_bits=ibis.ifelse(alone, 0.0, joined.own_bits),
        **{name: ibis.ifelse(alone, None, joined[name]) for name in hidden},
    )


def exchange_table(
    attributed: ir.Table, accounts: ir.Table, named: Mapping[int, Campaign]
) -> pa.Table:
    """The exchanges attributed to reported campaigns and leads: those with more than 0 bits."""
    judged = attributed.join(_names(named), "group").filter(
        lambda t: (t.verdict != "spared") & (t.bits > 0)
    )
    table = judged.join(accounts.select("account_key", "account"), "account_key").select(
        "exchange_id", "account", "campaign", "verdict", "bits"
    )
    ordered = table.order_by("campaign", ibis.desc("bits"), "exchange_id")
    return ordered.to_pyarrow().replace_schema_metadata({"schema": EXCHANGES_SCHEMA_ID})


def _names(named: Mapping[int, Campaign]) -> ir.Table:
    rows = pa.table(
        {
            "group": pa.array(list(named), pa.int64()),
            "campaign": pa.array([c.id for c in named.values()], pa.string()),
            "verdict": pa.array([c.verdict for c in named.values()], pa.string()),
        }
    )
    return ibis.memtable(rows)
