"""A share with its uncertainty."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field
from scipy.stats import binomtest


class Rate(BaseModel):
    """`hits` out of `of`, with the 95 % interval of Clopper and Pearson (1934).

    The interval treats each unit as an independent draw. Accounts of one campaign are not, so
    read it as a lower bound on the uncertainty.
    """

    model_config = ConfigDict(frozen=True)

    hits: int
    of: int
    value: float | None = Field(description="Null where there is nothing to take a share of.")
    low: float
    high: float

    def __str__(self) -> str:
        if self.value is None:
            return "–"
        return f"{percent(self.value)} ({percent(self.low)}–{percent(self.high)})"


def rate(hits: int, of: int) -> Rate:
    """The share and its interval.

    Examples
    --------
    >>> str(rate(0, 100))
    '0% (0%–3.62%)'
    """
    if of == 0:
        return Rate(hits=0, of=0, value=None, low=0.0, high=1.0)
    interval = binomtest(hits, of).proportion_ci(confidence_level=0.95, method="exact")
    return Rate(
        hits=hits, of=of, value=hits / of, low=float(interval.low), high=float(interval.high)
    )


def percent(share: float) -> str:
    """A share for reading: three significant digits."""
    return f"{100 * share:.3g}%"
