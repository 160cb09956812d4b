"""Group tables made by hand."""

from __future__ import annotations

from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from stillwatch.signals.model import GroupTables
from stillwatch.signals.times import times, witnessed

NOTHING = ibis.memtable(pa.table({"group": pa.array([], pa.int64())}))
SHARED = pa.schema(
    {
        "group": pa.int64(),
        "account_key": pa.int64(),
        "kind": pa.string(),
        "node": pa.int64(),
        "share": pa.float64(),
    }
)


def tables(**known: ir.Table) -> GroupTables:
    """Tables of which only some are filled."""
    parts = dict.fromkeys(("things", "members", "accounts", "exchanges", "shared"), NOTHING)
    parts["shared"] = ibis.memtable(SHARED.empty_table())
    exchanges = known.get("exchanges", NOTHING)
    filled = {**parts, **known}
    filled["times"] = filled["witnessed"] = NOTHING
    if "time" in exchanges.columns:
        filled["times"] = times(exchanges)
        filled["witnessed"] = witnessed(filled["times"], filled["shared"])
    return GroupTables(**filled)


def rows(*values: dict[str, Any]) -> ir.Table:
    return ibis.memtable(pa.Table.from_pylist(list(values)))


def members(*accounts: int, group: int = 0) -> ir.Table:
    return rows(*({"group": group, "account_key": a} for a in accounts))


def value(measured: ir.Table, group: int = 0) -> float | None:
    """What was measured of a group; None where it was not judged."""
    found = {r["group"]: r["value"] for r in measured.to_pyarrow().to_pylist()}
    return found.get(group)
