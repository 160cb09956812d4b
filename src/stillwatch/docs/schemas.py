"""The page of schemas: what goes in and what comes out."""

from __future__ import annotations

import inspect
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import fields
from types import ModuleType
from typing import Any

from pydantic import BaseModel

from stillwatch import schemas
from stillwatch.campaigns import document
from stillwatch.campaigns import tables as results
from stillwatch.config import Settings
from stillwatch.docs.markdown import first, table
from stillwatch.hunts import document as hunt_document
from stillwatch.hunts import tables as hunts
from stillwatch.licences import document as licence_document
from stillwatch.sketch import schema as sketch_schema
from stillwatch.terms import document as terms_document
from stillwatch.traffic import exchange
from stillwatch.traffic.exchange import Column
from stillwatch.traffic.reader import Reject

REJECT_FIELDS = {
    "file": "The file the record is in; null for a repeated `exchange_id`.",
    "line": "The line it begins on; in CSV the row, the header being 1; in Parquet the record, "
    "from 1; null where the whole file is meant.",
    "field": "The column or field that was wrong, where one was.",
    "reason": "A short fixed phrase, for counting: `not JSON`, `missing time` ...",
    "detail": "What was wrong, in words. Never the record's text.",
    "exchange_id": "Of a copy, and of a row of a table; else null.",
}


def paragraphs() -> Iterator[str]:
    """The page, a paragraph at a time."""
    yield (
        "The tables and documents that go in and come out. Each has a JSON Schema: "
        + ", ".join(f"[{name}](schemas/{name}.json)" for name in schemas.NAMES)
        + ". `stillwatch schema NAME` prints the same."
    )
    yield f"## Exchange\n\n`{exchange.SCHEMA_ID}`: {first(exchange)}"
    yield f"Required: {', '.join(f'`{name}`' for name in exchange.REQUIRED)}."
    yield table(
        ("column", "type", "what it holds", "OpenTelemetry"),
        (
            (f"`{c.name}`", _kind(c), c.description, f"`{c.otel}`" if c.otel else "")
            for c in exchange.COLUMNS
        ),
    )
    yield f"## Sketch\n\n`{sketch_schema.SCHEMA_ID}`: {first(sketch_schema)}"
    texts = ", ".join(f"`{name}`" for name in exchange.TEXT)
    yield f"All columns of the Exchange table but {texts}, and:"
    yield _columns(sketch_schema.DERIVED)
    yield f"Values of `intent`: {', '.join(f'`{name}`' for name in sketch_schema.INTENTS)}."
    yield (
        f"## accounts.parquet\n\n`{results.ACCOUNTS_SCHEMA_ID}`: every account of the window, the "
        "most suspicious first. After the columns below come, for each account signal, what it "
        "measured under its name, and what that weighs under `<name>:bits`."
    )
    yield _columns(results.ACCOUNT_COLUMNS)
    yield (
        f"## exchanges.parquet\n\n`{results.EXCHANGES_SCHEMA_ID}`: the exchanges attributed to "
        "campaigns and leads."
    )
    yield _columns(results.EXCHANGE_COLUMNS)
    yield f"## campaigns.json\n\n`{document.SCHEMA_ID}`: {first(document)}"
    yield from _models(document)
    yield f"## Use of licences\n\n`{licence_document.SCHEMA_ID}`: {first(licence_document)}"
    yield from _models(licence_document)
    yield f"## Simulation of terms\n\n`{terms_document.SCHEMA_ID}`: {first(terms_document)}"
    yield from _models(terms_document)
    yield "## rejected.jsonl\n\nOne JSON object a line for each record that was set aside."
    told = ((f"`{f.name}`", str(f.type), REJECT_FIELDS[f.name]) for f in fields(Reject))
    yield table(("field", "type", "what it holds"), told)
    yield f"## hunt.json\n\n`{hunt_document.SCHEMA_ID}`: {first(hunt_document)}"
    yield from _models(hunt_document)
    yield (
        f"## Tables of a hunt\n\n`accounts.parquet` (`{hunts.ACCOUNTS_SCHEMA_ID}`): every account "
        "that an indicator touches, by indicator, those with most matches first."
    )
    yield _columns(hunts.ACCOUNT_COLUMNS)
    yield (
        f"`exchanges.parquet` (`{hunts.EXCHANGES_SCHEMA_ID}`): every exchange that matches, by "
        "indicator, in the order of time."
    )
    yield _columns(hunts.EXCHANGE_COLUMNS)
    yield f"## Settings\n\nThe file that `--config` takes, as TOML. {Settings.__doc__}"
    yield fields_table(Settings, defaults=True)


def _models(module: ModuleType) -> Iterator[str]:
    for model in models(module):
        yield f"### {model.__name__}\n\n{inspect.cleandoc(model.__doc__ or '')}".rstrip()
        yield fields_table(model)


def _columns(columns: Iterable[Column]) -> str:
    rows = ((f"`{c.name}`", _kind(c), c.description) for c in columns)
    return table(("column", "type", "what it holds"), rows)


def _kind(column: Column) -> str:
    return f"`{column.type}`"


def models(module: ModuleType) -> list[type[BaseModel]]:
    """The public models of a module, the whole before its parts, as a reader wants them."""
    found = [
        member
        for name, member in vars(module).items()
        if inspect.isclass(member)
        and issubclass(member, BaseModel)
        and member.__module__ == module.__name__
        and not name.startswith("_")
    ]
    return found[::-1]


def fields_table(
    model: type[BaseModel], *, defaults: bool = False, without: Collection[str] = ()
) -> str:
    """The fields of a model, each with its type and what it holds."""
    shape = model.model_json_schema(by_alias=True)["properties"]
    rows = [
        (f"`{name}`", _type(part), part.get("description", ""))
        + ((f"`{json.dumps(part.get('default'))}`",) if defaults else ())
        for name, part in shape.items()
        if name not in without
    ]
    return table(("field", "type", "what it holds", *(("default",) if defaults else ())), rows)


def _type(part: Mapping[str, Any]) -> str:
    """The type of a property of a JSON Schema, in words."""
    if "$ref" in part:
        name = str(part["$ref"]).rsplit("/", 1)[-1]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in part:
        return " or ".join(map(_type, part["anyOf"]))
    if "enum" in part:
        return ", ".join(f"`{value}`" for value in part["enum"])
    if part.get("type") == "array" and "items" in part:
        return f"list of {_type(part['items'])}"
    return str(part.get("format") or part.get("type") or "any")
