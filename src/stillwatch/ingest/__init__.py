"""From paths to a lake of sketches: reads what is new, and only that."""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from pyarrow import fs

from stillwatch.errors import FormatError, InputError, NoInputError
from stillwatch.ingest import pool
from stillwatch.ingest.sketched import Sketched, sketched
from stillwatch.ingest.task import UNKNOWN, Task, rejected_path
from stillwatch.progress import Progress
from stillwatch.sketch.lake import Lake
from stillwatch.sketch.manifest import Manifest
from stillwatch.traffic import Source, load_mapping, named


@dataclass(frozen=True, slots=True)
class Ingested:
    """The sketches of some sources, in a lake or lying there already."""

    lake: Lake
    manifests: tuple[Manifest, ...]
    ready: tuple[Sketched, ...]

    @property
    def files(self) -> int:
        """How many sources there are."""
        return len(self.manifests) + len(self.ready)

    @property
    def parts(self) -> list[Path]:
        """Parquet files of the Sketch table."""
        home = self.lake.directory
        made = [home / part.path for manifest in self.manifests for part in manifest.parts]
        return made + [found.path for found in self.ready]

    def columns(self) -> frozenset[str]:
        """Sketch columns that hold anything at all."""
        made = [c for manifest in self.manifests for c in manifest.meta["columns"]]
        return frozenset(made).union(*(found.columns for found in self.ready))

    def examples(self) -> Mapping[tuple[str, int], str]:
        """(kind, template) → masked example text."""
        found: dict[tuple[str, int], str] = {}
        for manifest in self.manifests:
            if manifest.examples:
                for row in pq.read_table(self.lake.directory / manifest.examples).to_pylist():
                    found.setdefault((row["kind"], row["template"]), row["example"])
        return found

    def reasons(self) -> dict[str, int]:
        """How many records were set aside, by reason."""
        total: Counter[str] = Counter()
        for manifest in self.manifests:
            total.update(manifest.rejected)
        return dict(total)

    def rejected(self) -> Iterator[dict[str, Any]]:
        """The records that were set aside."""
        for manifest in self.manifests:
            if manifest.rejected:
                path = rejected_path(self.lake.directory, manifest.digest)
                with path.open(encoding="utf-8") as lines:
                    yield from map(json.loads, lines)


def ingest(
    lake: Lake,
    found: Sequence[Source],
    format: str | None,
    mapping: str | os.PathLike[str] | None,
    workers: int,
    progress: Progress,
) -> Ingested:
    """Sketches those of the sources that the lake does not hold yet.

    Interrupted, it keeps the sources that are done; called again, it goes on with the rest.

    Raises
    ------
    NoInputError, FormatError, InputError
        There is nothing to read, nothing in a known format, or not one usable record.
    """
    chosen = os.fspath(mapping) if mapping else None
    if format:
        named(format)
    if chosen:
        load_mapping(chosen)
    others = [s for s in found if not _own(s, lake.directory)]
    if not others:
        raise NoInputError(
            f"there is nothing to read but what an earlier scan wrote to {lake.directory}"
        )
    ready = tuple(s for s in map(sketched, others) if s is not None)
    done_already = {r.shown for r in ready}
    raw = [s for s in others if s.path not in done_already]
    tasks = {
        (key := _key(source, format, chosen)): Task(source, key, lake.directory, format, chosen)
        for source in raw
    }
    todo = [task for key, task in tasks.items() if not lake.has(key)]
    total = sum(task.source.size for task in todo) or 1
    done = 0
    progress("read", 0.0)
    # The largest first, so that no worker is left with a long one at the end.
    todo.sort(key=lambda task: -task.source.size)
    for task, manifest in pool.run(todo, workers or os.cpu_count() or 1):
        lake.accept(manifest)
        done += task.source.size
        progress("read", done / total)
    manifests = tuple(m for m in lake.manifests() if m.digest in tasks)
    taken = Ingested(lake, manifests, ready)
    _check(taken)
    return taken


def _own(source: Source, out: Path) -> bool:
    """Whether a source is a product of the scan itself, where --out lies within what is scanned."""
    local = isinstance(source.fs, fs.LocalFileSystem)
    return local and Path(source.location).resolve().is_relative_to(out.resolve())


def _check(taken: Ingested) -> None:
    if taken.ready or any(manifest.rows for manifest in taken.manifests):
        return
    reasons = taken.reasons()
    first = next(taken.rejected(), None)
    if first is not None and set(reasons) == {UNKNOWN}:
        raise FormatError(first["detail"])
    told = "; ".join(f"{reason}: {count:,}" for reason, count in sorted(reasons.items()))
    where = ""
    if first is not None:
        line = f":{first['line']}" if first["line"] else ""
        column = f", field {first['field']}" if first["field"] else ""
        where = f" The first: {first['file']}{line}{column}: {first['reason']}"
        where += f" ({first['detail']})." if first["detail"] else "."
    raise InputError(
        f"not one usable record in {taken.files:,} file{'s' * (taken.files != 1)}"
        + (f" ({told}).{where}" if told else ": they are empty.")
    )


def _key(source: Source, format: str | None, mapping: str | None) -> str:
    """Names a source, its content and how it is read."""
    how = hashlib.blake2b(f"{format}\0".encode(), digest_size=16)
    if mapping:
        # A missing file is told by the reader of mappings, in its words.
        path = Path(mapping)
        how.update(path.read_bytes() if path.is_file() else b"")
    how.update(source.digest.encode())
    return how.hexdigest()
