"""A transformer that is trained from nothing, with torch, on a GPU where there is one."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Self

import numpy as np

from stillwatch.errors import UsageError
from stillwatch.marks.scheme import Logits
from stillwatch.marks.windows import Tokens
from stillwatch.progress import Progress, silent
from stillwatch.range.students.corpus import START

SPAN = 72
"""Tokens that are looked at: a question and its answer, and some."""
ABREAST = 1024
"""Texts that are read at the same time."""
WARMING = 0.05
"""Share of the steps in which the rate of learning rises."""
_UNTAUGHT = -100
"""In place of a token that is not to be learned (torch, CrossEntropyLoss, ignore_index)."""


@dataclass(frozen=True, slots=True)
class Size:
    """How large a transformer is, and how it is trained; inner: width of the feed-forward layers;
    batch: texts in a step."""

    layers: int
    heads: int
    width: int
    inner: int
    epochs: int
    batch: int
    rate: float


SMALL = Size(layers=3, heads=4, width=128, inner=352, epochs=3, batch=16, rate=2e-3)
"""0.9 million parameters with a thousand words: minutes on one core."""
MIDDLE = Size(layers=6, heads=6, width=384, inner=1024, epochs=3, batch=32, rate=1e-3)
"""Ten million without its words: for a GPU."""
LARGE = Size(layers=10, heads=8, width=512, inner=1408, epochs=4, batch=32, rate=6e-4)
"""Thirty million without its words: for a GPU."""


def lacking() -> str:
    """What is not installed of what trains a transformer; empty where all of it is."""
    return " ".join(name for name in ("torch", "transformers") if find_spec(name) is None)


class Transformer:
    """A causal language model of the shape of Llama (Touvron et al. 2023, arXiv 2302.13971,
    section 2.2), with the classes of `transformers`.

    One token `START` stands before whatever it reads. What it read last it keeps, so that texts
    that are written token by token are not read again.
    """

    def __init__(self, model: Any) -> None:
        self._model = model.eval()
        self._read: tuple[Tokens, Any] | None = None

    @property
    def span(self) -> int:
        """Tokens before the next that it looks at."""
        return SPAN

    @property
    def vocabulary(self) -> int:
        """How many tokens it knows."""
        return int(self._model.config.vocab_size)

    @property
    def parameters(self) -> int:
        """How many weights it has."""
        return int(self._model.num_parameters())

    @classmethod
    def taught(
        cls,
        texts: Sequence[Tokens],
        vocabulary: int,
        seed: int,
        size: Size = SMALL,
        progress: Progress = silent,
    ) -> Self:
        """A model that was trained on texts by AdamW, from random weights; the rate rises, and
        falls to nothing along a cosine.

        The same seed on the same device, with as many threads, gives the same weights. Raises
        `UsageError` where torch or transformers is not installed.
        """
        if lacking():
            raise UsageError(f"a transformer needs what is not here: pip install {lacking()}")
        import torch
        from transformers import LlamaConfig, LlamaForCausalLM, get_cosine_schedule_with_warmup

        config = LlamaConfig(
            vocab_size=vocabulary,
            hidden_size=size.width,
            intermediate_size=size.inner,
            num_hidden_layers=size.layers,
            num_attention_heads=size.heads,
            max_position_embeddings=1 + SPAN,
            bos_token_id=START,
            eos_token_id=None,
        )
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            model = LlamaForCausalLM(config)
        model.to("cuda" if torch.cuda.is_available() else "cpu").train()
        read, wanted = (torch.from_numpy(one).to(model.device) for one in _pieces(texts))
        chance = np.random.default_rng(seed)
        steps = size.epochs * -(-len(read) // size.batch)
        steer = torch.optim.AdamW(model.parameters(), size.rate, (0.9, 0.95), weight_decay=0.1)
        pace = get_cosine_schedule_with_warmup(steer, round(WARMING * steps), steps)
        step = 0
        with _deterministic(torch):
            for _ in range(size.epochs):
                order = torch.from_numpy(chance.permutation(len(read))).to(model.device)
                for begin in range(0, len(order), size.batch):
                    some = order[begin : begin + size.batch]
                    model(input_ids=read[some], labels=wanted[some]).loss.backward()
                    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                    steer.step()
                    pace.step()
                    steer.zero_grad()
                    step += 1
                    progress("train", step / steps)
        return cls(model)

    def logits(self, contexts: Tokens) -> Logits:
        """Natural logarithms of probabilities, shape (n, vocabulary)."""
        import torch

        if not len(contexts):
            return np.empty((0, self.vocabulary))
        texts, lengths = _begun(contexts)
        with torch.inference_mode():
            if len(texts) <= ABREAST and lengths.min() == lengths.max():
                hidden = self._onward(texts[:, : lengths[0]])
            else:
                hidden = self._apart(texts, lengths)
            logits = self._model.lm_head(hidden).float()
            return np.asarray(torch.log_softmax(logits, dim=-1).cpu().numpy(), dtype=np.float64)

    def _onward(self, texts: Tokens) -> Any:
        """The state behind texts of one length, of which all but the last token may have been
        read."""
        from transformers import DynamicCache

        before, cache = self._read or (texts, None)
        if not np.array_equal(before, texts[:, :-1]):
            before, cache = texts[:, :0], DynamicCache()
        fresh = self._tensor(texts[:, before.shape[1] :])
        # By its place: releases of transformers differ in what they call the cache.
        made = self._model.model(fresh, None, None, cache, use_cache=True)
        self._read = (texts, cache)
        return made.last_hidden_state[:, -1]

    def _apart(self, texts: Tokens, lengths: Tokens) -> Any:
        """The state behind texts of some lengths; one that the next goes on with by a token is
        read with it."""
        import torch

        same = (texts[1:] == texts[:-1]) | (np.arange(texts.shape[1]) >= lengths[:-1, None])
        ends = np.append(~(same.all(axis=1) & (lengths[1:] == lengths[:-1] + 1)), True)
        whole = np.flatnonzero(ends)
        within = np.searchsorted(whole, np.arange(len(texts)))
        made = []
        for begin in range(0, len(whole), ABREAST):
            some = whole[begin : begin + ABREAST]
            read = self._tensor(texts[some, : lengths[some].max()])
            hidden = self._model.model(read, use_cache=False).last_hidden_state
            rows = np.flatnonzero((within >= begin) & (within < begin + ABREAST))
            made.append(hidden[within[rows] - begin, lengths[rows] - 1])
        return torch.cat(made)

    def _tensor(self, tokens: Tokens) -> Any:
        import torch

        return torch.from_numpy(np.ascontiguousarray(tokens)).to(self._model.device)

    def save(self, folder: Path) -> None:
        """Writes the weights as `transformers` does, in safetensors."""
        self._model.save_pretrained(folder)


def _begun(contexts: Tokens) -> tuple[Tokens, Tokens]:
    """Contexts with one `START` before each, from the left, and how long each is with it."""
    n, span = contexts.shape
    told = contexts != START
    leading = np.where(told.any(axis=1), told.argmax(axis=1), span)
    places = leading[:, None] + np.arange(span)
    moved = np.take_along_axis(contexts, np.minimum(places, span - 1), axis=1)
    texts = np.where(places < span, moved, START)
    return np.concatenate([np.full((n, 1), START), texts], axis=1), span - leading + 1


def _pieces(texts: Sequence[Tokens]) -> tuple[Tokens, Tokens]:
    """Pieces of texts, each behind one `START`, and what is to be learned of each."""
    pieces = [text[begin : begin + SPAN] for text in texts for begin in range(0, len(text), SPAN)]
    longest = max(map(len, pieces), default=0)
    read = np.full((len(pieces), 1 + longest), START, dtype=np.int64)
    wanted = np.full(read.shape, _UNTAUGHT, dtype=np.int64)
    for row, piece in enumerate(pieces):
        read[row, 1 : 1 + len(piece)] = wanted[row, 1 : 1 + len(piece)] = piece
    return read, wanted


@contextmanager
def _deterministic(torch: Any) -> Iterator[None]:
    # Without it torch refuses to multiply on a GPU (cuBLAS, section 2.1.4, reproducibility).
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    before = torch.are_deterministic_algorithms_enabled()
    torch.use_deterministic_algorithms(True)
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(before)
