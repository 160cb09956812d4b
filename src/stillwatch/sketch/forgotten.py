"""What was forgotten of a lake on purpose, so that no log brings it back.

Days that expired, and accounts that were erased: what they asked until then is not read again.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.durable import replaced
from stillwatch.errors import OutputError
from stillwatch.sketch.keys import key

FILE = "forgotten.json"
SCHEMA_ID = "stillwatch.forgotten/1"
ERASED = "erased"
EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Forgotten:
    """before: first day that has not expired; erased: account key → when. No name is kept."""

    before: date | None = None
    erased: Mapping[int, datetime] = field(default_factory=dict)

    @classmethod
    def read(cls, lake: Path) -> Forgotten:
        """What was forgotten of a lake. Raises `OutputError` if the file is damaged."""
        path = lake / FILE
        if not path.exists():
            return cls()
        try:
            raw = json.loads(path.read_text(encoding="utf-8"))
            if raw["schema"] != SCHEMA_ID:
                raise ValueError(f"is {raw['schema']}")  # noqa: TRY301 - told below
            before = None if raw["before"] is None else date.fromisoformat(raw["before"])
            erased = {int(k): datetime.fromisoformat(t) for k, t in raw["erased"].items()}
            pa.array(erased.keys(), pa.int64())
            pa.array(erased.values(), pa.timestamp("us", "UTC"))
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
            raise OutputError(
                f"{path}: is damaged, or of another release ({type(error).__name__}); restore it "
                "before you scan, or what was erased is read again"
            ) from error
        return cls(before, erased)

    def write(self, lake: Path) -> None:
        """Put it in place all at once."""
        erased = {str(k): time.isoformat() for k, time in sorted(self.erased.items())}
        before = None if self.before is None else self.before.isoformat()
        with replaced(lake / FILE) as fresh:
            text = json.dumps({"schema": SCHEMA_ID, "before": before, "erased": erased}, indent=1)
            fresh.write_text(text + "\n", encoding="utf-8")

    def also(self, accounts: Iterable[str], now: datetime) -> Forgotten:
        """With further accounts, erased now."""
        return replace(self, erased={**self.erased, **dict.fromkeys(_keys(accounts), now)})

    def until(self, before: date) -> Forgotten:
        """With all days before one expired."""
        return replace(self, before=max(before, self.before or before))

    def without(
        self, batch: pa.RecordBatch, held: Collection[str]
    ) -> tuple[pa.RecordBatch, dict[str, int]]:
        """The rows of a batch of exchanges that may be read; of the others how many, by reason.

        Days of accounts that are `held` have not expired.
        """
        gone = {}
        if self.erased:
            keys = pa.array(self.erased.keys(), pa.int64())
            place = pc.index_in(key(batch.column("account")), keys)
            ends = pa.array(self.erased.values(), batch.schema.field("time").type)
            # An account that was never erased has no end, and null counts as not before it.
            erased = pc.fill_null(pc.less(batch.column("time"), ends.take(place)), False)
            batch, gone[ERASED] = _parted(batch, erased)
        if self.before is not None:
            old = pc.less(batch.column("time").cast(pa.date32()), pa.scalar(self.before))
            kept = pc.is_in(batch.column("account"), pa.array(sorted(held), pa.string()))
            batch, gone[EXPIRED] = _parted(batch, pc.and_(old, pc.invert(kept)))
        return batch, gone


def _parted(batch: pa.RecordBatch, gone: pa.Array) -> tuple[pa.RecordBatch, int]:
    left = batch.filter(pc.invert(gone))
    return left, batch.num_rows - left.num_rows


def _keys(accounts: Iterable[str]) -> list[int]:
    found: list[int] = key(pa.array(list(accounts), pa.string())).to_pylist()
    return found
