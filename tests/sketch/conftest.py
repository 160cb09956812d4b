"""A stand-in for the intent model and batches of exchanges made from a few columns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from stillwatch.sketch.intents import IntentModel
from stillwatch.sketch.schema import INTENTS
from stillwatch.traffic.exchange import SCHEMA

N = 1 << 10


@pytest.fixture(scope="session")
def model() -> IntentModel:
    """Weights drawn at random: good for every claim but accuracy."""
    rng = np.random.default_rng(7)
    return IntentModel(
        rng.normal(size=(N, len(INTENTS))).astype(np.float32),
        np.zeros(len(INTENTS), dtype=np.float32),
        INTENTS,
        np.full(len(INTENTS), 1 / len(INTENTS), dtype=np.float32),
        "test",
    )


def batch(**columns: list[Any]) -> pa.RecordBatch:
    """Exchanges with these columns; the others null."""
    rows = len(next(iter(columns.values())))
    arrays = [pa.array(columns.get(f.name, [None] * rows), type=f.type) for f in SCHEMA]
    return pa.RecordBatch.from_arrays(arrays, schema=SCHEMA)


@pytest.fixture(name="batch")
def _batch() -> Callable[..., pa.RecordBatch]:
    return batch
