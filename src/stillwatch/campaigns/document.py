"""`campaigns.json`: what a scan found, as one versioned document.

The report page, the notebook API and the stages to come read this and nothing else.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

SCHEMA_ID = "stillwatch.campaigns/1"

Verdict = Literal["campaign", "lead", "spared"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Weight(_Part):
    """One bar of a waterfall: what one signal says, in bits (log2 of a Bayes factor)."""

    signal: str = Field(description="Name of the signal.")
    title: str = Field(description="What the signal measures, in a few words.")
    group: str = Field(description="Signals of one group are dependent; their sum is capped.")
    value: float | None = Field(description="The value measured; null where it could not be.")
    reading: str = Field(description="The value in words.")
    bits: float = Field(
        description="Weight after the cap of its group. Negative speaks for innocence."
    )


class Member(_Part):
    """An account of a campaign."""

    account: str
    bits: float = Field(description="Weight of the evidence that the account takes part, in bits.")
    exchanges: int = Field(description="All exchanges of the account in the window.")
    harvest_exchanges: int = Field(description="Those of them attributed to the campaign.")
    first_seen: datetime
    last_seen: datetime
    waterfall: tuple[Weight, ...] = Field(
        default=(), description="Of the first hundred members of a campaign or lead; else empty."
    )


class Link(_Part):
    """A rare thing that accounts of the campaign share."""

    kind: str = Field(description="Name of the link signal.")
    title: str
    value: str = Field(description="The shared value; hashes as 16 hex digits.")
    accounts: int = Field(description="Accounts of the campaign that carry it.")
    accounts_elsewhere: int = Field(description="Accounts outside the campaign that carry it.")
    bits: float = Field(description="How surprising it is that two accounts share it, in bits.")
    members: tuple[str, ...] = Field(
        default=(), description="Accounts of the campaign that carry it; at most 200 are named."
    )


class Template(_Part):
    """A template family the campaign writes from."""

    kind: str = Field(description="`system_template`, `head`, `tail` ...")
    template: str = Field(description="The hash, as 16 hex digits.")
    example: str | None = Field(description="The text with its variable parts masked.")
    accounts: int
    exchanges: int


class Count(_Part):
    name: str
    exchanges: int


class Moment(_Part):
    time: datetime = Field(description="Start of the interval.")
    exchanges: int
    accounts: int


class Innocence(_Part):
    """An innocent explanation that was weighed."""

    family: str = Field(description="The lookalike family.")
    title: str
    bits: float = Field(description="Bits for the campaign and against this explanation.")


class Campaign(_Part):
    """A group of accounts that act together, with all that speaks for and against a harvest."""

    id: str
    verdict: Verdict
    bits: float = Field(description="Total weight, prior included, in bits.")
    probability: float = Field(description="Posterior probability of a harvest, from the bits.")
    q_value: float = Field(description="False discovery rate of reporting this and all above it.")
    first_seen: datetime
    last_seen: datetime
    exchanges: int = Field(
        description="Exchanges attributed to the campaign; of a spared group, all of its accounts'."
    )
    account_count: int
    models: tuple[Count, ...] = ()
    intents: tuple[Count, ...] = ()
    waterfall: tuple[Weight, ...] = ()
    innocents: tuple[Innocence, ...] = Field(
        default=(), description="Innocent explanations, the best fitting first."
    )
    links: tuple[Link, ...] = ()
    templates: tuple[Template, ...] = ()
    timeline: tuple[Moment, ...] = ()
    accounts: tuple[Member, ...] = ()


class Skipped(_Part):
    """A signal that could not be measured."""

    signal: str
    title: str
    missing: tuple[str, ...] = Field(description="Columns the traffic does not carry.")


class Reading(_Part):
    """What was read."""

    files: int
    exchanges: int
    accounts: int
    duplicates: int = Field(description="Exchanges set aside because their id was seen before.")
    rejected: dict[str, int] = Field(description="Records set aside, by reason.")
    first: datetime | None
    last: datetime | None


class Scan(_Part):
    """The whole document."""

    schema_id: str = Field(default=SCHEMA_ID, alias="schema")
    version: str = Field(description="Version of Stillwatch that wrote it.")
    made: datetime
    reading: Reading
    fdr: float = Field(description="False discovery rate at which campaigns are reported.")
    expected_false: float = Field(description="Expected false campaigns among those reported.")
    campaigns: tuple[Campaign, ...]
    leads: tuple[Campaign, ...] = Field(description="Not certain enough to report; worth a look.")
    spared: tuple[Campaign, ...] = Field(description="Groups weighed and found innocent.")
    skipped: tuple[Skipped, ...] = ()
    config: dict[str, Any] = Field(default_factory=dict, description="Settings of the scan.")


def json_schema() -> dict[str, Any]:
    """JSON Schema of `campaigns.json`."""
    return {"$id": f"urn:{SCHEMA_ID.replace('/', ':')}", **Scan.model_json_schema(by_alias=True)}
