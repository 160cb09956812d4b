"""Campaigns as data: a harvest, how it is laid out, and what its operators work with."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from stillwatch.range.evasion import LEVELS, Evasion, Share
from stillwatch.sketch.schema import INTENTS


class Part(BaseModel):
    """A part of a scenario: no keys but its own."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Infrastructure(Part):
    """What the operators of a campaign work with."""

    payment_share: Share = Field(
        default=0.6, description="Share of accounts whose payment mark others of them have too."
    )
    accounts_per_payment: float = Field(default=8, ge=1)
    pool: str | None = Field(
        default=None, description="Name of the proxy pool; campaigns that name the same share it."
    )
    pool_size: int = Field(default=60, gt=0, description="Addresses of the pool.")
    pool_kind: Literal["home", "cloud", "vpn", "mobile"] = "home"
    addresses_per_account: int = Field(default=4, gt=0)
    agents: int = Field(default=3, gt=0, description="Different user agents in use.")
    mimicry: Share = Field(default=0.3, description="Share that poses as a popular agent tool.")
    scrubbed: Share = Field(default=0.1, description="Share that sends no user agent.")
    creation: Literal["burst", "aged", "mixed"] = "burst"
    gateway: str | None = Field(default=None, description="Gateway all requests come through.")


class Campaign(Part):
    """A harvest: one work queue dealt out over many accounts."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")
    accounts: int = Field(gt=0)
    exchanges: int = Field(gt=0, description="Harvesting exchanges, customers' requests apart.")
    start: float = Field(default=0.0, ge=0, description="Days after the scenario's start.")
    duration: float | None = Field(default=None, gt=0, description="Days; default: to the end.")
    intents: tuple[str, ...] = Field(default=("reasoning_elicitation",), min_length=1)
    families: int = Field(default=2, gt=0, description="Template families for each intent.")
    hands: int = Field(default=1, gt=0, description="Wordings of each family in use.")
    level: str = Field(default="L0", description="Evasion, one of `stillwatch.range.evasion`.")
    pacing: Literal["steady", "bursts"] = "steady"
    outages: int = Field(default=1, ge=0, description="Pauses of the whole queue, a day.")
    mixed_share: float = Field(
        default=0.0, ge=0, lt=1, description="Share of its accounts' requests that are customers'."
    )
    blocked: Share = Field(default=0.0, description="Share of accounts blocked and replaced.")
    failover: str | None = Field(
        default=None, description="Gateway through which the shards of blocked accounts go on."
    )
    stolen: Share = Field(
        default=0.0, description="Share of accounts that are others' old ones, still in use."
    )
    probes: float = Field(
        default=0.0, ge=0, description="Control questions a day, asked to see countermeasures."
    )
    retarget: Share = Field(default=0.9, description="Share moved within a day of a release.")
    infrastructure: Infrastructure = Infrastructure()
    evasion: Evasion = Field(
        default=Evasion(), description="Knobs turned otherwise than at the level."
    )

    @property
    def knobs(self) -> Evasion:
        """The knobs of the level, and in their stead those that the campaign turns itself."""
        turned = {name: getattr(self.evasion, name) for name in self.evasion.model_fields_set}
        return LEVELS[self.level].model_copy(update=turned)

    @field_validator("level")
    @classmethod
    def _level(cls, level: str) -> str:
        return one_of(level, LEVELS)

    @field_validator("intents")
    @classmethod
    def _intents(cls, intents: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(one_of(intent, INTENTS) for intent in intents)

    @model_validator(mode="after")
    def _work_for_all(self) -> Campaign:
        if self.exchanges < self.accounts:
            raise ValueError(f"exchanges: {self.exchanges} is too few for {self.accounts} accounts")
        return self


def one_of(value: str, known: Iterable[str]) -> str:
    """The value, if it is known; an error that lists the known ones if it is not."""
    if value not in known:
        raise ValueError(f"{value!r} is none of: {', '.join(known)}")
    return value
