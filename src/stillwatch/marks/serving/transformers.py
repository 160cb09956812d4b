"""Marks in `transformers`: a logits processor, with a key of its own for each row of a batch."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from transformers import LogitsProcessor

from stillwatch.marks.marker import Marker


class MarkingLogitsProcessor(LogitsProcessor):
    """Marks what is generated: `model.generate(..., logits_processor=[it], do_sample=True)`.

    markers: one for each row of the batch, made for this request; None leaves a row unmarked. Put
    it behind processors for temperature and top-p: what they left is what is chosen from.
    """

    def __init__(self, markers: Sequence[Marker | None]) -> None:
        self.markers = markers

    def __call__(self, input_ids: torch.LongTensor, scores: torch.FloatTensor) -> torch.FloatTensor:
        """Scores, shape (batch, vocabulary), with each row tilted by its mark."""
        if len(self.markers) != len(scores):
            raise ValueError(f"{len(self.markers)} markers for {len(scores)} rows")
        made = scores.clone()
        for row, marker in enumerate(self.markers):
            if marker is not None:
                logits = scores[row].double().cpu().numpy()
                tilted = marker.logits(input_ids[row].cpu().numpy(), logits)
                made[row] = torch.from_numpy(tilted).to(made)
        return made
