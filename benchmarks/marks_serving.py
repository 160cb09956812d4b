"""What a marked token costs a server: milliseconds on one core, for a vocabulary of 128,256 tokens.

python benchmarks/marks_serving.py
"""

from __future__ import annotations

import time

import numpy as np

from stillwatch.marks import GreenList, Gumbel, Marker, Tournament
from stillwatch.marks.serving.response import Response

VOCABULARY = 128_256
LEFT = (50, 1_000, VOCABULARY)
"""Tokens that temperature, min-p, top-k and top-p leave to choose from."""
TIMES = 30


def main() -> None:
    chance = np.random.default_rng(0)
    print(f"{'scheme':40}" + "".join(f"{left:>12,} left" for left in LEFT))
    for scheme in (GreenList(), Gumbel(), Tournament()):
        took = []
        for left in LEFT:
            response = Response(Marker(scheme, bytes(16)), (1,))
            logits = chance.normal(0, 2, VOCABULARY)
            logits[chance.permutation(VOCABULARY)[left:]] = -np.inf
            texts = chance.integers(0, VOCABULARY, (TIMES, 8))
            spent = []
            for n, text in enumerate(texts):
                began = time.perf_counter()
                response.choose(text, n, logits)
                spent.append(time.perf_counter() - began)
            took.append(np.median(spent) * 1000)
        print(f"{scheme.name:40}" + "".join(f"{one:>14.2f} ms" for one in took))


if __name__ == "__main__":
    main()
