"""What vLLM draws from, made of the logits that a logits processor is given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from vllm.v1.sample.ops.topk_topp_sampler import apply_top_k_top_p


def final(logits: torch.Tensor, asked: Sequence[Any], *, scaled: bool) -> torch.Tensor:
    """Logits of the final distributions, shape (n, vocabulary), by vLLM's own order and code.

    asked: the `SamplingParams` of each row; scaled: whether temperature and min-p were applied.
    """
    made = logits.clone()
    if not scaled:
        made /= _column([one.temperature for one in asked], made)
        # p < min_p * max p, as a difference of logits; nothing is below the logarithm of 0.
        cut = _column([one.min_p for one in asked], made).log()
        made.masked_fill_(made < made.amax(dim=-1, keepdim=True) + cut, -torch.inf)
    vocabulary = made.shape[-1]
    k = [one.top_k if 0 < one.top_k < vocabulary else vocabulary for one in asked]
    p = [one.top_p for one in asked]
    return apply_top_k_top_p(
        made,
        None if min(k) == vocabulary else torch.tensor(k, dtype=torch.int32, device=made.device),
        None if min(p) == 1.0 else torch.tensor(p, dtype=torch.float32, device=made.device),
    )


def _column(values: Sequence[float], like: torch.Tensor) -> torch.Tensor:
    return torch.tensor(values, dtype=like.dtype, device=like.device)[:, None]
