"""`suspect.json`: how a suspect was tested, what was found, and what that does not say."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

SCHEMA_ID: Final = "stillwatch.suspect/1"

Verdict = Literal["marked", "inconclusive", "no trace"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Key(_Part):
    """What one key finds. Names, never keys."""

    key: str
    statistic: float = Field(description="What was counted or added up over the windows.")
    expected: float = Field(description="Its mean without a mark.")
    z: float = Field(description="Standard deviations above the mean; to look at.")
    log10_p: float = Field(description="Logarithm to base 10 of its p-value.")
    corrected_p: float = Field(
        description="For all schemes and keys of this test together (Holm 1979)."
    )
    revoked: datetime | None = Field(
        description="Since when it is. Whoever had it then can have written such a mark."
    )


class WrongKeys(_Part):
    """Keys drawn at random, on the same windows."""

    log10_p: tuple[float, ...] = Field(description="Of each, in order.")
    too_small_p: float = Field(
        description="One-sided Kolmogorov-Smirnov test that they are smaller than they should be."
    )
    holds: bool = Field(description="Whether that is at least 0.001.")
    at_0_01: int = Field(description="How many have p-values of at most 0.01.")
    at_0_001: int = Field(description="How many have p-values of at most 0.001.")


class Part(_Part):
    """One scheme."""

    scheme: str
    tokens: int = Field(description="Read in all.")
    windows: int = Field(description="Distinct ones that were scored.")
    copied: int = Field(description="Left out, since the suspect was given them to read.")
    exact: bool = Field(description="Whether p-values are exact; else bounds, never too small.")
    keys: tuple[Key, ...] = Field(description="The surest first.")
    wrong_keys: WrongKeys


class Suspect(_Part):
    """One test of one suspect."""

    schema_id: Literal["stillwatch.suspect/1"] = Field(alias="schema", description="This schema.")
    made: datetime = Field(description="When it was tested, in UTC.")
    version: str = Field(description="The release of Stillwatch that tested.")
    access: Literal["text", "weights"] = Field(description="Black box or white box.")
    source: tuple[str, ...] = Field(description="What was read, as it was named.")
    served: bool = Field(description="Whether only contexts that were served count.")
    alpha: float = Field(description="Family-wise error rate of the verdict.")
    verdict: Verdict = Field(description="No trace never means innocent.")
    named: tuple[str, ...] = Field(description="Keys whose mark is there, the surest first.")
    words: tuple[str, ...] = Field(description="The verdict in words.")
    limits: tuple[str, ...] = Field(description="What it does not say.")
    parts: tuple[Part, ...] = Field(description="One for each scheme.")


def json_schema() -> dict[str, Any]:
    """JSON Schema of `suspect.json`."""
    return Suspect.model_json_schema(by_alias=True)
