"""The world of one scenario: its window, its models, its places and its random streams."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

from stillwatch.range.places import Places
from stillwatch.range.tables import Bools, Floats, Texts, choose, texts

if TYPE_CHECKING:
    from stillwatch.range.arrivals import Arrivals

MODELS = {"aster-3-large": 0.35, "aster-3": 0.4, "aster-3-mini": 0.25}
"""Models on offer and their shares of accounts. Made up."""

REASONING = frozenset({"aster-3-large", "aster-4-large"})
"""Models that bill hidden reasoning tokens."""

RELEASE = "aster-4-large"
"""The model that comes out in scenarios with a release day."""

DAY = 86_400.0


@dataclass(frozen=True)
class World:
    """What all crowds of a scenario have in common.

    Times inside the range are seconds since `start`. `release` is the second at which a new
    model comes out, or None. `arrivals`: those of real clients, where there are any; services
    come as they did.
    """

    seed: int
    start: datetime
    days: float
    split: str
    release: float | None = None
    places: Places = field(default_factory=Places)
    arrivals: Arrivals | None = None

    @property
    def length(self) -> float:
        """Length of the window in seconds."""
        return self.days * DAY

    def rng(self, *names: str) -> np.random.Generator:
        """A random stream of its own for each crowd.

        So one crowd more or less leaves the traffic of all others as it was, and two scenarios
        that differ in one campaign can be compared exchange by exchange.
        """
        words = [zlib.crc32(name.encode()) for name in names]
        return np.random.default_rng(np.random.SeedSequence([self.seed, *words]))

    def models(self, rng: np.random.Generator, n: int, best: float = 0.0) -> Texts:
        """The model each of `n` accounts prefers; a share `best` insists on the largest."""
        chosen = texts(MODELS)[choose(rng, list(MODELS.values()), n)]
        chosen[rng.random(n) < best] = next(iter(MODELS))
        return chosen

    def released(self, seconds: Floats) -> Bools:
        """Which of these moments lie after the release."""
        return seconds >= (np.inf if self.release is None else self.release)

    def stamps(self, seconds: Floats) -> np.ndarray[tuple[int], np.dtype[np.datetime64]]:
        """Seconds since the start as UTC timestamps."""
        epoch = np.datetime64(int(self.start.timestamp() * 1_000_000), "us")
        return epoch + (seconds * 1e6).astype("timedelta64[us]")
