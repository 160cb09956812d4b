"""What a scan left in its output directory, read back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from math import isclose, isnan
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from stillwatch.results import FILES

Document = dict[str, Any]


def document(out: Path) -> Document:
    """campaigns.json."""
    found: Document = json.loads((out / "campaigns.json").read_text("utf-8"))
    return found


def groups(told: Document) -> Iterator[dict[str, Any]]:
    """Campaigns, leads and spared groups."""
    for part in ("campaigns", "leads", "spared"):
        yield from told[part]


def rejected(out: Path) -> list[dict[str, Any]]:
    """rejected.jsonl."""
    lines = (out / "rejected.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def accounted(told: Document) -> int:
    """Records that a scan says it saw: read, rejected, or there before."""
    reading = told["reading"]
    return int(reading["exchanges"] + sum(reading["rejected"].values()) + reading["duplicates"])


def table(out: Path, name: str) -> pa.Table:
    return pq.read_table(out / f"{name}.parquet")


def same(one: Path, other: Path) -> None:
    """Both hold one result, but for when it was made, what it follows, and last digits of sums."""
    ours, theirs = document(one), document(other)
    for told in (ours, theirs):
        del told["made"], told["after"]
        for group in groups(told):
            del group["past"]
    assert ours == theirs
    for name, key in (("accounts", "account"), ("exchanges", "exchange_id")):
        a, b = (table(out, name).sort_by(key) for out in (one, other))
        assert a.schema.equals(b.schema, check_metadata=True)
        for column in a.column_names:
            assert close(a[column], b[column]), f"{name}.{column}"
    assert rejected(one) == rejected(other)


def close(one: pa.ChunkedArray, other: pa.ChunkedArray) -> bool:
    if not pa.types.is_floating(one.type):
        return bool(one.equals(other))
    pairs = zip(one.to_pylist(), other.to_pylist(), strict=True)
    return all(
        a == b or (a is not None and b is not None and (abs(a - b) < 1e-6 or isnan(a + b)))
        for a, b in pairs
    )


def whole(out: Path) -> bool:
    """Whether all files of a result are there."""
    return all((out / name).is_file() for name in FILES)


def alike(one: Any, other: Any) -> bool:
    """Equal, and numbers to a millionth."""
    if isinstance(one, float) and isinstance(other, float):
        both = isnan(one) and isnan(other)
        return both or isclose(one, other, rel_tol=1e-6, abs_tol=1e-6)
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(alike(one[k], other[k]) for k in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(alike, one, other))
    return bool(one == other)
