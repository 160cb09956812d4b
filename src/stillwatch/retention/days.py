"""What a lake holds, by day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from stillwatch.errors import NoInputError
from stillwatch.retention.thinning import left, of_accounts
from stillwatch.sketch.lake import Lake
from stillwatch.sketch.manifest import Part
from stillwatch.sketch.parts import NO_DAY


@dataclass(frozen=True, slots=True)
class Day:
    """day: UTC, or `no time`; logs: how many sources have rows of it; bytes: on disk."""

    day: str
    logs: int
    rows: int
    bytes: int


def rows_of(out: Path, accounts: Sequence[str]) -> int:
    """How many sketches of some accounts there are."""
    lake = Lake.open(out)
    theirs = of_accounts(accounts)
    return sum(left(lake, part, theirs) for m in lake.every_manifest() for part in m.parts)


def days(out: Path) -> list[Day]:
    """All days with sketches, ascending. Raises `NoInputError` where there is no lake."""
    if not (out / "sketches").is_dir():
        raise NoInputError(f"{out}: holds no sketches; name the --out of a scan")
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
