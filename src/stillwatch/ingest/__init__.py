"""From paths to a lake of sketches: reads what is new, and only that."""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from stillwatch.errors import FormatError, InputError, NoInputError, UsageError
from stillwatch.ingest import pool
from stillwatch.ingest.own import own
from stillwatch.ingest.sketched import Sketched, sketched
from stillwatch.ingest.task import UNKNOWN, Task
from stillwatch.plural import plural
from stillwatch.progress import Progress
from stillwatch.sketch.forgotten import Forgotten
from stillwatch.sketch.holds import held
from stillwatch.sketch.lake import Lake, rejected_path
from stillwatch.sketch.manifest import Manifest
from stillwatch.traffic import Source, TableDay, load_mapping, named, sources
from stillwatch.traffic.compression import UNOPENED
from stillwatch.traffic.database import is_table, table_of


@dataclass(frozen=True, slots=True)
class Ingested:
    """The sketches of some sources, in a lake or lying there already."""

    lake: Lake
    manifests: tuple[Manifest, ...]
    ready: tuple[Sketched, ...]

    @property
    def files(self) -> int:
        """How many sources there are."""
        named = {s for m in self.manifests for s in m.meta.get("streams", (m.digest,))}
        wholes = {w for m in self.manifests for w in map(tuple, m.meta.get("wholes", ()))}
        return len(named) + len(wholes) + len(self.ready)

    @property
    def parts(self) -> list[Path]:
        """Parquet files of the Sketch table."""
        home = self.lake.directory
        made = [home / part.path for manifest in self.manifests for part in manifest.parts]
        return made + [found.path for found in self.ready]

    def every_part(self) -> list[Path]:
        """Parquet files of all sketches there are, of these sources or not."""
        return sorted({*self.lake.parts(), *self.parts})

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

    def gone(self) -> int:
        """How many exchanges of these sources have expired or were erased."""
        return sum(manifest.gone for manifest in self.manifests)

    def reasons(self) -> dict[str, int]:
        """How many records were set aside, by reason."""
        total: Counter[str] = Counter()
        for manifest in self.manifests:
            total.update(manifest.rejected)
        return dict(total)

    def unread(self) -> dict[str, int]:
        """Fields that mean nothing to a reader → how many files have them."""
        return dict(Counter(name for m in self.manifests for name in m.meta.get("unread", ())))

    def unmatched(self) -> dict[str, str]:
        """Columns of a mapping whose path led nowhere in any record → that path."""
        read = [m for m in self.manifests if m.rows or m.rejected]
        each = [m.meta.get("unmatched", {}) for m in read]
        return {
            name: path
            for name, path in (each[0].items() if each else ())
            if all(name in other for other in each)
        }

    def rejected(self) -> Iterator[dict[str, Any]]:
        """The records that were set aside."""
        for manifest in self.manifests:
            if manifest.rejected:
                path = rejected_path(self.lake.directory, manifest.digest)
                with path.open(encoding="utf-8") as lines:
                    yield from map(json.loads, lines)


def check(format: str | None, mapping: str | os.PathLike[str] | None) -> None:
    """Raises `UsageError` or `FormatError` where there is no such way to read, or where two are
    given.
    """
    if format and mapping:
        raise UsageError(
            f"format {format} and mapping {os.fspath(mapping)}: a mapping says how to read; leave "
            "one out"
        )
    if format:
        named(format)
    if mapping:
        load_mapping(mapping)


def found(
    paths: Iterable[str | os.PathLike[str]],
    format: str | None,
    mapping: str | os.PathLike[str] | None,
    since: datetime | None,
    until: datetime | None,
) -> list[Source | TableDay]:
    """The files behind paths, and the days of tables that a window touches.

    Raises
    ------
    NoInputError, UsageError
        A path leads to nothing; a table cannot be read, or not in this way.
    InputError
        There is nothing but tables, and no row of them in the window.
    """
    asked = [os.fspath(path) for path in paths]
    tables = [path for path in asked if is_table(path)]
    if not tables:
        return [*sources(asked)]
    if format:
        raise UsageError(f"format {format}: tables of a database are read with a mapping")
    how = load_mapping(mapping) if mapping else None
    days = [day for url in dict.fromkeys(tables) for day in table_of(url, how).days(since, until)]
    files = [path for path in asked if not is_table(path)]
    if not days and not files:
        rows = f"no row of {plural(len(tables), 'table')}"
        if since is None and until is None:
            raise InputError(f"{rows}: there are none")
        raise InputError(f"{rows} lies in the window; move --since and --until, or leave them out")
    return [*days, *(sources(files) if files else [])]


