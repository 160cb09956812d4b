"""Scenarios: what a range is made of, as data. Every key but the crowds has a default."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import tomli_w
from pydantic import Field, ValidationError, field_validator, model_validator

from stillwatch.complaints import sentence
from stillwatch.errors import UsageError
from stillwatch.range.campaign import Campaign, Part, one_of
from stillwatch.range.lookalikes import LOOKALIKES
from stillwatch.range.populations import POPULATIONS
from stillwatch.traffic.exchange import COLUMNS, REQUIRED

Region = Literal["americas", "europe", "asia"]

UNLOGGED = tuple(c.name for c in COLUMNS if c.name not in (*REQUIRED, "exchange_id"))
"""Columns that a provider may not have; without the others there is nothing to scan or score."""


class Population(Part):
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
        return one_of(kind, POPULATIONS)


class Lookalike(Part):
    """An innocent workload that resembles a harvest; `all` stands for one group of each kind."""

    kind: str
    groups: int = Field(default=1, gt=0, description="How many separate groups of this kind.")
    accounts: int | None = Field(default=None, gt=0, description="Accounts of each group.")
    scale: float = Field(default=1, gt=0, description="Multiplies the usual number of accounts.")
    volume: float = Field(default=1, gt=0, description="Multiplies the usual exchanges a day.")

    @field_validator("kind")
    @classmethod
    def _known(cls, kind: str) -> str:
        return kind if kind == "all" else one_of(kind, LOOKALIKES)


class Scenario(Part):
    """A whole range."""

    title: str = ""
    seed: int = Field(default=1, ge=0)
    start: datetime = datetime(2026, 10, 6, tzinfo=UTC)
    days: float = Field(default=1.0, gt=0, le=366)
    split: Literal["train", "tune", "test"] = "test"
    release: float | None = Field(
        default=None, ge=0, description="Day at which a new model comes out, from the start."
    )
    churn: float = Field(
        default=0.0, ge=0, le=1, description="Share of customers replaced by new ones in a day."
    )
    unlogged: tuple[str, ...] = Field(
        default=(), description="Columns of the Exchange table that the provider does not log."
    )
    population: tuple[Population, ...] = ()
    lookalike: tuple[Lookalike, ...] = ()
    campaign: tuple[Campaign, ...] = ()

    @field_validator("start")
    @classmethod
    def _utc(cls, start: datetime) -> datetime:
        return start.replace(tzinfo=UTC) if start.tzinfo is None else start.astimezone(UTC)

    @field_validator("unlogged")
    @classmethod
    def _columns(cls, unlogged: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(one_of(column, UNLOGGED) for column in unlogged)

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
                    f"campaign {campaign.id!r} starts at day {campaign.start:g}, and the scenario "
                    f"ends at day {self.days:g}"
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
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: not a TOML file: {error}") from None
    return parse_scenario(data, str(path))


def parse_scenario(data: dict[str, Any], source: str) -> Scenario:
    """A scenario from its parsed TOML; `source` names it in errors."""
    try:
        return Scenario.model_validate(data)
    except ValidationError as error:
        lines = [f"{source}: {_key(e['loc'])}{sentence(e, Scenario)}" for e in error.errors()]
        raise UsageError("\n".join(lines)) from None


def as_toml(scenario: Scenario) -> str:
    """The scenario as a file that `load_scenario` reads; what is as usual is left out."""
    return tomli_w.dumps(scenario.model_dump(mode="json", exclude_defaults=True))


def _key(location: tuple[int | str, ...]) -> str:
    """`campaign[0].accounts: ` for the location ("campaign", 0, "accounts")."""
    # What pydantic calls "[key]" is the key that stands before it.
    parts = [part for part in location if part != "[key]"]
    key = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)
    return f"{key.lstrip('.')}: " if key else ""
