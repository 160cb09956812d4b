"""Takes rows out of a lake's sources, one source after the other, each all at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from stillwatch.durable import sync_directory, sync_file
from stillwatch.sketch.lake import Lake
from stillwatch.sketch.manifest import Manifest, Part
from stillwatch.sketch.parts import GROUP_ROWS

Stays: TypeAlias = bool | pc.Expression
"""Of a part's rows: all, none, or those an expression is true of."""


class Planned(NamedTuple):
    """A part, which of its rows stay, and how many those are."""

    part: Part
    stays: Stays
    rows: int


def of_accounts(names: Iterable[str]) -> pc.Expression:
    """The rows of some accounts."""
    return pc.field("account").isin(pa.array(sorted(names), pa.string()))


def left(lake: Lake, part: Part, stays: Stays) -> int:
    """How many rows of a part stay."""
    if isinstance(stays, bool):
        return part.rows if stays else 0
    return int(ds.dataset(lake.directory / part.path).count_rows(filter=stays))


def plan(lake: Lake, manifest: Manifest, rule: Callable[[Part], Stays]) -> list[Planned]:
    """What a rule leaves of each part of a source."""
    ruled = ((part, rule(part)) for part in manifest.parts)
    return [Planned(part, stays, left(lake, part, stays)) for part, stays in ruled]


def thin(lake: Lake, manifest: Manifest, planned: Iterable[Planned]) -> Manifest:
    """Leaves of a source the rows that are to stay, and says what is there afterwards.

    New files come first and the manifest after them, so whoever reads sees the old or the new.
    Examples of wordings, which no single account can be told from, go with the last row.
    """
    parts: list[Part] = []
    number = lake.next_number(manifest.digest)
    for part, stays, rows in planned:
        if rows == part.rows:
            parts.append(part)
        elif rows and not isinstance(stays, bool):
            fresh = Path(part.path).with_name(f"{manifest.digest}-{number}.parquet")
            number += 1
            _copy(lake.directory / part.path, lake.directory / fresh, stays)
            size = (lake.directory / fresh).stat().st_size
            parts.append(Part(fresh.as_posix(), part.day, rows, size))
    gone = sum(part.rows for part in manifest.parts) - sum(part.rows for part in parts)
    if not gone:
        return manifest
    thinner = replace(
        manifest,
        parts=tuple(parts),
        gone=manifest.gone + gone,
        examples=manifest.examples if parts else None,
    )
    lake.accept(thinner)
    return thinner


def _copy(path: Path, fresh: Path, stays: pc.Expression) -> None:
    """The rows that stay, in their order, under the schema and the marks of the file."""
    data = ds.dataset(path)
    with pq.ParquetWriter(fresh, data.schema, compression="zstd") as writer:
        held: list[pa.RecordBatch] = []
        for batch in data.scanner(filter=stays, batch_size=GROUP_ROWS).to_batches():
            held.append(batch)
            if sum(one.num_rows for one in held) >= GROUP_ROWS:
                writer.write_table(pa.Table.from_batches(held, data.schema))
                held = []
        if held:
            writer.write_table(pa.Table.from_batches(held, data.schema))
    sync_file(fresh)
    sync_directory(fresh.parent)
