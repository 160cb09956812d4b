"""How far licences are used: what `stillwatch licence usage` prints, and scans say of each."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from stillwatch.licences.model import Kind, Pace, Reason, Span

SCHEMA_ID = "stillwatch.licence_usage/1"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Fullest(_Part):
    """The period in which a limit was used most, of those that were looked at."""

    of: Literal["exchanges", "tokens", "rate"] = Field(
        description="Exchanges or output tokens of the volume, or exchanges of the rate."
    )
    per: Pace | Span = Field(description="The period.")
    begin: datetime = Field(description="When it began; of a rate, the exchange that was too many.")
    used: int = Field(description="What was used in it, covered or not.")
    most: int = Field(description="What was agreed.")
    share: float = Field(description="used / most.")


class LicenceUse(_Part):
    """How far a licence was used in the window; of a reseller, also by each of its customers."""

    licence: str = Field(description="Id of the licence.")
    customer: str | None = Field(
        default=None, description="Customer of a reseller; null: the whole licence."
    )
    holder: str
    kind: Kind
    start: datetime
    end: datetime = Field(description="Exclusive.")
    term: float = Field(
        description="Share of its term that was over at the last exchange of the window, 0 to 1."
    )
    accounts: int = Field(description="Accounts of which it covered something.")
    covered: int = Field(description="Exchanges that it covered.")
    tokens: int = Field(description="Output tokens of these.")
    uncovered: dict[Reason, int] = Field(
        description="Exchanges of its accounts that no licence covers, by reason. Of volume and "
        "rate: they are beyond what was agreed."
    )
    fullest: tuple[Fullest, ...] = Field(default=(), description="Each limit that it has.")


class Usage(_Part):
    """The whole document."""

    schema_id: str = Field(default=SCHEMA_ID, alias="schema", description="This schema.")
    version: str = Field(description="Version of Stillwatch that wrote it.")
    made: datetime = Field(description="When it was counted, in UTC.")
    first: datetime | None = Field(description="First exchange that was looked at.")
    last: datetime | None = Field(description="Last exchange that was looked at.")
    licences: tuple[LicenceUse, ...] = Field(description="How far each was used.")


def json_schema() -> dict[str, object]:
    """JSON Schema of the document."""
    return {"$id": f"urn:{SCHEMA_ID.replace('/', ':')}", **Usage.model_json_schema(by_alias=True)}
