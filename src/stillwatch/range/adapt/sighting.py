"""How one campaign was seen in one crowd, and when it counts as hidden."""

from __future__ import annotations

from math import log2

from pydantic import BaseModel, ConfigDict, Field

from stillwatch.campaigns.verdicts import LEAST_PROBABILITY
from stillwatch.config import Settings
from stillwatch.range.matching import State
from stillwatch.signals.weights import packaged

MARGIN = 1.5
"""Bits below the line that the attacker wants: who just passes in one crowd is reported in the
next."""


class Sighting(BaseModel):
    """How a campaign was seen in a crowd."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    seed: int = Field(description="Of the crowd.")
    state: State
    bits: float | None = Field(
        description="Evidence, prior left out, of the group by which it is found or would be; null "
        "where no groups that are mostly its own hold a tenth of its accounts."
    )
    hidden: bool = Field(description="Not reported, and by a margin.")


def line(settings: Settings) -> float:
    """The fewest bits, prior left out, with which a group may be reported.

    It takes more where it does not stand alone, or holds much of a provider's accounts.
    """
    likely = log2(LEAST_PROBABILITY / (1 - LEAST_PROBABILITY)) - settings.prior_bits
    null = packaged().null
    return likely if null is None else max(likely, null.bits(settings.fdr))


def hidden(state: State, bits: float | None, settings: Settings) -> bool:
    """Whether an attacker would rely on it."""
    return state == "missed" and (bits is None or bits < line(settings) - MARGIN)
