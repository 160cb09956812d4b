"""Whether every change to a proof, to a published log or to its owner's log is found.

    python benchmarks/evidence_tampering.py [--changes 10000] [--seed 20261128]

The changes are those of the tests, drawn with another seed, on logs of several sizes: bytes
flipped, taken out and put in, entries dropped, moved, doubled and invented, files exchanged,
checkpoints of other times and other logs. Half are to proofs, a quarter to published logs, a
quarter to what the owner goes on with. Says how many were not found, and which.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sys
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "evidence"))
import tampering
from tampering import Scene

from stillwatch.errors import StillwatchError, TamperedError
from stillwatch.evidence import Log
from stillwatch.evidence.audit import audited
from stillwatch.evidence.proof import verified

OUT = Path(".bench/evidence_tampering")
SIZES = (200, 300, 700, 1_100)


def of_proofs(scene: Scene, changes: int, chance: random.Random, missed: list[str]) -> None:
    tried = 0
    while tried < changes:
        how, changed = tampering.of_proof(scene, chance)
        if changed == scene.proof:
            continue
        tried += 1
        try:
            verified(changed, scene.first, "proof.json")
            missed.append(f"proof: {how}")
        except TamperedError as error:
            assert str(error).startswith("proof.json: ")


def of_published(
    scene: Scene, place: Path, changes: int, chance: random.Random, missed: list[str]
) -> None:
    for _ in range(changes):
        how, undo = tampering.of_directory(scene, place, chance)
        try:
            audited(place, scene.first)
            missed.append(f"published: {how}")
        except StillwatchError as error:
            assert str(place) in str(error)
        undo()


def of_owners(place: Path, changes: int, chance: random.Random, missed: list[str]) -> None:
    tail = place / "tail"
    before = tail.read_bytes()
    for _ in range(changes):
        how, changed = tampering.of_bytes(before, chance)
        tail.write_bytes(changed)
        try:
            Log.open(place).close()
            missed.append(f"tail: {how}")
        except StillwatchError:
            pass
        tail.write_bytes(before)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--changes", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=20261128)
    asked = parser.parse_args()
    chance = random.Random(asked.seed)
    missed: list[str] = []
    tried: Counter[str] = Counter()
    share = asked.changes // (4 * len(SIZES))
    for size in SIZES:
        with TemporaryDirectory() as place:
            scene = tampering.scene(Path(place), size)
            of_proofs(scene, 2 * share, chance, missed)
            copy = tampering.copied(scene, Path(place) / "copy")
            of_published(scene, copy / "public", share, chance, missed)
            of_owners(copy, share, chance, missed)
            # Changed back, all of it holds again.
            audited(copy / "public", scene.first)
            shutil.rmtree(copy)
        tried.update({"proofs": 2 * share, "published": share, "tails": share})
        print(f"log of {size}: {len(missed)} missed so far", flush=True)
    found: dict[str, Any] = {
        "seed": asked.seed,
        "tried": dict(tried),
        "missed": len(missed),
        "which": missed[:50],
        # Rule of three for none missed (Hanley and Lippman-Hand 1983).
        "rate_below_at_95": None if missed else 3 / sum(tried.values()),
    }
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / "evidence_tampering.json").write_text(json.dumps(found, indent=2) + "\n")
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
