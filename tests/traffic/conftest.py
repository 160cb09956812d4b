"""One way to read a file in tests: everything that came of it, side by side."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from stillwatch.traffic import SCHEMA, ColumnMapping, Note, Reader, Reject, read, sources

EXCHANGE = {
    "time": "2026-03-01T09:30:00Z",
    "account": "acct-heron",
    "prompt": "Why is the sky blue?",
}


@dataclass
class Outcome:
    batches: list[pa.RecordBatch]
    rejects: list[Reject] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    @property
    def rows(self) -> list[dict[str, Any]]:
        return pa.Table.from_batches(self.batches, SCHEMA).to_pylist()

    @property
    def reasons(self) -> list[tuple[int | None, str | None, str]]:
        return [(r.line, r.field, r.reason) for r in self.rejects]


def outcome(path: Path | str, reader: Reader | ColumnMapping | None = None) -> Outcome:
    (source,) = sources([path])
    result = Outcome([])
    result.batches = list(
        read(source, reader, on_reject=result.rejects.append, on_note=result.notes.append)
    )
    for batch in result.batches:
        assert batch.schema.equals(SCHEMA, check_metadata=True)
        batch.validate(full=True)
        assert 0 < batch.num_rows <= 65_536
    return result


Scan = Callable[..., Outcome]


@pytest.fixture
def scan(tmp_path: Path) -> Scan:
    """Writes documents (as JSON Lines), text or bytes to a file, and reads it."""

    def write_and_read(
        content: object, reader: Reader | ColumnMapping | None = None, name: str = "log.jsonl"
    ) -> Outcome:
        path = tmp_path / name
        if isinstance(content, list):
            content = "".join(json.dumps(document) + "\n" for document in content)
        data = content if isinstance(content, bytes) else str(content).encode()
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        return outcome(path, reader)

    return write_and_read
