"""Draws scenarios: what was taken times factors that nobody knows, many times."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from stillwatch.exposure.assumptions import Expense, Quantity, Range, Scenario
from stillwatch.exposure.document import Estimate, Interval, Moved

DRAWS = 20_000
Draws = npt.NDArray[np.float64]
_NINE_OF_TEN = float(stats.norm.ppf(0.95))


@dataclass(frozen=True, slots=True)
class Amount:
    """A quantity of what was taken, between what is sure and all that is attributed."""

    least: float
    most: float

    def draw(self, chance: np.random.Generator) -> Draws:
        """Draws, shape (DRAWS,), uniform between both."""
        return chance.uniform(self.least, self.most, DRAWS)


def draw(given: Range, chance: np.random.Generator) -> Draws:
    """Draws of a range, shape (DRAWS,).

    Lognormal: 5 % and 95 % quantiles are `low` and `high`.
    """
    if given.shape == "uniform":
        return chance.uniform(given.low, given.high, DRAWS)
    low, high = np.log(given.low), np.log(given.high)
    return np.asarray(chance.lognormal((low + high) / 2, (high - low) / (2 * _NINE_OF_TEN), DRAWS))


def drawn(scenario: Scenario, amounts: Mapping[Quantity, Amount], seed: int) -> Estimate:
    """A scenario's interval, and what moves it."""
    chance = np.random.default_rng([seed, *scenario.id.encode()])
    base = amounts[scenario.of].draw(chance)
    factors = [draw(one, chance) for one in scenario.factors]
    result = base * np.prod(factors, axis=0)
    shares = moved(result, [*factors, base])
    return Estimate(
        id=scenario.id,
        title=scenario.title,
        of=scenario.of,
        amount=interval(result),
        factors=tuple(
            Moved(factor=one, share=share)
            for one, share in zip(scenario.factors, shares, strict=False)
        ),
    )


def spent(expenses: Sequence[Expense], amounts: Mapping[Quantity, Amount], seed: int) -> Estimate:
    """What a harvest cost who made it: the sum of all expenses."""
    chance = np.random.default_rng([seed, *b"attacker"])
    each = [amounts[one.of].draw(chance) * draw(one, chance) for one in expenses]
    shares = moved(np.sum(each, axis=0), each)
    return Estimate(
        id="attacker",
        title="What the harvest cost who made it, beside tokens",
        of=None,
        amount=interval(np.sum(each, axis=0)),
        factors=tuple(
            Moved(factor=one, share=share) for one, share in zip(expenses, shares, strict=True)
        ),
    )


def interval(result: Draws) -> Interval:
    """Nine results of ten, and the middle one."""
    low, middle, high = np.quantile(result, [0.05, 0.5, 0.95])
    return Interval(low=float(low), middle=float(middle), high=float(high))


def moved(result: Draws, factors: Sequence[Draws]) -> list[float]:
    """Squared rank correlations of independent factors with a result, of their sum."""
    squares = [
        float(stats.spearmanr(one, result).statistic) ** 2
        if np.ptp(one) and np.ptp(result)
        else 0.0
        for one in factors
    ]
    whole = sum(squares)
    return [one / whole if whole else 0.0 for one in squares]
