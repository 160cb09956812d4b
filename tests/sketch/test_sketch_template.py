"""Claims about templates, near-duplicates and topics, made through the whole sketch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from stillwatch.sketch import sketch
from stillwatch.sketch.intents import IntentModel

Sketch = Callable[..., dict[str, list[Any]]]
NEAR = ("near_0", "near_1", "near_2", "near_3")


@pytest.fixture
def read(batch: Callable[..., pa.RecordBatch], model: IntentModel) -> Sketch:
    return lambda **columns: sketch(batch(**columns), model).to_pydict()


def test_two_fillings_of_a_template_have_one_skeleton(read: Sketch) -> None:
    out = read(
        prompt=[
            'Grade this answer from 1 to 10: "the sky is blue". Explain to Alice why.',
            'Grade this answer from 1 to 100: "grass, and more of it". Explain to Bob Hale why.',
        ]
    )
    for column in ("head", "tail", "skeleton"):
        assert out[column][0] == out[column][1]


def test_the_order_of_words_matters(read: Sketch) -> None:
    out = read(prompt=["x y y x then go", "y x x y then go", "x y y x then go"])
    assert out["skeleton"][0] != out["skeleton"][1]
    assert out["skeleton"][0] == out["skeleton"][2]


def test_head_and_tail_are_the_ends(read: Sketch) -> None:
    out = read(
        prompt=[
            "one two three four five six and then ten",
            "one two three four five six or else zero ten",
            "and now four five six and then ten",
        ]
    )
    assert out["head"][0] == out["head"][1] != out["head"][2]
    assert out["tail"][0] == out["tail"][2] != out["tail"][1]


def test_a_date_does_not_split_a_system_template(read: Sketch) -> None:
    out = read(
        prompt=["hi"] * 4,
        system=[
            "You help. Today is September 12, 2026.",
            "You help. Today is May 3, 2027.",
            "You help. Today is 2026-09-12.",
            None,
        ],
    )
    a, b, c, d = out["system_template"]
    assert a == b == c
    assert d is None


def test_without_words_there_is_no_template(read: Sketch) -> None:
    out = read(prompt=[None, "", "?!"], system=["", None, "..."], completion=[None, "", "!"])
    for column in ("system_template", "head", "tail", "skeleton", "reply_head", "topic", *NEAR):
        assert out[column] == [None] * 3
    assert out["prompt_words"] == [None, 0, 0]
    assert out["prompt_chars"] == [None, 0, 2]
    assert out["reply_chars"] == [None, 0, 1]
    assert out["intent"] == out["intent_bits"] == out["language"] == [None] * 3


def test_reply_head_is_the_beginning_of_the_answer(read: Sketch) -> None:
    out = read(
        prompt=["hi"] * 3,
        completion=["Sure, here is 1 list", "Sure! Here is 27 and more " + "z " * 500, "No"],
    )
    assert out["reply_head"][0] == out["reply_head"][1] != out["reply_head"][2]


def test_lengths_are_characters_and_words_as_written(read: Sketch) -> None:
    out = read(prompt=["Ｈi 請😀"], completion=["né"])
    assert (out["prompt_chars"], out["prompt_words"], out["reply_chars"]) == ([5], [3], [2])


def test_equal_prompts_agree_in_all_bands_and_short_ones_have_none(read: Sketch) -> None:
    text = "explain how a tide comes about to a child of nine"
    out = read(prompt=[text, text.upper(), "only four words here"])
    for band in NEAR:
        assert out[band][0] == out[band][1]
        assert out[band][2] is None


def test_agreement_in_a_band_follows_the_s_curve(read: Sketch) -> None:
    rng = np.random.default_rng(3)
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
    for changed in (4, 10, 20):
        left, right, shares = [], [], []
        for _ in range(1500):
            words = ["".join(w) for w in rng.choice(letters, (120, 7))]
            other = list(words)
            # A run of changed words, so that `changed + 2` of 118 shingles differ.
            at = int(rng.integers(0, 120 - changed))
            other[at : at + changed] = ["".join(w) for w in rng.choice(letters, (changed, 7))]
            left.append(" ".join(words))
            right.append(" ".join(other))
            a, b = ({tuple(x[i : i + 3]) for i in range(118)} for x in (words, other))
            shares.append(len(a & b) / len(a | b))
        one, two = read(prompt=left), read(prompt=right)
        hit = np.array([[x == y for x, y in zip(one[n], two[n], strict=True)] for n in NEAR])
        s = float(np.mean(shares))
        assert abs(hit.mean() - s**3) < 0.04
        assert abs(hit.any(axis=0).mean() - (1 - (1 - s**3) ** 4)) < 0.05


def test_bits_of_the_bucket_differ_with_the_angle(read: Sketch) -> None:
    rng = np.random.default_rng(5)
    vocabulary = ["".join(w) for w in rng.choice(list("abcdefghij"), (4000, 8))]
    subjects = [vocabulary[i : i + 20] for i in range(0, 4000, 20)]
    prompts = [" ".join(rng.choice(s, 40)) for s in subjects for _ in range(2)]
    topic = np.array(read(prompt=prompts)["topic"])
    assert len(set(topic.tolist())) > 100
    assert set(topic.tolist()) <= set(range(256))
    same = np.unpackbits((topic[0::2] ^ topic[1::2]).astype(np.uint8)).mean()
    other = np.unpackbits((topic[0:-2:2] ^ topic[3::2]).astype(np.uint8)).mean()
    # Word counts are Poisson of mean 2, so the cosine is 4 / 6 (Charikar 2002: angle over pi).
    assert abs(same - np.arccos(4 / 6) / np.pi) < 0.04
    assert abs(other - 0.5) < 0.04


def test_function_words_and_numbers_have_no_topic(read: Sketch) -> None:
    assert read(prompt=["please explain what these are between 1000 and 20000"])["topic"] == [None]
    assert read(prompt=["请翻译"])["topic"] != [None]
