"""Scenarios: what a range is made of, as data. Every key but the crowds has a default."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from stillwatch.errors import UsageError
from stillwatch.range.evasion import LEVELS
from stillwatch.range.lookalikes import LOOKALIKES
from stillwatch.range.populations import POPULATIONS
from stillwatch.sketch.schema import INTENTS

Share = Annotated[float, Field(ge=0, le=1)]
Region = Literal["americas", "europe", "asia"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Population(_Part):
    """An innocent population. What is not said is as usual for its kind."""

    kind: str = Field(description="One of the workloads of `stillwatch.range.populations`.")
    accounts: int = Field(gt=0)
    per_day: float | None = Field(default=None, gt=0, description="Mean exchanges of an account.")
    skew: float | None = Field(
        default=None, ge=0, le=3, description="Standard deviation of the log of an account's rate."
    )
    regions: dict[Region, float] | None = Field(default=None, description="Weights of regions.")
    workload: str | None = Field(default=None, description="Workload of the template families.")

    @field_validator("kind")
    @classmethod
    def _known(cls, kind: str) -> str:
        return _one_of(kind, POPULATIONS)


class Lookalike(_Part):
    """An innocent workload that resembles a harvest; `all` stands for one group of each kind."""

    kind: str
    groups: int = Field(default=1, gt=0, description="How many separate groups of this kind.")
    accounts: int | None = Field(default=None, gt=0, description="Accounts of each group.")
    scale: float = Field(default=1, gt=0, description="Multiplies the usual number of accounts.")
    volume: float = Field(default=1, gt=0, description="Multiplies the usual exchanges a day.")

    @field_validator("kind")
    @classmethod
    def _known(cls, kind: str) -> str:
        return kind if kind == "all" else _one_of(kind, LOOKALIKES)


class Infrastructure(_Part):
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


class Campaign(_Part):
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
    retarget: Share = Field(default=0.9, description="Share moved within a day of a release.")
    infrastructure: Infrastructure = Infrastructure()

    @field_validator("level")
    @classmethod
    def _level(cls, level: str) -> str:
        return _one_of(level, LEVELS)

    @field_validator("intents")
    @classmethod
    def _intents(cls, intents: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(_one_of(intent, INTENTS) for intent in intents)

    @model_validator(mode="after")
    def _work_for_all(self) -> Campaign:
        if self.exchanges < self.accounts:
            raise ValueError(f"{self.exchanges} exchanges are too few for {self.accounts} accounts")
        return self


class Scenario(_Part):
    """A whole range."""

    title: str = ""
    seed: int = Field(default=1, ge=0)
    start: datetime = datetime(2026, 10, 6, tzinfo=UTC)
    days: float = Field(default=1.0, gt=0, le=366)
    split: Literal["train", "tune", "test"] = "test"
    release: float | None = Field(
        default=None, ge=0, description="Day at which a new model comes out, from the start."
    )
    population: tuple[Population, ...] = ()
    lookalike: tuple[Lookalike, ...] = ()
    campaign: tuple[Campaign, ...] = ()

    @field_validator("start")
    @classmethod
    def _utc(cls, start: datetime) -> datetime:
        return start.replace(tzinfo=UTC) if start.tzinfo is None else start.astimezone(UTC)

    @model_validator(mode="after")
    def _consistent(self) -> Scenario:
        if not (self.population or self.lookalike or self.campaign):
            raise ValueError("needs at least one of [[population]], [[lookalike]], [[campaign]]")
        names = [c.id for c in self.campaign]
        for campaign in self.campaign:
            if names.count(campaign.id) > 1:
                raise ValueError(f"two campaigns are called {campaign.id!r}")
            if campaign.start >= self.days:
                raise ValueError(
                    f"campaign {campaign.id!r} starts after the {self.days:g} days end"
                )
        return self


def _packaged() -> dict[str, Path]:
    folder = files("stillwatch.range") / "scenarios"
    return {p.stem: p for p in sorted(Path(str(folder)).glob("*.toml"))}


SCENARIOS = _packaged()
"""Scenarios that come with the package, by name."""


def load_scenario(name: str | Path) -> Scenario:
    """Read a scenario: the name of a packaged one, or a file.

    Raises
    ------
    UsageError
        If there is none, or it does not make sense; the message names the file and the key.
    """
    path = SCENARIOS.get(str(name), Path(name))
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, IsADirectoryError):
        known = ", ".join(SCENARIOS)
        raise UsageError(f"{name}: no such scenario file, nor one of: {known}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: not a TOML file: {error}") from None
    return parse_scenario(data, str(path))


def parse_scenario(data: dict[str, Any], source: str) -> Scenario:
    """A scenario from its parsed TOML; `source` names it in errors."""
    try:
        return Scenario.model_validate(data)
    except ValidationError as error:
        lines = [f"{source}: {_key(e['loc'])}{e['msg']}" for e in error.errors()]
        raise UsageError("\n".join(lines)) from None


def _key(location: tuple[int | str, ...]) -> str:
    """`campaign[0].accounts: ` for the location ("campaign", 0, "accounts")."""
    key = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return f"{key.lstrip('.')}: " if key else ""


def _one_of(value: str, known: Any) -> str:
    if value not in known:
        raise ValueError(f"{value!r} is none of: {', '.join(known)}")
    return value
