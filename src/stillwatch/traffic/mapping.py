"""A mapping file: how some other table or log is read as exchanges, without writing code.

TOML. Each key under `[columns]` is a column of the Exchange table; its value is the path to theirs,
or a table with the path and how to read it:

    # vendor.toml
    [columns]
    account = "customer.id"                      # a field within a field
    prompt = "payload.text"
    exchange_id = "request_id"
    time = { path = "ts", unit = "ms" }          # epoch number: s, ms, us or ns
    account_created = { path = "signup", timezone = "UTC" }
    status = { path = "outcome", values = { "200" = "ok", "429" = "limited" }, default = "error" }
    gateway = { default = "edge-eu" }            # the same for every record
    completion = { path = "output", messages = true }

A path is first taken as a field name as it stands, then split at its dots; a whole number is a
place in a list (`choices.0.text`, JSON only). `timezone` is an IANA name, for times written without
an offset. `values` translates their words to ours and is applied to the text of the value; a value
it does not list stays as it is, unless there is a `default`. `default` also stands in for null.
`messages = true` takes `prompt`, `system`, `turn` or `completion` out of chat messages at the path,
a list or the JSON text of one, as `stillwatch.traffic.messages` does.
`time`, `account` and `prompt` must be mapped.

It reads JSON Lines, JSON arrays, CSV and Parquet.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from stillwatch.complaints import meant, sentence, shown
from stillwatch.errors import UsageError
from stillwatch.traffic.exchange import COLUMNS, OPERATIONS, REQUIRED, STATUSES
from stillwatch.traffic.messages import answer, opened, request
from stillwatch.traffic.reader import RecordError, Row
from stillwatch.traffic.values import microseconds

TIMES = tuple(c.name for c in COLUMNS if str(c.type).startswith("timestamp"))
_FROM_MESSAGES = ("prompt", "system", "turn", "completion")
_NAMES = {c.name for c in COLUMNS}


def _constant(value: object) -> object:
    if isinstance(value, (str, int, float)) and not isinstance(value, bool):
        return value
    raise ValueError(f"must be text or a number, not {shown(value)}")


def _spec(value: object) -> object:
    if isinstance(value, (str, dict)):
        return {"path": value} if isinstance(value, str) else value
    raise ValueError(f"must be a path or a table, not {shown(value)}")


Constant = Annotated[str | int | float, BeforeValidator(_constant)]


class ColumnSpec(BaseModel):
    """Where one column comes from, and how its values are read."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: str | None = Field(default=None, min_length=1)
    unit: Literal["s", "ms", "us", "ns"] | None = None
    timezone: str | None = None
    values: dict[str, Constant] | None = None
    default: Constant | None = None
    messages: bool = False

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str | None) -> str | None:
        if name is not None:
            try:
                ZoneInfo(name)
            except (ValueError, OSError, LookupError):
                raise ValueError(f"{name!r} is no IANA time zone") from None
        return name

    @model_validator(mode="after")
    def _has_origin(self) -> ColumnSpec:
        if self.path is None and self.default is None:
            raise ValueError("needs a path or a default")
        return self


class MappingFile(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    columns: dict[
        str,
        Annotated[ColumnSpec, BeforeValidator(_spec)],
    ]

    @field_validator("columns")
    @classmethod
    def _ours(cls, columns: dict[str, ColumnSpec]) -> dict[str, ColumnSpec]:
        for name, spec in columns.items():
            if name not in _NAMES:
                raise ValueError(f"{name}: no such column{meant(name, sorted(_NAMES))}")
            if name not in TIMES and (spec.unit or spec.timezone):
                raise ValueError(f"{name}: unit and timezone are for times only")
            if spec.messages and name not in _FROM_MESSAGES:
                raise ValueError(f"{name}: messages hold {', '.join(_FROM_MESSAGES)} only")
            known = {"status": STATUSES, "operation": OPERATIONS}.get(name)
            given = [*(spec.values or {}).values(), *([spec.default] if spec.default else [])]
            for value in given if known else []:
                if value not in (known or ()):
                    raise ValueError(f"{name}: {value!r} is not one of {', '.join(known or ())}")
        if missing := [name for name in REQUIRED if name not in columns]:
            raise ValueError(f"{', '.join(missing)}: must be mapped")
        return columns


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """A table or log of any make as exchanges."""

    name: str
    columns: Mapping[str, ColumnSpec]

    def tops(self) -> set[str]:
        """Every top-level name that a path may mean."""
        paths = [spec.path for spec in self.columns.values() if spec.path is not None]
        return {*paths, *(path.split(".")[0] for path in paths)}

    def rows(self, document: Mapping[str, Any]) -> Iterator[Row | RecordError]:
        """The exchange in a document, as `Reader.rows` gives it."""
        row = {}
        for column, spec in self.columns.items():
            value = at(document, spec.path) if spec.path is not None else None
            row[column] = translated(value, column, spec)
        yield row


NATIVE = ColumnMapping("native", {c.name: ColumnSpec(path=c.name) for c in COLUMNS})
"""Our own names, each from the field of that name."""


def translated(value: object, column: str, spec: ColumnSpec) -> object:
    """A value after `messages`, `values`, `default`, `unit` and `timezone` of its column."""
    if spec.messages and value is not None:
        held = opened(value, column)
        value = answer(held) if column == "completion" else request(held).get(column)
    if spec.values is not None and value is not None:
        if isinstance(value, bool):
            value = str(value).lower()
        if not isinstance(value, (str, int, float)):
            raise RecordError("wrong type", column, "neither text nor a number")
        value = spec.values.get(str(value), spec.default if spec.default is not None else value)
    if value is None:
        value = spec.default
    if column in TIMES and (spec.unit or spec.timezone):
        zone = ZoneInfo(spec.timezone) if spec.timezone else None
        return microseconds(value, column, unit=spec.unit, zone=zone)
    return value


def load_mapping(path: str | os.PathLike[str]) -> ColumnMapping:
    """Read and check a mapping file.

    Raises
    ------
    UsageError
        The file cannot be read or is not a valid mapping; the message names file and key.
    """
    name = os.fspath(path)
    try:
        with Path(path).open("rb") as file:
            content = tomllib.load(file)
    except OSError as error:
        raise UsageError(f"{name}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{name}: is not TOML: {error}") from error
    try:
        checked = MappingFile.model_validate(content)
    except ValidationError as error:
        problems = [f"  {_place(e['loc'])}: {sentence(e, MappingFile)}" for e in error.errors()]
        raise UsageError("\n".join([f"{name}: is not a valid mapping:", *problems])) from error
    return ColumnMapping(Path(name).stem, checked.columns)


def _place(location: tuple[int | str, ...]) -> str:
    return ".".join(map(str, location)) or "the file"


def at(document: Mapping[str, Any], path: str) -> object:
    """What stands at a path of a document, or None."""
    if path in document:
        return document[path]
    found: object = document
    for step in path.split("."):
        if isinstance(found, dict):
            found = found.get(step)
        elif isinstance(found, list) and step.isdecimal() and int(step) < len(found):
            found = found[int(step)]
        else:
            return None
    return found
