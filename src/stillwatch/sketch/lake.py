"""The lake: sketches on disk as plain Parquet, so that no text is read twice.

    sketches/day=2026-11-24/<digest>-<n>.parquet   rows of the Sketch table
    sketches/_manifests/<digest>.json              written last: the source is complete
    examples/<digest>-<n>.parquet                  masked example texts

Files that no manifest names are leftovers of a scan that was cut off. Nobody reads them, and the
next scan deletes them; so a kill at any moment leaves whole sources only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from stillwatch.durable import FRESH, sync_directory, sync_file
from stillwatch.errors import NoInputError, OutputError
from stillwatch.lock import locked
from stillwatch.sketch.examples import SCHEMA as EXAMPLES_SCHEMA
from stillwatch.sketch.manifest import Manifest
from stillwatch.sketch.parts import PartWriter
from stillwatch.sketch.version import SKETCH_VERSION

_DIGEST = re.compile(r"[A-Za-z0-9_]{1,128}")
_NUMBERED = re.compile(r"-(\d+)\.parquet$")


REJECTED = "rejected"
MOST_EXAMPLES = 100_000
"""Example texts kept of one source, so that they fit in memory whatever comes."""


def check(directory: Path) -> None:
    """Raises `NoInputError` where no scan has made a lake."""
    if not (directory / "sketches").is_dir():
        raise NoInputError(f"{directory}: holds no sketches; name the --out of a scan")


def rejected_path(lake: Path, digest: str) -> Path:
    """Where the records of a source that were set aside are listed."""
    return lake / REJECTED / f"{digest}.jsonl"


class Lake:
    """Sketches under one directory. `Lake.open` makes one; a writable lake is a context manager."""

    def __init__(self, directory: Path, lock: IO[bytes] | None) -> None:
        self.directory = directory
        self._lock = lock
        there = {m.digest: m for m in map(Manifest.read, self._manifest_paths())}
        # Whoever put a manifest in place of others may have been cut off before they went.
        self._replaced = {digest for m in there.values() for digest in m.replaces} & there.keys()
        self._manifests = {d: m for d, m in there.items() if d not in self._replaced}

    @classmethod
    def open(cls, directory: Path, *, write: bool = False) -> Lake:
        """Open a lake to read, or alone to write; the latter makes and cleans it.

        Raises OutputError if the directory cannot be written or another process writes to it.
        """
        if not write:
            return cls(directory, None)
        try:
            (directory / "sketches" / "_manifests").mkdir(parents=True, exist_ok=True)
            (directory / "examples").mkdir(exist_ok=True)
            lock = locked(directory / ".lock")
            try:
                lake = cls(directory, lock)
            except BaseException:
                lock.close()
                raise
        except BlockingIOError as error:
            raise OutputError(
                f"{directory}: another process is writing here; wait for it"
            ) from error
        except OSError as error:
            raise OutputError(f"{directory}: cannot be written: {error.strerror}") from error
        lake._clean()
        return lake

    def __enter__(self) -> Lake:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let another process write."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def has(self, digest: str) -> bool:
        """Whether this source is here, complete, in this release's sketch."""
        manifest = self._manifests.get(digest)
        return manifest is not None and manifest.current

    def manifests(self) -> list[Manifest]:
        """Manifests of this release's sketch, by digest."""
        return [m for _, m in sorted(self._manifests.items()) if m.current]

    def every_manifest(self) -> list[Manifest]:
        """All manifests, those of other releases' sketches too."""
        return [m for _, m in sorted(self._manifests.items())]

    @property
    def stale(self) -> int:
        """Sources here that another release's sketch made; they cannot be compared with these."""
        return sum(not m.current for m in self._manifests.values())

    def parts(self) -> list[Path]:
        """Parquet files of all complete sources: the Sketch table."""
        return [self.directory / part.path for m in self.manifests() for part in m.parts]

    def examples(self) -> list[Path]:
        """Parquet files of example texts."""
        return [self.directory / m.examples for m in self.manifests() if m.examples]

    def source(self, digest: str) -> Source:
        """Begin a source; it replaces one of the same digest once it is committed."""
        if self._lock is None:
            raise OutputError(f"{self.directory}: this lake was opened to read only")
        if not _DIGEST.fullmatch(digest):
            raise ValueError(f"{digest!r} is no digest: letters, digits and _ only")
        return Source(self, digest)

    def write(
        self,
        digest: str,
        batches: Iterable[pa.RecordBatch | tuple[pa.RecordBatch, pa.Table]],
        meta: Mapping[str, Any] | None = None,
        rejected: Mapping[str, int] | None = None,
    ) -> Manifest:
        """Write a whole source: sketched batches, each alone or with its examples.

        `meta` and `rejected` are read after the last batch, so the iterator may still fill them.
        """
        with self.source(digest) as source:
            for item in batches:
                batch, examples = item if isinstance(item, tuple) else (item, None)
                source.add(batch, examples)
            return source.commit(meta or {}, rejected or {})

    def accept(self, manifest: Manifest) -> None:
        """Make a source count: the last step of `Source.commit`. What it replaces goes."""
        manifest.write(self._manifest_path(manifest.digest))
        old = self._manifests.get(manifest.digest)
        self._manifests[manifest.digest] = manifest
        for name in set(old.files if old else ()) - set(manifest.files):
            (self.directory / name).unlink(missing_ok=True)
        for digest in manifest.replaces:
            if digest in self._manifests:
                self.drop(digest)

    def drop(self, digest: str) -> None:
        """Make a source not count any more, and delete its files."""
        old = self._manifests.pop(digest)
        self._forget(digest)
        for name in old.files:
            (self.directory / name).unlink(missing_ok=True)

    def _forget(self, digest: str) -> None:
        self._manifest_path(digest).unlink(missing_ok=True)
        rejected_path(self.directory, digest).unlink(missing_ok=True)

    def next_number(self, digest: str) -> int:
        """First file number not taken by the version of the source that is still valid."""
        manifest = self._manifests.get(digest)
        numbers = [_NUMBERED.search(name) for name in (manifest.files if manifest else ())]
        return 1 + max((int(found[1]) for found in numbers if found), default=-1)

    def _manifest_path(self, digest: str) -> Path:
        return self.directory / "sketches" / "_manifests" / f"{digest}.json"

    def _manifest_paths(self) -> list[Path]:
        return sorted((self.directory / "sketches" / "_manifests").glob("*.json"))

    def _clean(self) -> None:
        """Delete what cut-off scans left. Stale sources stay: their text may be gone for good."""
        for digest in self._replaced:
            self._forget(digest)
        wanted = {self.directory / n for m in self._manifests.values() for n in m.files}
        sketches = self.directory / "sketches"
        found = [*sketches.glob("day=*/*.parquet"), *(self.directory / "examples").glob("*")]
        for path in [*found, *(sketches / "_manifests").glob(f".*{FRESH}")]:
            if path not in wanted:
                path.unlink(missing_ok=True)


