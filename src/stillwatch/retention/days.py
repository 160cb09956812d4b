"""What a lake holds, by day."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow.dataset as ds

from stillwatch.retention.thinning import of_accounts
from stillwatch.sketch.lake import Lake, check
from stillwatch.sketch.manifest import Part
from stillwatch.sketch.parts import NO_DAY


@dataclass(frozen=True, slots=True)
class Day:
    """day: UTC, or `no time`; logs: how many sources have rows of it; bytes: on disk."""

    day: str
    logs: int
    rows: int
    bytes: int


def rows_of(out: Path, accounts: Sequence[str]) -> Counter[str]:
    """How many sketches there are of each of some accounts that has any."""
    theirs = of_accounts(accounts)
    found: Counter[str] = Counter()
    for manifest in Lake.open(out).every_manifest():
        for part in manifest.parts:
            names = ds.dataset(out / part.path).to_table(["account"], theirs)["account"]
            found.update({row["values"]: row["counts"] for row in names.value_counts().to_pylist()})
    return found


def days(out: Path) -> list[Day]:
    """All days with sketches, ascending. Raises `NoInputError` where there is no lake."""
    check(out)
    parts: dict[str, list[tuple[str, Part]]] = defaultdict(list)
    for manifest in Lake.open(out).every_manifest():
        for part in manifest.parts:
            parts["no time" if part.day == NO_DAY else part.day].append((manifest.digest, part))
    return [
        Day(
            day,
            len({digest for digest, _ in mine}),
            sum(part.rows for _, part in mine),
            sum(part.bytes for _, part in mine),
        )
        for day, mine in sorted(parts.items())
    ]
