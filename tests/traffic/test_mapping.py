"""A mapping file reads any table or log, and says what is wrong with it before anything is read."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq
import pytest

from stillwatch.errors import UsageError
from stillwatch.traffic import load_mapping

from .conftest import Scan, outcome

MAPPING = """
[columns]
account = "customer.id"
prompt = "payload.text"
exchange_id = "request_id"
time = { path = "ts", unit = "ms" }
account_created = { path = "signup", timezone = "Europe/Paris" }
status = { path = "outcome", values = { "200" = "ok", "429" = "limited" }, default = "error" }
gateway = { default = "edge-eu" }
input_tokens = "payload.tokens"
"""

RECORD = {
    "request_id": "r-1",
    "ts": 1772353800123,
    "customer": {"id": 4711, "tier": "gold"},
    "payload": {"text": "Hello", "tokens": 3},
    "signup": "2025-12-01T12:00:00",
    "outcome": 200,
}

EXPECTED = {
    "exchange_id": "r-1",
    "time": datetime(2026, 3, 1, 8, 30, 0, 123000, tzinfo=UTC),
    "account": "4711",
    "account_created": datetime(2025, 12, 1, 11, tzinfo=UTC),
    "prompt": "Hello",
    "input_tokens": 3,
    "status": "ok",
    "gateway": "edge-eu",
}


@pytest.fixture
def mapping_file(tmp_path: Path) -> Path:
    path = tmp_path / "vendor.toml"
    path.write_text(MAPPING)
    return path


def flat() -> dict[str, object]:
    """The record with dotted names instead of fields in fields, as CSV exports have it."""
    rest = {k: v for k, v in RECORD.items() if not isinstance(v, dict)}
    return rest | {"customer.id": 4711, "payload.text": "Hello", "payload.tokens": 3}


@pytest.mark.parametrize("shape", ["jsonl", "parquet", "flat parquet", "csv"])
def test_the_same_record_is_read_from_every_container(
    tmp_path: Path, mapping_file: Path, shape: str
) -> None:
    path = tmp_path / "vendor-log"
    if shape == "jsonl":
        path.write_text(json.dumps(RECORD) + "\n")
    elif shape == "csv":
        arrow_csv.write_csv(pa.Table.from_pylist([flat()]), path)
    else:
        pq.write_table(pa.Table.from_pylist([RECORD if shape == "parquet" else flat()]), path)
    result = outcome(path, load_mapping(mapping_file))
    assert not result.rejects
    assert [{k: v for k, v in row.items() if v is not None} for row in result.rows] == [EXPECTED]


LANGFUSE = """
[columns]
time = "start_time"
account = "user_id"
conversation = "session_id"
model = "provided_model_name"
prompt = { path = "input", messages = true }
system = { path = "input", messages = true }
turn = { path = "input", messages = true }
completion = { path = "output", messages = true }
"""


@pytest.mark.parametrize("shape", ["jsonl", "parquet"])
@pytest.mark.parametrize("as_text", [True, False])
def test_prompts_are_taken_out_of_chat_messages(tmp_path: Path, shape: str, as_text: bool) -> None:
    """A Langfuse observation has `input` and `output` as messages or as their JSON text."""
    told = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hello"},
        {"role": "user", "content": "Are you there?"},
    ]
    answered = {"role": "assistant", "content": "Yes."}
    record = {
        "start_time": "2026-03-01T09:30:00.000Z",
        "user_id": "acct-heron",
        "provided_model_name": "m-large",
        "input": json.dumps(told) if as_text else told,
        "output": json.dumps(answered) if as_text else answered,
    }
    mapping, path = tmp_path / "langfuse.toml", tmp_path / "observations"
    mapping.write_text(LANGFUSE)
    if shape == "jsonl":
        path.write_text(json.dumps(record))
    else:
        pq.write_table(pa.Table.from_pylist([record]), path)
    (row,) = outcome(path, load_mapping(mapping)).rows
    assert (row["system"], row["prompt"], row["turn"]) == ("Be brief.", "Are you there?", 2)
    assert (row["completion"], row["model"]) == ("Yes.", "m-large")


@pytest.mark.parametrize("shape", ["jsonl", "parquet", "csv"])
def test_a_path_that_leads_nowhere_in_every_record_is_noted(tmp_path: Path, shape: str) -> None:
    """A default hides it, and a message without a system prompt is no wrong path."""
    mapping, path = tmp_path / "m.toml", tmp_path / "log"
    mapping.write_text(
        '[columns]\ntime = "t"\naccount = "a"\nprompt = { path = "m", messages = true }\n'
        'system = { path = "m", messages = true }\naddress = "from.ip"\nplan = "p"\n'
        'status = { path = "outcom", values = { "200" = "ok" }, default = "error" }\n'
        'gateway = { default = "edge" }\n'
    )
    told = json.dumps([{"role": "user", "content": "Hello"}])
    records = [
        {"t": f"2026-03-01T09:{n:02}:00Z", "a": "x", "m": told, "outcome": 200, "p": p}
        for n, p in enumerate([None, "pro", None])
    ]
    if shape == "jsonl":
        path.write_text("".join(json.dumps(r) + "\n" for r in records))
    elif shape == "parquet":
        pq.write_table(pa.Table.from_pylist(records), path)
    else:
        arrow_csv.write_csv(pa.Table.from_pylist(records), path)
    notes = outcome(path, load_mapping(mapping)).notes
    assert [(n.field, n.reason, n.detail) for n in notes] == [
        ("address", "nothing at its path", "from.ip"),
        ("status", "nothing at its path", "outcom"),
    ]


def test_a_path_counts_as_found_in_a_record_that_cannot_be_used(
    scan: Scan, mapping_file: Path
) -> None:
    result = scan([RECORD | {"ts": "soon"}], load_mapping(mapping_file))
    assert (result.rows, result.notes) == ([], [])


def test_a_struct_that_is_null_holds_null(tmp_path: Path, mapping_file: Path) -> None:
    pq.write_table(pa.Table.from_pylist([RECORD, RECORD | {"customer": None}]), tmp_path / "t")
    result = outcome(tmp_path / "t", load_mapping(mapping_file))
    assert result.reasons == [(2, "account", "missing account")]


def test_values_that_are_not_listed_take_the_default(scan: Scan, mapping_file: Path) -> None:
    result = scan(
        [RECORD | {"outcome": outcome} for outcome in (429, "429", 503, None)],
        load_mapping(mapping_file),
    )
    assert [row["status"] for row in result.rows] == ["limited", "limited", "error", "error"]


def test_bad_records_are_set_aside_under_our_column_names(scan: Scan, mapping_file: Path) -> None:
    records = [RECORD, RECORD | {"customer": None}, RECORD | {"ts": "soon"}, {"ts": 1772353800123}]
    result = scan(records, load_mapping(mapping_file))
    assert result.reasons == [
        (2, "account", "missing account"),
        (3, "time", "unreadable time"),
        (4, "account", "missing account"),
    ]


def test_a_stated_timezone_is_the_clock_of_naive_parquet_times(tmp_path: Path) -> None:
    mapping = tmp_path / "m.toml"
    mapping.write_text(
        '[columns]\naccount = "a"\nprompt = "p"\ntime = { path = "t", timezone = "Asia/Tokyo" }\n'
    )
    naive = datetime(2026, 3, 1, 9)  # noqa: DTZ001
    pq.write_table(pa.table({"a": ["x"], "p": ["y"], "t": [naive]}), tmp_path / "t")
    (row,) = outcome(tmp_path / "t", load_mapping(mapping)).rows
    assert row["time"] == datetime(2026, 3, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[columns", "is not TOML"),
        ("[column]\n", "columns"),
        ('[columns]\naccount = "a"\nprompt = "p"\n', "time: must be mapped"),
        (MAPPING + 'colour = "c"\n', "colour: no such column"),
        (MAPPING + 'adress = "c"\n', "adress: no such column; did you mean 'address'?"),
        (MAPPING + "model = 7\n", "columns.model: must be a path or a table, not 7"),
        (MAPPING + "model = [1]\n", "columns.model: must be a path or a table, not a list"),
        (MAPPING + 'model = ""\n', "columns.model.path: must be text that is not empty, not ''"),
        (MAPPING + "model = { path = 3 }\n", "columns.model.path: must be text, not 3"),
        (
            MAPPING + 'model = { path = "m", default = [1] }\n',
            "columns.model.default: must be text or a number, not a list",
        ),
        (
            MAPPING + 'model = { path = "m", values = { a = true } }\n',
            "columns.model.values.a: must be text or a number, not true",
        ),
        (MAPPING + 'model = { path = "m", unit = "ms" }\n', "unit and timezone are for times"),
        (
            MAPPING + 'model = { path = "m", colour = 1 }\n',
            "columns.model.colour: there is no such key; there are path, unit, timezone",
        ),
        (MAPPING + 'model = { path = "m", messages = true }\n', "messages hold prompt"),
        (MAPPING + "model = { }\n", "needs a path or a default"),
        (MAPPING.replace("Europe/Paris", "Mars/Base"), "'Mars/Base' is no IANA time zone"),
        (
            MAPPING.replace('"ms"', '"hours"'),
            "columns.time.unit: must be one of 's', 'ms', 'us', 'ns', not 'hours'",
        ),
        (MAPPING.replace('"limited"', '"slow"'), "status: 'slow' is not one of"),
        (MAPPING + "[more]\nx = 1\n", "more: there is no such key; there are columns"),
    ],
)
def test_a_mistake_is_named_with_file_and_key(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "vendor.toml"
    path.write_text(text)
    with pytest.raises(UsageError) as error:
        load_mapping(path)
    assert str(path) in str(error.value)
    assert told in str(error.value)
    assert "Input should" not in str(error.value)


def test_a_missing_mapping_file_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        load_mapping(tmp_path / "none.toml")
