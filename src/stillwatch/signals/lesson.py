"""A lesson: what a group showed that people decided on. It names no account and holds no text."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

Decision = Literal["harvest", "innocent"]


class Lesson(BaseModel):
    """A decision on one campaign or lead, with the bins that it and its accounts fell into."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(description="Of the campaign or lead.")
    verdict: Decision = Field(description="What people decided that it is.")
    learned: AwareDatetime = Field(description="When it was learned, in UTC.")
    accounts: int = Field(ge=1, description="How many accounts it had.")
    shares: dict[str, list[Annotated[float, Field(ge=0, le=1)]]] = Field(
        description="Account signal → share of its accounts in each bin, of those it could judge."
    )
    bins: dict[str, Annotated[int, Field(ge=0)]] = Field(
        description="Group signal → index of the bin that the group fell into."
    )
