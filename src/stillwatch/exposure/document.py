"""`exposure.json`: what a campaign took, and what that may be worth."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from stillwatch.exposure.assumptions import Price, Quantity, Range

SCHEMA_ID = "stillwatch.exposure/1"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Part(_Part):
    """What was taken of one kind."""

    name: str | None = Field(description="The model or intent; null where none is known.")
    exchanges: int
    input_tokens: int
    output_tokens: int
    reasoning_tokens: int = Field(description="Of those written, of hidden reasoning.")


class Taken(_Part):
    """What was counted: exchanges that are attributed to the campaign and were answered."""

    exchanges: int
    sure: int = Field(description="Those of them with odds of nine to one or more.")
    attributed: int = Field(description="All that are attributed, answered or not.")
    missing: int = Field(
        description="Attributed exchanges whose sketches are not there any more; not counted."
    )
    accounts: int
    first: datetime | None
    last: datetime | None
    input_tokens: int
    output_tokens: int
    reasoning_tokens: int
    uncounted: int = Field(description="Taken exchanges of which tokens are not logged.")
    models: tuple[Part, ...]
    intents: tuple[Part, ...] = Field(description="By what was asked for.")


class Worth(_Part):
    """Tokens times list prices."""

    amount: float
    unpriced: int = Field(
        description="Taken exchanges left out: of a model without a price, or without tokens."
    )


class Interval(_Part):
    """Quantiles of a result."""

    low: float = Field(description="5 %.")
    middle: float = Field(description="50 %.")
    high: float = Field(description="95 %.")


class Moved(_Part):
    """A factor, and how much of the result it moves."""

    factor: Range
    share: float = Field(
        description="Of the variance of the result's ranks: squared rank correlations, of their "
        "sum with that of what was taken."
    )


class Estimate(_Part):
    """A scenario, drawn."""

    id: str
    title: str
    of: Quantity | None = Field(description="What was taken that it begins with; null: a sum.")
    amount: Interval
    factors: tuple[Moved, ...]


class Point(_Part):
    """A place on a curve of how much capability moved."""

    exchanges: int
    moved: float = Field(description="0: knows how frequent tokens are; 1: knows what we do.")
    student: str
    measured_to: int = Field(description="Exchanges at which the curve ends; no further is read.")


class Exposure(_Part):
    """The whole document."""

    schema_id: str = Field(default=SCHEMA_ID, alias="schema", description="This schema.")
    version: str = Field(description="Version of Stillwatch that wrote it.")
    made: datetime = Field(description="When it was estimated, in UTC.")
    source: str = Field(description="Directory of the scan.")
    campaign: str = Field(description="Id of the campaign or lead.")
    verdict: str = Field(description="`campaign` or `lead`.")
    taken: Taken = Field(description="What was counted.")
    currency: str = Field(description="ISO 4217 code of all amounts.")
    prices: dict[str, Price] = Field(description="List prices of the models that were asked.")
    worth: Worth = Field(description="Tokens at list prices.")
    attacker: Estimate | None = Field(
        description="What the harvest cost who made it, beside tokens; null without assumptions."
    )
    scenarios: tuple[Estimate, ...] = Field(description="Kinds of harm, drawn.")
    curve: Point | None = Field(description="On a simulated curve; null without one.")
    draws: int = Field(description="How many times each was drawn.")
    seed: int = Field(description="Of the draws; the same gives the same.")

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


def json_schema() -> dict[str, Any]:
    """JSON Schema of `exposure.json`."""
    shape = Exposure.model_json_schema(by_alias=True)
    return {"$id": f"urn:{SCHEMA_ID.replace('/', ':')}", **shape}
