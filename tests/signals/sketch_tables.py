"""Sketch tables made by hand, in an engine that many tests use."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from stillwatch.engine import Engine
from stillwatch.sketch import SCHEMA

START = datetime(2026, 3, 1, 9, tzinfo=UTC)
Row = dict[str, Any]


class Names:
    """An engine that keeps every table under a name of its own."""

    def __init__(self, opened: Engine) -> None:
        self._opened = opened

    def keep(self, name: str, expression: ir.Table) -> ir.Table:
        return self._opened.keep(ibis.util.gen_name(name), expression)

    def memtable(self, name: str, table: object) -> ir.Table:
        return self._opened.memtable(ibis.util.gen_name(name), table)

    def table(self, rows: Sequence[Row]) -> ir.Table:
        """Sketches with these values; `account` is a number, and the key of the account, too."""
        whole = [
            {
                "exchange_id": f"e{i}",
                "exchange_key": i,
                "time": START,
                **row,
                "account": f"a{row['account']}",
                "account_key": row["account"],
            }
            for i, row in enumerate(rows)
        ]
        return self.memtable("sketches", pa.Table.from_pylist(whole, schema=SCHEMA))
