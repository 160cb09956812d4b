"""The two tables of a hunt: every account it touches, every exchange that matches."""

from __future__ import annotations

import pyarrow as pa

from stillwatch.traffic.exchange import TIMESTAMP, Column, arrow

ACCOUNTS_SCHEMA_ID = "stillwatch.hunt_accounts/1"
EXCHANGES_SCHEMA_ID = "stillwatch.hunt_exchanges/1"

ACCOUNT_COLUMNS: tuple[Column, ...] = (
    Column("indicator", pa.string(), "The indicator, as the document has it."),
    Column("account", pa.string(), "An account that it touches."),
    Column("organization", pa.string(), "The organisation of the account."),
    Column("matched", pa.int64(), "Exchanges of the account that match."),
    Column("exchanges", pa.int64(), "All exchanges of the account in what was searched."),
    Column("first", TIMESTAMP, "The first that matches."),
    Column("last", TIMESTAMP, "The last that matches."),
    Column("input_tokens", pa.int64(), "Of the exchanges that match; null if not logged."),
    Column("output_tokens", pa.int64(), "The same of the answers."),
    Column("bands", pa.int32(), "For `near`: most MinHash bands in common; else null."),
)
"""Columns of `accounts.parquet` of a hunt."""

EXCHANGE_COLUMNS: tuple[Column, ...] = (
    Column("indicator", pa.string(), "The indicator, as the document has it."),
    Column("exchange_id", pa.string(), "An exchange that matches."),
    Column("account", pa.string(), "Its account."),
    Column("time", TIMESTAMP, "When the request arrived."),
    Column("bands", pa.int32(), "For `near`: MinHash bands in common; else null."),
    Column("after_id", pa.string(), "For a rule with `then`: the exchange that it followed."),
)
"""Columns of `exchanges.parquet` of a hunt."""

ACCOUNTS = arrow(ACCOUNT_COLUMNS, ACCOUNTS_SCHEMA_ID)
EXCHANGES = arrow(EXCHANGE_COLUMNS, EXCHANGES_SCHEMA_ID)
