"""One source from log to sketch: what a worker does."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.errors import FormatError
from stillwatch.sketch import examples, sketch
from stillwatch.sketch.forgotten import Forgotten
from stillwatch.sketch.lake import Lake, rejected_path
from stillwatch.sketch.lake import Source as LakeSource
from stillwatch.sketch.manifest import Manifest
from stillwatch.traffic import (
    ColumnMapping,
    Note,
    Reader,
    Reject,
    Source,
    TableDay,
    load_mapping,
    named,
    read,
)
from stillwatch.traffic.reader import NOWHERE

UNKNOWN = "unknown format"


@dataclass(frozen=True, slots=True)
class Task:
    """A source to sketch. `key` names it, its content and how it is read, in the lake.

    `forgotten` and `held`: what of it is not to be read, since it expired or was erased. `meta`:
    what the manifest says besides.
    """

    source: Source | TableDay
    key: str
    lake: Path
    format: str | None
    mapping: str | None
    forgotten: Forgotten
    held: frozenset[str]
    meta: Mapping[str, Any] = field(default_factory=dict)

    def run(self) -> Manifest:
        """Sketches the source into the lake, which must still accept the manifest.

        Records set aside are written beside it, to `rejected/<key>.jsonl`. A file in no known
        format is set aside as a whole.
        """
        counts: Counter[str] = Counter()
        columns: set[str] = set()
        unread: set[str] = set()
        unmatched: dict[str, str] = {}
        times: list[datetime] = []
        path = rejected_path(self.lake, self.key)
        path.parent.mkdir(exist_ok=True)
        with path.open("w", encoding="utf-8") as lines:

            def reject(record: Reject) -> None:
                counts[record.reason] += 1
                lines.write(json.dumps(asdict(record), ensure_ascii=False) + "\n")

            def note(told: Note) -> None:
                if told.reason == NOWHERE:
                    unmatched[told.field] = told.detail
                else:
                    unread.add(told.field)

            with LakeSource(Lake.open(self.lake), self.key) as target:
                try:
                    reader = self._reader()
                    for given in read(self.source, reader, on_reject=reject, on_note=note):
                        batch, gone = self.forgotten.without(given, self.held)
                        for why, count in gone.items():
                            for _ in range(count):
                                reject(Reject(self.source.path, None, None, why))
                        sketched = sketch(batch)
                        columns.update(filled(sketched))
                        times += pc.min_max(batch["time"]).as_py().values() if len(batch) else ()
                        target.add(sketched, examples(batch, sketched))
                except FormatError as error:
                    if self.format or self.mapping:
                        raise
                    reject(Reject(self.source.path, None, None, UNKNOWN, str(error)))
                meta = {
                    "path": self.source.path,
                    "columns": sorted(columns),
                    "unread": sorted(unread),
                    "unmatched": unmatched,
                    "first": min(times).isoformat() if times else None,
                    "last": max(times).isoformat() if times else None,
                    **self.meta,
                }
                return target.finish(meta, counts)

    def _reader(self) -> Reader | ColumnMapping | None:
        """What was asked for; None: it is told from the content."""
        if self.mapping:
            return load_mapping(self.mapping)
        return named(self.format) if self.format else None


def filled(batch: pa.RecordBatch) -> list[str]:
    """Names of the columns that hold anything at all."""
    return [
        name
        for name, column in zip(batch.schema.names, batch.columns, strict=True)
        if column.null_count < len(column)
    ]
