"""The packaged intent model holds its floors on families it never saw."""

from __future__ import annotations

import gzip
import json
import os
from importlib.resources import files
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from scipy.stats import rankdata

from stillwatch.range.text import families
from stillwatch.sketch.intents import N_FEATURES, packaged
from stillwatch.sketch.schema import INTENTS
from stillwatch.sketch.tokens import tokenize
from stillwatch.sketch.window import window

DATA = Path(os.environ.get("STILLWATCH_DATA", Path(__file__).parents[3] / "shared/data"))


def bits(texts: list[str]) -> np.ndarray:
    tokens = tokenize(pa.array(texts, type=pa.string()))
    index, offsets = window(tokens)
    return packaged().score(tokens.hashes[index], offsets)[1]


@pytest.fixture(scope="module")
def measured() -> tuple[np.ndarray, np.ndarray]:
    """(is a harvest, bits) of exchanges of the test split, prompt or system prompt."""
    rng = np.random.default_rng(99)
    rows = [
        (f.intent != "ordinary", f.render(rng, language))
        for f in families(split="test")
        for language in f.languages
        for _ in range(20)
    ]
    prompt = bits([r.prompt for _, r in rows])
    system = bits([r.system or "" for _, r in rows])
    none = np.array([r.system is None for _, r in rows])
    return (
        np.array([harvest for harvest, _ in rows]),
        np.where(none, prompt, np.maximum(prompt, system)),
    )


def test_the_model_knows_the_classes_of_the_schema() -> None:
    model = packaged()
    assert model.classes == INTENTS
    assert model.weights.shape == (N_FEATURES, len(INTENTS))
    assert model.bias.shape == model.prior.shape == (len(INTENTS),)
    assert float(model.prior.sum()) == pytest.approx(1)
    assert np.isfinite(model.weights).all()
    assert len((files("stillwatch.sketch") / "intents.npz").read_bytes()) < 1_500_000


def test_harvests_have_more_bits_than_innocents(measured: tuple[np.ndarray, np.ndarray]) -> None:
    harvest, found = measured
    n, m = harvest.sum(), (~harvest).sum()
    auc = (rankdata(found)[harvest].sum() - n * (n + 1) / 2) / (n * m)
    assert auc > 0.93


def test_innocents_are_hardly_ever_given_four_bits(
    measured: tuple[np.ndarray, np.ndarray],
) -> None:
    harvest, found = measured
    assert (found[~harvest] > 4).mean() < 0.005


def test_many_harvests_are_seen(measured: tuple[np.ndarray, np.ndarray]) -> None:
    harvest, found = measured
    assert (found[harvest] > 0).mean() > 0.7


def test_people_are_not_accused() -> None:
    path = DATA / "human.jsonl.gz"
    if not path.is_file():
        pytest.skip(f"{path} is not there: false positives on human text were not measured")
    with gzip.open(path, "rt", encoding="utf-8") as file:
        found = bits([json.loads(line)["prompt"] for line in file])
    assert (found > 4).mean() < 0.01
