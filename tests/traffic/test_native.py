"""Our own format in its three containers, and what a value may look like."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stillwatch.traffic import COLUMNS, SCHEMA, STATUSES
from stillwatch.traffic.exchange import OPERATIONS, REQUIRED

from .conftest import EXCHANGE, Outcome, Scan, outcome

# Anything Unicode but what is replaced on purpose (U+0000, surrogates).
words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
names = words.filter(bool)
times = st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
counts = st.integers(0, 2**31 - 1)


def cells(name: str, kind: pa.DataType) -> st.SearchStrategy[Any]:
    if name in ("status", "operation"):
        some: st.SearchStrategy[Any] = st.sampled_from(STATUSES if name == "status" else OPERATIONS)
    elif pa.types.is_timestamp(kind):
        some = times
    elif pa.types.is_integer(kind):
        some = counts
    elif pa.types.is_floating(kind):
        some = st.floats(allow_nan=False, allow_infinity=False)
    elif pa.types.is_list(kind):
        some = st.lists(words, max_size=3)
    else:
        some = words if name in ("system", "prompt", "completion") else names
    return some if name in REQUIRED or name == "exchange_id" else st.none() | some


exchanges = st.lists(
    st.fixed_dictionaries({c.name: cells(c.name, c.type) for c in COLUMNS}), min_size=1, max_size=6
)


def as_json(rows: list[dict[str, Any]], path: Path) -> None:
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            plain = {k: v.isoformat() if isinstance(v, datetime) else v for k, v in row.items()}
            file.write(json.dumps(plain, ensure_ascii=False).replace("\x7f", "\\u007f") + "\n")


def as_parquet(rows: list[dict[str, Any]], path: Path) -> None:
    pq.write_table(pa.Table.from_pylist(rows, SCHEMA), path)


def as_csv(rows: list[dict[str, Any]], path: Path) -> None:
    plain = [
        {k: json.dumps(v) if isinstance(v, list) else v for k, v in row.items()} for row in rows
    ]
    kinds = {c.name: pa.string() if pa.types.is_list(c.type) else c.type for c in COLUMNS}
    arrow_csv.write_csv(pa.Table.from_pylist(plain, pa.schema(kinds)), path)


@pytest.mark.parametrize("write", [as_json, as_parquet, as_csv])
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=exchanges)
def test_what_is_written_is_read_back(
    write: Any, rows: list[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("native") / "exchanges"
    write(rows, path)
    result = outcome(path)
    assert result.rows == rows
    assert not result.rejects


def read_all_ways(folder: Path, rows: list[dict[str, Any]]) -> list[Outcome]:
    """The same text cells as JSON, CSV and Parquet."""
    as_json(rows, folder / "a.jsonl")
    with (folder / "a.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    pq.write_table(pa.Table.from_pylist(rows), folder / "a.parquet")
    return [outcome(folder / name) for name in ("a.jsonl", "a.csv", "a.parquet")]


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("time", "2026-03-01T09:30:00", "time without zone"),
        ("time", "yesterday", "unreadable time"),
        ("time", "1999-12-31T23:59:59Z", "time out of range"),
        ("time", "2100-01-01T00:00:00Z", "time out of range"),
        ("time", "12", "time out of range"),
        ("account", "", "missing account"),
        ("input_tokens", "many", "wrong type"),
        ("input_tokens", "1.5", "wrong type"),
        ("output_tokens", "-1", "number out of range"),
        ("turn", "3000000000", "number out of range"),
        ("temperature", "nan", "number out of range"),
        ("temperature", "warm", "wrong type"),
        ("account_created", "2026-03-01", "time without zone"),
        ("tools", "search", "wrong type"),
        ("status", "fine", "unknown status"),
    ],
)
def test_a_bad_value_is_set_aside_alike_in_every_container(
    tmp_path: Path, column: str, value: str, reason: str
) -> None:
    good = EXCHANGE | {column: EXCHANGE.get(column)}
    for result in read_all_ways(tmp_path, [good, EXCHANGE | {column: value}]):
        assert [(r.field, r.reason) for r in result.rejects] == [(column, reason)]
        assert len(result.rows) == 1


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        ("input_tokens", "12", 12),
        ("temperature", "0.5", 0.5),
        ("temperature", "1", 1.0),
        ("tools", '["search", "browse"]', ["search", "browse"]),
        ("operation", "moderation", "other"),
        ("country", "", None),
        ("time", "1772353800", datetime(2026, 3, 1, 8, 30, tzinfo=UTC)),
        ("time", "1772353800123", datetime(2026, 3, 1, 8, 30, 0, 123000, tzinfo=UTC)),
        ("time", "1772353800123456789", datetime(2026, 3, 1, 8, 30, 0, 123456, tzinfo=UTC)),
        ("time", "2026-03-01 09:30:00+01:00", datetime(2026, 3, 1, 8, 30, tzinfo=UTC)),
    ],
)
def test_text_that_means_a_value_is_taken_alike_in_every_container(
    tmp_path: Path, column: str, value: str, expected: object
) -> None:
    for result in read_all_ways(tmp_path, [EXCHANGE | {column: value}]):
        assert [row[column] for row in result.rows] == [expected]


@pytest.mark.parametrize("column", REQUIRED)
def test_a_record_without_a_required_column_is_set_aside(scan: Scan, column: str) -> None:
    partial = {k: v for k, v in EXCHANGE.items() if k != column}
    result = scan([EXCHANGE, partial, EXCHANGE | {column: None}])
    assert result.reasons == [(2, column, f"missing {column}"), (3, column, f"missing {column}")]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("account", True),
        ("account", 1.5),
        ("account", {"id": "a"}),
        ("prompt", 7),
        ("prompt", ["Hello"]),
        ("input_tokens", True),
        ("tools", "search"),
        ("tools", [1]),
        ("time", [2026]),
        ("status", 200),
    ],
)
def test_a_wrong_type_is_set_aside_with_its_field(scan: Scan, column: str, value: object) -> None:
    result = scan([EXCHANGE | {column: value}])
    assert [(r.line, r.field) for r in result.rejects] == [(1, column)]
    assert result.rejects[0].reason in ("wrong type", "unknown status")


def test_an_empty_prompt_is_a_prompt(tmp_path: Path) -> None:
    as_json([EXCHANGE | {"prompt": ""}], tmp_path / "a.jsonl")
    as_parquet([EXCHANGE | {"prompt": "", "time": datetime.now(UTC)}], tmp_path / "a.parquet")
    (tmp_path / "a.csv").write_text("time,account,prompt\n2026-03-01T09:30:00Z,acct-heron,\n")
    for name in ("a.jsonl", "a.parquet", "a.csv"):
        assert [row["prompt"] for row in outcome(tmp_path / name).rows] == [""]


def test_a_whole_number_may_be_an_id(tmp_path: Path) -> None:
    row = EXCHANGE | {"account": 4711}
    for result in read_all_ways(tmp_path, [row]):
        assert [row["account"] for row in result.rows] == ["4711"]


def test_unknown_columns_are_ignored_and_noted_once(tmp_path: Path) -> None:
    for result in read_all_ways(tmp_path, [EXCHANGE | {"mood": "good"}] * 3):
        assert len(result.rows) == 3
        assert [(n.field, n.reason) for n in result.notes] == [("mood", "unknown column")]


def test_an_exchange_without_an_id_gets_the_same_one_each_time(tmp_path: Path) -> None:
    rows = [EXCHANGE, EXCHANGE, EXCHANGE | {"exchange_id": "own"}]
    read_all_ways(tmp_path, [row | {"exchange_id": row.get("exchange_id", "")} for row in rows])
    for name in ("a.jsonl", "a.csv", "a.parquet"):
        first, again = outcome(tmp_path / name).rows, outcome(tmp_path / name).rows
        ids = [row["exchange_id"] for row in first]
        assert ids == [row["exchange_id"] for row in again]
        assert len(set(ids)) == 3
        assert ids[2] == "own"


def test_a_clock_that_jumps_is_no_fault(scan: Scan) -> None:
    days = ["2026-03-05", "2026-03-01", "2031-01-01", "2001-01-01"]
    result = scan([EXCHANGE | {"time": f"{day}T00:00:00Z"} for day in days])
    assert [row["time"].date().isoformat() for row in result.rows] == days


def test_parquet_times_without_zone_are_set_aside(tmp_path: Path) -> None:
    table = pa.Table.from_pylist([EXCHANGE | {"time": datetime(2026, 3, 1)}])  # noqa: DTZ001
    pq.write_table(table, tmp_path / "a.parquet")
    assert outcome(tmp_path / "a.parquet").reasons == [(1, "time", "time without zone")]


def test_parquet_epoch_numbers_and_finer_times_are_read(tmp_path: Path) -> None:
    instant = datetime(2026, 3, 1, 8, 30, 0, 123456, tzinfo=UTC)
    nanos = 1_772_353_800_123_456_789
    for times_column in (
        pa.array([nanos]),
        pa.array([nanos], pa.timestamp("ns", "Europe/Paris")),
        pa.array([nanos // 1000]),
    ):
        table = pa.table({"time": times_column, "account": ["a"], "prompt": ["p"]})
        pq.write_table(table, tmp_path / "a.parquet")
        assert [row["time"] for row in outcome(tmp_path / "a.parquet").rows] == [instant]
