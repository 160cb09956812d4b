"""Makes the traffic of a scenario, and the truth about it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from stillwatch.errors import OutputError
from stillwatch.range.arrivals import Arrivals
from stillwatch.range.habits import Habit, live
from stillwatch.range.harvest import harvest
from stillwatch.range.lookalikes import LOOKALIKES, Size
from stillwatch.range.pen import Columns, Pen
from stillwatch.range.populations import POPULATIONS
from stillwatch.range.rows import Draft
from stillwatch.range.scenario import Lookalike, Population, Scenario
from stillwatch.range.text import family
from stillwatch.range.truth import TRUTH
from stillwatch.range.world import DAY, World
from stillwatch.traffic.exchange import SCHEMA

Format = Literal["parquet", "jsonl"]
Progress = Callable[[int, int], None]
"""Called with the exchanges written so far and those to write in all."""

FILE_ROWS = 25_000


@dataclass(frozen=True, slots=True)
class Made:
    """What was made, and where."""

    traffic: Path
    truth: Path
    files: int
    exchanges: int
    accounts: int
    campaigns: int


def make(
    scenario: Scenario,
    out_dir: str | Path,
    *,
    format: Format = "parquet",
    file_rows: int = FILE_ROWS,
    arrivals: Arrivals | None = None,
    progress: Progress | None = None,
) -> Made:
    """Write `traffic/part-*.parquet` (or `.jsonl.gz`) and `truth.parquet` into `out_dir`.

    The same scenario makes the same files. Rows are in the order of their time over all files.
    Text is written file by file, so memory holds the facts of all rows but the text of one file.
    Customers that are services come as the real clients in `arrivals` did, where it is given.

    Raises
    ------
    OutputError
        If `out_dir` cannot be written, or its `traffic` holds files that are not from here.
    """
    out = Path(out_dir)
    traffic, truth = _prepare(out), out / "truth.parquet"
    world = replace(world_of(scenario), arrivals=arrivals)
    columns = _sorted(world, drafts(world, scenario))
    total = len(columns["seconds"])
    pen = Pen(world)
    files = 0
    with pq.ParquetWriter(truth, TRUTH, compression="zstd") as ledger:
        for start in range(0, total, file_rows):
            part = {name: column[start : start + file_rows] for name, column in columns.items()}
            table = _forget(exchanges(world, pen.write(part)), scenario.unlogged)
            _write(traffic / f"part-{files:05d}", table, format)
            ledger.write_table(_truth(world, part))
            files += 1
            if progress:
                progress(min(start + file_rows, total), total)
    return Made(
        traffic=traffic,
        truth=truth,
        files=files,
        exchanges=total,
        accounts=len(set(columns["account"].tolist())) if total else 0,
        campaigns=len(scenario.campaign),
    )


def world_of(scenario: Scenario) -> World:
    """The world a scenario plays in."""
    return World(
        seed=scenario.seed,
        start=scenario.start,
        days=scenario.days,
        split=scenario.split,
        release=None if scenario.release is None else scenario.release * DAY,
    )


def drafts(world: World, scenario: Scenario) -> Iterator[Draft]:
    """All crowds of a scenario, without text."""
    seen: dict[str, int] = {}

    def group(kind: str) -> str:
        seen[kind] = seen.get(kind, 0) + 1
        return f"{kind}#{seen[kind]}"

    for population in scenario.population:
        name = group(f"population:{population.kind}")
        habit, n = habit_of(population), population.accounts
        yield live(world, world.rng(name), name, habit, n, churn=scenario.churn)[1]
    for spec in scenario.lookalike:
        for kind in LOOKALIKES if spec.kind == "all" else [spec.kind]:
            for _ in range(spec.groups):
                name = group(f"lookalike:{kind}")
                yield LOOKALIKES[kind].make(world, world.rng(name), size_of(spec, kind, name))
    for campaign in scenario.campaign:
        yield from harvest(world, campaign)


def habit_of(population: Population) -> Habit:
    """The habit of a population: what is usual for its kind, and what the scenario changes."""
    habit = POPULATIONS[population.kind]
    if population.per_day is not None:
        habit = replace(habit, per_day=population.per_day)
    if population.skew is not None:
        habit = replace(habit, skew=population.skew)
    if population.workload is not None:
        habit = replace(habit, workloads=(population.workload,))
    if population.regions is not None:
        regions = {str(r): weight for r, weight in population.regions.items()}
        habit = replace(habit, who=replace(habit.who, regions=regions))
    return habit


def size_of(spec: Lookalike, kind: str, group: str) -> Size:
    """How large a group of lookalikes is to be."""
    usual = LOOKALIKES[kind]
    accounts = spec.accounts or max(1, round(usual.accounts * spec.scale))
    return Size(group, accounts, usual.per_day * spec.volume)


def exchanges(world: World, rows: Columns) -> pa.Table:
    """Rows with text as a table in the native format."""
    n = len(rows["seconds"])
    arrays = {
        **{name: rows[name] for name in rows if name in SCHEMA.names},
        "time": world.stamps(rows["seconds"]),
        "account_created": world.stamps(rows["created"]),
        "operation": np.full(n, "chat", dtype=object),
    }
    nulls = {"turn": rows["turn"] == 0, "temperature": np.isnan(rows["temperature"])}
    return pa.table(
        [
            pa.array(arrays[f.name], type=f.type, mask=nulls.get(f.name), from_pandas=False)
            for f in SCHEMA
        ],
        schema=SCHEMA,
    )


def _forget(table: pa.Table, unlogged: Iterable[str]) -> pa.Table:
    """The table with nothing in the columns that the provider does not log."""
    for name in unlogged:
        field = table.schema.field(name)
        empty = pa.nulls(len(table), field.type)
        table = table.set_column(table.schema.get_field_index(name), field, empty)
    return table


def _truth(world: World, rows: Columns) -> pa.Table:
    names = rows["family"].tolist()
    intents = {name: family(name).intent for name in set(names)}
    item = np.where(rows["queue"] >= 0, rows["queue"], rows["item"])
    arrays = {
        **{name: rows[name] for name in TRUTH.names if name in rows},
        "time": world.stamps(rows["seconds"]),
        "item": item,
        "intent": [intents[name] for name in names],
    }
    return pa.table(
        [
            pa.array(arrays[f.name], type=f.type, mask=item < 0 if f.name == "item" else None)
            for f in TRUTH
        ],
        schema=TRUTH,
    )


def _sorted(world: World, parts: Iterator[Draft]) -> Columns:
    """All crowds in one, in the order of time; what falls outside the window is dropped."""
    made = [part.columns for part in parts if len(part)]
    if not made:
        return {"seconds": np.empty(0), "account": np.empty(0, dtype=object)}
    seconds = np.concatenate([c["seconds"] for c in made])
    order = np.argsort(seconds, kind="stable")
    order = order[(seconds[order] >= 0) & (seconds[order] < world.length)]
    out: Columns = {}
    for name in list(made[0]):
        # Column by column, and each crowd's copy is given up at once: this bounds memory.
        out[name] = np.concatenate([c.pop(name) for c in made])[order]
    return out


def _prepare(out: Path) -> Path:
    traffic = out / "traffic"
    try:
        traffic.mkdir(parents=True, exist_ok=True)
        for old in sorted(traffic.iterdir()):
            if not old.name.startswith("part-"):
                raise OutputError(f"{old}: not made by the range; choose an empty directory")
            old.unlink()
    except OSError as error:
        raise OutputError(f"{out}: cannot be written: {error.strerror}") from None
    return traffic


def _write(stem: Path, table: pa.Table, format: Format) -> None:
    if format == "parquet":
        pq.write_table(table, stem.with_suffix(".parquet"), compression="zstd")
        return
    # No time stamp in the gzip header: the same scenario makes the same bytes.
    with (
        stem.with_suffix(".jsonl.gz").open("wb") as file,
        gzip.GzipFile(fileobj=file, mode="wb", filename="", mtime=0, compresslevel=4) as packed,
    ):
        for row in table.to_pylist():
            line = {k: v for k, v in row.items() if v is not None}
            packed.write((json.dumps(line, default=_iso, ensure_ascii=False) + "\n").encode())


def _iso(value: object) -> str:
    return str(value.isoformat().replace("+00:00", "Z")) if hasattr(value, "isoformat") else ""
