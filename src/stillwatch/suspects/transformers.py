"""A suspect whose weights are at hand, as `transformers` saves them."""

from __future__ import annotations

from pathlib import Path
from textwrap import shorten
from typing import Any

import numpy as np
import numpy.typing as npt

from stillwatch.errors import NoInputError, UsageError
from stillwatch.marks.windows import Tokens
from stillwatch.plural import plural

LONGEST = 1024
"""Tokens that are read at once; longer texts are read piece by piece."""


class Transformer:
    """A causal language model (`stillwatch.suspects.reading.Readable`)."""

    def __init__(self, model: Any) -> None:
        self._model = model.eval()
        self._known = int(model.get_input_embeddings().weight.shape[0])
        # Models of more than text keep what is said of text apart.
        told = getattr(model.config.get_text_config(), "max_position_embeddings", None)
        self._longest = min(LONGEST, told or LONGEST)

    @classmethod
    def load(cls, folder: Path) -> Transformer:
        """Reads weights from a folder; nothing is fetched, and no code in it is run.

        Raises
        ------
        NoInputError
            There is no such folder, or no causal language model in it, whole.
        UsageError
            What reads it is not installed.
        """
        try:
            import torch  # noqa: F401 transformers alone can be imported, and reads nothing
            from transformers import AutoModelForCausalLM
        except ImportError as error:
            raise UsageError(
                f"{folder}: {error.name} is not installed; pip install torch transformers"
            ) from error
        if not (folder / "config.json").is_file():
            raise NoInputError(f"{folder}: holds no model as transformers saves it: no config.json")
        try:
            # Safetensors only: other weights are pickles, which can run anything.
            model, loading = AutoModelForCausalLM.from_pretrained(
                folder,
                local_files_only=True,
                trust_remote_code=False,
                use_safetensors=True,
                ignore_mismatched_sizes=True,
                output_loading_info=True,
            )
        except Exception as error:
            # What a suspect wrote into its config comes up as anything, from KeyError on.
            told = shorten(str(error), 300, placeholder=" ...")
            raise NoInputError(
                f"{folder}: no model could be read: {type(error).__name__}: {told}"
            ) from error
        lacking = sorted(
            [*loading["missing_keys"], *(name for name, *_ in loading["mismatched_keys"])]
        )
        if lacking:
            # transformers draws them at random, and such a model shows no mark.
            raise NoInputError(
                f"{folder}: config.json and the weights are not of one model: "
                f"{plural(len(lacking), 'tensor')} missing or of another shape, {lacking[0]} first"
            )
        read = cls(model)
        if read._looks_ahead():
            raise NoInputError(
                f"{folder}: holds a model that reads what comes after a token, too; only causal "
                "language models can be tested"
            )
        return read

    def probabilities(self, text: Tokens) -> npt.NDArray[np.floating]:
        """Probabilities of the token after each of a text, shape (n, vocabulary).

        Raises
        ------
        UsageError
            The suspect does not know a token.
        NoInputError
            Its weights give no numbers.
        """
        import torch

        strange = text[(text < 0) | (text >= self._known)]
        if len(strange):
            raise UsageError(
                f"a text has the token {int(strange[0])}, and the suspect knows {self._known:,}: "
                "its tokenizer is not that of the model that marked"
            )
        if not len(text):
            return np.empty((0, self._known))
        made = []
        with torch.inference_mode():
            for begin in range(0, len(text), self._longest):
                piece = np.array(text[begin : begin + self._longest], dtype=np.int64)
                logits = self._model(torch.from_numpy(piece)[None, :]).logits[0].float()
                made.append(torch.softmax(logits, dim=-1).numpy())
        found = np.concatenate(made)
        if not np.isfinite(found).all():
            raise NoInputError(
                "the suspect's weights give no numbers (NaN): they are damaged, or of a precision "
                "that overflows"
            )
        return found

    def _looks_ahead(self) -> bool:
        """Whether what comes after a token changes what is likely after it: such a model would
        say again what it reads, and no more."""
        two = np.zeros((2, min(8, self._longest)), dtype=np.int64)
        two[1, -1] = self._known - 1
        first, second = (self.probabilities(one)[:-1] for one in two)
        return not np.allclose(first, second, rtol=0.01, atol=1e-4)
