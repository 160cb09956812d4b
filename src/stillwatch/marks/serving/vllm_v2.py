"""Marks in vLLM's Model Runner V2: `vllm serve --logits-processors` takes this class by name."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from vllm.v1.worker.gpu.sample.logits_processor import LogitsProcessor

from stillwatch.marks.serving.response import Response
from stillwatch.marks.serving.vllm_final import final
from stillwatch.marks.serving.vllm_requests import Requests, check


class MarkingLogitsProcessor(LogitsProcessor):
    """Marks each request with the key of its account, and leaves the others to vLLM."""

    def __init__(self, vllm_config: Any, req_states: Any) -> None:
        self.requests = Requests(vllm_config)
        self._states = req_states
        self._slots: dict[int, tuple[Response, Any]] = {}
        self._fresh: set[int] = set()

    @classmethod
    def validate_params(cls, sampling_params: Any) -> None:
        """Refuses what cannot be an account."""
        check(sampling_params)

    def add_request(self, req_idx: int, sampling_params: Any) -> bool:
        """Takes a request into a slot, whatever was there before."""
        self._slots.pop(req_idx, None)
        self._fresh.discard(req_idx)
        response = self.requests.admit(sampling_params)
        if response is None:
            return False
        self._slots[req_idx] = (response, sampling_params)
        self._fresh.add(req_idx)
        return True

    def apply(self, logits: torch.Tensor, ctx: Any) -> torch.Tensor:
        """Leaves one choice in each marked row of logits, shape (rows, vocabulary)."""
        slots = ctx.idx_mapping_np.tolist()
        rows = [row for row, slot in enumerate(slots) if slot in self._slots]
        if not rows:
            return logits
        asked = [self._slots[slots[row]] for row in rows]
        ends, lengths = self._texts([slots[row] for row in rows])
        drawn = final(logits[rows], [params for _, params in asked], scaled=False)
        for n, choices in enumerate(drawn.cpu().double().numpy()):
            length = int(lengths[n])
            token = asked[n][0].choose(ends[n][-length:], length, choices)
            if token is not None:
                logits[rows[n]] = -torch.inf
                logits[rows[n], token] = 0.0
        return logits

    def _texts(self, slots: list[int]) -> tuple[Any, Any]:
        """The last tokens of some texts, shape (n, width), and how long these are, shape (n,)."""
        every, total = self._states.all_token_ids.gpu, self._states.total_len.gpu
        where = torch.tensor(slots, device=every.device)
        lengths = total[where].long()
        back = torch.arange(-self.requests.width, 0, device=every.device)
        ends = every[where[:, None], (lengths[:, None] + back).clamp(min=0)].cpu().numpy()
        whole = lengths.cpu().numpy()
        for slot, length in zip(slots, whole.tolist(), strict=True):
            if slot in self._fresh:
                self._fresh.discard(slot)
                written = length - int(self._states.prompt_len.np[slot])
                if written > 0:
                    text = every[slot, :length].cpu().numpy().astype(np.int64)
                    self._slots[slot][0].marker.resume(text, written)
        return ends, whole
