"""Measures again how high the innocent come, by the weights that are packaged.

    python training/nulls.py unplaced --populations 500

`weights.py` measures the nulls together with the fit. After more populations, or another way to
find groups, this one is enough: the bits stay as they are, and what a p-value is of is replaced.
"""

from __future__ import annotations

import argparse

import numpy as np

from counting import Job
from keeping import all_counted
from stillwatch.range.split import SEEDS
from stillwatch.signals.weights import as_json, packaged
from tail import tail
from weights import OUT, QUIET, QUIET_FROM, stood

NAMES = ("null", "unplaced")


def jobs(name: str, populations: int) -> list[Job]:
    """The campaign-free populations that a null is measured on; the same seeds as for the fit."""
    unplaced = name == "unplaced"
    first = QUIET_FROM + (QUIET if unplaced else 0)
    seeds = SEEDS["tune"][first:][:populations]
    return [Job(seed, "tune", quiet=True, unplaced=unplaced) for seed in seeds]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("--populations", type=int, required=True)
    given = parser.parse_args()
    weights = packaged()
    counted = all_counted(jobs(given.name, given.populations))
    reached = [stood(weights, one, 0.0)[0].total for one in counted]
    found = tail(np.concatenate(reached))
    OUT.write_text(as_json(weights.model_copy(update={given.name: found})), "utf-8")
    print(f"{OUT}: {given.name} of {given.populations} populations")


if __name__ == "__main__":
    main()
