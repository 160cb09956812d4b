"""The rules: what a file may say. Metadata is Sigma's, and so is the detection.

A rule is one of three types. An `account` rule is an account signal: a number for each account,
and what its bins weigh. A `link` rule names a thing that accounts can share. A `hunt` lists what
matches in a scan that was made, and weighs nothing.
"""

from __future__ import annotations

import datetime
import re
from string import Formatter
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    InstanceOf,
    TypeAdapter,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from stillwatch.rules.columns import KINDS, ONE_ACCOUNT, WORDING, known
from stillwatch.rules.detection import Detection, read
from stillwatch.signals import model as signals

SCHEMA_ID = "stillwatch.rule/1"
PREFIX = "rule_"
"""With the rule's name the name of its signal, which so is that of no other signal."""
UNUSED = ("deprecated", "unsupported")
"""Statuses of rules that scans leave out."""

_ATLAS = re.compile(r"atlas\.(aml\.ta?\d{4}(?:\.\d{3})?)")
_TAG = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)+")
_SPEC = re.compile(r"[+,]?(\.\d)?[fg%]?")
_SPAN = re.compile(r"([1-9]\d{0,5})([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}

_VALUE = {"type": ["string", "number", "boolean", "null"]}
_LINES = {
    "type": "object",
    "minProperties": 1,
    "additionalProperties": {"anyOf": [_VALUE, {"type": "array", "items": _VALUE, "minItems": 1}]},
}
_DETECTION = {
    "type": "object",
    "required": ["condition"],
    "properties": {"condition": {"type": "string"}},
    "additionalProperties": {"anyOf": [_LINES, {"type": "array", "items": _LINES, "minItems": 1}]},
}


def _span(given: Any) -> datetime.timedelta:
    found = _SPAN.fullmatch(given) if isinstance(given, str) else None
    if found is None:
        raise ValueError("is no length of time; write it like 30s, 15m, 1h or 2d")
    return datetime.timedelta(**{_UNITS[found[2]]: int(found[1])})


Detected = Annotated[InstanceOf[Detection], BeforeValidator(read), WithJsonSchema(_DETECTION)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Column = Annotated[str, AfterValidator(known)]
Timespan = Annotated[
    datetime.timedelta,
    BeforeValidator(_span),
    WithJsonSchema({"type": "string", "pattern": f"^{_SPAN.pattern}$"}),
]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Metadata(_Part):
    """What every rule says about itself, as in Sigma."""

    title: str = Field(min_length=1, max_length=256, description="What it detects, in a few words.")
    id: UUID = Field(description="A UUID of its own; `uuidgen` makes one.")
    name: str = Field(
        pattern=r"^[a-z][a-z0-9_]{0,59}$",
        description="A short unique name; the signal is called `rule_` and this name.",
    )
    status: Literal["stable", "test", "experimental", "deprecated", "unsupported"] = Field(
        description="How far it is tried. Scans leave out what is deprecated or unsupported."
    )
    description: str = Field(min_length=1, description="What it detects, and why that is suspect.")
    references: tuple[str, ...] = Field(default=(), description="Where the idea comes from.")
    author: str | None = Field(default=None, description="Who wrote it.")
    date: datetime.date = Field(description="When it was written, as 2026-11-20.")
    tags: tuple[str, ...] = Field(
        default=(), description="Such as `atlas.aml.t0024.002`, a technique of MITRE ATLAS."
    )
    falsepositives: tuple[Annotated[str, Field(min_length=1)], ...] = Field(
        min_length=1, description="Why the innocent may show it; the report says so, too."
    )
    level: Literal["informational", "low", "medium", "high", "critical"] = Field(
        description="How much a match matters to who reads it. It weighs nothing."
    )

    @field_validator("tags")
    @classmethod
    def _tagged(cls, tags: tuple[str, ...]) -> tuple[str, ...]:
        for tag in tags:
            if not _TAG.fullmatch(tag):
                raise ValueError(f"{tag!r} is no tag; write namespace.name in lower case")
            if tag.startswith("atlas.") and not _ATLAS.fullmatch(tag):
                raise ValueError(f"{tag!r} is no id of ATLAS; write it like atlas.aml.t0024.002")
        return tags

    @property
    def signal(self) -> str:
        """Name of the signal it becomes."""
        return f"{PREFIX}{self.name}"

    @property
    def atlas(self) -> tuple[str, ...]:
        """Its MITRE ATLAS ids, as `AML.T0024.002`."""
        found = (_ATLAS.fullmatch(tag) for tag in self.tags)
        return tuple(match[1].upper() for match in found if match)


class Measure(_Part):
    """The number of an account, over those of its exchanges that match the detection."""

    aggregate: Literal["count", "share", "distinct", "mean", "max", "min"] = Field(
        description="Exchanges that match; their share of the account's; different values of a "
        "column; or its mean, largest or smallest value."
    )
    of: Column | None = Field(
        default=None,
        description="The column, for all but count and share; a number but for distinct.",
    )
    per: Column | None = Field(
        default=None,
        description="With distinct: divided by the number of different values of this column.",
    )

    @model_validator(mode="after")
    def _fits(self) -> Measure:
        if self.aggregate in ("count", "share"):
            if self.of is not None:
                raise ValueError(f"{self.aggregate} counts exchanges; drop `of`")
        elif self.of is None:
            raise ValueError(f"{self.aggregate} needs a column; add `of`")
        elif self.aggregate != "distinct" and KINDS[self.of] != "number":
            numbers = ", ".join(name for name, kind in KINDS.items() if kind == "number")
            raise ValueError(
                f"{self.aggregate} needs a number, and {self.of} holds a {KINDS[self.of]}; "
                f"there are {numbers}"
            )
        if self.per is not None and self.aggregate != "distinct":
            raise ValueError("`per` goes with distinct alone; drop it")
        if "list" in {KINDS[c] for c in (self.of, self.per) if c}:
            raise ValueError("a column of lists cannot be counted; choose another")
        return self


class Scale(_Part):
    """How the number becomes bits: k edges make k + 1 bins, each with two shares."""

    edges: tuple[Finite, ...] = Field(
        min_length=1, max_length=20, description="Ascending; a number at an edge lies above it."
    )
    harvest: tuple[Finite, ...] = Field(
        description="What share of harvesters you expect in each bin; they sum to 1."
    )
    ordinary: tuple[Finite, ...] = Field(
        description="What share of the innocent; your own traffic moves it."
    )
    reading: str = Field(
        min_length=1, max_length=200, description="The number in words: `addresses: {value:.0f}`."
    )

    @field_validator("reading")
    @classmethod
    def _readable(cls, reading: str) -> str:
        try:
            parts = list(Formatter().parse(reading))
        except ValueError as error:
            raise ValueError(f"{error}; double the braces that are to be shown") from error
        for _, name, spec, conversion in parts:
            if name is not None and (
                name != "value" or conversion or not _SPEC.fullmatch(spec or "")
            ):
                raise ValueError(
                    "the number is written as {value:.0f}, {value:.2f}, {value:,.0f} or {value:.0%}"
                )
        return reading

    @model_validator(mode="after")
    def _weighs(self) -> Scale:
        self.as_signal()
        return self

    def as_signal(self) -> signals.Scale:
        """The scale of a signal. Raises `ValueError` for edges and shares that do not fit."""
        return signals.Scale(
            edges=self.edges, harvest=self.harvest, ordinary=self.ordinary, reading=self.reading
        )


class Then(_Part):
    """A second exchange that must follow the first, as Sigma's `temporal_ordered` correlation."""

    detection: Detected = Field(description="What the second exchange looks like.")
    same: tuple[Column, ...] = Field(
        min_length=1, description="Columns that both have in common, such as `account`."
    )
    differs: tuple[Column, ...] = Field(
        min_length=1, description="Columns of which at least one is another in the second."
    )
    timespan: Timespan = Field(
        description="Longest time between the two: `30s`, `15m`, `1h`, `2d`."
    )

    @field_validator("same", "differs")
    @classmethod
    def _comparable(cls, columns: tuple[str, ...]) -> tuple[str, ...]:
        for column in columns:
            if KINDS[column] in ("list", "time"):
                raise ValueError(f"{column} is a {KINDS[column]}, which cannot be compared here")
        return columns


class AccountRule(Metadata):
    """A number for each account, and what its bins weigh."""

    type: Literal["account"] = Field(description="A signal of accounts.")
    group: Literal["text", "tempo", "volume", "identity", "shards"] = Field(
        description="Signals of one group depend on one another; their sum is capped."
    )
    detection: Detected | None = Field(
        default=None, description="Which exchanges are measured; all of them without one."
    )
    measure: Measure = Field(description="The number.")
    fewest_exchanges: int = Field(
        default=1, ge=1, description="Exchanges below which an account is too little to tell."
    )
    scale: Scale = Field(description="What the number weighs.")

    @model_validator(mode="after")
    def _shares_of_something(self) -> AccountRule:
        if self.measure.aggregate == "share" and self.detection is None:
            raise ValueError("the share of all exchanges is always 1; add a detection")
        return self


class LinkRule(Metadata):
    """A thing that accounts can share; the rarer, the more sharing it says."""

    type: Literal["link"] = Field(description="A thing to share.")
    fields: tuple[Column, ...] = Field(
        min_length=1, description="The columns whose values, taken together, are the thing."
    )
    detection: Detected | None = Field(
        default=None, description="Which exchanges carry the thing; all of them without one."
    )

    @field_validator("fields")
    @classmethod
    def _shareable(cls, fields: tuple[str, ...]) -> tuple[str, ...]:
        for field in fields:
            if field in ONE_ACCOUNT:
                raise ValueError(f"{field} belongs to one account, so no two can share it")
            if KINDS[field] in ("list", "time"):
                raise ValueError(f"{field} is a {KINDS[field]}, which cannot be shared")
            if field in WORDING and len(fields) > 1:
                raise ValueError(
                    f"{field} comes from the wording and stands alone; put the rest into the "
                    "detection"
                )
        return fields


class HuntRule(Metadata):
    """A list of the accounts and exchanges that match. It weighs nothing and accuses nobody."""

    type: Literal["hunt"] = Field(description="A hunt.")
    detection: Detected = Field(description="What the exchange looks like.")
    then: Then | None = Field(
        default=None, description="What must follow; listed is then the second exchange."
    )


Rule = AccountRule | LinkRule | HuntRule
TYPES: dict[str, type[Rule]] = {"account": AccountRule, "link": LinkRule, "hunt": HuntRule}


def json_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of a rule file."""
    shape = TypeAdapter(Annotated[Rule, Field(discriminator="type")]).json_schema()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:{SCHEMA_ID.replace('/', ':')}",
        "title": "Rule",
        "type": "object",
        "properties": Metadata.model_json_schema()["properties"],
        **shape,
    }
