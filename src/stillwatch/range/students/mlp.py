"""A neural language model: embeddings of the last tokens, one hidden layer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from stillwatch.marks.scheme import Logits
from stillwatch.marks.windows import Tokens
from stillwatch.progress import Progress, silent
from stillwatch.range.students.model import spans

Floats = npt.NDArray[np.float32]
BATCH = 512
RATE = 2e-3
_FIRST, _SECOND, _SMALL = 0.9, 0.999, 1e-8


@dataclass(frozen=True, slots=True)
class Mlp:
    """Bengio et al. 2003, A Neural Probabilistic Language Model, equation 1, without the direct
    way from words to output; trained by Adam (Kingma and Ba 2015, algorithm 1)."""

    words: Floats
    hidden: Floats
    hidden_bias: Floats
    out: Floats
    out_bias: Floats

    @property
    def span(self) -> int:
        """Tokens before the next that it looks at."""
        return len(self.hidden) // int(self.words.shape[1])

    @property
    def vocabulary(self) -> int:
        """How many tokens it knows."""
        return len(self.words)

    def logits(self, contexts: Tokens) -> Logits:
        """Natural logarithms of probabilities, shape (n, vocabulary)."""
        read = self.words[contexts].reshape(len(contexts), -1)
        made = np.tanh(read @ self.hidden + self.hidden_bias) @ self.out + self.out_bias
        made -= made.max(axis=1, keepdims=True)
        made -= np.log(np.exp(made).sum(axis=1, keepdims=True))
        return np.asarray(made, dtype=np.float64)

    @classmethod
    def taught(
        cls,
        texts: Sequence[Tokens],
        vocabulary: int,
        seed: int,
        *,
        span: int = 5,
        width: int = 48,
        units: int = 192,
        epochs: int = 3,
        progress: Progress = silent,
    ) -> Mlp:
        """A model that was trained on texts, from random weights."""
        model = cls.fresh(vocabulary, seed, span, width, units)
        model.learn(texts, seed, epochs=epochs, progress=progress)
        return model

    @classmethod
    def fresh(cls, vocabulary: int, seed: int, span: int, width: int, units: int) -> Mlp:
        """A model that knows nothing."""
        chance = np.random.default_rng(seed)

        def drawn(rows: int, columns: int, scale: float) -> Floats:
            return chance.normal(0, scale, (rows, columns)).astype(np.float32)

        return cls(
            drawn(vocabulary, width, 0.1),
            drawn(span * width, units, (span * width) ** -0.5),
            np.zeros(units, dtype=np.float32),
            drawn(units, vocabulary, units**-0.5),
            np.zeros(vocabulary, dtype=np.float32),
        )

    def learn(
        self,
        texts: Sequence[Tokens],
        seed: int,
        *,
        epochs: int,
        rate: float = RATE,
        progress: Progress = silent,
    ) -> None:
        """Trains on, in place. The rate falls to nothing along a cosine."""
        contexts, following = spans(texts, self.span)
        chance = np.random.default_rng(seed)
        weights = (self.words, self.hidden, self.hidden_bias, self.out, self.out_bias)
        firsts = [np.zeros_like(one) for one in weights]
        seconds = [np.zeros_like(one) for one in weights]
        steps = epochs * -(-len(following) // BATCH)
        step = 0
        for _ in range(epochs):
            order = chance.permutation(len(following))
            for begin in range(0, len(order), BATCH):
                chosen = order[begin : begin + BATCH]
                step += 1
                now = rate * 0.5 * (1 + np.cos(np.pi * step / steps))
                now *= np.sqrt(1 - _SECOND**step) / (1 - _FIRST**step)
                found = self._gradients(contexts[chosen], following[chosen])
                for place, gradient in enumerate(found):
                    first, second = firsts[place], seconds[place]
                    first[...] += (1 - _FIRST) * (gradient - first)
                    second[...] += (1 - _SECOND) * (gradient * gradient - second)
                    off = np.float32(now) * first / (np.sqrt(second) + np.float32(_SMALL))
                    weights[place][...] -= off
                progress("train", step / steps)

    def _gradients(self, contexts: Tokens, following: Tokens) -> tuple[Floats, ...]:
        n = len(following)
        read = self.words[contexts].reshape(n, -1)
        active = np.tanh(read @ self.hidden + self.hidden_bias)
        off = active @ self.out + self.out_bias
        off -= off.max(axis=1, keepdims=True)
        np.exp(off, out=off)
        off /= off.sum(axis=1, keepdims=True)
        off[np.arange(n), following] -= 1
        off /= n
        back = (off @ self.out.T) * (1 - active * active)
        words = np.zeros_like(self.words)
        np.add.at(words, contexts.ravel(), (back @ self.hidden.T).reshape(-1, words.shape[1]))
        return words, read.T @ back, back.sum(axis=0), active.T @ off, off.sum(axis=0)
