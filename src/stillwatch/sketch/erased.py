"""Accounts that were erased: what they asked until then is not read again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.durable import replaced
from stillwatch.errors import OutputError
from stillwatch.sketch.keys import key

FILE = "erased.json"
SCHEMA_ID = "stillwatch.erased/1"


@dataclass(frozen=True, slots=True)
class Erased:
    """Account key → when it was erased. The name of the account is not kept."""

    until: Mapping[int, datetime]

    @classmethod
    def read(cls, lake: Path) -> Erased:
        """What was erased in a lake. Raises `OutputError` if the file is damaged."""
        path = lake / FILE
        if not path.exists():
            return cls({})
        try:
            raw = json.loads(path.read_text(encoding="utf-8"))
            if raw["schema"] != SCHEMA_ID:
                raise OutputError(f"{path}: is {raw['schema']}, but {SCHEMA_ID} is needed")
            found = {int(k): datetime.fromisoformat(t) for k, t in raw["accounts"].items()}
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise OutputError(f"{path}: damaged ({error}); restore it before you scan") from error
        return cls(found)

    def write(self, lake: Path) -> None:
        """Put it in place all at once."""
        accounts = {str(k): time.isoformat() for k, time in sorted(self.until.items())}
        with replaced(lake / FILE) as fresh:
            text = json.dumps({"schema": SCHEMA_ID, "accounts": accounts}, indent=1)
            fresh.write_text(text + "\n", encoding="utf-8")

    def also(self, accounts: Iterable[str], now: datetime) -> Erased:
        """With further accounts, erased now."""
        keys = key(pa.array(list(accounts), pa.string())).to_pylist()
        return Erased({**self.until, **dict.fromkeys(keys, now)})

    def without(self, batch: pa.RecordBatch) -> tuple[pa.RecordBatch, int]:
        """The rows of a batch of exchanges that may be read, and how many others there were."""
        if not self.until:
            return batch, 0
        keys = pa.array(self.until.keys(), pa.int64())
        place = pc.index_in(key(batch.column("account")), keys)
        ends = pa.array(self.until.values(), batch.schema.field("time").type)
        # An account that was never erased has no end, and null counts as not before it.
        before = pc.less(batch.column("time"), ends.take(place))
        allowed = pc.invert(pc.fill_null(before, False))
        kept = batch.filter(allowed)
        return kept, batch.num_rows - kept.num_rows
