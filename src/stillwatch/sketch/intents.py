"""What a prompt asks for: a linear model over hashed words and pairs of words.

`features` is the one definition of its input; training uses the same function. The weights come
with the package in `intents.npz`, are read on first use, and are written by `IntentModel.save`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from stillwatch.errors import InputError
from stillwatch.sketch.hashing import I64, U64, constants
from stillwatch.sketch.tokens import Tokens
from stillwatch.sketch.window import window

N_FEATURES = 1 << 15
"""Features of a newly trained model. A power of two."""

LIMIT = 8.0
"""Bits. One prompt never says more, for or against."""

_GRAIN = 256
"""Bits are rounded to 1/256, below which machines' exponentials differ."""

ORDINARY = "ordinary"
_PAIR = constants(7, 2)
_END = constants(8, 1)[0]

_LANE, _HALF = 21, 1023
"""Bits of a sum, and the largest weight: the 2 (FIRST + LAST) features of a window just fit."""

Floats = NDArray[np.float32]


def features(tokens: Tokens, n_features: int = N_FEATURES) -> sparse.csr_matrix:
    """Hashed words and pairs of adjacent words, unmasked: [rows, n_features] float32.

    A row of n words (of its first 384 and last 128, see `window`) has n words and n pairs, the
    last pair being with the end; each occurrence counts 1 / sqrt(2 n), so a row without repeats
    has length 1. The top bits of the hash choose the feature (Weinberger et al. 2009, unsigned).
    A feature that occurs twice is stored twice.
    """
    index, offsets = window(tokens)
    columns = _columns(tokens.hashes[index], offsets, n_features)
    count = np.diff(offsets)
    scale = (1 / np.sqrt(2 * np.maximum(count, 1))).astype(np.float32)
    data = np.repeat(scale, 2 * count)
    return sparse.csr_matrix((data, columns, 2 * offsets), shape=(len(count), n_features))


def _columns(words: U64, offsets: I64, n_features: int) -> NDArray[np.int32]:
    """[2 * words] the feature of each word, and of the pair it begins, in turn."""
    bits = n_features.bit_length() - 1
    if n_features != 1 << bits:
        raise ValueError(f"n_features must be a power of two, not {n_features}")
    following = np.append(words[1:], _END)
    following[offsets[1:][np.diff(offsets) > 0] - 1] = _END
    shift = np.uint64(64 - bits)
    columns = np.empty(2 * len(words), dtype=np.int32)
    columns[0::2] = words >> shift
    columns[1::2] = (words * _PAIR[0] + following * _PAIR[1]) >> shift
    return columns


@dataclass(frozen=True, eq=False)
class IntentModel:
    """Weights [n_features, classes], bias [classes], class names, shares of classes in training."""

    weights: Floats
    bias: Floats
    classes: tuple[str, ...]
    prior: Floats
    version: str

    def save(self, path: Path) -> None:
        """Write the model as it is packaged: weights in half precision."""
        np.savez_compressed(
            path,
            W=self.weights.astype(np.float16),
            bias=self.bias.astype(np.float32),
            classes=np.array(self.classes),
            prior=self.prior.astype(np.float32),
            version=np.array(self.version),
        )

    @classmethod
    def load(cls, file: Path | IO[bytes]) -> IntentModel:
        """Read what `save` wrote."""
        with np.load(file, allow_pickle=False) as data:
            classes = tuple(str(c) for c in data["classes"])
            if ORDINARY not in classes:
                raise InputError(f"intent model {file}: no class {ORDINARY!r} among {classes}")
            return cls(
                np.ascontiguousarray(data["W"], dtype=np.float32),
                data["bias"].astype(np.float32),
                classes,
                data["prior"].astype(np.float32),
                str(data["version"]),
            )

    @cached_property
    def _lanes(self) -> tuple[U64, float]:
        """Weights as whole numbers from 0 to 2 _HALF, three classes to a word; and their unit.

        Sums of whole numbers are the same on every machine and in any order, and one addition
        makes three of them. The unit is a thousandth of the largest weight: rounding moves a
        score by less than a hundredth of a bit.
        """
        unit = max(float(np.abs(self.weights).max(initial=0)), 1e-9) / _HALF
        whole = np.rint(self.weights / unit).astype(np.int64) + _HALF
        lanes = np.zeros((len(whole), -(-len(self.classes) // 3)), dtype=np.uint64)
        for i in range(len(self.classes)):
            lanes[:, i // 3] |= whole[:, i].astype(np.uint64) << np.uint64(_LANE * (i % 3))
        return lanes, unit

    def logits(self, words: U64, offsets: I64) -> NDArray[np.float64]:
        """[classes, rows] scores of rows of windowed words: features times weights, plus bias."""
        lanes, unit = self._lanes
        count = np.diff(offsets)
        filled = count > 0
        sums = np.zeros((len(count), lanes.shape[1]), dtype=np.uint64)
        if filled.any():
            columns = _columns(words, offsets, len(self.weights))
            begin = 2 * offsets[:-1][filled]
            sums[filled] = np.add.reduceat(lanes.take(columns, axis=0), begin, axis=0)
        scale = unit / np.sqrt(2 * np.maximum(count, 1))
        out = np.empty((len(self.classes), len(count)))
        for i, bias in enumerate(self.bias):
            total = (sums[:, i // 3] >> np.uint64(_LANE * (i % 3))) & np.uint64((1 << _LANE) - 1)
            out[i] = (total.astype(np.int64) - 2 * count * _HALF) * scale + bias
        return out

    def score(self, words: U64, offsets: I64) -> tuple[NDArray[np.intp], Floats]:
        """(most probable class, bits) of each row of windowed words; bits are [rows] float32.

        bits = log2((1 - p) / p) - log2 of the same odds before looking, p the probability of
        `ordinary`; within LIMIT on either side.
        """
        z = self.logits(words, offsets)
        ordinary = self.classes.index(ORDINARY)
        others = np.delete(z, ordinary, axis=0)
        top = others.max(axis=0)
        harvest = top + np.log(np.exp(others - top).sum(axis=0))
        base = float(self.prior[ordinary])
        bits = (harvest - z[ordinary]) / np.log(2) - np.log2((1 - base) / base)
        bits = np.clip(np.round(bits * _GRAIN) / _GRAIN, -LIMIT, LIMIT)
        return z.argmax(axis=0), bits.astype(np.float32)


@lru_cache(maxsize=1)
def packaged() -> IntentModel:
    """The model that comes with this release."""
    source = files("stillwatch.sketch").joinpath("intents.npz")
    if not source.is_file():
        raise InputError("the package lacks its intent model, sketch/intents.npz: reinstall it")
    with source.open("rb") as file:
        return IntentModel.load(file)
