"""Fits the bits of all group signals together, so that what several say of one thing counts once.

A logistic regression on the bins (Spiegelhalter and Knill-Jones 1984, J. R. Statist. Soc. A 147,
35: weights of evidence, mended for dependence). A signal that could not judge weighs nothing, so
there is no intercept but the odds of the training groups. Weights are kept within the bounds of
one signal, and never fall from bin to bin where more is known to speak for a harvest
(`Scale.rises`): what chance or the simulation shows against that is not learned. scikit-learn's
regression can do neither.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from stillwatch.signals.model import GroupSignal
from stillwatch.signals.weights import LARGEST_WEIGHT, SMALLEST_WEIGHT

RIDGE = 0.03
"""Of squared weights."""
SMOOTH = 0.9
"""Of squared steps from bin to bin. Both chosen by how many campaigns of the tune split lie above
what one in a hundred of its populations without any campaign reaches."""

Floats = npt.NDArray[np.float64]


def together(
    values: Floats,
    guilty: npt.NDArray[np.bool_],
    counts: Floats,
    signals: Sequence[GroupSignal],
) -> dict[str, list[float]]:
    """Bits of each bin of each signal.

    `values` (n, s) holds what the signals measured of n groups, NaN where they could not;
    `guilty` (n,) says which are campaigns; `counts` (n,) how much each group counts.
    """
    design = np.hstack([_bins(values[:, i], signal) for i, signal in enumerate(signals)])
    owner = np.repeat(np.arange(len(signals)), [len(s.scale.edges) + 1 for s in signals])
    penalty = RIDGE * np.eye(len(owner)) + SMOOTH * _steps(owner)
    sign = np.where(guilty, 1.0, -1.0)
    odds = np.log(counts[guilty].sum() / counts[~guilty].sum())

    def loss(weights: Floats) -> tuple[float, Floats]:
        margin = (odds + design @ weights) * sign
        pull = counts * sign / (1.0 + np.exp(margin))
        value = counts @ np.logaddexp(0.0, -margin) + 0.5 * weights @ penalty @ weights
        return float(value), penalty @ weights - design.T @ pull

    bounds = [(SMALLEST_WEIGHT * np.log(2), LARGEST_WEIGHT * np.log(2))] * len(owner)
    known = _known(owner, signals)
    found = minimize(
        loss,
        np.zeros(len(owner)),
        jac=True,
        method="SLSQP",
        bounds=bounds,
        constraints={"type": "ineq", "fun": lambda w: known @ w, "jac": lambda _: known},
        options={"maxiter": 1000},
    )
    if not found.success:
        raise SystemExit(f"the weights of groups were not fitted: {found.message}")
    fitted = found.x / np.log(2)
    return {s.about.name: fitted[owner == i].round(4).tolist() for i, s in enumerate(signals)}


def _bins(values: Floats, signal: GroupSignal) -> Floats:
    """A column for each bin, 1 where a group falls into it; shape (n, bins)."""
    index = np.searchsorted(signal.scale.edges, values, side="right")
    index[np.isnan(values)] = -1
    return (index[:, np.newaxis] == np.arange(len(signal.scale.edges) + 1)).astype(np.float64)


def _known(owner: npt.NDArray[np.int64], signals: Sequence[GroupSignal]) -> Floats:
    """The steps from bin to bin whose direction is known, as rows that must not be negative."""
    steps, of = np.diff(np.eye(len(owner)), axis=0), owner[1:]
    sign = np.array([0.0 if s.scale.rises is None else 2.0 * s.scale.rises - 1.0 for s in signals])
    known: Floats = (sign[of][:, np.newaxis] * steps)[(np.diff(owner) == 0) & (sign[of] != 0)]
    return known


def _steps(owner: npt.NDArray[np.int64]) -> Floats:
    """The quadratic form that sums the squared steps between neighbouring bins of one signal."""
    steps = np.diff(np.eye(len(owner)), axis=0)[np.diff(owner) == 0]
    form: Floats = steps.T @ steps
    return form
