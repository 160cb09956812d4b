"""What serving engines write is read bit for bit.

The vectors are what `make_transformers_vectors.py` writes with transformers 5.24 and torch 2.13.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stillwatch.marks.engines.torch_random import randint, randperm
from stillwatch.marks.engines.transformers_green import TransformersGreen
from stillwatch.marks.engines.transformers_synthid import TransformersSynthID
from stillwatch.marks.windows import Tokens

VECTORS: dict[str, Any] = json.loads(
    Path(__file__).with_name("transformers_vectors.json").read_text("utf-8")
)
GREEN = VECTORS["green"]


def green(given: dict[str, Any]) -> TransformersGreen:
    return TransformersGreen(
        given["vocab_size"],
        given["hashing_key"],
        given["greenlist_ratio"],
        given["seeding_scheme"],
        given["context_width"],
    )


def test_random_numbers_are_torchs() -> None:
    """torch 2.13.0, `Generator().manual_seed(42)`."""
    assert randperm(42, 10).tolist() == [2, 6, 1, 8, 4, 5, 0, 9, 3, 7]
    assert randint(42, 2, 20).tolist() == [
        0,
        1,
        0,
        0,
        0,
        1,
        0,
        0,
        0,
        1,
        0,
        0,
        0,
        0,
        1,
        0,
        1,
        1,
        1,
        0,
    ]
    assert randperm(42, 1_000_003, 5).tolist() == [632718, 119226, 282795, 846417, 893173]
    assert randperm(7, 1).tolist() == [0]


def test_g_values_are_those_of_transformers() -> None:
    given = VECTORS["synthid"]
    scheme = TransformersSynthID(
        tuple(given["keys"]), given["ngram_len"], given["table_size"], given["table_seed"]
    )
    for text, wanted in zip(given["input_ids"], given["g_values"], strict=True):
        grams = np.lib.stride_tricks.sliding_window_view(np.array(text), given["ngram_len"])
        assert scheme.g_values(grams).tolist() == wanted
    texts = [np.array(text) for text in given["input_ids"]]
    score = scheme.score([*texts, *texts])
    assert score.windows == len({g for t in given["input_ids"] for g in _grams(t)})
    assert "654" not in repr(scheme)
    assert scheme.score([]).p == 1.0


def _grams(text: list[int]) -> list[tuple[int, ...]]:
    return [tuple(text[i : i + 5]) for i in range(len(text) - 4)]


@pytest.mark.parametrize(
    "given", GREEN, ids=lambda g: f"{g['seeding_scheme']}-{g['context_width']}"
)
def test_green_lists_are_those_of_transformers(given: dict[str, Any]) -> None:
    scheme = green(given)
    for prefix, wanted in zip(given["prefixes"], given["greenlists"], strict=True):
        assert sorted(scheme.greenlist(np.array(prefix)).tolist())[: len(wanted)] == wanted


@pytest.mark.parametrize(
    "given", GREEN, ids=lambda g: f"{g['seeding_scheme']}-{g['context_width']}"
)
def test_scores_are_those_of_its_detector(given: dict[str, Any]) -> None:
    score = green(given).score([np.array(given["text"])])
    assert (score.windows, score.statistic) == (given["windows"], given["hits"])
    # Its detector takes a quarter for the share; of 997 tokens 249 are green.
    z = (score.statistic - 0.25 * score.windows) / np.sqrt(score.windows * 0.25 * 0.75)
    assert z == pytest.approx(given["z"], abs=1e-9)
    assert 0 < score.p <= 1


def test_whoever_has_marked_text_finds_the_keys_of_synthid() -> None:
    """65,536 keys of a layer can all be tried: such a mark is no signature."""
    keys = (48_611, 7_919_000_321, 12)
    texts = synthid_texts(
        TransformersSynthID(keys, ngram_len=2), vocabulary=64, rows=400, length=60
    )
    for layer, key in enumerate(keys):
        found = [
            TransformersSynthID((tried,), ngram_len=2).score(texts).log_p
            for tried in {key % 2**16, *range(layer, 2**16, 1009)}
        ]
        assert min(found) == TransformersSynthID((key,), ngram_len=2).score(texts).log_p
        assert TransformersSynthID((key + 2**16,), ngram_len=2).score(texts).log_p == min(found)


def synthid_texts(
    scheme: TransformersSynthID, vocabulary: int, rows: int, length: int
) -> list[Tokens]:
    """Texts of equally likely tokens, drawn by the tournament of its own bits."""
    chance = np.random.default_rng(5)
    texts = chance.integers(0, vocabulary, (rows, 1))
    for _ in range(length):
        grams = np.stack(
            [np.repeat(texts[:, -1], vocabulary), np.tile(np.arange(vocabulary), rows)], axis=1
        )
        bits = scheme.g_values(grams).reshape(rows, vocabulary, -1)
        p = np.full((rows, vocabulary), 1 / vocabulary)
        for g in np.moveaxis(bits, 2, 0):
            p *= 1 + g - (g * p).sum(axis=1, keepdims=True)
        drawn = (p.cumsum(axis=1) < chance.random(rows)[:, None]).sum(axis=1)
        texts = np.concatenate([texts, np.minimum(drawn, vocabulary - 1)[:, None]], axis=1)
    return list(texts)
