"""Traffic that lost something before it is scanned: all metadata, or all text."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from stillwatch.ingest import ingest
from stillwatch.progress import silent
from stillwatch.sketch.lake import Lake
from stillwatch.sketch.schema import DERIVED
from stillwatch.traffic import sources

BARE = ("exchange_id", "time", "account", "prompt", "completion")
"""All that is left where metadata was scrubbed."""
KEYS = ("exchange_key", "account_key", "address_key", "address_block")
"""Columns of the sketch that no text went into."""
WORDED = tuple(c.name for c in DERIVED if c.name not in KEYS)


def without_metadata(traffic: Path, home: Path) -> Path:
    """The traffic with the columns of `BARE` only."""
    out = _folder(home / "bare")
    for part in sorted(traffic.glob("*.parquet")):
        pq.write_table(pq.read_table(part, columns=list(BARE)), out / part.name)
    return out


def without_text(traffic: Path, home: Path) -> Path:
    """The sketches of the traffic with every column null that any text went into.

    Logs must have a prompt, so the text is taken out of what is left of it.
    """
    out = _folder(home / "wordless")
    with Lake.open(home / "worded", write=True) as lake:
        for part in ingest(lake, sources([traffic]), None, None, 1, silent).parts:
            table = pq.ParquetFile(part).read()
            for name in WORDED:
                nulls = pa.nulls(len(table), table.schema.field(name).type)
                table = table.set_column(
                    table.schema.get_field_index(name), table.schema.field(name), nulls
                )
            pq.write_table(table, out / f"{part.parent.name}-{part.name}")
    return out


def _folder(path: Path) -> Path:
    path.mkdir()
    return path
