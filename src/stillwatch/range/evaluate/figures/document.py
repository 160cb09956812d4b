"""`evaluation.json`: how well campaigns of simulated traffic are found, and how the innocent fare.

Every rate has its 95 % interval (Clopper and Pearson 1934). All traffic behind it is simulated.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from stillwatch.range.adapt.document import Adapted
from stillwatch.range.matching import State
from stillwatch.range.rate import Rate

SCHEMA_ID = "stillwatch.evaluation/1"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Cost(_Part):
    """What a harvest cost those who ran it; medians over campaigns."""

    accounts: float = Field(description="Accounts for each thousand prompts of the harvest.")
    hours: float = Field(description="From the first request to the last.")
    wasted: float = Field(description="Share of its accounts' requests that are no harvest.")


class Point(_Part):
    """Where one threshold on the bits of groups leads."""

    bits: float = Field(description="Groups with at least these, prior left out, are reported.")
    accounts: float = Field(description="Share of harvesting accounts reported.")
    campaigns: float = Field(description="Share of campaigns found.")
    innocents: float = Field(description="Share of innocent accounts flagged.")


class Rung(_Part):
    """One level of evasion."""

    level: str
    scenarios: int
    campaigns: Rate = Field(description="Campaigns found.")
    asking: Rate = Field(description="Of them, those whose prompts ask for what a student needs.")
    plain: Rate = Field(description="Of them, those that ask plain tasks only.")
    asking_accounts: Rate = Field(description="Harvesting accounts reported, of the former.")
    plain_accounts: Rate = Field(description="Harvesting accounts reported, of the latter.")
    merged: int = Field(description="Campaigns reported only as part of another.")
    accounts: Rate = Field(description="Harvesting accounts reported.")
    accounts_precision: Rate = Field(description="Reported accounts that take part.")
    exchanges: Rate = Field(description="Harvesting exchanges attributed.")
    exchanges_precision: Rate = Field(description="Attributed exchanges that are harvest.")
    relay_precision: Rate = Field(description="The same in accounts that also serve customers.")
    reports: Rate = Field(description="Reported campaigns that are true.")
    innocents: Rate = Field(
        description="Innocent accounts flagged, of this rung and of populations without campaigns."
    )
    bits: float | None = Field(
        description="Median evidence of the group by which a campaign is found; prior left out."
    )
    cost: Cost | None
    curve: tuple[Point, ...] = Field(description="The threshold moved from high to low.")


class Variants(_Part):
    """Campaigns of rungs found, by whether their variant of attack is held back from training."""

    known: Rate
    held_back: Rate
    kept_out: bool = Field(
        description="Whether the weights in use were fitted without what is held back now."
    )


class Alarms(_Part):
    """How much of a harvest had leaked at the alarm, by level."""

    level: str
    every_hours: float = Field(description="The growing traffic was scanned each so many hours.")
    shares: tuple[float, ...] = Field(description="Of each campaign; 1 where no alarm came.")
    alarmed: Rate
    median: float | None


class Disclosed(_Part):
    """One campaign of a packaged scenario, or a scenario that has none."""

    scenario: str
    title: str
    campaign: str | None
    state: State | None
    accounts: Rate
    bits: float | None
    false: int = Field(description="False campaigns reported in the scenario.")


class Populations(_Part):
    """Traffic without any campaign: whatever is reported there is false."""

    populations: int
    false: int = Field(description="False campaigns in all of them.")
    alarmed: Rate = Field(
        description="Populations with a false campaign: the observed false discovery rate, since "
        "all discoveries are false there."
    )
    fdr: float = Field(description="The rate that was promised.")


class Innocents(_Part):
    """All innocent accounts that were scanned, in scenarios with campaigns and without."""

    accounts: Rate = Field(description="Accounts flagged.")
    days: Rate = Field(description="Days on which an account was active, of flagged accounts.")
    in_true: Rate = Field(description="Of those, accounts drawn into a true campaign.")
    in_false: Rate = Field(description="Accounts in a false campaign.")


class Family(_Part):
    """One kind of lookalike, over all scenarios."""

    family: str
    groups: Rate = Field(description="Groups with an account flagged.")
    reported: Rate = Field(description="Groups that most accounts of a false campaign are of.")
    accounts: Rate


class Bin(_Part):
    """Groups whose claimed evidence is alike, and the evidence that was observed.

    Observed is the log2 of the odds that a group of the bin is a campaign, less that of all
    groups. None where the bin has only campaigns or only innocents; then one end is open.
    """

    low: float
    high: float
    claimed: float = Field(description="Mean probability of its groups, as evidence.")
    campaigns: int
    innocents: int
    observed: float | None
    observed_low: float | None
    observed_high: float | None


class Ablation(_Part):
    """What is found where something is left out."""

    what: str
    how: Literal["judging", "traffic"] = Field(
        description="Left out when groups are judged, or from the traffic before it is scanned."
    )
    level: str
    campaigns: Rate
    accounts: Rate
    innocents: int = Field(description="Innocent accounts flagged.")


class Evaluation(_Part):
    """The whole document."""

    schema_id: str = Field(default=SCHEMA_ID, alias="schema")
    version: str
    digest: str = Field(description="Changes with the weights and with the code behind figures.")
    made: datetime
    simulated: Literal[True] = True
    small: bool = Field(description="Whether it was a trial, whose figures say nothing.")
    seeds: tuple[int, int] = Field(description="The lowest and the highest of drawn scenarios.")
    scenarios: int
    rungs: tuple[Rung, ...]
    adapted: Adapted | None = Field(
        description="Level L5, an attacker who has the code and the weights and searches; null "
        "where none was let to."
    )
    variants: Variants
    alarms: tuple[Alarms, ...]
    disclosed: tuple[Disclosed, ...]
    populations: Populations
    innocents: Innocents
    lookalikes: tuple[Family, ...]
    base_bits: float | None = Field(
        description="log2 of the odds that a group that stands is a campaign, in these scenarios."
    )
    calibration: tuple[Bin, ...]
    ablations: tuple[Ablation, ...]
    config: dict[str, Any] = Field(description="Settings of the scans.")


def json_schema() -> dict[str, Any]:
    """JSON Schema of `evaluation.json`."""
    made = Evaluation.model_json_schema(by_alias=True)
    return {"$id": f"urn:{SCHEMA_ID.replace('/', ':')}", **made}
