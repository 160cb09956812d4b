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
import time
from pathlib import Path

import numpy as np

from stillwatch.range.students.asked import Marking
from stillwatch.range.students.corpus import corpus
from stillwatch.range.students.school import School, student
from suspects_measured import KEY, SCHEMES, SHARES, keep, measured, rows

OUT = Path(".bench/suspects/power.jsonl")
EXCHANGES, ASKED = 8_738, 2_184
STUDENTS = ("trigram", "mlp")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--students", nargs="*", default=STUDENTS, choices=STUDENTS)
    OUT.parent.mkdir(parents=True, exist_ok=True)
    options = parser.parse_args()
    done = {
        tuple(row[name] for name in ("seed", "scheme", "share", "student")) for row in rows(OUT)
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
                    n = round(share * EXCHANGES)
                    texts = list(np.concatenate([marked[:n], plain[n:]]))
                    begun = time.perf_counter()
                    suspect = student(kind, texts, english.vocabulary, 300 + seed)
                    trained = time.perf_counter() - begun
                    found = measured(school, suspect, scheme, marked, n, asked=ASKED, seed=seed)
                    row = {"seed": seed, "scheme": scheme.name, "share": share, "student": kind}
                    keep(OUT, row | found | {"train_s": trained})


if __name__ == "__main__":
    main()
