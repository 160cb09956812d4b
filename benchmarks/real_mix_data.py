"""The third-party data of `real_mix`: harvests, people's prompts and arrival processes.

Nobody on this project wrote them, and nothing in the package was fitted on them. They are read
from `$STILLWATCH_DATA`, or `../shared/data` beside the repository.
"""

from __future__ import annotations

import gzip
import json
import math
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
from pyarrow import csv

WINDOW = 600.0
"""Seconds of a window of the arrival data."""
DAY = 86_400.0
PER_DAY = int(DAY / WINDOW)
FILES = ("harvest.jsonl.gz", "human.jsonl.gz", "arrivals.csv.gz")


def folder() -> Path:
    """Where the data should lie."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    return Path(os.environ.get("STILLWATCH_DATA") or beside)


def missing(where: Path) -> list[str]:
    """Files that are not there."""
    return [name for name in FILES if not (where / name).is_file()]


@dataclass(frozen=True)
class Arrivals:
    """Arrival processes of real clients; rows are clients, columns windows of ten minutes.

    `rate` is in requests per second; `shape` is the shape of the gamma (or, where `weibull`, of
    the Weibull) distribution of gaps that was fitted to the window.
    """

    rate: np.ndarray
    shape: np.ndarray
    weibull: np.ndarray

    def draw(self, rng: np.random.Generator, n: int, days: int) -> np.ndarray:
        """`n` moments, in seconds from the start of `days` days, ascending.

        A client that was active and the day on which the window begins are drawn at random. Its
        requests are thinned to `n`: the gaps keep the fitted family and shape of the window they
        fall into, and time runs as the client's rate does, so bursts, pauses and nights stay.
        """
        span = days * PER_DAY
        while True:
            client = int(rng.integers(len(self.rate)))
            first = int(rng.integers(self.rate.shape[1] // PER_DAY - days + 1)) * PER_DAY
            rate = self.rate[client, first : first + span]
            if rate.sum() > 0:
                break
        done = np.append(0.0, np.cumsum(rate)) / rate.sum()
        window = np.searchsorted(done, (np.arange(n + 1) + 0.5) / (n + 1), side="right") - 1
        shape = self.shape[client, first + window]
        gamma = rng.gamma(shape) / shape
        mean = np.array([math.gamma(1 + 1 / s) for s in shape.tolist()])
        gaps = np.where(self.weibull[client, first + window], rng.weibull(shape) / mean, gamma)
        # One gap more than requests, so that the last one is not tied to the end.
        passed = np.cumsum(gaps + 1e-9)
        edges = np.arange(span + 1) * WINDOW
        # Where nothing was asked `done` stands still; interp takes its last edge, as it should.
        return np.minimum(np.interp(passed[:n] / passed[-1], done, edges), days * DAY - 1e-3)


@dataclass(frozen=True)
class Data:
    """`harvests`: name to (prompt, completion) in the order of the file. `people`: by source."""

    harvests: dict[str, list[tuple[str, str]]]
    people: dict[str, list[dict]]
    arrivals: Arrivals


def load(where: Path) -> Data:
    """Everything, read once."""
    harvests: dict[str, list[tuple[str, str]]] = {}
    for row in _lines(where / "harvest.jsonl.gz"):
        harvests.setdefault(row["source"], []).append((row["prompt"], row["completion"]))
    people: dict[str, list[dict]] = {}
    for row in _lines(where / "human.jsonl.gz"):
        people.setdefault(row["source"], []).append(row)
    return Data(harvests, people, _arrivals(where / "arrivals.csv.gz"))


def _lines(path: Path) -> list[dict]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def _arrivals(path: Path) -> Arrivals:
    table = csv.read_csv(path)
    clients, row = np.unique(table["client"].to_numpy(), return_inverse=True)
    window = (table["start_s"].to_numpy() / WINDOW).astype(np.int64)

    def grid(values: np.ndarray, empty: float) -> np.ndarray:
        out = np.full((len(clients), int(window.max()) + 1), empty, dtype=values.dtype)
        out[row, window] = values
        return out

    family = table["family"]
    shape = table["p1"].cast("float64").to_numpy()
    # Windows with requests but without a fit count as Poisson.
    shape = np.where(np.isfinite(shape) & (shape > 0), shape, 1.0)
    weibull = pc.fill_null(pc.equal(family, "Weibull"), False).to_numpy()
    rate = table["rate_per_s"].cast("float64").to_numpy()
    return Arrivals(grid(rate, 0.0), grid(shape, 1.0), grid(weibull, False))
