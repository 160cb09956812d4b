"""Claims about the intent model's inference; its accuracy is measured where it is trained."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from stillwatch.errors import InputError
from stillwatch.sketch import sketch
from stillwatch.sketch.intents import LIMIT, IntentModel, features, packaged
from stillwatch.sketch.schema import INTENTS
from stillwatch.sketch.tokens import tokenize
from stillwatch.sketch.window import FIRST, LAST, window

Batch = Callable[..., pa.RecordBatch]


def spotter(words: dict[str, float], prior: float = 0.5) -> IntentModel:
    """A model of two classes to which each of these words speaks for `rubric_grading`."""
    weights = np.zeros((1 << 12, 2), dtype=np.float32)
    for word, weight in words.items():
        weights[features(tokenize(pa.array([word])), 1 << 12).indices[0], 1] = weight
    shares = np.array([prior, 1 - prior], dtype=np.float32)
    bias = np.log(shares)
    return IntentModel(weights, bias, ("ordinary", "rubric_grading"), shares, "test")


def test_bits_are_what_the_words_add_to_the_prior(batch: Batch) -> None:
    for prior in (0.5, 0.9):
        out = sketch(batch(prompt=["one two three", "grade"]), spotter({"grade": 2.0}, prior))
        bits = out.column("intent_bits").to_pylist()
        assert bits[0] == 0
        # One word and one pair: the word counts 1 / sqrt(2).
        assert bits[1] == pytest.approx(2 / np.sqrt(2) / np.log(2), abs=0.01)


def test_bits_are_limited_either_way(batch: Batch) -> None:
    model = spotter({"grade": 500.0, "hello": -500.0})
    out = sketch(batch(prompt=["grade", "hello"]), model)
    assert out.column("intent_bits").to_pylist() == [LIMIT, -LIMIT]
    assert out.column("intent").to_pylist() == ["rubric_grading", "ordinary"]


def test_the_system_prompt_speaks_where_it_says_more(batch: Batch) -> None:
    model = spotter({"grade": 4.0})
    out = sketch(
        batch(
            prompt=["hello", "grade", "hello", None],
            system=["grade", "hello", None, "grade"],
        ),
        model,
    )
    assert out.column("intent").to_pylist() == [
        "rubric_grading", "rubric_grading", "ordinary", "rubric_grading",
    ]  # fmt: skip


def test_features_are_words_and_pairs_of_unit_length() -> None:
    x = features(tokenize(pa.array(["think Step by step", None, "by think"])))
    assert x.shape == (3, 1 << 15)
    assert np.diff(x.indptr).tolist() == [8, 0, 4]
    assert np.allclose(x.data[:8] ** 2, 1 / 8)
    first, third = (set(x[i].indices.tolist()) for i in (0, 2))
    # The words are shared, the pairs are not.
    assert len(first & third) == 2


def test_names_and_numbers_are_not_masked_for_the_intent() -> None:
    x = features(tokenize(pa.array(["score 1", "score 2"])))
    assert set(x[0].indices.tolist()) != set(x[1].indices.tolist())


def test_long_prompts_are_read_at_their_ends() -> None:
    middle = "pad " * 5000
    x = features(tokenize(pa.array(["start " + middle + "end", "start " + middle * 2 + "end"])))
    assert np.diff(x.indptr).tolist() == [1024, 1024]
    assert (x[0] != x[1]).nnz == 0


def test_inference_is_features_times_weights(model: IntentModel) -> None:
    words = [f"w{i % 700}" for i in range(2000)]
    texts = ["", None, "one", *(" ".join(words[i : i * i]) for i in range(1, 40))]
    tokens = tokenize(pa.array(texts))
    exact = features(tokens, len(model.weights)) @ model.weights + model.bias
    index, offsets = window(tokens)
    assert np.abs(model.logits(tokens.hashes[index], offsets).T - exact).max() < 0.01


def test_the_largest_weight_cannot_overflow() -> None:
    model = IntentModel(
        np.full((2, 6), 3.0, dtype=np.float32),
        np.zeros(6, dtype=np.float32),
        ("ordinary", "a", "b", "c", "d", "e"),
        np.full(6, 1 / 6, dtype=np.float32),
        "test",
    )
    tokens = tokenize(pa.array(["x " * (FIRST + LAST)]))
    logits = model.logits(tokens.hashes, tokens.offsets)
    assert np.allclose(logits, 3 * np.sqrt(2 * (FIRST + LAST)))


def test_a_model_survives_saving(tmp_path: Path, model: IntentModel) -> None:
    model.save(tmp_path / "m.npz")
    again = IntentModel.load(tmp_path / "m.npz")
    assert again.classes == model.classes
    assert np.allclose(again.weights, model.weights, atol=0.01)


def test_a_model_without_ordinary_is_refused(tmp_path: Path) -> None:
    bad = IntentModel(
        np.zeros((2, 1), dtype=np.float32), np.zeros(1, dtype=np.float32), ("x",),
        np.ones(1, dtype=np.float32), "test",
    )  # fmt: skip
    bad.save(tmp_path / "m.npz")
    with pytest.raises(InputError, match="ordinary"):
        IntentModel.load(tmp_path / "m.npz")


def test_the_packaged_model_knows_the_classes_of_the_schema(batch: Batch) -> None:
    assert set(packaged().classes) == set(INTENTS)
    out = sketch(batch(prompt=["What is the capital of Peru?"]))
    assert out.column("intent").to_pylist() == ["ordinary"]
