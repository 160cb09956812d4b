"""Arrival processes of real clients: when requests came, in the place of when they might.

A table has a row for each client and each ten minutes, as ServeGen publishes them (Xiang et al.
2025, arXiv 2505.09999, section 3): `client`, `start_s`, `rate_per_s`, and for the gaps between
requests the `family` that fits best (Gamma, Weibull or Exponential) with its shape `p1`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from stillwatch.errors import FormatError, NoInputError, UsageError
from stillwatch.plural import plural
from stillwatch.range.tables import Bools, Floats
from stillwatch.range.world import DAY

WINDOW = 600.0
"""Seconds of a window of the table."""
PER_DAY = int(DAY / WINDOW)
NEEDS = {
    "client": pa.string(),
    "start_s": pa.float64(),
    "rate_per_s": pa.float64(),
    "family": pa.string(),
    "p1": pa.float64(),
}
TRIES = 1_000
"""Clients drawn until one was active."""
FAMILIES = ("Gamma", "Weibull", "Exponential")


@dataclass(frozen=True)
class Arrivals:
    """Arrival processes; rows are clients, columns windows of ten minutes.

    `rate` is in requests per second; `shape` is the shape of the gamma (or, where `weibull`, of
    the Weibull) distribution of gaps that was fitted to the window.
    """

    rate: Floats
    shape: Floats
    weibull: Bools

    @property
    def days(self) -> int:
        """Whole days that they last."""
        return int(self.rate.shape[1] // PER_DAY)

    def draw(self, rng: np.random.Generator, n: int, days: float) -> Floats:
        """`n` moments, in seconds from the start of `days` days, ascending.

        A client that was active and the day on which the window begins are drawn at random. Its
        requests are thinned to `n`: the gaps keep the fitted family and shape of the window they
        fall into, and time runs as the client's rate does, so bursts, pauses and nights stay.

        Raises
        ------
        UsageError
            If the clients were not watched for so long, or hardly any asks anything.
        """
        if math.ceil(days) > self.days:
            raise UsageError(
                f"the arrivals last {24 * self.days} hours and the scenario {24 * days:g}; make it "
                "shorter"
            )
        span = math.ceil(days * PER_DAY)
        for _ in range(TRIES):
            client = int(rng.integers(len(self.rate)))
            first = int(rng.integers(self.days - math.ceil(days) + 1)) * PER_DAY
            rate = self.rate[client, first : first + span]
            if rate.sum() > 0:
                break
        else:
            raise UsageError(
                f"hardly any client of the arrivals asks anything in the first {24 * days:g} hours "
                "of a day; take others, or whole days"
            )
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
        moments = np.interp(passed[:n] / passed[-1], done, edges)
        return np.asarray(np.minimum(moments, days * DAY - 1e-3), dtype=np.float64)


def _check(path: Path, table: pa.Table) -> None:
    for name in ("client", "start_s", "rate_per_s"):
        if table[name].null_count:
            rows = plural(table[name].null_count, "row")
            raise FormatError(f"{path}: {name} is empty in {rows}")
    for name in ("start_s", "rate_per_s"):
        values = table[name].to_numpy()
        bad = np.flatnonzero(~np.isfinite(values) | (values < 0))
        if len(bad):
            raise FormatError(f"{path}:{bad[0] + 2}: {name} is {values[bad[0]]}, and cannot be")
    strange = set(table["family"].unique().to_pylist()) - {*FAMILIES, "", None}
    if strange:
        raise FormatError(
            f"{path}: family {sorted(strange)[0]!r} is not known; there are {', '.join(FAMILIES)}, "
            "and nothing where none was fitted"
        )
    if not pc.any(pc.greater(table["rate_per_s"], 0)).as_py():
        raise FormatError(f"{path}: no client ever asks anything (rate_per_s is nowhere above 0)")
    if pc.max(table["start_s"]).as_py() < DAY - WINDOW:
        raise FormatError(f"{path}: start_s does not reach from 0 over a whole day")


def load(path: Path) -> Arrivals:
    """The arrival processes in a CSV file, which may be gzipped.

    Raises
    ------
    NoInputError, FormatError
        If there is no such file, or it is no such table.
    """
    try:
        table = csv.read_csv(path, convert_options=csv.ConvertOptions(column_types=NEEDS))
    except FileNotFoundError:
        raise NoInputError(f"{path}: no such file") from None
    except (OSError, pa.ArrowInvalid) as error:
        told = str(error).splitlines()[0][:200]
        raise FormatError(f"{path}: no table of arrivals: {told!a}") from None
    if missing := [name for name in NEEDS if name not in table.column_names]:
        raise FormatError(
            f"{path}: has no column {', '.join(missing)}; arrivals have {', '.join(NEEDS)}"
        )
    _check(path, table)
    row = table["client"].combine_chunks().dictionary_encode().indices.to_numpy()
    window = (table["start_s"].to_numpy() / WINDOW).astype(np.int64)
    clients, windows = int(row.max()) + 1, int(window.max()) + 1
    if len(np.unique(row.astype(np.int64) * windows + window)) < len(row):
        raise FormatError(f"{path}: a client has two rows for one window of ten minutes")
    shape = table["p1"].to_numpy()
    # Windows with requests but without a fit count as Poisson.
    fitted = pc.is_in(table["family"], pa.array(["Gamma", "Weibull"])).to_numpy()
    shape = np.where(fitted & np.isfinite(shape) & (shape > 0), shape, 1.0)
    weibull = pc.fill_null(pc.equal(table["family"], "Weibull"), False).to_numpy()

    def grid(values: npt.NDArray[np.generic], empty: float) -> Floats:
        out = np.full((clients, windows), empty)
        out[row, window] = values
        return out

    rate = grid(table["rate_per_s"].to_numpy(), 0.0)
    return Arrivals(rate, grid(shape, 1.0), grid(weibull, 0.0) > 0)
