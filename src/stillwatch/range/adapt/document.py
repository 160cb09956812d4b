"""`adaptive.json`: what it cost an attacker who has our code and weights not to be reported.

All traffic behind it is simulated, and all prices are assumed.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from stillwatch.range.adapt.prices import Bill, Prices
from stillwatch.range.adapt.sighting import Sighting
from stillwatch.range.rate import Rate

SCHEMA_ID = "stillwatch.adaptive/1"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Step(_Part):
    """A plan that was tried."""

    why: str = Field(description="A level of the ladder, or what is different.")
    settings: dict[str, float | str]
    bill: Bill
    seen: tuple[Sighting, ...] = Field(description="Crowd by crowd, until it was reported.")
    hidden: bool = Field(description="In all crowds that it was tried in.")

    @property
    def bits(self) -> float | None:
        """The most bits in any crowd; None where it was never gathered."""
        return max((s.bits for s in self.seen if s.bits is not None), default=None)


class Fresh(_Part):
    """The cheapest hidden plan, in crowds that the search had not seen."""

    seen: tuple[Sighting, ...]
    found: Rate = Field(description="Crowds in which it was found.")
    accounts: Rate = Field(description="Its accounts that were reported, over all crowds.")
    wasted: float = Field(description="Share of its requests that harvested nothing, as made.")


class Adapted(_Part):
    """The document."""

    schema_id: str = Field(default=SCHEMA_ID, alias="schema")
    version: str
    digest: str = Field(description="Changes with the weights and with the code behind figures.")
    made: datetime
    simulated: Literal[True] = True
    small: bool = Field(description="Whether it was a trial, whose figures say nothing.")
    harvest: int = Field(description="Exchanges to gather.")
    prices: Prices
    line: float = Field(
        description="The fewest bits, prior left out, with which a group may be reported."
    )
    margin: float = Field(description="Bits below the line that count as hidden.")
    evaluations: int = Field(description="Times that traffic was made and scanned to search.")
    path: tuple[Step, ...] = Field(description="In the order of trying; the ladder first.")
    cheapest: int | None = Field(
        description="Place in `path` of the cheapest that hid in most crowds; null if none hid."
    )
    fresh: Fresh | None = Field(description="Null if none stayed hidden.")
