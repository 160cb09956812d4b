"""One version of a provider's terms: its clauses, what bears on each, and what each allows."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from stillwatch.complaints import meant
from stillwatch.signals import registry
from stillwatch.signals.model import AccountSignal
from stillwatch.terms.measures import Measure, fewest
from stillwatch.written.problems import PartError, Place, Problem
from stillwatch.written.times import Moment, shown

SCHEMA_ID = "stillwatch.terms/1"

Name = Annotated[str, Field(min_length=1)]
Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
Region = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
Bits = Annotated[float, Field(allow_inf_nan=False)]

RULE = "rule_"
"""How signals are called that a provider's own rules add; which there are a file cannot know."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Evidence(_Part):
    """What bears on a clause. All that is said must hold of an account."""

    verdict: Literal["campaign", "lead"] | None = Field(
        default=None, description="It is in a campaign; or in a lead or a campaign."
    )
    campaign_bits: Bits | None = Field(default=None, description="Bits of that group, at least.")
    account_bits: Bits | None = Field(
        default=None, description="Bits with which it belongs to that group, at least."
    )
    exchanges: int | None = Field(
        default=None,
        ge=1,
        description="Exchanges attributed to that group, at least; without a verdict, all that no "
        "licence covers.",
    )
    signals: dict[str, Bits] = Field(
        default_factory=dict, description="Account signal → its bits, each at least."
    )

    @field_validator("signals")
    @classmethod
    def _known(cls, signals: dict[str, float]) -> dict[str, float]:
        known = [s.about.name for s in registry.signals() if isinstance(s, AccountSignal)]
        for name in signals:
            if name not in known and not name.startswith(RULE):
                raise ValueError(f"there is no account signal {name!r}{meant(name, known)}")
        return signals

    @model_validator(mode="after")
    def _something(self) -> Evidence:
        if self == Evidence.model_construct():
            raise ValueError("asks for nothing; say what must be there, such as a verdict")
        if self.verdict is None:
            for name in ("campaign_bits", "account_bits"):
                if getattr(self, name) is not None:
                    raise PartError([Problem((name,), "is of a group; say which with `verdict`")])
        return self


class Allowed(_Part):
    """A measure that a clause allows."""

    measure: Measure = Field(description="The measure.")
    people: int = Field(ge=0, le=9, description="How many people must agree.")
    evidence: tuple[Evidence, ...] = Field(
        default=(), description="What it needs beside what bears on the clause: one of these."
    )

    @model_validator(mode="after")
    def _enough(self) -> Allowed:
        needed = fewest(self.measure)
        if self.people < needed:
            told = f"{self.measure} needs {'two people' if needed == 2 else 'one person'} or more"
            raise PartError([Problem(("people",), told)])
        return self


class Clause(_Part):
    """What is forbidden, or asked, and what follows."""

    id: Id = Field(description="A short name that stays the same from version to version.")
    title: Name = Field(description="What it says, in a few words.")
    text: Name = Field(description="The wording that customers agreed to.")
    start: Moment | None = Field(
        default=None, alias="from", description="When it begins, if later than its version."
    )
    end: Moment | None = Field(
        default=None, alias="until", description="When it ends, exclusive, if before its version."
    )
    models: tuple[Name, ...] = Field(default=(), description="Models it is for; none: all.")
    regions: tuple[Region, ...] = Field(
        default=(),
        description="Countries it is for, by two letters, as in the column `country`; none: all.",
    )
    evidence: tuple[Evidence, ...] = Field(
        min_length=1, description="What bears on it: one of these."
    )
    measures: tuple[Allowed, ...] = Field(
        min_length=1, description="The measures that it allows, in any order."
    )

    @model_validator(mode="after")
    def _once(self) -> Clause:
        seen: set[str] = set()
        for number, allowed in enumerate(self.measures):
            if allowed.measure in seen:
                place: Place = ("measures", number, "measure")
                raise PartError([Problem(place, f"{allowed.measure} is there twice; keep one")])
            seen.add(allowed.measure)
        return self

    def is_for(self, model: str | None, region: str | None) -> bool:
        """Whether it is for a model and a country; where one is not known (None), for any."""
        return (model is None or not self.models or model in self.models) and (
            region is None or not self.regions or region in self.regions
        )


class Terms(_Part):
    """One version of the terms."""

    title: Name = Field(description="What the terms are called.")
    version: Id = Field(description="A name of its own, such as 2026-10.")
    start: Moment = Field(
        alias="from", description="When it takes effect: a day, or a time with its zone."
    )
    end: Moment | None = Field(
        default=None,
        alias="until",
        description="When it ends, exclusive; without it, when the next version begins.",
    )
    clauses: tuple[Clause, ...] = Field(min_length=1, description="The clauses.")

    @model_validator(mode="after")
    def _consistent(self) -> Terms:
        problems = []
        if self.end and self.end <= self.start:
            told = f"is not after the version begins, {shown(self.start)}"
            problems.append(Problem(("until",), told))
        seen: set[str] = set()
        for number, clause in enumerate(self.clauses):
            place: Place = ("clauses", number)
            if clause.id in seen:
                problems.append(Problem((*place, "id"), f"{clause.id!r} is there twice"))
            seen.add(clause.id)
            start, end = clause.start or self.start, clause.end or self.end
            if start < self.start:
                told = f"is before the version begins, {shown(self.start)}"
                problems.append(Problem((*place, "from"), told))
            if end and self.end and end > self.end:
                told = f"is after the version ends, {shown(self.end)}"
                problems.append(Problem((*place, "until"), told))
            if end and end <= start:
                told = f"is not after it begins, {shown(start)}"
                problems.append(Problem((*place, "until"), told))
        if problems:
            raise PartError(problems)
        return self

    def clause(self, id: str) -> Clause | None:
        """The clause of an id, if there is one."""
        return next((clause for clause in self.clauses if clause.id == id), None)


def json_schema() -> dict[str, Any]:
    """JSON Schema of a file of terms."""
    return {"$id": f"urn:{SCHEMA_ID.replace('/', ':')}", **Terms.model_json_schema(by_alias=True)}
