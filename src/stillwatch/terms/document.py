"""What a version of terms would have touched in a scan: `stillwatch terms simulate --json`."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from stillwatch.terms.measures import Measure

SCHEMA_ID = "stillwatch.terms_simulation/1"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Touched(_Part):
    """An account that one version touches and the other does not."""

    account: str
    group: str | None = Field(description="Campaign or lead that it is in.")
    licensed: bool = Field(description="Whether a licence covers some of what it did.")


class Effect(_Part):
    """What one clause, or one measure that it allows, would have touched."""

    clause: str = Field(description="Id of the clause.")
    measure: Measure | None = Field(description="Null: the clause, whatever it allows.")
    new: int = Field(description="Accounts that the new version touches.")
    old: int = Field(description="Accounts that the old version touches; 0 without one.")
    added: tuple[Touched, ...] = Field(description="Whom only the new one touches.")
    released: tuple[Touched, ...] = Field(description="Whom only the old one touches.")


class Simulation(_Part):
    """The whole document. An account that several clauses touch counts once in the totals."""

    schema_id: str = Field(default=SCHEMA_ID, alias="schema", description="This schema.")
    version: str = Field(description="Version of Stillwatch that wrote it.")
    new: str = Field(description="Name of the new version of the terms.")
    old: str | None = Field(description="Name of the old one; null without one.")
    scan: datetime = Field(description="When the scan was made.")
    accounts: int = Field(description="Accounts in the scan.")
    touched: int = Field(description="Accounts that the new version touches.")
    licensed: int = Field(description="How many of these a licence covers in part.")
    added: tuple[Touched, ...] = Field(description="Whom the old version does not touch at all.")
    released: tuple[Touched, ...] = Field(description="Whom the new version does not touch at all.")
    effects: tuple[Effect, ...] = Field(description="By clause, and by measure.")


def json_schema() -> dict[str, object]:
    """JSON Schema of the document."""
    shape = Simulation.model_json_schema(by_alias=True)
    return {"$id": f"urn:{SCHEMA_ID.replace('/', ':')}", **shape}
