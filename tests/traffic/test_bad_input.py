"""Bad input is set aside with file, line, field and reason; it stops no scan and is not silent."""

from __future__ import annotations

import csv
import gzip
import json
import random
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stillwatch.errors import FormatError, StillwatchError
from stillwatch.traffic import Reader, RecordError, named, read, reader_for, readers, sources

from .conftest import EXCHANGE, Scan, outcome
from .test_anthropic import PAIR
from .test_litellm import PAYLOAD, SPEND
from .test_openai import CHAT, RESPONSES
from .test_otlp import event, logs, on_event, on_span, span, spans

LINE = json.dumps(EXCHANGE)


def many(count: int) -> str:
    noise = random.Random(7)
    return "".join(
        json.dumps(EXCHANGE | {"prompt": f"{noise.getrandbits(400):x}", "turn": n}) + "\n"
        for n in range(count)
    )


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("not JSON at all", "not JSON"),
        (LINE[:-5], "not JSON"),
        ('{"a": ' * 100_000, "not JSON"),
        ("[" * 100_000, "not JSON"),
        (f'{{"turn": {"9" * 5000}}}', "not JSON"),
        (LINE.replace("sky", "s\x00y"), "not JSON"),
        ('"a string"', "not an object"),
        ("17", "not an object"),
        ("null", "not an object"),
        ('["a list"]', "not an object"),
    ],
)
def test_a_line_that_is_no_record_costs_itself_only(scan: Scan, line: str, reason: str) -> None:
    result = scan(f"{LINE}\n{line}\n{LINE}\n")
    assert len(result.rows) == 2
    assert result.reasons == [(2, None, reason)]


def test_blank_lines_count_as_lines_and_not_as_records(scan: Scan) -> None:
    result = scan(f"\n{LINE}\n\r\n  \nbroken\n")
    assert len(result.rows) == 1
    assert result.reasons == [(5, None, "not JSON")]


def test_a_line_that_is_not_utf8_is_set_aside(scan: Scan) -> None:
    result = scan(LINE.encode() + b"\n" + LINE.replace("sky", "\xff").encode("latin-1") + b"\n")
    assert result.reasons == [(2, None, "not UTF-8")]


def test_details_quote_nobody(scan: Scan) -> None:
    words = "HERON-SECRET"
    lines = [
        f'{{"prompt": "{words}',
        f"{words}",
        json.dumps(EXCHANGE | {"time": words}),
        json.dumps(EXCHANGE | {"account": [words]}),
        json.dumps(EXCHANGE | {"input_tokens": words}),
        json.dumps(EXCHANGE | {"status": words}),
        json.dumps(EXCHANGE | {"tools": words}),
    ]
    result = scan("\n".join([LINE, *lines]))
    assert len(result.rejects) == len(lines)
    assert words not in str(result.rejects)


@pytest.mark.parametrize("keep", [0.3, 0.6, 0.95])
@pytest.mark.parametrize("count", [20, 20_000])
def test_of_a_truncated_gzip_what_was_readable_is_kept(
    tmp_path: Path, keep: float, count: int
) -> None:
    whole = gzip.compress(many(count).encode(), compresslevel=1)
    (tmp_path / "a.jsonl.gz").write_bytes(whole[: int(len(whole) * keep)])
    result = outcome(tmp_path / "a.jsonl.gz")
    assert len(result.rows) > (keep - 0.15) * count
    assert [row["turn"] for row in result.rows] == list(range(len(result.rows)))
    assert result.reasons == [(len(result.rows) + 1, None, "truncated compressed file")]


