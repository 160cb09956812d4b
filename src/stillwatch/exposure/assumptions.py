"""What people assume of prices, costs and harm, as they write it in YAML."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from stillwatch.written import source
from stillwatch.written.models import follow
from stillwatch.written.problems import PartError, Problem

SCHEMA_ID = "stillwatch.assumptions/1"

Quantity = Literal[
    "exchanges", "input_tokens", "output_tokens", "reasoning_tokens", "accounts", "list_price"
]
Shape = Literal["lognormal", "uniform"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Price(_Part):
    """List prices of a model."""

    input: float = Field(ge=0, allow_inf_nan=False, description="Of a million tokens read.")
    output: float = Field(ge=0, allow_inf_nan=False, description="Of a million tokens written.")


class Range(_Part):
    """A number that is not known: nine times of ten it lies between `low` and `high`."""

    name: str = Field(min_length=1, description="What it is, in a few words.")
    shape: Shape = Field(
        default="lognormal", description="`uniform`: it always lies between, anywhere alike."
    )
    low: float = Field(allow_inf_nan=False, description="The 5 % quantile, or the least.")
    high: float = Field(allow_inf_nan=False, description="The 95 % quantile, or the most.")
    because: str = Field(min_length=1, description="Where the two numbers come from.")

    @model_validator(mode="after")
    def _ordered(self) -> Range:
        problems = []
        if self.low < 0 or (self.low == 0 and self.shape == "lognormal"):
            least = "above 0" if self.shape == "lognormal" else "0 at least"
            problems.append(Problem(("low",), f"must be {least} for {self.shape}"))
        if self.high < self.low:
            problems.append(Problem(("high",), f"is below low, {self.low:g}"))
        if problems:
            raise PartError(problems)
        return self


class Expense(Range):
    """What the harvest cost who made it, for each of what was taken."""

    of: Quantity = Field(description="What it is paid for each of.")


class Scenario(_Part):
    """A kind of harm: what was taken, times all factors."""

    id: str = Field(min_length=1, pattern=r"^[a-z0-9][a-z0-9-]*$", description="A short name.")
    title: str = Field(min_length=1, description="What is estimated, in a sentence.")
    of: Quantity = Field(description="What was taken that it begins with.")
    factors: tuple[Range, ...] = Field(min_length=1, description="What it is multiplied by.")


class Assumptions(_Part):
    """A file of assumptions."""

    currency: str = Field(pattern=r"^[A-Z]{3}$", description="ISO 4217 code of all amounts.")
    prices: dict[str, Price] = Field(
        default_factory=dict, description="List prices by model, as logs call it."
    )
    attacker: tuple[Expense, ...] = Field(
        default=(), description="What the harvest cost who made it, beside tokens."
    )
    scenarios: tuple[Scenario, ...] = Field(default=(), description="Kinds of harm.")

    @model_validator(mode="after")
    def _apart(self) -> Assumptions:
        ids = [one.id for one in self.scenarios]
        twice = [n for n, id in enumerate(ids) if id in ids[:n]]
        if twice:
            raise PartError(
                [Problem(("scenarios", n, "id"), f"{ids[n]!r} is there twice") for n in twice]
            )
        return self


def load(path: Path) -> Assumptions:
    """The assumptions of a file. Raises `UsageError` with file, line, field and what to do."""
    return follow(source.read(path, "file of assumptions", "currency"), Assumptions)


def example() -> str:
    """A file to begin with."""
    place = resources.files("stillwatch.exposure") / "examples" / "assumptions.yml"
    return place.read_text(encoding="utf-8")


def json_schema() -> dict[str, Any]:
    """JSON Schema of a file of assumptions."""
    return {"$id": f"urn:{SCHEMA_ID.replace('/', ':')}", **Assumptions.model_json_schema()}
