"""Texts the intent model learns from and is measured on, rendered from the template families."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from scipy import sparse

from stillwatch.range.text import Family, families
from stillwatch.sketch.intents import N_FEATURES, features
from stillwatch.sketch.tokens import tokenize

ORDINARY = "ordinary"
SEED = 20261124


@dataclass(frozen=True, slots=True)
class Exchange:
    """One rendered request and where it comes from."""

    family: str
    intent: str
    workload: str
    language: str
    system: str | None
    prompt: str


@dataclass(frozen=True, slots=True)
class Sample:
    """One text that shows its intent by itself."""

    family: str
    intent: str
    text: str


def exchanges(split: str, per: int, seed: int = SEED) -> list[Exchange]:
    """`per` exchanges of each family and language of a split."""
    found: list[Exchange] = []
    for source in families(split=split):
        for language in source.languages:
            rng = _stream(seed, source, language)
            for _ in range(per):
                made = source.render(rng, language)
                found.append(
                    Exchange(
                        source.name,
                        source.intent,
                        source.workload,
                        language,
                        made.system,
                        made.prompt,
                    )
                )
    return found


def samples(rows: list[Exchange]) -> list[Sample]:
    """What of each exchange carries its label.

    Where a harvester instructs in the system prompt, the prompt alone may be any question: calling
    it a harvest would teach the model to accuse innocents. So such families are learnt from the
    system prompt and from both joined, ordinary ones from each part.
    """
    found: list[Sample] = []
    seen: set[tuple[str, str]] = set()
    for row in rows:
        parts: list[str] = []
        if row.system is None or row.intent == ORDINARY:
            parts.append(row.prompt)
        if row.system is not None:
            parts += [row.system, f"{row.system}\n\n{row.prompt}"]
        for text in parts:
            if (row.family, text) not in seen:
                seen.add((row.family, text))
                found.append(Sample(row.family, row.intent, text))
    return found


def augmented(
    found: list[Sample], rows: list[Exchange], real: list[str], seed: int = SEED
) -> list[Sample]:
    """The samples, and a disturbed copy of each: words lost, ends cut, other text around it.

    Half of the other text is chat, half is `real`: harvesters too paste documents and code.
    """
    rng = np.random.default_rng((seed, 1))
    chat = [r.prompt for r in rows if r.workload == "chat"]
    fillers = chat + [real[i] for i in rng.integers(len(real), size=len(chat))]
    copies = []
    for sample in found:
        text = sample.text
        kind = int(rng.integers(4))
        if kind in (0, 3):
            text = _thinned(text, rng)
        if kind == 1:
            text = _cut(text, rng)
        if kind in (2, 3):
            filler = fillers[int(rng.integers(len(fillers)))]
            text = f"{filler}\n{text}" if rng.random() < 0.5 else f"{text}\n{filler}"
        copies.append(Sample(sample.family, sample.intent, text))
    return found + copies


def matrix(texts: list[str] | list[str | None]) -> sparse.csr_matrix:
    """[texts, N_FEATURES] features, repeated entries summed."""
    stacked = sparse.vstack(
        [
            features(tokenize(pa.array(texts[i : i + 4096], type=pa.string())))
            for i in range(0, len(texts), 4096)
        ],
        format="csr",
    )
    stacked.sum_duplicates()
    return stacked


def unknown(rows: int, rng: np.random.Generator) -> sparse.csr_matrix:
    """[rows, N_FEATURES] counts of texts made of words that no family knows.

    A hash spreads unseen words evenly over the features, so such a text can be drawn without
    writing one: 8 to 512 words of a vocabulary of its own, frequent as words are (Zipf), with as
    many pairs. Real people's texts are mostly this; a model that never met it takes chance for
    evidence.
    """
    made = []
    for _ in range(rows):
        words = int(np.exp(rng.uniform(np.log(8), np.log(512))))
        own = rng.integers(N_FEATURES, size=words)
        spoken = own[(rng.zipf(1.3, words) - 1) % words]
        pairs = rng.integers(N_FEATURES, size=words)
        made.append(np.concatenate([spoken, pairs]))
    sizes = [len(m) for m in made]
    counts = sparse.csr_matrix(
        (np.ones(sum(sizes)), np.concatenate(made), np.append(0, np.cumsum(sizes))),
        shape=(rows, N_FEATURES),
    )
    counts.sum_duplicates()
    return counts


def scaled(counts: sparse.csr_matrix) -> sparse.csr_matrix:
    """Counts as `features` has them: over the square root of their sum."""
    total = np.asarray(counts.sum(axis=1)).ravel()
    return (sparse.diags(1 / np.sqrt(total)) @ counts).tocsr().astype(np.float32)


def weights(found: list[Sample], prior: dict[str, float]) -> np.ndarray:
    """[samples] weights, mean 1: classes in their prior, within a class every family alike."""
    sizes: dict[str, int] = {}
    members: dict[str, set[str]] = {}
    for s in found:
        sizes[s.family] = sizes.get(s.family, 0) + 1
        members.setdefault(s.intent, set()).add(s.family)
    raw = np.array([prior[s.intent] / len(members[s.intent]) / sizes[s.family] for s in found])
    return np.asarray(raw * len(raw) / raw.sum())


def _stream(seed: int, source: Family, language: str) -> np.random.Generator:
    return np.random.default_rng((seed, zlib.crc32(f"{source.name}/{language}".encode())))


def _words(text: str) -> Iterator[str]:
    """Words with the space after them; single characters where words are not spaced."""
    if text.count(" ") * 12 < len(text):
        yield from text
        return
    at = 0
    for i, c in enumerate(text):
        if c == " ":
            yield text[at : i + 1]
            at = i + 1
    yield text[at:]


def _thinned(text: str, rng: np.random.Generator) -> str:
    words = list(_words(text))
    kept = rng.random(len(words)) >= rng.uniform(0.03, 0.2)
    return "".join(w for w, k in zip(words, kept, strict=True) if k) or text


def _cut(text: str, rng: np.random.Generator) -> str:
    words = list(_words(text))
    keep = max(3, int(len(words) * rng.uniform(0.7, 1.0)))
    return "".join(words[:keep] if rng.random() < 0.5 else words[-keep:])
