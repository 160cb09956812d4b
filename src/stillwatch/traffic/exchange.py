"""The Exchange table: one request to a model and its response, whoever logged it.

This module is the one source of the schema. Readers produce it, the sketch consumes it, the JSON
Schema and the reference page are generated from it. Where OpenTelemetry's GenAI semantic
conventions (1.42.0-dev) have a name for a column, the column carries it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

SCHEMA_ID = "stillwatch.exchange/1"

TIMESTAMP = pa.timestamp("us", tz="UTC")

STATUSES = ("ok", "refused", "limited", "denied", "error")
"""Values of `status`: answered; refused or filtered by policy; rate limited (429); not
authenticated or not permitted (401, 403); any other failure."""

OPERATIONS = ("chat", "text_completion", "generate_content", "embeddings", "execute_tool", "other")
"""Values of `operation`, as `gen_ai.operation.name` has them."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the Exchange table.

    `otel` is the OpenTelemetry attribute that carries the same fact, where there is one.
    """

    name: str
    type: pa.DataType
    description: str
    otel: str | None = None


COLUMNS: tuple[Column, ...] = (
    Column("exchange_id", pa.string(), "Unique id of the exchange.", "gen_ai.response.id"),
    Column("time", TIMESTAMP, "When the request arrived. UTC, microseconds."),
    Column("account", pa.string(), "The customer account that is billed or held responsible."),
    Column("organization", pa.string(), "The organisation the account belongs to."),
    Column("credential", pa.string(), "Which key or token was used (an id or hash, no secret)."),
    Column(
        "address", pa.string(), "Client address, IPv4 or IPv6, or a keyed hash.", "client.address"
    ),
    Column("network", pa.string(), "Autonomous system or other name of the network."),
    Column(
        "country", pa.string(), "ISO 3166-1 alpha-2 code of the address.", "geo.country.iso_code"
    ),
    Column("user_agent", pa.string(), "User agent as sent.", "user_agent.original"),
    Column("tls_fingerprint", pa.string(), "JA4 or JA3 of the client.", "tls.client.ja3"),
    Column("payment_mark", pa.string(), "Salted mark of the payment instrument, never its number."),
    Column("plan", pa.string(), "The plan the account is on."),
    Column("account_created", TIMESTAMP, "When the account was made. UTC."),
    Column("model", pa.string(), "The model that was asked.", "gen_ai.request.model"),
    Column("operation", pa.string(), "Kind of call.", "gen_ai.operation.name"),
    Column("system", pa.string(), "System prompt.", "gen_ai.system_instructions"),
    Column("prompt", pa.string(), "Text of the last user message.", "gen_ai.input.messages"),
    Column("completion", pa.string(), "Text of the answer.", "gen_ai.output.messages"),
    Column("input_tokens", pa.int64(), "Tokens read.", "gen_ai.usage.input_tokens"),
    Column("output_tokens", pa.int64(), "Tokens written.", "gen_ai.usage.output_tokens"),
    Column(
        "reasoning_tokens",
        pa.int64(),
        "Of those written, tokens of hidden reasoning.",
        "gen_ai.usage.reasoning.output_tokens",
    ),
    Column("max_tokens", pa.int64(), "Most tokens asked for.", "gen_ai.request.max_tokens"),
    Column(
        "temperature", pa.float64(), "Sampling temperature asked for.", "gen_ai.request.temperature"
    ),
    Column("conversation", pa.string(), "Conversation or session id.", "gen_ai.conversation.id"),
    Column("turn", pa.int32(), "Which user message of its conversation this is, from 1."),
    Column(
        "tools", pa.list_(pa.string()), "Names of the tools offered.", "gen_ai.tool.definitions"
    ),
    Column("status", pa.string(), f"One of {', '.join(STATUSES)}."),
    Column("gateway", pa.string(), "The gateway, route or reseller it came through."),
)


def arrow(columns: Iterable[Column], schema_id: str) -> pa.Schema:
    """The Arrow schema of a table with these columns."""
    fields = [pa.field(c.name, c.type, metadata={"description": c.description}) for c in columns]
    return pa.schema(fields, metadata={"schema": schema_id})


SCHEMA = arrow(COLUMNS, SCHEMA_ID)

REQUIRED = ("time", "account", "prompt")
"""Columns without which a record is set aside."""

TEXT = ("system", "prompt", "completion")
"""Columns that hold other people's words. Only the sketch reads them."""


def json_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of one Exchange as a JSON object, as the native reader takes it."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:{SCHEMA_ID.replace('/', ':')}",
        "title": "Exchange",
        "type": "object",
        "properties": {c.name: _property(c) for c in COLUMNS},
        "required": list(REQUIRED),
        "additionalProperties": True,
    }


def _property(column: Column) -> dict[str, Any]:
    shape = json_type(column.type)
    shape["description"] = column.description
    if column.name == "status":
        shape["enum"] = [*STATUSES, None]
    if column.otel:
        shape["x-opentelemetry"] = column.otel
    if column.name not in REQUIRED:
        shape["type"] = [shape["type"], "null"]
    return shape


def json_type(kind: pa.DataType) -> dict[str, Any]:
    """The JSON Schema of one value of an Arrow type of the Exchange table."""
    if pa.types.is_timestamp(kind):
        return {"type": "string", "format": "date-time"}
    if pa.types.is_integer(kind):
        return {"type": "integer", "minimum": 0}
    if pa.types.is_floating(kind):
        return {"type": "number"}
    if pa.types.is_list(kind):
        return {"type": "array", "items": {"type": "string"}}
    return {"type": "string"}
