"""Transformers of the range; skipped without torch and transformers."""

from __future__ import annotations

import numpy as np
import pytest

from stillwatch.marks.windows import Tokens
from stillwatch.range.students.asked import answers
from stillwatch.range.students.corpus import START
from stillwatch.range.students.model import spans, surprise
from stillwatch.range.students.school import Weights
from stillwatch.range.students.transformer import SPAN, Size, Transformer

pytest.importorskip("torch")
pytest.importorskip("transformers")

WORDS = 50
TINY = Size(layers=2, heads=2, width=32, inner=64, epochs=3, batch=16, rate=5e-3)


def texts(count: int, seed: int) -> list[Tokens]:
    """Each token is the one before it and one more, but for some chance."""
    chance = np.random.default_rng(seed)
    steps = np.where(chance.random((count, 40)) < 0.9, 1, chance.integers(0, 48, (count, 40)))
    return list(2 + (chance.integers(0, 48, (count, 1)) + steps.cumsum(axis=1)) % 48)


@pytest.fixture(scope="module")
def student() -> Transformer:
    return Transformer.taught(texts(400, 1), WORDS, 1, TINY)


def test_a_student_learns(student: Transformer) -> None:
    unread = texts(50, 2)
    few = Transformer.taught(texts(400, 1)[:20], WORDS, 1, TINY)
    assert surprise(student, unread) < 2.5
    assert surprise(few, unread) > 4


def test_one_seed_gives_one_student(student: Transformer) -> None:
    contexts, _ = spans(texts(3, 3), SPAN)
    again = Transformer.taught(texts(400, 1), WORDS, 1, TINY)
    other = Transformer.taught(texts(400, 1), WORDS, 2, TINY)
    assert (again.logits(contexts) == student.logits(contexts)).all()
    assert not np.allclose(other.logits(contexts), student.logits(contexts))


def test_logits_hang_on_the_context_alone(student: Transformer) -> None:
    """Whether read at once, one by one, in any order, or token by token as they are written."""
    contexts, _ = spans([*texts(5, 4), np.arange(2, 40)[:1]], SPAN)
    at_once = student.logits(contexts)
    assert np.exp(at_once).sum(axis=1) == pytest.approx(1)
    one_by_one = np.concatenate([student.logits(one[None]) for one in contexts])
    assert one_by_one == pytest.approx(at_once, abs=1e-4)
    order = np.random.default_rng(5).permutation(len(contexts))
    assert student.logits(contexts[order]) == pytest.approx(at_once[order], abs=1e-4)


def test_a_text_longer_than_the_span_is_read_to_its_end(student: Transformer) -> None:
    long = np.tile(texts(1, 6)[0], 3)
    likely = Weights(student).probabilities(long)
    assert likely.shape == (len(long), WORDS)
    last = np.exp(student.logits(long[None, -SPAN:]))
    assert likely[-1] == pytest.approx(last[0], abs=1e-4)
    nothing = np.full((1, SPAN), START)
    assert Weights(student).probabilities(long[:0]).shape == (0, WORDS)
    assert np.exp(student.logits(nothing)).sum() == pytest.approx(1)


def test_answers_are_drawn_from_what_it_holds_likely(student: Transformer) -> None:
    asked = np.array(texts(200, 7))[:, :8]
    said = answers(student, asked, 20, 8)
    whole = np.concatenate([asked[:, -1:], said], axis=1)
    follows = (whole[:, 1:] - 2) % 48 == (whole[:, :-1] - 1) % 48
    assert 0.7 < follows.mean() < 1
