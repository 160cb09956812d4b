"""The third-party data of `real_mix`: harvests, people's prompts and arrival processes.

Nobody on this project wrote them, and nothing in the package was fitted on them. They are read
from `$STILLWATCH_DATA`, or `../shared/data` beside the repository.
"""

from __future__ import annotations

import gzip
import json
import os
from dataclasses import dataclass
from pathlib import Path

from stillwatch.range.arrivals import Arrivals
from stillwatch.range.arrivals import load as load_arrivals

FILES = ("harvest.jsonl.gz", "human.jsonl.gz", "arrivals.csv.gz")


def folder() -> Path:
    """Where the data should lie."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    return Path(os.environ.get("STILLWATCH_DATA") or beside)


def missing(where: Path) -> list[str]:
    """Files that are not there."""
    return [name for name in FILES if not (where / name).is_file()]


@dataclass(frozen=True)
class Data:
    """`harvests`: name to (prompt, completion) in the order of the file. `people`: by source."""

    harvests: dict[str, list[tuple[str, str]]]
    people: dict[str, list[dict]]
    arrivals: Arrivals


def load(where: Path) -> Data:
    """Everything, read once."""
    harvests: dict[str, list[tuple[str, str]]] = {}
    for row in _lines(where / "harvest.jsonl.gz"):
        harvests.setdefault(row["source"], []).append((row["prompt"], row["completion"]))
    people: dict[str, list[dict]] = {}
    for row in _lines(where / "human.jsonl.gz"):
        people.setdefault(row["source"], []).append(row)
    return Data(harvests, people, load_arrivals(where / "arrivals.csv.gz"))


def _lines(path: Path) -> list[dict]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]
