"""`hunt.json`: what a hunt was asked, what it searched and what it found, as one document."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

SCHEMA_ID = "stillwatch.hunt/1"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SetAside(_Part):
    """An indicator, or a part of one, that was not looked for."""

    indicator: str
    reason: str


class Several(_Part):
    """An account that matches several indicators. Those that have expired do not count."""

    account: str
    organization: str | None
    indicators: tuple[str, ...] = Field(description="Which, in the order in which they were asked.")
    matched: int = Field(description="Its exchanges that match any of them.")
    exchanges: int = Field(description="All exchanges of the account in what was searched.")
    first: datetime | None = Field(description="The first that matches.")
    last: datetime | None = Field(description="The last that matches.")


class Likeness(_Part):
    """How many exchanges are how like a text."""

    bands: int = Field(description="MinHash bands in common, of 4.")
    jaccard: float = Field(
        description="What that says of the Jaccard index of the two sets of three-word shingles, "
        "variable parts masked: the likeliest value, (bands / 4)^(1/3)."
    )
    exchanges: int


class Day(_Part):
    day: date = Field(description="In UTC.")
    exchanges: int
    accounts: int


class Account(_Part):
    """An account that an indicator touches."""

    account: str
    organization: str | None
    matched: int = Field(description="Its exchanges that match.")
    exchanges: int = Field(description="All exchanges of the account in what was searched.")
    first: datetime | None = Field(description="The first that matches.")
    last: datetime | None = Field(description="The last that matches.")
    input_tokens: int | None = Field(description="Of the exchanges that match; null if not logged.")
    output_tokens: int | None = Field(description="The same of the answers.")
    bands: int | None = Field(description="For `near`: most MinHash bands in common; else null.")


class Answer(_Part):
    """What was found of one indicator."""

    indicator: str = Field(description="As it was asked, in one spelling.")
    title: str | None = Field(description="What it is, in the words of who wrote it.")
    source: str | None = Field(description="The document that lists it.")
    columns: tuple[str, ...] = Field(description="The columns of the sketch that it reads.")
    valid_from: datetime | None = Field(description="Its start, where its author gave it one.")
    valid_until: datetime | None = Field(description="Its end, where its author gave it one.")
    expired: bool = Field(description="Whether it had ended when the hunt was made.")
    exchanges: int = Field(description="Exchanges that match, each once.")
    exchanges_before_start: int | None = Field(
        description="Those of them before `valid_from`; null without one."
    )
    exchanges_before_end: int | None = Field(
        description="Those of them before `valid_until`; null if it has not expired."
    )
    account_count: int
    first: datetime | None
    last: datetime | None
    input_tokens: int | None
    output_tokens: int | None
    likeness: tuple[Likeness, ...] = Field(description="For `near`; else empty.")
    days: tuple[Day, ...] = Field(description="Days on which it was seen.")
    accounts: tuple[Account, ...] = Field(description="All of them, most exchanges first.")


class Missing(_Part):
    """A column that some of the logs have nothing in, so that nothing could be found there."""

    column: str
    logs: int = Field(description="How many logs.")
    sketches: int = Field(description="Sketches made from them, in the files that were read.")
    first_day: date | None
    last_day: date | None


class Searched(_Part):
    """What was looked through."""

    scans: int
    logs: int
    sketches: int = Field(description="Sketches in the window.")
    days: int = Field(description="Days that have any.")
    first_day: date | None
    last_day: date | None
    since: datetime | None = Field(description="Start of the window, if one was given.")
    until: datetime | None = Field(description="Its end, exclusive.")
    stale_logs: int = Field(
        description="Logs left out because another release sketched them: their hashes differ."
    )
    missing: tuple[Missing, ...] = Field(
        description="Columns that an indicator reads and part of the logs lack."
    )


class Hunt(_Part):
    """The whole document."""

    schema_id: str = Field(default=SCHEMA_ID, alias="schema", description="This schema.")
    version: str = Field(description="Version of Stillwatch that wrote it.")
    made: datetime = Field(description="When.")
    searched: Searched = Field(description="The sketches that were looked through.")
    answers: tuple[Answer, ...] = Field(description="One for each indicator, in order.")
    several: tuple[Several, ...] = Field(
        description="Accounts that match several indicators, those with most first."
    )
    set_aside: tuple[SetAside, ...] = Field(description="What was not looked for, and why.")


def json_schema() -> dict[str, Any]:
    """JSON Schema of `hunt.json`."""
    return {"$id": f"urn:{SCHEMA_ID.replace('/', ':')}", **Hunt.model_json_schema(by_alias=True)}
