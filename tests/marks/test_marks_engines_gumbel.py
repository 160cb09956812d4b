"""What vLLM and SGLang write by themselves is read bit for bit.

vLLM's vectors are its own, published with its functions; more were compared with `PhiloxPRF` of
0.32. SGLang's are what `watermark_hash` and `WatermarkDetector` of 0.5.23 compute.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from stillwatch.errors import UsageError
from stillwatch.marks import Master
from stillwatch.marks.engines.sglang_gumbel import SglangGumbel
from stillwatch.marks.engines.vllm_gumbel import VllmGumbel

CONTEXTS = np.array([[1, 2, 3, 4], [1, 2, 3, 4], [4, 5, 6, 7], [4, 5, 6, 7]])
TOKENS = np.array([7, 8, 7, 8])


@pytest.mark.parametrize(
    ("prf", "wanted"),
    [
        ("philox", [1661833, 10571167, 9742331, 13375724]),
        ("hmac_sha256", [6202050, 16483231, 11455363, 10557370]),
    ],
)
def test_numbers_are_vllms(prf: Any, wanted: list[int]) -> None:
    assert VllmGumbel(42, 4, prf).numbers(CONTEXTS, TOKENS).tolist() == wanted


@pytest.mark.parametrize("width", [1, 3, 4, 5, 8, 9])
def test_numbers_are_vllms_for_any_context(width: int) -> None:
    """With vLLM at hand; contexts that begin before the response hold -1."""
    torch = pytest.importorskip("torch")
    prfs = pytest.importorskip("vllm.v1.watermarking.prfs", reason="vLLM is not installed")
    chance = np.random.default_rng(width)
    key = int(chance.integers(2**63)) * 2 + 1
    contexts = chance.integers(-1, 200_000, (200, width))
    tokens = chance.integers(0, 200_000, 200)
    wanted = prfs.PhiloxPRF(key).uniform(torch.tensor(contexts), torch.tensor(tokens)[:, None])
    made = (VllmGumbel(key, width).numbers(contexts, tokens) + 1.0) / (2**24 + 1)
    assert np.array_equal(made.astype(np.float32), wanted[:, 0].numpy())


@pytest.mark.parametrize(
    ("key", "wanted"),
    [
        ("2a", [2531167527, 776151014, 3897282877, 1967706690]),
        ("0x9f3c00112233ff01", [923199591, 2893504809, 592493144, 4074262411]),
    ],
)
def test_numbers_are_sglangs(key: str, wanted: list[int]) -> None:
    assert SglangGumbel(key).numbers(CONTEXTS, TOKENS).tolist() == wanted


def test_a_score_is_sglangs() -> None:
    text = np.random.default_rng(5).integers(0, 50, 300)
    found = SglangGumbel("9f3c00112233ff01").score([text, text])
    assert found.windows == 296
    assert found.statistic == pytest.approx(349.4600010261897)
    assert found.log_p == pytest.approx(-6.466964305125543)


def _keyed(n: int) -> list[VllmGumbel | SglangGumbel]:
    return [VllmGumbel(n), VllmGumbel(n, prf="hmac_sha256"), SglangGumbel(f"{n:x}")]


@pytest.mark.parametrize("which", [0, 1, 2])
def test_what_they_mark_is_found_and_wrong_keys_find_nothing(which: int) -> None:
    chance = np.random.default_rng(which)
    right = _keyed(20_261_128)[which]
    text, seen = chance.integers(0, 300, 4).tolist(), set()
    for _ in range(120):
        context = tuple(text[-4:])
        behind = np.repeat([context], 300, axis=0)
        drawn = right.numbers(behind, np.arange(300)).astype(np.float64)
        u = (drawn + 0.5) / 2.0 ** (32 if which == 2 else 24)
        p = chance.dirichlet(np.full(300, 0.1))
        fresh = context not in seen
        seen.add(context)
        text.append(int((np.log(u) / (p + 1e-300)).argmax() if fresh else chance.choice(300, p=p)))
    assert right.score([np.array(text)]).p < 1e-6
    wrong = [
        _keyed(int(n))[which].score([np.array(text)]).p for n in chance.integers(2**62, size=200)
    ]
    assert stats.kstest(wrong, "uniform").pvalue > 0.001


def test_two_keys_are_made_of_one_and_none_is_shown() -> None:
    first, second = VllmGumbel.both(42)
    assert first.key != second.key
    assert str(first.key) not in repr(first)
    assert "2a" not in repr(SglangGumbel("2a"))
    for key in ("", "xyz", "1" * 17):
        with pytest.raises(UsageError, match="1 to 16 hexadecimal digits"):
            SglangGumbel(key).numbers(CONTEXTS, TOKENS)


def test_their_keys_can_be_of_our_tree(master: Master) -> None:
    """So that an engine's key has custody, and needs nothing more to be stored."""
    names = ("eu-chat/cohort-7/heron/1", "eu-chat/cohort-7/egret/1")
    one, other = master.open("detect", names).keys.values()
    assert SglangGumbel.under(one) == SglangGumbel.under(one)
    assert len({*map(SglangGumbel.under, (one, other)), SglangGumbel.under(one, 3)}) == 3
    assert len({*map(VllmGumbel.under, (one, other)), VllmGumbel.under(one, 3)}) == 3
    assert 0 <= VllmGumbel.under(one).key < 2**64
