"""What a mark costs: in quality of text, and in time for each token.

    python benchmarks/marks_quality.py [--questions 2000]

A neural teacher of a thousand words (see `stillwatch range distil`) answers the same questions
unmarked and marked, with a key for all. Of its answers:

- **surprise**: bits a token under the teacher itself, unmarked; the difference to its own unmarked
  answers, with an interval over questions (bootstrap, 95 %);
- **distinct**: distinct pairs and triples of tokens, of all (distinct-2 and -3, Li et al. 2016,
  arXiv 1510.03055);
- **same**: the same 50 questions 20 times: how many of the answers are different ones.

Then what `Marker.logits` takes for a token, beside the softmax and the draw that follow it, for
vocabularies of 1,000, 32,000 and 128,000. Writes .bench/marks_quality.json. Simulated.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from pathlib import Path

import numpy as np
from scipy import stats

from stillwatch.marks import GreenList, Gumbel, Marker, Scheme, Tournament
from stillwatch.marks.windows import Tokens
from stillwatch.range.students.asked import Marking, answers
from stillwatch.range.students.corpus import corpus
from stillwatch.range.students.model import LanguageModel, spans
from stillwatch.range.students.school import ANSWER, School, questions

OUT = Path(".bench/marks_quality.json")
SCHEMES: list[Scheme | None] = [
    None,
    GreenList(bias=1.0),
    GreenList(bias=2.0),
    GreenList(bias=3.0),
    Gumbel(width=2),
    Tournament(width=2),
]
KEY = bytes(range(16))
AGAIN, TIMES = 50, 20
VOCABULARIES, STEPS = (1_000, 32_000, 128_000), 30


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--questions", type=int, default=2000)
    options = parser.parse_args()
    school = School.open(corpus(), 60)
    asked = questions(school.corpus.part(8, 10), options.questions, 61)
    again = np.repeat(asked[:AGAIN], TIMES, axis=0)
    plain = answers(school.teacher, asked, ANSWER, 62)
    base = surprises(school.teacher, asked, plain)
    rows = []
    for scheme in SCHEMES:
        marking = Marking(scheme, [KEY] * len(asked)) if scheme else None
        # A seed of its own: the first row says how far unmarked answers differ from each other.
        said = answers(school.teacher, asked, ANSWER, 63, marking=marking)
        off = surprises(school.teacher, asked, said) - base
        interval = stats.bootstrap((off,), np.mean, rng=np.random.default_rng(1))
        once = Marking(scheme, [KEY] * len(again)) if scheme else None
        repeated = answers(school.teacher, again, ANSWER, 64, marking=once)
        rows.append(
            {
                "scheme": repr(scheme) if scheme else "no mark",
                "surprise": float((base + off).mean()),
                "more": float(off.mean()),
                "more_low": float(interval.confidence_interval.low),
                "more_high": float(interval.confidence_interval.high),
                "distinct_2": distinct(said, 2),
                "distinct_3": distinct(said, 3),
                "same": len(np.unique(np.concatenate([again, repeated], axis=1), axis=0))
                / len(again),
            }
        )
        print(json.dumps(rows[-1]), flush=True)
    times = [timed(scheme, size) for scheme in SCHEMES if scheme for size in VOCABULARIES]
    for row in times:
        print(json.dumps(row), flush=True)
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps({"quality": rows, "time": times}, indent=1) + "\n")


def surprises(model: LanguageModel, asked: Tokens, said: Tokens) -> np.ndarray:
    """Bits a token of each answer, shape (n,)."""
    contexts, following = spans(list(np.concatenate([asked, said], axis=1)), model.span)
    found = np.concatenate(
        [
            model.logits(contexts[begin : begin + 4096])[
                np.arange(len(following[begin : begin + 4096])), following[begin : begin + 4096]
            ]
            for begin in range(0, len(following), 4096)
        ]
    )
    return -found.reshape(len(asked), -1)[:, asked.shape[1] :].mean(axis=1) / np.log(2)


def distinct(texts: Tokens, length: int) -> float:
    """Distinct n-grams, of all."""
    grams = np.lib.stride_tricks.sliding_window_view(texts, length, axis=1).reshape(-1, length)
    return len(np.unique(grams, axis=0)) / len(grams)


def timed(scheme: Scheme, vocabulary: int) -> dict[str, object]:
    """Milliseconds a token: the mark, and the softmax and draw of NumPy beside it."""
    chance = np.random.default_rng(2)
    marker, text = Marker(scheme, KEY), chance.integers(0, vocabulary, 8)
    marks, draws = [], []
    for _ in range(STEPS):
        logits = chance.normal(0, 2, vocabulary)
        begun = time.perf_counter()
        tilted = marker.logits(text, logits)
        between = time.perf_counter()
        p = np.exp(tilted - tilted.max())
        token = int(np.searchsorted(p.cumsum(), chance.random() * p.sum()))
        draws.append(time.perf_counter() - between)
        marks.append(between - begun)
        text = np.append(text, min(token, vocabulary - 1))
    return {
        "scheme": repr(scheme),
        "vocabulary": vocabulary,
        "mark_ms": 1e3 * statistics.median(marks),
        "draw_ms": 1e3 * statistics.median(draws),
    }


if __name__ == "__main__":
    main()
