"""What decisions teach: weights as they are once the lessons in their file are heeded.

The fitted numbers stay as they are in the file, and what is learned is computed from the lessons
whenever it is read. So a lesson that is forgotten leaves no trace, whatever was learned since.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from stillwatch.config import Settings
from stillwatch.errors import UsageError
from stillwatch.signals.lesson import Lesson
from stillwatch.signals.model import AccountSignal, GroupSignal, Signal
from stillwatch.signals.weights import (
    CAMPAIGN,
    FAMILY_STRENGTH,
    LARGEST_WEIGHT,
    SMALLEST_WEIGHT,
    Counts,
    Weights,
    add,
    bits,
)

WORTH = 10.0
"""Simulated campaigns that a confirmed one counts as."""
CLEARED = "cleared"
"""The innocent family of all that people cleared.

As any that was seen few times, it is shrunk towards what all the innocent show. Otherwise a single
decision would make a bin that one in a thousand falls into one that every 25th does.
"""
STRENGTH = 28.0
"""Precision of the prior on each bin of a group, in 1 / nats².

One decision against a sure report pulls each bin that it names with a force of 1 at most, so it
moves it by at most 1 / 28 nats: 0.0515 bits. Of the packaged signals 29 may move, so a group just
like it moves by less than 1.5 bits.
"""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Change:
    """What was learned of one bin of a signal: its bits before and after."""

    signal: str
    span: str
    before: float
    after: float


def learned(weights: Weights, lesson: Lesson) -> Weights:
    """The weights with one lesson more; one of the same group and verdict gives way to it.

    Raises `UsageError` where the group was learned with the other verdict.
    """
    for known in weights.lessons:
        if known.id == lesson.id and known.verdict != lesson.verdict:
            raise UsageError(
                f"{lesson.id} was learned as {known.verdict} on {known.learned:%Y-%m-%d}; if that "
                "was reversed, take it back with `stillwatch weights forget`, then learn it anew"
            )
    others = tuple(known for known in weights.lessons if known.id != lesson.id)
    return _next(weights, (*others, lesson))


def forgotten(weights: Weights, id: str) -> Weights:
    """The weights without the lesson of a group. Raises `UsageError` where there is none."""
    kept = tuple(known for known in weights.lessons if known.id != id)
    if len(kept) == len(weights.lessons):
        there = ", ".join(known.id for known in weights.lessons) or "none"
        raise UsageError(f"{id} was never learned; lessons there are: {there}")
    return _next(weights, kept)


def taught(weights: Weights, signals: Iterable[Signal]) -> Weights:
    """The weights with all that their lessons teach, whatever the order they were learned in.

    Of account signals that are not among `signals` nothing is learned.
    """
    if not weights.lessons:
        return weights
    # In one order, so that the last digits of sums are the same, too.
    lessons = sorted(weights.lessons, key=lambda lesson: lesson.id)
    return weights.model_copy(
        update={
            "accounts": _counted(weights, lessons, signals),
            "together": _moved(weights, lessons),
        }
    )


def changes(weights: Weights, signals: Sequence[Signal]) -> list[Change]:
    """The bins whose bits the lessons change, the most changed first."""
    after = taught(weights, signals)
    found = [
        Change(signal.about.name, span, float(old), float(new))
        for signal in signals
        if isinstance(signal, AccountSignal | GroupSignal)
        for span, old, new in zip(
            signal.scale.spans(), _bits(weights, signal), _bits(after, signal), strict=True
        )
        if old != new
    ]
    return sorted(found, key=lambda c: (-abs(c.after - c.before), c.signal))


def _next(weights: Weights, lessons: tuple[Lesson, ...]) -> Weights:
    return weights.model_copy(update={"version": weights.version + 1, "lessons": lessons})


def _bits(weights: Weights, signal: AccountSignal | GroupSignal) -> Floats:
    name, scale = signal.about.name, signal.scale
    if isinstance(signal, GroupSignal):
        return weights.of_group(name, scale)
    return bits(weights.harvest(name, scale), weights.innocent("accounts", name, scale))


def _counted(
    weights: Weights, lessons: Sequence[Lesson], signals: Iterable[Signal]
) -> dict[str, Counts]:
    """The counts of account signals, with the confirmed as campaigns and the cleared besides."""
    counts = {n: {f: list(row) for f, row in of.items()} for n, of in weights.accounts.items()}
    for signal in signals:
        if not isinstance(signal, AccountSignal):
            continue
        name, bins = signal.about.name, len(signal.scale.edges) + 1
        for lesson in lessons:
            if name not in lesson.shares:
                continue
            families = counts.setdefault(name, {})
            if lesson.verdict == "harvest":
                add(families, CAMPAIGN, _histogram(WORTH, lesson.shares[name]), bins)
                continue
            if CLEARED not in families:
                usual = weights.innocent("accounts", name, signal.scale)
                add(families, CLEARED, _histogram(FAMILY_STRENGTH, usual), bins)
            add(families, CLEARED, _histogram(1.0, lesson.shares[name]), bins)
    return counts


def _histogram(worth: float, shares: Sequence[float] | Floats) -> dict[int, float]:
    return {index: worth * float(share) for index, share in enumerate(shares)}


def _moved(weights: Weights, lessons: Sequence[Lesson]) -> dict[str, list[float]]:
    """Bits of the group signals, moved by the lessons.

    The mode of a logistic regression on the lessons, with a Gaussian prior around what was fitted
    (Genkin, Lewis and Madigan 2007, Technometrics 49:291, section 3). What no lesson names keeps
    its prior's mode, which is what was fitted; what was fitted as weighing nothing is held there.
    """
    fitted = {name: row for name, row in weights.together.items() if any(row)}
    told = [{n: i for n, i in lesson.bins.items() if n in fitted} for lesson in lessons]
    named = sorted({pair for bins in told for pair in bins.items()})
    if not named:
        return weights.together
    nats = np.log(2)
    prior = np.array([fitted[name][index] for name, index in named]) * nats
    design = np.array([[bins.get(n) == i for n, i in named] for bins in told], dtype=np.float64)
    usual = Settings().prior_bits * nats + design @ prior
    sign = np.array([1.0 if lesson.verdict == "harvest" else -1.0 for lesson in lessons])

    def loss(change: Floats) -> tuple[float, Floats]:
        margin = (usual + design @ change) * sign
        pull = sign * np.exp(-np.logaddexp(0.0, margin))
        value = np.logaddexp(0.0, -margin).sum() + 0.5 * STRENGTH * change @ change
        return float(value), STRENGTH * change - design.T @ pull

    # A file of weights may hold more than the bounds of one signal: that is not pulled back.
    least = np.minimum(SMALLEST_WEIGHT * nats, prior) - prior
    most = np.maximum(LARGEST_WEIGHT * nats, prior) - prior
    found = minimize(
        loss,
        np.zeros(len(named)),
        jac=True,
        method="L-BFGS-B",
        bounds=list(zip(least, most, strict=True)),
        options={"ftol": 0.0, "gtol": 1e-9},
    )
    together = {name: list(row) for name, row in weights.together.items()}
    for (name, index), change in zip(named, found.x, strict=True):
        together[name][index] += float(change / nats)
    return together
