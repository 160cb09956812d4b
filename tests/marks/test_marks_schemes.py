"""Marks that are there are found, and where there is none the p-values are true."""

from __future__ import annotations

from collections.abc import Callable
from math import comb, exp, factorial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from stillwatch.marks import GreenList, Gumbel, Marker, Scheme, Tournament, detect
from stillwatch.marks.prf import uniform, values
from stillwatch.marks.scheme import score
from stillwatch.marks.windows import Tokens, blocks, distinct, windows

SCHEMES: list[Scheme] = [
    GreenList(),
    GreenList(0.5, 3.0, 1),
    Gumbel(),
    Gumbel(1),
    Tournament(),
    Tournament(4, 2),
]
names = pytest.mark.parametrize("scheme", SCHEMES, ids=lambda s: s.name)
WORDS = 400


def key(number: int) -> bytes:
    return number.to_bytes(16, "big")


def model(seed: int) -> Callable[[Tokens], np.ndarray]:
    """Logits of the next of `WORDS` tokens after another: a bigram model drawn at random."""
    table = np.random.default_rng(seed).normal(0, 1.5, (WORDS, WORDS))
    return lambda tokens: table[tokens[-1]]


def generated(scheme: Scheme | None, secret: bytes, seed: int, length: int) -> Tokens:
    chance = np.random.default_rng(seed)
    marker = Marker(scheme, secret) if scheme else None
    following = model(7)
    text = list(chance.integers(0, WORDS, 3))
    while len(text) < length:
        logits = following(np.array(text))
        tilted = marker.logits(np.array(text), logits) if marker else logits
        p = np.exp(tilted - tilted.max())
        text.append(int(chance.choice(WORDS, p=p / p.sum())))
    return np.array(text)


def test_the_cipher_is_the_standards() -> None:
    """FIPS 197, appendix C.1."""
    block = np.frombuffer(bytes.fromhex("00112233445566778899aabbccddeeff"), dtype=np.uint32)
    made = values(bytes(range(16)), block.reshape(1, 4))
    assert made.tobytes().hex() == "69c4e0d86a7b0430d8cdb78070b4c55a"
    assert values(key(1), np.empty((0, 4), dtype=np.uint32)).shape == (0, 2)


def test_uniform_numbers_lie_within() -> None:
    ends = uniform(np.array([0, 2**64 - 1], dtype=np.uint64))
    assert 0 < ends[0] < 2**-51
    assert 1 - 2**-51 < ends[1] < 1


@given(st.lists(st.lists(st.integers(0, 5), max_size=12), max_size=6), st.integers(1, 3))
def test_windows_are_those_of_each_text_once(texts: list[list[int]], width: int) -> None:
    wanted = {tuple(t[i : i + width + 1]) for t in texts for i in range(len(t) - width)}
    found = [windows(np.array(t, dtype=np.int64), width) for t in texts]
    made = distinct(np.concatenate([np.empty((0, 4), dtype=np.uint32), *found]))
    assert len(made) == len(wanted)
    assert {tuple(int(i) for i in row[3 - width :]) for row in made} == wanted


def test_windows_that_sort_alike_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stillwatch.marks.windows._ODD", np.uint64(1))
    one, other = [0, 1, 2, 3], [2, 3, 0, 1]
    made = distinct(np.array([one, other] * 5, dtype=np.uint32))
    assert sorted(made.tolist()) == [one, other]


def test_windows_that_do_not_fit() -> None:
    with pytest.raises(ValueError, match="1 to 3"):
        blocks(np.zeros((1, 4), dtype=np.int64), np.zeros(1, dtype=np.int64))
    for wrong in (-1, 2**32 - 1):
        with pytest.raises(ValueError, match="token ids"):
            blocks(np.array([[wrong]]), np.array([0]))
    with pytest.raises(ValueError, match="1 to 64"):
        Tournament(depth=65)


@names
def test_a_mark_is_found_by_its_key_alone(scheme: Scheme) -> None:
    texts = [generated(scheme, key(1), seed, 300) for seed in range(4)]
    found = detect(texts, scheme, {str(n): key(n) for n in range(1, 40)})
    assert found.named() == ["1"]
    assert found.scores["1"].log10_p < -8
    assert found.tokens == 1200
    plain = [generated(None, key(1), seed, 300) for seed in range(4)]
    assert detect(plain, scheme, {str(n): key(n) for n in range(1, 40)}).named() == []


@names
def test_p_values_of_wrong_keys_are_uniform(scheme: Scheme) -> None:
    """Though the text is marked by another key, and says much again."""
    text = generated(scheme, key(1), 1, 300)
    texts = [text, text, np.tile(text[:40], 10)]
    found = detect(texts, scheme, {str(n): key(n) for n in range(1000, 5000)})
    p = np.array([s.p for s in found.scores.values()])
    # Counts are discrete: each p-value is drawn from its step, and is then uniform.
    assert stats.kstest(p, "uniform", alternative="greater").pvalue > 0.001, "never too small"
    assert (
        stats.binomtest(int((p < 0.01).sum()), len(p), 0.01, alternative="greater").pvalue > 0.001
    )
    assert np.mean(p < 0.1) > 0.05, "nor much too large"


