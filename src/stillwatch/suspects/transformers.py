"""A suspect whose weights are at hand, as `transformers` saves them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from stillwatch.errors import NoInputError, UsageError
from stillwatch.marks.windows import Tokens

LONGEST = 1024
"""Tokens that are read at once; longer texts are read piece by piece."""


class Transformer:
    """A causal language model (`stillwatch.suspects.reading.Readable`)."""

    def __init__(self, model: Any) -> None:
        self._model = model.eval()
        self._longest = min(LONGEST, getattr(model.config, "max_position_embeddings", LONGEST))

    @classmethod
    def load(cls, folder: Path) -> Transformer:
        """Reads weights from a folder; nothing is fetched, and no code in it is run.

        Raises
        ------
        NoInputError
            There is no such folder, or no model in it.
        UsageError
            What reads it is not installed.
        """
        try:
            from transformers import AutoModelForCausalLM
        except ImportError as error:
            raise UsageError(
                f"{folder}: {error.name} is not installed; pip install torch transformers"
            ) from error
        if not (folder / "config.json").is_file():
            raise NoInputError(f"{folder}: holds no model as transformers saves it: no config.json")
        try:
            # Safetensors only: other weights are pickles, which can run anything.
            model = AutoModelForCausalLM.from_pretrained(
                folder, local_files_only=True, trust_remote_code=False, use_safetensors=True
            )
        except (OSError, ValueError) as error:
            first = str(error).partition("\n")[0]
            raise NoInputError(f"{folder}: no model could be read: {first}") from error
        return cls(model)

    def probabilities(self, text: Tokens) -> npt.NDArray[np.floating]:
        """Probabilities of the token after each of a text, shape (n, vocabulary)."""
        import torch

        known = int(self._model.config.vocab_size)
        if len(text) and int(text.max()) >= known:
            raise UsageError(
                f"a text has the token {int(text.max())}, and the suspect knows {known:,}: its "
                "tokenizer is not that of the model that marked"
            )
        made = []
        with torch.inference_mode():
            for begin in range(0, len(text), self._longest):
                piece = np.array(text[begin : begin + self._longest], dtype=np.int64)
                logits = self._model(torch.from_numpy(piece)[None, :]).logits[0].float()
                made.append(torch.softmax(logits, dim=-1).numpy())
        return np.concatenate(made)
