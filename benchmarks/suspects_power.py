"""With what share of marked data a student betrays itself: black box and white box.

    python benchmarks/suspects_power.py [--seeds 3] [--students trigram mlp]

A neural teacher of a thousand words, and students of 8,738 of its exchanges (524,000 answered
tokens), of which a share is marked: `trigram` counts, `mlp` is a neural network of its own seed.
Black box: 2,184 answers of the student (131,000 tokens) to questions that no harvest asked, behind
contexts that were served. White box: the student's weights read 2,000 of the marked texts, or as
many as there are; of a student of no marked text, 2,000 that it never saw. All is simulated on
this machine. What is done is kept in .bench/suspects/power.jsonl, and is not done again.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import get_args

import numpy as np

from stillwatch.marks import Contexts, GreenList, Gumbel, Scheme, Tournament
from stillwatch.range.students.asked import Marking
from stillwatch.range.students.corpus import corpus
from stillwatch.range.students.school import QUESTION, Architecture, School, Weights, student
from stillwatch.suspects.listening import listen
from stillwatch.suspects.reading import read

OUT = Path(".bench/suspects/power.jsonl")
EXCHANGES, ASKED, READ = 8_738, 2_184, 2_000
SHARES = (0.0, 0.01, 0.02, 0.05, 0.1, 0.25, 1.0)
SCHEMES: list[Scheme] = [
    GreenList(bias=3.0, width=1),
    GreenList(bias=3.0, width=2),
    Gumbel(width=2),
    Tournament(width=2),
]
KEY = bytes(range(16))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--students", nargs="*", default=get_args(Architecture))
    OUT.parent.mkdir(parents=True, exist_ok=True)
    options = parser.parse_args()
    done = {
        tuple(row[name] for name in ("seed", "scheme", "share", "student"))
        for row in (
            json.loads(line)
            for line in (OUT.read_text() if OUT.exists() else "").split("\n")
            if line
        )
    }
    english = corpus()
    for seed in range(1, options.seeds + 1):
        school = School.open(english, seed)
        plain = school.harvest(EXCHANGES, 100 + seed)
        for scheme in SCHEMES:
            marked = school.harvest(EXCHANGES, 200 + seed, Marking(scheme, [KEY] * EXCHANGES))
            for kind in options.students:
                for share in SHARES:
                    if (seed, scheme.name, share, kind) in done:
                        continue
                    row = measured(school, scheme, marked, plain, kind, share, seed)
                    with OUT.open("a") as file:
                        file.write(json.dumps(row) + "\n")
                    print(row, flush=True)


def measured(
    school: School,
    scheme: Scheme,
    marked: np.ndarray,
    plain: np.ndarray,
    kind: Architecture,
    share: float,
    seed: int,
) -> dict[str, object]:
    n = round(share * EXCHANGES)
    begun = time.perf_counter()
    suspect = student(
        kind, list(np.concatenate([marked[:n], plain[n:]])), school.corpus.vocabulary, 300 + seed
    )
    trained = time.perf_counter() - begun
    asked, said = school.ask(suspect, ASKED, 400 + seed)
    texts = marked[: n or READ]
    served = Contexts.of([text[QUESTION - scheme.width :] for text in texts], scheme.width)
    heard = listen(list(said), scheme, served=served, asked=list(asked))
    seen = read(Weights(suspect), list(texts[:READ]), scheme, served=served)
    black, white = heard.score(KEY), seen.score(KEY)
    return {
        "seed": seed,
        "scheme": scheme.name,
        "share": share,
        "student": kind,
        "windows": black.windows,
        "black_z": black.z,
        "black_log10_p": black.log10_p,
        "white_z": white.z,
        "white_log10_p": white.log10_p,
        "train_s": trained,
    }


if __name__ == "__main__":
    main()
