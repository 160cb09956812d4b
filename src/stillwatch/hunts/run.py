"""The main job of a hunt, from indicators to answers."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa

from stillwatch import window
from stillwatch.engine import engine
from stillwatch.errors import InputError
from stillwatch.hunts import kinds, lakes, output
from stillwatch.hunts.answers import account_table, document, exchange_batches
from stillwatch.hunts.document import Hunt
from stillwatch.hunts.indicator import Indicator
from stillwatch.hunts.lakes import File, Lakes
from stillwatch.hunts.probe import Probe, union
from stillwatch.hunts.tally import tally
from stillwatch.progress import Progress, silent


@dataclass(frozen=True, slots=True)
class Hunted:
    """What a hunt found: the document, and `accounts` as a table (`tables.ACCOUNTS`)."""

    document: Hunt
    accounts: pa.Table


@dataclass(frozen=True, slots=True)
class First:
    """The first that is seen of an indicator, told only while older days are still to be searched.

    exchanges and accounts: of the sketches read so far; last: time of the last of them.
    """

    indicator: str
    exchanges: int
    accounts: int
    last: datetime | None


def hunt(
    indicators: str | Iterable[str],
    scans: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    out: str | os.PathLike[str] | None = None,
    memory: str = "75%",
    progress: Progress = silent,
    first: Callable[[First], None] = lambda _: None,
) -> Hunted:
    """Looks for indicators in the sketches of earlier scans.

    Parameters
    ----------
    indicators
        One text or several, `kind:value`, such as `address:198.51.100.0/24`; `KINDS` has the kinds.
    scans
        One output directory of a scan, or several.
    since, until
        Only exchanges with since <= time < until; with a time zone.
    out
        Directory to write `hunt.json`, `accounts.parquet` and `exchanges.parquet` to.
    memory
        What the engine may use before it spills to disk.
    progress, first
        Called as the hunt goes on, and for each indicator when something is first seen of it.

    Raises
    ------
    UsageError
        An indicator or the window does not make sense.
    NoInputError, FormatError
        A scan has no sketches; a file that an indicator names is missing, or of another kind.
    InputError
        No indicator can be answered, or no sketch lies in the window.
    OutputError
        `out` cannot be written, or is the output of a scan.
    """
    window.check(since, until)
    asked = kinds.read([indicators] if isinstance(indicators, str) else indicators)
    if not asked.indicators:
        reasons = "\n".join(f"{one.text}: {one.reason}" for one in asked.aside)
        raise InputError(f"none of this can be looked for:\n{reasons}")
    places = [scans] if isinstance(scans, str | os.PathLike) else scans
    found = lakes.opened(map(Path, places), since, until)
    place = output.ready(Path(out)) if out is not None else None
    with engine(memory) as opened:

        def table(files: Sequence[File]) -> ir.Table:
            return window.within(opened.parquet([file.path for file in files]), since, until)

        probe = Probe(opened, asked.indicators, named=place is not None)
        seen, sketches = _searched(found, table, probe, asked.indicators, progress, first)
        progress("count", 0.0)
        counted = tally(opened, seen, table(found.files), asked.indicators)
        told = document(asked, found, (since, until), sketches, counted)
        accounts = account_table(asked.indicators, counted)
        if place is not None:
            exchanges = exchange_batches(opened, asked.indicators, counted)
            output.write(place, told, accounts, exchanges)
    return Hunted(told, accounts)


def _searched(
    found: Lakes,
    table: Callable[[Sequence[File]], ir.Table],
    probe: Probe,
    indicators: Sequence[Indicator],
    progress: Progress,
    first: Callable[[First], None],
) -> tuple[ir.Table, int]:
    """All sightings, and how many sketches were searched, the newest first."""
    total = sum(file.rows for file in found.files)
    parts: list[ir.Table] = []
    read = sketches = 0
    unseen = set(range(len(indicators)))
    progress("hunt", 0.0)
    for number, chunk in enumerate(found.chunks()):
        here = table(chunk)
        before = _before(found, chunk, table)
        part = probe.sightings(f"seen_{number}", here, before)
        read += sum(file.rows for file in chunk)
        for row in _firsts(part, unseen) if read < total else ():
            unseen.remove(row["indicator"])
            first(First(indicators[row["indicator"]].text, *(row[f] for f in _TOLD)))
        parts.append(part)
        sketches += int(here.count().to_pyarrow().as_py())
        progress("hunt", read / total)
    return union(parts), sketches


_TOLD = ("exchanges", "accounts", "last")


def _before(
    found: Lakes, chunk: Sequence[File], table: Callable[[Sequence[File]], ir.Table]
) -> Callable[[timedelta], ir.Table]:
    # Exchanges without a time come after nothing, but there must be a table.
    return lambda span: table(found.before(chunk, span) or chunk)


def _firsts(part: ir.Table, unseen: set[int]) -> list[dict[str, Any]]:
    if not unseen:
        return []
    new = part.filter(part.indicator.isin(sorted(unseen)))
    counts = new.group_by("indicator").agg(
        exchanges=new.exchange_key.nunique(),
        accounts=new.account_key.nunique(),
        last=new.time.max(),
    )
    rows: list[dict[str, Any]] = counts.order_by("indicator").to_pyarrow().to_pylist()
    return rows
