"""A table of a database gives the same exchanges as a file, a day at a time."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

import stillwatch as sw
from stillwatch.errors import InputError, NoInputError, UsageError
from stillwatch.ingest import found
from stillwatch.traffic import Note, Reject, TableDay, load_mapping, read
from stillwatch.traffic.database import is_table, table_of

SETTINGS = sw.Settings(workers=1)
ROWS = """
    ('a', timestamptz '2026-10-06 23:59:59.999999+00', 'u1', 'one'),
    ('b', timestamptz '2026-10-07 00:00:00+00', 'u2', 'two'),
    ('c', timestamptz '2026-10-09 12:00:00+00', 'u1', 'three'),
    ('d', null, 'u1', 'four'),
    ('e', timestamptz '2026-10-09 13:00:00+00', null, 'five')
"""
SIXTH = "insert into logs.calls values ('f', timestamptz '2026-10-07 01:00+00', 'u3', 'six', '')"


@pytest.fixture
def calls(tmp_path: Path) -> str:
    path = tmp_path / "gateway.duckdb"
    with duckdb.connect(str(path)) as base:
        base.execute("create schema logs")
        base.execute(
            "create table logs.calls as select * from (values "
            f"{ROWS}) as t(exchange_id, time, account, prompt)"
        )
        base.execute("alter table logs.calls add column adress varchar")
    return f"duckdb://{path}#logs.calls"


def changed(url: str, statement: str) -> None:
    with duckdb.connect(url.removeprefix("duckdb://").partition("#")[0]) as base:
        base.execute(statement)


def days(url: str, **window: datetime) -> list[TableDay]:
    return table_of(url, None).days(window.get("since"), window.get("until"))


def exchanges(day: TableDay, mapping: Any = None) -> tuple[list[dict[str, Any]], list[Reject]]:
    rejects: list[Reject] = []
    batches = list(read(day, mapping, on_reject=rejects.append))
    return [row for batch in batches for row in batch.to_pylist()], rejects


def test_what_is_a_table() -> None:
    assert is_table("postgres://reader@db/gateway#public.calls")
    assert is_table("postgresql://db/gateway#calls")
    assert is_table("postgres://db/gateway")
    assert not is_table("s3://bucket/a#b.jsonl")
    assert not is_table("logs/a#b.jsonl")


def test_each_day_is_a_source(calls: str) -> None:
    told = [(day.path.rpartition("#")[2], day.size) for day in days(calls)]
    assert told == [
        ("logs.calls 2026-10-06", 1),
        ("logs.calls 2026-10-07", 1),
        ("logs.calls 2026-10-09", 2),
        ("logs.calls without a time", 1),
    ]


def test_every_row_is_read_once_or_set_aside(calls: str) -> None:
    each = [exchanges(day) for day in days(calls)]
    assert [row["exchange_id"] for rows, _ in each for row in rows] == ["a", "b", "c"]
    told = [(r.line, r.reason, r.exchange_id) for _, rejects in each for r in rejects]
    assert told == [(None, "missing account", "e"), (None, "missing time", "d")]


def test_a_window_leaves_out_days_that_it_cannot_touch(calls: str) -> None:
    since = datetime(2026, 10, 9, tzinfo=UTC)
    assert [day.path[-10:] for day in days(calls, since=since)] == ["2026-10-09"]
    until = datetime(2026, 10, 7, tzinfo=UTC)
    assert [day.path[-10:] for day in days(calls, until=until)] == ["2026-10-06", "2026-10-07"]


def test_a_day_is_another_source_when_its_rows_are_others(calls: str) -> None:
    before = {day.path: day.digest for day in days(calls)}
    changed(
        calls,
        SIXTH,
    )
    after = {day.path: day.digest for day in days(calls)}
    assert [path[-10:] for path in before if before[path] != after[path]] == ["2026-10-07"]


def test_unknown_columns_are_noted(calls: str) -> None:
    notes: list[Note] = []
    list(read(days(calls)[0], on_reject=print, on_note=notes.append))
    assert [(note.field, note.reason) for note in notes] == [("adress", "unknown column")]


@pytest.mark.parametrize(
    ("kind", "values", "spec"),
    [
        ("bigint", (1791331199999, 1791331200000), '{ path = "ts", unit = "ms" }'),
        ("bigint", (1791331199999999999, 1791331200000000000), '{ path = "ts", unit = "ns" }'),
        ("double", (1791331199.5, 1791331200.0), '{ path = "ts", unit = "s" }'),
        (
            "timestamp",
            ("'2026-10-06 23:59:59.5'", "'2026-10-07 00:00:00'"),
            '{ path = "ts", timezone = "Asia/Tokyo" }',
        ),
    ],
)
def test_times_of_all_kinds(
    tmp_path: Path, kind: str, values: tuple[object, object], spec: str
) -> None:
    path, mapping = tmp_path / "g.duckdb", tmp_path / "m.toml"
    mapping.write_text(
        f'[columns]\nexchange_id = "id"\ntime = {spec}\naccount = "who"\nprompt = "said"\n'
    )
    with duckdb.connect(str(path)) as base:
        base.execute(f"create table calls(id uuid, ts {kind}, who decimal(20, 0), said json)")
        for value in values:
            base.execute(f"insert into calls values (uuid(), {value}, 7, '\"Why?\"')")
    how = load_mapping(mapping)
    each = [exchanges(day, how) for day in table_of(f"duckdb://{path}#calls", how).days(None, None)]
    assert [len(rows) for rows, _ in each] == [1, 1]
    assert not any(rejects for _, rejects in each)
    first, second = (rows[0] for rows, _ in each)
    assert (second["time"] - first["time"]).total_seconds() in (0.5, 0.001, 1e-6)
    assert (first["account"], first["prompt"], len(first["exchange_id"])) == ("7", '"Why?"', 36)


def test_a_scan_reads_a_table_and_only_what_is_new_later(calls: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    reading = sw.scan(calls, out, settings=SETTINGS).document.reading
    assert (reading.exchanges, reading.files) == (3, 4)
    assert reading.rejected == {"missing account": 1, "missing time": 1}
    assert reading.unread == {"adress": 4}
    sketches = {path: path.stat().st_mtime_ns for path in out.rglob("day=*/*.parquet")}
    changing = next(path for path in sketches if "2026-10-07" in str(path))
    changed(
        calls,
        SIXTH,
    )
    again = sw.scan(calls, out, settings=SETTINGS).document.reading
    assert again.exchanges == 4
    there = {path: path.stat().st_mtime_ns for path in out.rglob("day=*/*.parquet")}
    assert not changing.exists()
    assert len(there) == len(sketches)
    assert there.items() >= {(p, t) for p, t in sketches.items() if p != changing}


def test_several_processes_read_one_file(calls: str, tmp_path: Path) -> None:
    reading = sw.scan(calls, tmp_path / "out", settings=sw.Settings(workers=2)).document.reading
    assert (reading.exchanges, reading.files) == (3, 4)


def test_a_wrong_unit_is_told_by_what_is_set_aside(tmp_path: Path) -> None:
    path, mapping = tmp_path / "g.duckdb", tmp_path / "m.toml"
    with duckdb.connect(str(path)) as base:
        base.execute("create table calls as select 1791331200000 as ts, 'a' as id, 'b' as who")
    mapping.write_text(
        '[columns]\nexchange_id = "id"\ntime = { path = "ts", unit = "s" }\naccount = "who"\n'
        'prompt = "id"\n'
    )
    with pytest.raises(InputError, match="1 × time out of range"):
        sw.scan(f"duckdb://{path}#calls", tmp_path / "out", mapping=mapping, settings=SETTINGS)


def test_what_cannot_be_read_is_told(calls: str, tmp_path: Path) -> None:
    base = calls.partition("#")[0]
    with pytest.raises(NoInputError, match="#nothing: cannot be read"):
        found([f"{base}#nothing"], None, None, None, None)
    with pytest.raises(UsageError, match="name the table behind the #"):
        found([base], None, None, None, None)
    with pytest.raises(NoInputError, match=r"nofile\.duckdb#calls: cannot be read"):
        found([f"duckdb://{tmp_path}/nofile.duckdb#calls"], None, None, None, None)
    assert not (tmp_path / "nofile.duckdb").exists()
    with pytest.raises(UsageError, match="read with a mapping"):
        found([calls], "litellm", None, None, None)
    with pytest.raises(InputError, match="no row of 1 table"):
        found([calls], None, None, datetime(2030, 1, 1, tzinfo=UTC), None)
    mapping = tmp_path / "m.toml"
    for time, told in (
        ('"at"', "there is no column 'at'"),
        ('"prompt"', "must be a timestamp"),
        ('{ default = "2026-10-06T00:00:00Z" }', "which column is time"),
    ):
        mapping.write_text(
            f'[columns]\nexchange_id = "exchange_id"\ntime = {time}\naccount = "account"\n'
            'prompt = "prompt"\n'
        )
        with pytest.raises(UsageError, match=told):
            found([calls], None, mapping, None, None)


def test_no_password_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    url = "postgres://reader:open%20sesame@db.internal:5432/gateway#calls"

    def refused(*_: object) -> None:
        raise RuntimeError("cannot log in with open sesame (open%20sesame)")

    monkeypatch.setattr("ibis.connect", refused)
    table = table_of(url, None)
    assert "sesame" not in repr(table)
    with pytest.raises(NoInputError) as told:
        table.days(None, None)
    assert "sesame" not in str(told.value)
    assert "postgres://db.internal:5432/gateway#calls" in str(told.value)


def test_a_missing_driver_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object) -> None:
        raise ModuleNotFoundError("No module named 'psycopg'", name="psycopg")

    monkeypatch.setattr("ibis.connect", missing)
    with pytest.raises(UsageError, match=r"pip install 'ibis-framework\[postgres\]'"):
        table_of("postgresql://db/gateway#calls", None).days(None, None)


def test_postgresql(postgres: str, tmp_path: Path) -> None:
    import psycopg

    with psycopg.connect(postgres) as base:
        base.execute("create schema logs")
        base.execute(
            "create table logs.calls (id uuid, at timestamptz, who text, ip inet, body jsonb, "
            "tokens numeric(12, 0))"
        )
        base.execute(
            "insert into logs.calls values (gen_random_uuid(), '2026-10-05 23:59:59.999999+00', "
            '\'u\', null, \'[{"role": "user", "content": "Late"}]\', 0)'
        )
        base.execute(
            "insert into logs.calls select gen_random_uuid(), "
            "timestamptz '2026-10-06 12:00+00' + n * interval '1 minute', 'acct-' || n % 7, "
            "inet '203.0.113.0' + n % 5, "
            "jsonb_build_array(jsonb_build_object('role', 'user', 'content', 'What is ' || n)), "
            "n from generate_series(1, 2000) n"
        )
    mapping = tmp_path / "m.toml"
    mapping.write_text(
        '[columns]\nexchange_id = "id"\ntime = "at"\naccount = "who"\naddress = "ip"\n'
        'prompt = { path = "body", messages = true }\noutput_tokens = "tokens"\n'
    )
    how = load_mapping(mapping)
    each = [exchanges(day, how) for day in table_of(f"{postgres}#logs.calls", how).days(None, None)]
    assert [len(rows) for rows, _ in each] == [1, 719, 1281]
    assert not any(rejects for _, rejects in each)
    rows = sorted((row for rows, _ in each for row in rows), key=lambda row: row["time"])
    assert rows[5]["address"] == "203.0.113.0"
    assert rows[5]["prompt"] == "What is 5"
    assert pa.array(rows).field("output_tokens").to_pylist() == list(range(2001))
