"""The schemas of what goes in and what comes out, each from the code that uses it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stillwatch.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa

    from stillwatch.traffic.exchange import Column

NAMES = (
    *("exchange", "sketch", "campaigns", "accounts", "exchanges", "config", "rule"),
    *("hunt", "hunt_accounts", "hunt_exchanges"),
    *("suspect", "trace", "licence", "licence_usage", "terms", "terms_simulation"),
    *("assumptions", "exposure", "entry", "proof"),
)


def schema(name: str) -> dict[str, Any]:
    """JSON Schema of one input or output. Raises `UsageError` for a name not in `NAMES`."""
    # The command line needs `NAMES` for its help, which must not wait for what scans need.
    from stillwatch.campaigns import document
    from stillwatch.campaigns import tables as result_tables
    from stillwatch.config import Settings
    from stillwatch.evidence import entries, proof_document
    from stillwatch.exposure import assumptions
    from stillwatch.exposure import document as exposure_document
    from stillwatch.hunts import document as hunt_document
    from stillwatch.hunts import tables as hunt_tables
    from stillwatch.licences import document as licence_document
    from stillwatch.licences import model as licence_model
    from stillwatch.rules import model as rule_model
    from stillwatch.sketch import schema as sketch_schema
    from stillwatch.suspects import document as suspect_document
    from stillwatch.suspects import traced
    from stillwatch.terms import document as terms_document
    from stillwatch.terms import model as terms_model
    from stillwatch.traffic import exchange

    made: dict[str, Callable[[], dict[str, Any]]] = {
        "exchange": exchange.json_schema,
        "sketch": lambda: _of_columns(sketch_schema.SCHEMA_ID, sketch_schema.COLUMNS),
        "campaigns": document.json_schema,
        "accounts": lambda: _of_columns(
            result_tables.ACCOUNTS_SCHEMA_ID, result_tables.ACCOUNT_COLUMNS
        ),
        "exchanges": lambda: _of_columns(
            result_tables.EXCHANGES_SCHEMA_ID, result_tables.EXCHANGE_COLUMNS
        ),
        "config": Settings.model_json_schema,
        "rule": rule_model.json_schema,
        "terms": terms_model.json_schema,
        "terms_simulation": terms_document.json_schema,
        "assumptions": assumptions.json_schema,
        "exposure": exposure_document.json_schema,
        "licence": licence_model.json_schema,
        "licence_usage": licence_document.json_schema,
        "hunt": hunt_document.json_schema,
        "suspect": suspect_document.json_schema,
        "trace": traced.json_schema,
        "entry": entries.json_schema,
        "proof": proof_document.json_schema,
        "hunt_accounts": lambda: _of_columns(
            hunt_tables.ACCOUNTS_SCHEMA_ID, hunt_tables.ACCOUNT_COLUMNS
        ),
        "hunt_exchanges": lambda: _of_columns(
            hunt_tables.EXCHANGES_SCHEMA_ID, hunt_tables.EXCHANGE_COLUMNS
        ),
    }
    if name not in made:
        raise UsageError(f"there is no schema {name!r}; choose one of {', '.join(NAMES)}")
    return made[name]()


def _of_columns(schema_id: str, columns: tuple[Column, ...]) -> dict[str, Any]:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:{schema_id.replace('/', ':')}",
        "type": "object",
        "properties": {
            c.name: {"x-arrow": str(c.type), "description": c.description, **_shape(c.type)}
            for c in columns
        },
    }


def _shape(kind: pa.DataType) -> dict[str, Any]:
    from stillwatch.traffic import exchange

    shape = dict(exchange.json_type(kind))
    shape["type"] = [shape["type"], "null"]
    shape.pop("minimum", None)
    return shape