def test_of_a_truncated_csv_no_half_record_is_kept(tmp_path: Path) -> None:
    rows = "".join(f"2026-03-01T09:30:00Z,acct,{random.Random(n).random()}\n" for n in range(9999))
    whole = gzip.compress(b"time,account,prompt\n" + rows.encode())
    (tmp_path / "a.csv.gz").write_bytes(whole[: len(whole) // 2])
    result = outcome(tmp_path / "a.csv.gz")
    assert 3000 < len(result.rows) < 7000
    assert all(row["prompt"] in rows for row in result.rows)
    assert result.rows[-1]["prompt"] == str(random.Random(len(result.rows) - 1).random())
    assert result.reasons == [(len(result.rows) + 2, None, "truncated compressed file")]


def test_damaged_gzip_is_told(tmp_path: Path) -> None:
    whole = bytearray(gzip.compress(many(20_000).encode()))
    whole[len(whole) // 2 : len(whole) // 2 + 64] = bytes(64)
    (tmp_path / "a.gz").write_bytes(whole)
    result = outcome(tmp_path / "a.gz")
    assert result.rows
    assert "unreadable file" in {r.reason for r in result.rejects}


@pytest.mark.parametrize("codec", ["gzip", "zstd"])
def test_compression_is_told_by_content_not_by_name(tmp_path: Path, codec: str) -> None:
    with pa.CompressedOutputStream(str(tmp_path / "log.txt"), codec) as stream:
        stream.write(many(30).encode())
    assert len(outcome(tmp_path / "log.txt").rows) == 30


def test_ten_megabytes_of_prompt_are_fine_and_more_than_64_are_not(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    with path.open("w") as file:
        for size in (10_000_000, 70_000_000, 10):
            file.write(json.dumps(EXCHANGE | {"prompt": "x" * size}) + "\n")
    result = outcome(path)
    assert [len(row["prompt"]) for row in result.rows] == [10_000_000, 10]
    assert result.reasons == [(2, None, "record too large")]


def test_batches_are_bounded_in_text(tmp_path: Path) -> None:
    texts = ["x" * 9_000_000] * 9
    table = pa.table({"time": ["2026-03-01T09:30:00Z"] * 9, "account": ["a"] * 9, "prompt": texts})
    pq.write_table(table, tmp_path / "a.parquet")
    (tmp_path / "a.jsonl").write_text("\n".join(json.dumps(row) for row in table.to_pylist()))
    for name in ("a.parquet", "a.jsonl"):
        batches = outcome(tmp_path / name).batches
        assert sum(b.num_rows for b in batches) == 9
        assert max(b.num_rows for b in batches) <= 7


def test_what_utf8_or_c_cannot_hold_becomes_the_replacement_character(scan: Scan) -> None:
    line = LINE.replace("sky", "s\\u0000k\\ud83dy \\ud83d\\ude00")
    (row,) = scan(line).rows
    assert row["prompt"] == "Why is the s\ufffdk\ufffdy \U0001f600 blue?"


@pytest.mark.parametrize("indent", [None, 2])
def test_an_array_and_a_sequence_of_spread_documents_are_read(
    scan: Scan, indent: int | None
) -> None:
    array = json.dumps([EXCHANGE | {"turn": n} for n in range(3)], indent=indent)
    assert [row["turn"] for row in scan(array, name="a.json").rows] == [0, 1, 2]
    spread = "\n".join(json.dumps(EXCHANGE | {"turn": n}, indent=2) for n in range(3))
    assert [row["turn"] for row in scan(spread, name="b.json").rows] == [0, 1, 2]


def test_lines_of_spread_documents_are_where_they_begin(scan: Scan) -> None:
    text = json.dumps([EXCHANGE, 7, {}], indent=1)
    result = scan(text)
    assert result.reasons == [(7, None, "not an object"), (8, "time", "missing time")]


def test_an_array_that_breaks_off_keeps_what_came_before(scan: Scan) -> None:
    text = json.dumps([EXCHANGE] * 4, indent=1)
    result = scan(text[: text.rindex("account")])
    assert len(result.rows) == 3
    assert [r.reason for r in result.rejects] == ["not JSON"]


def test_a_bad_record_in_an_array_is_set_aside_alone(scan: Scan) -> None:
    bad = LINE.replace("sky", "\xff").encode("latin-1")
    result = scan(b"[" + LINE.encode() + b",\n" + bad + b",\n" + LINE.encode() + b"]")
    assert len(result.rows) == 2
    assert result.reasons == [(2, None, "not UTF-8")]


def test_a_broken_first_line_does_not_hide_the_format(scan: Scan) -> None:
    result = scan(f"{LINE[:40]}\n{LINE}\n{LINE}\n")
    assert len(result.rows) == 2
    assert result.reasons == [(1, None, "not JSON")]


@pytest.mark.parametrize("content", [b"", b"\n \n", b"\xef\xbb\xbf"])
def test_an_empty_file_holds_nothing_and_that_is_no_fault(scan: Scan, content: bytes) -> None:
    result = scan(content)
    assert (result.batches, result.rejects) == ([], [])


def test_csv_rows_of_a_wrong_length_are_set_aside(scan: Scan) -> None:
    good = "2026-03-01T09:30:00Z,acct-heron,Hello"
    text = f"time,account,prompt\n{good}\n{good},more\nfew\n{good}\nlater,a,p\n"
    result = scan(text, name="a.csv")
    assert len(result.rows) == 2
    assert sorted(result.reasons, key=str) == [
        (3, None, "wrong number of cells"),
        (4, None, "wrong number of cells"),
        (6, "time", "unreadable time"),
    ]


def test_csv_cells_that_are_not_utf8_set_their_row_aside(scan: Scan) -> None:
    result = scan(
        b"time,account,prompt\n2026-03-01T09:30:00Z,a,\xff\n2026-03-01T09:30:00Z,a,fine\n\xff,a\n",
        name="a.csv",
    )
    assert [row["prompt"] for row in result.rows] == ["fine"]
    assert sorted(result.reasons, key=str) == [
        (2, "prompt", "not UTF-8"),
        (4, None, "wrong number of cells"),
    ]


def test_csv_may_have_another_delimiter_a_mark_and_lines_within_cells(scan: Scan) -> None:
    text = '\ufefftime;account;prompt\r\n2026-03-01T09:30:00Z;a;"one\r\ntwo; ""three"""\r\n'
    (row,) = scan(text, name="export.txt").rows
    assert row["prompt"] == 'one\r\ntwo; "three"'


def test_damaged_parquet_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.Table.from_pylist([EXCHANGE] * 1000), path)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    for reader in (named("native"), None):
        assert outcome(path, reader).reasons == [(None, None, "unreadable Parquet")]
    with pytest.raises(FormatError, match="unreadable Parquet"):
        reader_for(sources([path])[0])
    (tmp_path / "b.parquet").write_bytes(gzip.compress(whole))
    assert outcome(tmp_path / "b.parquet").reasons == [(None, None, "compressed Parquet")]


@pytest.mark.parametrize("record", [EXCHANGE, SPEND])
def test_what_parquet_held_before_the_damage_is_kept(
    tmp_path: Path, record: dict[str, object]
) -> None:
    path = tmp_path / "a.parquet"
    rows = [record | {"mark": n} for n in range(20)]
    pq.write_table(pa.Table.from_pylist(rows), path, row_group_size=10, compression="zstd")
    second = pq.ParquetFile(path).metadata.row_group(1)
    whole = bytearray(path.read_bytes())
    begin = second.column(0).dictionary_page_offset or second.column(0).data_page_offset
    length = sum(second.column(n).total_compressed_size for n in range(second.num_columns))
    whole[begin : begin + length] = b"\xee" * length
    path.write_bytes(whole)
    result = outcome(path)
    assert len(result.rows) == 10
    assert [r.reason for r in result.rejects] == ["unreadable Parquet"]


def test_a_file_of_another_format_than_named_is_set_aside(scan: Scan) -> None:
    for name in readers():
        other = CHAT if name in ("otlp", "native", "litellm") else spans(span(on_span()))
        result = scan([other] * 3, named(name), name=f"{name}.jsonl")
        assert not result.rows
        assert [r.line for r in result.rejects] == [1, 2, 3]


def test_a_file_that_went_away_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(LINE)
    (source,) = sources([path])
    path.unlink()
    rejects: list[RecordError] = []
    assert not list(read(source, on_reject=lambda r: rejects.append(RecordError(r.reason))))
    assert [r.reason for r in rejects] == ["file vanished"]


def test_a_reader_that_fails_costs_the_record_not_the_scan(scan: Scan) -> None:
    def rows(_: object) -> object:
        raise KeyError("text of a prompt")

    broken = Reader("broken", "A broken reader", lambda _: 1.0, rows)  # type: ignore[arg-type]
    result = scan([EXCHANGE, EXCHANGE], broken)
    assert [(r.line, r.reason, r.detail) for r in result.rejects] == [
        (1, "unexpected shape", "KeyError"),
        (2, "unexpected shape", "KeyError"),
    ]


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
quiet = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@quiet
@given(content=st.binary(max_size=300))
@pytest.mark.parametrize(
    "start", [b"", b"{", b"[", b"PAR1", b"\x1f\x8b\x08", b"time,account,prompt\n"]
)
@pytest.mark.parametrize("given_reader", [True, False])
def test_random_bytes_never_crash(
    content: bytes, start: bytes, given_reader: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("fuzz") / "log"
    path.write_bytes(start + content)
    try:
        outcome(path, named("native") if given_reader else None)
    except StillwatchError:
        assert not given_reader


@quiet
@given(
    table=st.lists(st.lists(st.text('ab,"\n é', max_size=4), min_size=1, max_size=5), max_size=8)
)
def test_csv_records_in_are_rows_out_and_rejects(
    table: list[list[str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("fuzz") / "log.csv"
    good = ["2026-03-01T09:30:00Z", "acct-heron", "Hello"]
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["time", "account", "prompt"])
        for row in table:
            writer.writerows([row, good])
    result = outcome(path)
    assert len(result.rows) == len(table)
    assert len(result.rejects) == len(table)


@quiet
@given(
    document=st.sampled_from(
        [
            *(EXCHANGE, CHAT, RESPONSES, PAIR, PAYLOAD, SPEND, spans(span(on_span()))),
            logs(event("gen_ai.client.inference.operation.details", on_event())),
        ]
    ),
    data=st.data(),
)
@pytest.mark.parametrize("name", ["anthropic", "litellm", "native", "openai", "otlp"])
def test_records_in_are_rows_out_and_rejects(
    name: str,
    document: dict[str, object],
    data: st.DataObject,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    changed = json.loads(json.dumps(document))
    place = changed
    while True:  # somewhere in the document, anything instead of what was there
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = data.draw(st.sampled_from(keys))
        inner = place[key]
        if isinstance(inner, (dict, list)) and inner and data.draw(st.booleans()):
            place = inner
        else:
            place[key] = data.draw(values)
            break
    path = tmp_path_factory.mktemp("fuzz") / "log.jsonl"
    path.write_text("".join(json.dumps(d) + "\n" for d in (changed, document, changed)))
    result = outcome(path, named(name))
    told = len(result.rows) + len(result.rejects)
    # A span that is no longer a model call is no record.
    assert told == 3 or (name == "otlp" and told <= 3)
