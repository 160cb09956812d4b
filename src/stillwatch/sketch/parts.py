"""Writes one source's sketches to Parquet, a folder a day, in bounded memory."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from stillwatch.durable import sync_directory, sync_file
from stillwatch.sketch.manifest import Part
from stillwatch.sketch.schema import SCHEMA

GROUP_ROWS = 128 * 1024
"""Rows of a Parquet row group."""

OPEN_FILES = 16
"""Days written at once; a source that jumps between more gets more parts."""

HELD_BYTES = 96 << 20
"""Rows waiting for a full row group, over all days. Beyond it the largest day is written."""

NO_DAY = "__HIVE_DEFAULT_PARTITION__"
"""Folder of rows without a time, as Hive names it."""


class PartWriter:
    """Sorts rows into days and writes them. `root` is the lake, `stem` begins every file's name."""

    def __init__(self, root: Path, stem: str, first: int = 0) -> None:
        self._root, self._stem, self._next = root, stem, first
        self._held: dict[str, list[pa.RecordBatch]] = {}
        self._bytes: dict[str, int] = {}
        self._open: OrderedDict[str, tuple[pq.ParquetWriter, Path]] = OrderedDict()
        self._rows: dict[Path, int] = {}
        self._days: dict[Path, str] = {}

    def add(self, batch: pa.RecordBatch) -> None:
        """Take rows; they may be written at once or later."""
        days = pc.strftime(batch.column("time"), format="%Y-%m-%d")
        for day in days.unique().to_pylist():
            mine = days.is_null() if day is None else pc.fill_null(pc.equal(days, day), False)
            whole = pc.all(mine).as_py()
            name = NO_DAY if day is None else day
            rows = batch if whole else batch.filter(mine)
            self._held.setdefault(name, []).append(rows)
            self._bytes[name] = self._bytes.get(name, 0) + rows.nbytes
            if sum(held.num_rows for held in self._held[name]) >= GROUP_ROWS:
                self._flush(name)
        while sum(self._bytes.values()) > HELD_BYTES:
            self._flush(max(self._bytes, key=self._bytes.__getitem__))

    def finish(self) -> tuple[Part, ...]:
        """Write what is held, make all of it durable, and name the parts."""
        for day in list(self._held):
            self._flush(day)
        self.close()
        for path in self._rows:
            sync_file(path)
        for folder in {path.parent for path in self._rows}:
            sync_directory(folder)
        if self._rows:
            sync_directory(self._root / "sketches")
        return tuple(
            Part(path.relative_to(self._root).as_posix(), self._days[path], n, path.stat().st_size)
            for path, n in sorted(self._rows.items())
        )

    def close(self) -> None:
        """Close the files. Without `finish`, what is in them does not count."""
        while self._open:
            _, (writer, _) = self._open.popitem()
            writer.close()

    def _flush(self, day: str) -> None:
        self._bytes.pop(day)
        table = pa.Table.from_batches(self._held.pop(day), schema=SCHEMA)
        writer, path = self._writer(day)
        writer.write_table(table, row_group_size=GROUP_ROWS)
        self._rows[path] = self._rows.get(path, 0) + table.num_rows

    def _writer(self, day: str) -> tuple[pq.ParquetWriter, Path]:
        if day in self._open:
            self._open.move_to_end(day)
            return self._open[day]
        if len(self._open) >= OPEN_FILES:
            _, (oldest, _) = self._open.popitem(last=False)
            oldest.close()
        folder = self._root / "sketches" / f"day={day}"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self._stem}-{self._next}.parquet"
        self._next += 1
        self._days[path] = day
        writer = pq.ParquetWriter(path, SCHEMA, compression="zstd", use_dictionary=_STRINGS)
        self._open[day] = (writer, path)
        return writer, path


_STRINGS = [field.name for field in SCHEMA if pa.types.is_string(field.type)]
