"""The sketches of several scans as one lake: which files to read, in which order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from stillwatch.errors import InputError, NoInputError
from stillwatch.sketch.lake import Lake
from stillwatch.sketch.manifest import Manifest
from stillwatch.sketch.parts import NO_DAY

FIRST_ROWS = 1_000_000
"""Rows of the first chunk. Each further one has twice as many, so that what is new is known soon
and the number of queries grows with the logarithm of the lake."""


@dataclass(frozen=True, slots=True)
class File:
    """One Parquet file of sketches.

    day: the UTC day of all its exchanges, None for those without a time; log: names the source it
    was made from; columns: what that source has anything in.
    """

    path: Path
    day: date | None
    rows: int
    log: str
    columns: frozenset[str]


@dataclass(frozen=True, slots=True)
class Lakes:
    """Files of all lakes that a window touches, the newest day first.

    lakes: how many there are; stale: logs left out because another release sketched them.
    """

    files: tuple[File, ...]
    lakes: int
    stale: int

    @property
    def days(self) -> tuple[date, ...]:
        """The days there are, ascending."""
        return tuple(sorted({file.day for file in self.files if file.day}))

    def chunks(self) -> Iterator[tuple[File, ...]]:
        """All files, in chunks that double in rows."""
        most, rows = FIRST_ROWS, 0
        chunk: list[File] = []
        for file in self.files:
            chunk.append(file)
            rows += file.rows
            if rows >= most:
                yield tuple(chunk)
                most, rows, chunk = most * 2, 0, []
        if chunk:
            yield tuple(chunk)

    def before(self, chunk: Iterable[File], span: timedelta) -> tuple[File, ...]:
        """All files with exchanges that may come up to `span` before one of a chunk."""
        days = [file.day.toordinal() for file in chunk if file.day]
        if not days:
            return ()
        first = min(days) - span.days - 1
        return tuple(f for f in self.files if f.day and first <= f.day.toordinal() <= max(days))

    def without(self, column: str) -> tuple[File, ...]:
        """Files made from logs that have nothing in a column."""
        return tuple(file for file in self.files if column not in file.columns)


def opened(directories: Iterable[Path], since: datetime | None, until: datetime | None) -> Lakes:
    """The lakes in the output directories of scans; a log that several hold is there once.

    Raises
    ------
    NoInputError
        A directory holds no sketches of this release.
    InputError
        None of them lies in the window.
    OutputError
        A manifest is damaged.
    """
    places = list({path.resolve(): path for path in directories}.values())
    if not places:
        raise NoInputError("name the output directory of a scan with --in")
    manifests: dict[str, tuple[Path, Manifest]] = {}
    stale = 0
    for place in places:
        if not place.is_dir():
            raise NoInputError(f"{place}: there is no such directory; name the --out of a scan")
        lake = Lake.open(place)
        if not lake.parts():
            raise NoInputError(
                f"{place}: holds no sketches of this release; name the --out of a scan of logs"
            )
        stale += lake.stale
        for manifest in lake.manifests():
            manifests.setdefault(manifest.digest, (place, manifest))
    files = [
        File(
            place / part.path,
            None if part.day == NO_DAY else date.fromisoformat(part.day),
            part.rows,
            manifest.digest,
            frozenset(manifest.meta["columns"]),
        )
        for place, manifest in manifests.values()
        for part in manifest.parts
    ]
    within = [file for file in files if _touches(file.day, since, until)]
    if not within:
        days = sorted(file.day for file in files if file.day)
        span = f"; they are of {days[0]} to {days[-1]}" if days else ""
        raise InputError(
            f"no sketch lies in the window{span}; move --since and --until, or leave them out"
        )
    gone = next((file.path for file in within if not file.path.is_file()), None)
    if gone is not None:
        raise NoInputError(f"{gone}: not there, though its manifest lists it; put it back")
    within.sort(key=lambda file: (file.day or date.min, file.path), reverse=True)
    return Lakes(tuple(within), len(places), stale)


def _touches(day: date | None, since: datetime | None, until: datetime | None) -> bool:
    """Whether an exchange of this UTC day may lie in since <= time < until."""
    if day is None:
        return since is None and until is None
    if since is not None and day < since.astimezone(UTC).date():
        return False
    return until is None or day <= (until.astimezone(UTC) - timedelta.resolution).date()