class Source:
    """One source on its way into the lake. Left without `commit`, it never was."""

    def __init__(self, lake: Lake, digest: str) -> None:
        self._lake, self._digest = lake, digest
        self._number = lake.next_number(digest)
        self._parts = PartWriter(lake.directory, digest, self._number)
        self._examples: dict[tuple[str, int], str] = {}

    def __enter__(self) -> Source:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._parts.close()

    def add(self, batch: pa.RecordBatch, examples: pa.Table | None = None) -> None:
        """Take a sketched batch and the examples of its templates."""
        self._parts.add(batch)
        if examples is not None:
            self.exemplify(examples)

    def exemplify(self, examples: pa.Table) -> None:
        """Take examples of templates; a template's first one stays."""
        for row in examples.to_pylist():
            if len(self._examples) >= MOST_EXAMPLES:
                break
            self._examples.setdefault((row["kind"], row["template"]), row["example"])

    def commit(self, meta: Mapping[str, Any], rejected: Mapping[str, int]) -> Manifest:
        """Make the source count, all at once."""
        manifest = self.finish(meta, rejected)
        self._lake.accept(manifest)
        return manifest

    def finish(self, meta: Mapping[str, Any], rejected: Mapping[str, int]) -> Manifest:
        """Write what is left and describe it. It counts once the writing lake accepts it."""
        parts = self._parts.finish()
        return Manifest(
            self._digest,
            SKETCH_VERSION,
            sum(part.rows for part in parts),
            dict(rejected),
            parts,
            self._write_examples(),
            dict(meta),
        )

    def _write_examples(self) -> str | None:
        if not self._examples:
            return None
        kinds, templates = zip(*self._examples, strict=True)
        columns = [list(kinds), list(templates), list(self._examples.values())]
        path = self._lake.directory / "examples" / f"{self._digest}-{self._number}.parquet"
        pq.write_table(pa.table(columns, schema=EXAMPLES_SCHEMA), path, compression="zstd")
        sync_file(path)
        sync_directory(path.parent)
        return path.relative_to(self._lake.directory).as_posix()