@names
def test_windows_counted_again_would_make_p_values_lie(scheme: Scheme) -> None:
    """The negative: what distinct windows are for."""
    text = generated(None, key(1), 1, 60)
    again = windows(np.tile(text, 30), scheme.width)
    lying = np.array([score(scheme, key(n), again).p for n in range(1000, 1500)])
    assert np.mean(lying < 1e-3) > 0.1
    once = np.array([score(scheme, key(n), distinct(again)).p for n in range(1000, 1500)])
    assert np.mean(once < 1e-3) < 0.02


@names
def test_keys_do_not_hang_on_one_another(scheme: Scheme) -> None:
    text = [generated(scheme, key(1), 2, 600)]
    found = detect(text, scheme, {str(n): key(n) for n in range(1000, 1400)})
    z = np.array([s.z for s in found.scores.values()])
    assert abs(np.corrcoef(z[:-1], z[1:])[0, 1]) < 0.2
    assert 0.85 < z.std() < 1.15


@pytest.mark.parametrize("scheme", [Gumbel(2), Tournament(20, 2)], ids=lambda s: s.name)
def test_over_all_keys_each_token_is_as_likely_as_before(scheme: Scheme) -> None:
    logits = np.array([[2.0, 1.0, 0.0, -1.0, -9.0]])
    p = np.exp(logits[0]) / np.exp(logits[0]).sum()
    context = np.array([[3, 4]])
    mean = np.mean([np.exp(scheme.tilt(key(n), context, logits)[0]) for n in range(4000)], axis=0)
    assert np.allclose(mean, p, atol=0.03)
    assert mean.sum() == pytest.approx(1)


def test_green_tokens_are_likelier_by_the_bias() -> None:
    scheme = GreenList(0.25, 1.5, 1)
    logits = np.zeros((3, 4000))
    tilted = scheme.tilt(key(5), np.array([[1], [2], [1]]), logits)
    assert set(np.unique(tilted)) == {0.0, 1.5}
    assert np.array_equal(tilted[0], tilted[2])
    assert not np.array_equal(tilted[0], tilted[1])
    assert abs((tilted > 0).mean() - 0.25) < 0.02


def test_tails_are_exact() -> None:
    found = distinct(windows(np.arange(12) * 7 % 13, 1))
    n = len(found)
    green = score(GreenList(0.25, 2.0, 1), key(3), found)
    k = int(green.statistic)
    exact = sum(comb(n, i) * 0.25**i * 0.75 ** (n - i) for i in range(k, n + 1))
    assert green.p == pytest.approx(exact, rel=1e-9)
    gumbel = score(Gumbel(1), key(3), found)
    s = gumbel.statistic
    assert gumbel.p == pytest.approx(exp(-s) * sum(s**i / factorial(i) for i in range(n)), rel=1e-9)
    bits = score(Tournament(6, 1), key(3), found)
    m = 6 * n
    exact = sum(comb(m, i) for i in range(int(bits.statistic), m + 1)) / 2**m
    assert bits.p == pytest.approx(exact, rel=1e-9)


@names
def test_nothing_is_found_in_nothing(scheme: Scheme) -> None:
    found = detect([], scheme, {"a": key(1)})
    assert found.scores["a"].p == 1.0
    assert found.scores["a"].z == 0.0
    assert detect([np.array([1])], scheme, {}).corrected == {}


def test_repeated_contexts_are_left_alone() -> None:
    marker = Marker(Tournament(30, 2), key(1))
    logits = np.zeros(50)
    assert np.array_equal(marker.logits(np.array([1]), logits), logits), "too short"
    first = marker.logits(np.array([1, 2]), logits)
    assert not np.array_equal(first, logits)
    assert np.array_equal(marker.logits(np.array([9, 1, 2]), logits), logits)
    assert "key" not in repr(marker)
    marker = Marker(GreenList(0.5, 2.0, 2), key(1))
    first = marker.logits(np.array([1, 2]), logits)
    assert np.array_equal(marker.logits(np.array([9, 1, 2]), logits), first)


@settings(max_examples=50)
@given(st.lists(st.floats(-800, 0), min_size=1, max_size=20))
def test_holm_is_holms(logs: list[float]) -> None:
    from stillwatch.marks.detection import holm

    made = holm({str(i): one for i, one in enumerate(logs)})
    p = np.exp(logs)
    order = np.argsort(p, kind="stable")
    wanted = np.minimum(1, np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)))
    assert np.allclose(sorted(made.values()), np.sort(wanted))


def test_long_streams_are_told_apart_as_they_come(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = np.random.default_rng(3)
    texts = [chance.integers(0, 9, 50) for _ in range(60)]
    whole = detect(texts, GreenList(), {"a": key(1)})
    monkeypatch.setattr("stillwatch.marks.detection.ENOUGH", 100)
    assert detect(iter(texts), GreenList(), {"a": key(1)}) == whole


def test_a_mark_beyond_floats_keeps_its_order() -> None:
    """A p-value below the smallest float is bounded by its logarithm, and never minus infinity."""
    counts = [
        GreenList(0.25).total(np.repeat([1.0, 0.0], [hits, 9_000 - hits])).log_p
        for hits in (3_600, 4_500, 9_000)
    ]
    assert 0 > counts[0] > -708 > counts[1] > counts[2]
    assert counts[2] == pytest.approx(9_000 * np.log(0.25))
    sums = [Gumbel().total(np.full(9_000, mean)).log_p for mean in (1.3, 1.6, 3.0)]
    assert 0 > sums[0] > -708 > sums[1] > sums[2] > -np.inf
