"""A licence: who may distil, which models, how much, how fast, from when until when."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from stillwatch.written.problems import PartError, Problem
from stillwatch.written.times import Moment, shown

SCHEMA_ID = "stillwatch.licence/1"

Kind = Literal["distillation", "research", "evaluation", "reseller"]
Pace = Literal["minute", "hour", "day"]
Span = Literal["day", "week", "month", "term"]
Subkey = Literal["credential", "gateway"]
Reason = Literal["volume", "rate", "model", "dates", "customer"]
"""Why an exchange of a licence's accounts is not covered."""
COVERED = "covered"
"""In the place of a reason: it is."""
SUBKEYS: tuple[Subkey, ...] = get_args(Subkey)
ANY = "any"

Name = Annotated[str, Field(min_length=1)]


def _models(given: Any) -> Any:
    return [ANY] if given == ANY else given


Models = Annotated[
    tuple[Name, ...],
    Field(min_length=1),
    BeforeValidator(_models),
    WithJsonSchema(
        {"anyOf": [{"const": ANY}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}
    ),
]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Volume(_Part):
    """How much, in each calendar month (UTC), week from the beginning, day, or the whole term."""

    exchanges: int | None = Field(default=None, ge=0, description="Most exchanges.")
    tokens: int | None = Field(default=None, ge=0, description="Most output tokens.")
    per: Span = Field(description="What it is counted by: day, week, month, or the whole term.")

    @model_validator(mode="after")
    def _something(self) -> Volume:
        if self.exchanges is None and self.tokens is None:
            raise ValueError("says no amount; give it exchanges, tokens, or both")
        return self


class Rate(_Part):
    """How fast."""

    exchanges: int = Field(ge=1, description="Most exchanges.")
    per: Pace = Field(description="In each minute, hour or day of the clock (UTC).")


class Used(_Part):
    """What was used before the sketches begin, of the period of the volume that `at` lies in."""

    exchanges: int = Field(default=0, ge=0, description="Exchanges until then.")
    tokens: int = Field(default=0, ge=0, description="Output tokens until then.")
    at: Moment = Field(description="Until when it was counted, exclusive.")


class Customer(_Part):
    """A reseller's customer, known by the keys that its requests come with."""

    name: Name = Field(description="What it is called in lists and reports.")
    keys: tuple[Name, ...] = Field(
        min_length=1, description="Values of the column that `subkey` names."
    )
    volume: Volume | None = Field(default=None, description="How much of the whole it may have.")
    rate: Rate | None = Field(default=None, description="How fast it may be.")


class Licence(_Part):
    """One licence. What is left out of `volume` and `rate` has no limit."""

    id: str = Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$",
        description="A short unique name: letters, digits, `.`, `_` and `-`.",
    )
    holder: Name = Field(description="Who holds it, in words.")
    kind: Kind = Field(description="What it is for, by kind; a reseller names customers.")
    purpose: Name = Field(description="What the answers are used for, in words.")
    accounts: tuple[Name, ...] = Field(
        default=(), description="Accounts it is for, as in the column `account`."
    )
    organizations: tuple[Name, ...] = Field(
        default=(), description="Organisations all of whose accounts it is for."
    )
    models: Models = Field(description="Models it covers, as in the column `model`; or `any`.")
    start: Moment = Field(
        alias="from", description="When it begins: a day, or a time with its zone."
    )
    end: Moment = Field(
        alias="until", description="When it ends, exclusive: a day, or a time with its zone."
    )
    volume: Volume | None = Field(default=None, description="How much; without it, no limit.")
    rate: Rate | None = Field(default=None, description="How fast; without it, no limit.")
    used: Used | None = Field(
        default=None, description="What was used of the volume before the sketches begin."
    )
    subkey: Subkey | None = Field(
        default=None, description="Column that tells a reseller's customers apart."
    )
    customers: tuple[Customer, ...] = Field(
        default=(), description="A reseller's customers that it covers; of no other kind."
    )

    @model_validator(mode="after")
    def _whole(self) -> Licence:
        problems = [Problem(place, message) for place, message in self._against()]
        if problems:
            raise PartError(problems)
        return self

    def _against(self) -> list[tuple[tuple[str | int, ...], str]]:
        wrong: list[tuple[tuple[str | int, ...], str]] = []
        if not self.accounts and not self.organizations:
            wrong.append(((), "is for nobody; name accounts, organizations, or both"))
        if self.start >= self.end:
            wrong.append((("until",), f"is not after its beginning, {shown(self.start)}"))
        if self.used and self.volume is None:
            wrong.append((("used",), "is of no volume; give it one, or leave `used` out"))
        if self.used and not self.start <= self.used.at <= self.end:
            wrong.append((("used", "at"), "lies outside of the licence's time"))
        if self.kind == "reseller":
            if self.subkey is None:
                wrong.append(
                    (
                        (),
                        f"is a reseller's; say with `subkey` ({', '.join(SUBKEYS)}) "
                        "how its customers are told apart",
                    )
                )
            if not self.customers:
                wrong.append(((), "is a reseller's; name the customers that may distil"))
        elif self.subkey or self.customers:
            place = "customers" if self.customers else "subkey"
            wrong.append(((place,), "belongs to licences of the kind reseller only"))
        seen: dict[str, str] = {}
        for number, customer in enumerate(self.customers):
            for key in customer.keys:
                if key in seen:
                    told = f"{key!r} is a key of {seen[key]}, too; it can be one customer's only"
                    wrong.append((("customers", number, "keys"), told))
                seen.setdefault(key, customer.name)
            if [c.name for c in self.customers].count(customer.name) > 1:
                wrong.append((("customers", number, "name"), f"{customer.name!r} is there twice"))
        return wrong

    def names(self, model: str) -> bool:
        """Whether it is for a model."""
        return self.any_model or model in self.models

    @property
    def any_model(self) -> bool:
        """Whether it is for all models, whatever they are called."""
        return ANY in self.models


def json_schema() -> dict[str, Any]:
    """JSON Schema of a licence file."""
    shape = Licence.model_json_schema(by_alias=True)
    return {"$id": f"urn:{SCHEMA_ID.replace('/', ':')}", **shape}
