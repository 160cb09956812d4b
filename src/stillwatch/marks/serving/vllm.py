"""Marks in vLLM's Model Runner V1: `vllm serve --logits-processors` takes this class by name.

For Model Runner V2, which current releases take where they can, there is `vllm_v2`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from vllm.v1.sample.logits_processor import BatchUpdate, LogitsProcessor
from vllm.v1.sample.logits_processor.builtin import process_dict_updates

from stillwatch.marks.serving.response import Response
from stillwatch.marks.serving.vllm_final import final
from stillwatch.marks.serving.vllm_requests import Requests, check


@dataclass(frozen=True, slots=True)
class _Row:
    """A marked request of the batch. output: the engine's own list, which grows."""

    response: Response
    params: Any
    prompt: list[int]
    output: list[int]


class MarkingLogitsProcessor(LogitsProcessor):
    """Marks each request with the key of its account, and leaves the others to vLLM."""

    @classmethod
    def validate_params(cls, sampling_params: Any) -> None:
        """Refuses what cannot be an account."""
        check(sampling_params)

    def __init__(self, vllm_config: Any, device: torch.device, is_pin_memory: bool) -> None:  # noqa: ARG002
        self.requests = Requests(vllm_config)
        self._rows: dict[int, _Row] = {}

    def is_argmax_invariant(self) -> bool:
        """Greedy requests are never marked, so that what is largest stays so for them.

        vLLM asks in order to know when to call: those that say yes are called after penalties and
        temperature, for requests that are drawn, and that is when a mark is right.
        """
        return True

    def update_state(self, batch_update: BatchUpdate | None) -> None:
        """Follows requests as they come, go and change rows."""
        process_dict_updates(self._rows, batch_update, self._admit)

    def apply(self, logits: torch.Tensor) -> torch.Tensor:
        """Leaves one choice in each marked row of logits, shape (rows, vocabulary)."""
        rows = sorted(self._rows)
        if not rows:
            return logits
        asked = [self._rows[row] for row in rows]
        drawn = final(logits[rows], [one.params for one in asked], scaled=True)
        for row, one, choices in zip(rows, asked, drawn.cpu().double().numpy(), strict=True):
            text = self._end(one)
            token = one.response.choose(text, len(one.prompt) + len(one.output), choices)
            if token is not None:
                logits[row] = -torch.inf
                logits[row, token] = 0.0
        return logits

    def _admit(self, params: Any, prompt: list[int] | None, output: list[int]) -> _Row | None:
        response = self.requests.admit(params)
        if response is None:
            return None
        row = _Row(response, params, prompt or [], output)
        # One that was put aside comes again with what was written of it.
        response.marker.resume(np.array(row.prompt + output, dtype=np.int64), len(output))
        return row

    def _end(self, row: _Row) -> np.ndarray[Any, np.dtype[np.int64]]:
        width = self.requests.width
        return np.array((row.prompt[-width:] + row.output[-width:])[-width:], dtype=np.int64)
