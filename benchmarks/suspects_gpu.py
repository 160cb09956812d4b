"""With what share of marked data a transformer betrays itself, and how much of its teacher it has.

    python benchmarks/suspects_gpu.py [--small] [--seeds 3]

As `suspects_power.py`, with transformers: a teacher of 40 million parameters (32 million without
its words) and students of 17 million (11 million without), of 8,192 words and punctuation marks of
Python's own documentation. On a GPU where there is one. `--small` is for a CPU: teacher and
students of 0.9 million parameters, 1,024 words, 3,000 exchanges (180,000 answered tokens), of which
0, 5, 25 or 100 % are marked, two schemes, one seed. Beside the shares it measures the curve: how
much of the teacher a student of 1/64, 1/16, a quarter or all of an unmarked harvest has.

It runs in an environment that has torch and transformers (`pip install torch transformers`). All is
simulated on this machine. What is done is kept in .bench/suspects/gpu.jsonl, and is not done again.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from stillwatch.marks import GreenList, Gumbel, Scheme
from stillwatch.range.students.asked import Marking
from stillwatch.range.students.corpus import Corpus, corpus
from stillwatch.range.students.moved import STEPS, Exam
from stillwatch.range.students.school import School, lessons
from stillwatch.range.students.transformer import LARGE, MIDDLE, SMALL, Size, Transformer, lacking
from suspects_measured import KEY, SCHEMES, SHARES, keep, measured, rows

OUT = Path(".bench/suspects/gpu.jsonl")


@dataclass(frozen=True, slots=True)
class Plan:
    """How large all is. asked: questions that each student answers."""

    name: str
    vocabulary: int
    teacher: Size
    student: Size
    exchanges: int
    asked: int
    schemes: Sequence[Scheme]
    shares: Sequence[float]
    seeds: int


FULL = Plan("full", 8_192, LARGE, MIDDLE, 8_738, 2_184, SCHEMES, SHARES, 3)
FEW = Plan(
    name="small",
    vocabulary=1_024,
    teacher=SMALL,
    student=SMALL,
    exchanges=3_000,
    asked=2_184,
    schemes=[GreenList(bias=3.0, width=1), Gumbel(width=2)],
    shares=(0.0, 0.05, 0.25, 1.0),
    seeds=1,
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--seeds", type=int)
    options = parser.parse_args()
    if lacking():
        sys.exit(f"this needs what is not here: pip install {lacking()}")
    plan = FEW if options.small else FULL
    OUT.parent.mkdir(parents=True, exist_ok=True)
    english = corpus(plan.vocabulary)
    for seed in range(1, (options.seeds or plan.seeds) + 1):
        done = {
            (row["scheme"], row["share"])
            for row in rows(OUT)
            if (row["plan"], row["seed"]) == (plan.name, seed)
        }
        if not {(scheme.name, share) for scheme in plan.schemes for share in plan.shares} <= done:
            taught(plan, english, seed, done)


def taught(plan: Plan, english: Corpus, seed: int, done: set[tuple[object, object]]) -> None:
    """One teacher, and all its students that are not done."""
    begun = time.perf_counter()
    teacher = Transformer.taught(lessons(english), english.vocabulary, seed, plan.teacher)
    said = {"plan": plan.name, "device": device(), "seed": seed}
    took = time.perf_counter() - begun
    print(f"teacher: {teacher.parameters:,} parameters, {took:.0f} s", flush=True)
    school = School(english, teacher)
    plain = school.harvest(plan.exchanges, 100 + seed)
    exam = Exam.of(school, plain, 500 + seed)

    def learned(texts: np.ndarray) -> tuple[Transformer, dict[str, object]]:
        begun = time.perf_counter()
        student = Transformer.taught(list(texts), english.vocabulary, 300 + seed, plan.student)
        took = time.perf_counter() - begun
        quality = exam.passed(student, len(texts)).model_dump()
        return student, {"parameters": student.parameters, **quality, "train_s": took}

    unmarked = learned(plain)
    if ("none", None) not in done:
        curve = [learned(plain[: round(step * len(plain))])[1] for step in STEPS[:-1]]
        row = {"teacher_parameters": teacher.parameters, "best": exam.best, "worst": exam.worst}
        keep(OUT, said | {"scheme": "none", "share": None, "curve": [*curve, unmarked[1]]} | row)
    for scheme in plan.schemes:
        marking = Marking(scheme, [KEY] * plan.exchanges)
        marked = school.harvest(plan.exchanges, 200 + seed, marking)
        for share in plan.shares:
            if (scheme.name, share) in done:
                continue
            n = round(share * plan.exchanges)
            student, told = learned(np.concatenate([marked[:n], plain[n:]])) if n else unmarked
            found = measured(school, student, scheme, marked, n, asked=plan.asked, seed=seed)
            keep(OUT, said | {"scheme": scheme.name, "share": share} | found | told)


def device() -> str:
    """What it runs on, in words."""
    import torch

    return torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu"


if __name__ == "__main__":
    main()