def ingest(
    lake: Lake,
    found: Sequence[Source | TableDay],
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
    others = [s for s in found if not own(s, lake.directory)]
    if not others:
        raise NoInputError(
            f"there is nothing to read but what an earlier scan wrote to {lake.directory}"
        )
    files = [s for s in others if isinstance(s, Source)]
    ready = tuple(s for s in map(sketched, files) if s is not None)
    done_already = {r.shown for r in ready}
    raw = [s for s in others if s.path not in done_already]
    known = Forgotten.read(lake.directory)
    kept = held(lake.directory, datetime.now(UTC))
    tasks = {
        (key := _key(source, format, chosen)): Task(
            source, key, lake.directory, format, chosen, known, kept
        )
        for source in raw
    }
    again = {m.digest for m in lake.manifests() if _unopened(m)}
    todo = [task for key, task in tasks.items() if not lake.has(key) or key in again]
    total = sum(task.source.size for task in todo) or 1
    done = 0
    progress("read", 0.0)
    # The largest first, so that no worker is left with a long one at the end.
    todo.sort(key=lambda task: -task.source.size)
    for task, manifest in pool.run(todo, workers or os.cpu_count() or 1):
        lake.accept(manifest)
        done += task.source.size
        progress("read", done / total)
    days = {t.source.path: key for key, t in tasks.items() if isinstance(t.source, TableDay)}
    if days:
        _supersede(lake, days)
    manifests = tuple(m for m in lake.manifests() if m.digest in tasks)
    taken = Ingested(lake, manifests, ready)
    _check(taken)
    return taken


def _unopened(manifest: Manifest) -> bool:
    """Whether a source could not be read at all, for a reason that may have passed."""
    reasons = manifest.rejected.keys()
    return not manifest.rows and bool(reasons) and reasons <= UNOPENED


def _supersede(lake: Lake, days: Mapping[str, str]) -> None:
    """Days of tables take the place of what they were before; `days`: path → digest.

    Not so a file: another may lie at its path by now, as logs rotate.
    """
    for old in lake.every_manifest():
        if old.digest != days.get(old.meta["path"], old.digest):
            lake.drop(old.digest)


def _check(taken: Ingested) -> None:
    if taken.parts:
        return
    files = plural(taken.files, "file")
    if taken.gone():
        raise InputError(
            f"nothing is left of {files}: all exchanges have expired or were erased; to read logs "
            "anew, scan into another --out"
        )
    reasons = taken.reasons()
    first = next(taken.rejected(), None)
    if first is not None and set(reasons) == {UNKNOWN}:
        raise FormatError(first["detail"])
    if not reasons:
        raise InputError(f"not one usable record in {files}: they are empty.")
    lines = "\n".join(
        f"  {reasons[record['reason']]:,} × {record['reason']}; the first: {_at(record)}"
        for record in _firsts(taken)
    )
    paths = "; ".join(f"{name} at {path}" for name, path in taken.unmatched().items())
    nowhere = f"\nThe mapping found nothing for {paths}." if paths else ""
    raise InputError(f"not one usable record in {files}. Set aside:\n{lines}{nowhere}")


def _firsts(taken: Ingested) -> list[dict[str, Any]]:
    """The first record that was set aside for each reason, the most frequent reason first."""
    reasons = taken.reasons()
    first: dict[str, dict[str, Any]] = {}
    for record in taken.rejected():
        first.setdefault(record["reason"], record)
        if len(first) == len(reasons):
            break
    return sorted(first.values(), key=lambda record: (-reasons[record["reason"]], record["reason"]))


def _at(record: Mapping[str, Any]) -> str:
    line = f":{record['line']}" if record["line"] else ""
    column = f", field {record['field']}" if record["field"] else ""
    detail = f" ({record['detail']})" if record["detail"] else ""
    return f"{record['file']}{line}{column}{detail}"


def _key(source: Source | TableDay, format: str | None, mapping: str | None) -> str:
    """Names a source, its content and how it is read."""
    how = hashlib.blake2b(f"{format}\0".encode(), digest_size=16)
    if mapping:
        # A missing file is told by the reader of mappings, in its words.
        path = Path(mapping)
        how.update(path.read_bytes() if path.is_file() else b"")
    how.update(source.digest.encode())
    return how.hexdigest()
