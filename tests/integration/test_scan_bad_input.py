"""Bad input costs itself only: a sentence, an exit code, and every record accounted for."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from scanned import accounted, document, rejected, whole

import stillwatch as sw
from stillwatch.ingest import ingest
from stillwatch.progress import silent
from stillwatch.sketch.lake import Lake
from stillwatch.traffic import Source, sources

SETTINGS = sw.Settings(workers=1)
Cli = Callable[..., Any]
Record = Callable[..., dict[str, Any]]
Log = Callable[..., Path]


def no_traceback(ran: Any) -> None:
    assert "Traceback" not in ran.err + ran.out
    assert "unexpected" not in ran.err


def line(record: Record, number: int, **changes: Any) -> str:
    return json.dumps(record(number, **changes))


BROKEN: dict[str, tuple[str, bytes | dict[str, Any]]] = {
    "not JSON": ("not JSON", b"{not JSON"),
    "another type": ("wrong type", {"prompt": ["a", "b"]}),
    "a missing account": ("missing account", {"account": None}),
    "a missing prompt": ("missing prompt", {"prompt": None}),
    "a missing time": ("missing time", {"time": None}),
    "a time without zone": ("time without zone", {"time": "2026-03-01T09:00:00"}),
    "a time of long ago": ("time out of range", {"time": "1971-03-01T09:00:00Z"}),
    "an unknown status": ("unknown status", {"status": "fine"}),
    "a negative count": ("number out of range", {"input_tokens": -4}),
    "a string of Latin-1": ("not UTF-8", b'{"account": "\xe9"}'),
    "NUL bytes": ("not JSON", b"\0\0\0\0"),
    "no object": ("not an object", b"17"),
}


def test_broken_records_are_told_by_file_and_line_and_stop_nothing(
    tmp_path: Path, stillwatch: Cli, log: Log, record: Record
) -> None:
    lines: list[Any] = []
    for number, (_, bad) in enumerate(BROKEN.values()):
        lines += [
            record(2 * number),
            bad if isinstance(bad, bytes) else line(record, 2 * number + 1, **bad),
        ]
    path = log("a.jsonl", lines)
    ran = stillwatch("scan", path, "--out", tmp_path / "out")
    assert ran.code == 0
    no_traceback(ran)
    told = rejected(tmp_path / "out")
    assert {r["file"] for r in told} == {str(path)}
    assert [(r["line"], r["reason"]) for r in told] == [
        (2 * number + 2, reason) for number, (reason, _) in enumerate(BROKEN.values())
    ]
    assert "not JSON: 2" in ran.out
    assert accounted(document(tmp_path / "out")) == len(lines)


@pytest.mark.parametrize("what", BROKEN)
def test_nothing_but_broken_records_is_told_by_file_and_line(
    what: str, tmp_path: Path, stillwatch: Cli, log: Log, record: Record
) -> None:
    reason, broken = BROKEN[what]
    bad = broken if isinstance(broken, bytes) else line(record, 4, **broken)
    path = log("a.jsonl", ["", bad])
    ran = stillwatch("scan", path, "--out", tmp_path / "out", "--format", "native")
    assert ran.code == 5
    no_traceback(ran)
    assert f"{path}:2" in ran.err
    assert reason in ran.err
    assert not (tmp_path / "out" / "campaigns.json").exists()


def test_of_a_truncated_gzip_the_beginning_counts_and_the_end_is_told(
    tmp_path: Path, stillwatch: Cli, record: Record
) -> None:
    noise = random.Random(5)
    lines = [line(record, n, prompt=f"{noise.getrandbits(900):x}") for n in range(400)]
    packed = gzip.compress("\n".join(lines).encode())
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(packed[: len(packed) // 2])
    ran = stillwatch("scan", path, "--out", tmp_path / "out")
    assert ran.code == 0
    no_traceback(ran)
    read = document(tmp_path / "out")["reading"]["exchanges"]
    assert 100 < read < 300
    (told,) = rejected(tmp_path / "out")
    assert (told["reason"], told["line"]) == ("truncated compressed file", read + 1)


def test_a_file_of_another_format_alone_ends_with_4(
    tmp_path: Path, stillwatch: Cli, log: Log
) -> None:
    path = log("weather.jsonl", [{"station": 5, "degrees": 21.5}])
    ran = stillwatch("scan", path, "--out", tmp_path / "out")
    assert ran.code == 4
    assert f"{path}: unknown format" in ran.err
    assert "--format" in ran.err


def test_a_file_of_another_format_beside_good_ones_is_set_aside_and_counted(
    tmp_path: Path, stillwatch: Cli, log: Log, record: Record
) -> None:
    other = log("weather.jsonl", [{"station": 5, "degrees": 21.5}])
    log("a.jsonl", map(record, range(6)))
    ran = stillwatch("scan", other.parent, "--out", tmp_path / "out")
    assert ran.code == 0
    no_traceback(ran)
    told = document(tmp_path / "out")["reading"]
    assert (told["files"], told["exchanges"], told["rejected"]) == (2, 6, {"unknown format": 1})
    assert rejected(tmp_path / "out")[0]["file"] == str(other)


@pytest.mark.parametrize(
    "content",
    [
        b"PAR1" + bytes(range(200)) + b"\x40\0\0\0PAR1",
        b"PAR1",
        random.Random(1).randbytes(5_000),
        b"\x1f\x8b" + bytes(50),
        b"\x28\xb5\x2f\xfd" + bytes(50),
        b"PK\x03\x04" + bytes(100),
    ],
    ids=["Parquet", "Parquet magic", "noise", "gzip", "Zstandard", "zip"],
)
def test_a_damaged_file_beside_good_ones_is_told_by_name(
    content: bytes, tmp_path: Path, stillwatch: Cli, log: Log, record: Record
) -> None:
    bad = tmp_path / "logs" / "damaged"
    log("a.jsonl", map(record, range(6)))
    bad.write_bytes(content)
    ran = stillwatch("scan", bad.parent, "--out", tmp_path / "out")
    no_traceback(ran)
    assert ran.code == 0
    assert document(tmp_path / "out")["reading"]["exchanges"] == 6
    assert {r["file"] for r in rejected(tmp_path / "out")} == {str(bad)}


def test_a_prompt_of_ten_megabytes_is_an_exchange_like_others(
    tmp_path: Path, stillwatch: Cli, log: Log, record: Record
) -> None:
    rows = [*map(record, range(5)), record(5, prompt="word " * 2_000_000)]
    ran = stillwatch("scan", log("a.jsonl", rows), "--out", tmp_path / "out")
    assert ran.code == 0
    assert document(tmp_path / "out")["reading"]["exchanges"] == 6


def test_names_that_could_be_markup_or_paths_stay_names(
    tmp_path: Path, stillwatch: Cli, log: Log, record: Record
) -> None:
    names = ["[bold]", "<script>alert(1)</script>", "../../etc", "a\0b", "'; drop table", "{value}"]
    rows = [record(n, account=names[n % len(names)]) for n in range(60)]
    ran = stillwatch("scan", log("a.jsonl", rows), "--out", tmp_path / "out")
    assert ran.code == 0
    no_traceback(ran)
    assert document(tmp_path / "out")["reading"]["accounts"] == len(names)
    assert "<script>alert(1)" not in (tmp_path / "out" / "report.html").read_text()


def test_an_empty_folder_ends_with_3(tmp_path: Path, stillwatch: Cli) -> None:
    (tmp_path / "logs").mkdir()
    ran = stillwatch("scan", tmp_path / "logs", "--out", tmp_path / "out")
    assert ran.code == 3
    assert f"{tmp_path / 'logs'}: the folder holds no files" in ran.err


def test_empty_files_end_with_5(tmp_path: Path, stillwatch: Cli, log: Log) -> None:
    ran = stillwatch("scan", log("a.jsonl", []), "--out", tmp_path / "out")
    assert ran.code == 5
    assert "empty" in ran.err


def test_an_output_directory_that_is_a_file_ends_with_6(
    tmp_path: Path, stillwatch: Cli, log: Log, record: Record
) -> None:
    (tmp_path / "out").write_text("notes")
    ran = stillwatch("scan", log("a.jsonl", [record(1)]), "--out", tmp_path / "out")
    assert ran.code == 6
    assert f"{tmp_path / 'out'}: cannot be written" in ran.err
    assert (tmp_path / "out").read_text() == "notes"


def test_an_output_directory_that_another_scan_holds_ends_with_6(
    tmp_path: Path, stillwatch: Cli, log: Log, record: Record
) -> None:
    path = log("a.jsonl", [record(1)])
    with Lake.open(tmp_path / "out", write=True):
        ran = stillwatch("scan", path, "--out", tmp_path / "out")
    assert ran.code == 6
    assert "another process is writing here" in ran.err


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (None, "cannot be read"),
        ("fbr = 0.01", "fbr"),
        ("fdr = 7", "fdr"),
        ("fdr", "not TOML"),
    ],
)
def test_a_bad_config_ends_with_2_before_anything_is_written(
    text: str | None, told: str, tmp_path: Path, stillwatch: Cli, log: Log, record: Record
) -> None:
    config = tmp_path / "settings.toml"
    if text is not None:
        config.write_text(text)
    path = log("a.jsonl", [record(1)])
    ran = stillwatch("scan", path, "--out", tmp_path / "out", "--config", config)
    assert ran.code == 2
    assert f"{config}: {told}" in ran.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("option", ["--since", "--until"])
def test_a_window_that_is_no_time_ends_with_2(
    option: str, tmp_path: Path, stillwatch: Cli, log: Log, record: Record
) -> None:
    path = log("a.jsonl", [record(1)])
    ran = stillwatch("scan", path, "--out", tmp_path / "out", option, "yesterday")
    assert ran.code == 2
    assert f"{option} 'yesterday' is no ISO 8601 time" in ran.err


def test_where_nothing_is_usable_each_reason_is_told_with_its_first_place(
    tmp_path: Path, stillwatch: Cli, log: Log, record: Record
) -> None:
    bad = [record(1, time=None), record(2, account=None), record(3, time=None), b"{not JSON"]
    ran = stillwatch("scan", log("a.jsonl", bad), "--out", tmp_path / "out", "--format", "native")
    assert ran.code == 5
    assert "not one usable record in 1 file. Set aside:" in ran.err
    told = [line.strip() for line in ran.err.splitlines() if "×" in line]
    assert told[0].startswith("2 × missing time; the first: ")
    assert "a.jsonl:1, field time" in told[0]
    assert [one.split(";")[0] for one in told[1:]] == ["1 × missing account", "1 × not JSON"]


def test_a_missing_weights_file_ends_with_2(
    tmp_path: Path, stillwatch: Cli, log: Log, record: Record
) -> None:
    (tmp_path / "s.toml").write_text(f'weights = "{tmp_path}/absent.json"')
    path = log("a.jsonl", [record(1)])
    ran = stillwatch("scan", path, "--out", tmp_path / "out", "--config", tmp_path / "s.toml")
    assert ran.code == 2
    assert "absent.json" in ran.err


def test_a_missing_mapping_file_ends_with_2(
    tmp_path: Path, stillwatch: Cli, log: Log, record: Record
) -> None:
    path = log("a.jsonl", [record(1)])
    ran = stillwatch("scan", path, "--out", tmp_path / "out", "--mapping", tmp_path / "no.toml")
    assert ran.code == 2
    assert f"{tmp_path / 'no.toml'}: cannot be read" in ran.err
    assert not (tmp_path / "out").exists()


def test_a_format_beside_a_mapping_ends_with_2_before_anything_is_written(
    tmp_path: Path, stillwatch: Cli, log: Log, record: Record
) -> None:
    mapping = tmp_path / "m.toml"
    mapping.write_text('[columns]\ntime = "time"\naccount = "account"\nprompt = "prompt"\n')
    how = ["--format", "native", "--mapping", mapping]
    ran = stillwatch("scan", log("a.jsonl", [record(1)]), "--out", tmp_path / "out", *how)
    assert ran.code == 2
    assert f"format native and mapping {mapping}" in ran.err
    assert "leave one out" in ran.err
    assert not (tmp_path / "out").exists()


def test_a_format_that_there_is_not_ends_with_4_before_anything_is_written(
    tmp_path: Path, stillwatch: Cli, log: Log, record: Record
) -> None:
    path = log("a.jsonl", [record(1)])
    ran = stillwatch("scan", path, "--out", tmp_path / "out", "--format", "morse")
    assert ran.code == 4
    assert "no format 'morse'" in ran.err
    assert not (tmp_path / "out").exists()


def test_a_scan_that_fails_leaves_the_result_before_it(
    tmp_path: Path, stillwatch: Cli, log: Log, record: Record
) -> None:
    out = tmp_path / "out"
    assert stillwatch("scan", log("a.jsonl", map(record, range(5))), "--out", out).code == 0
    before = document(out)
    assert stillwatch("scan", log("b.jsonl", ["broken"]), "--out", out).code in (4, 5)
    assert document(out) == before
    assert whole(out)


GOOD = st.integers(0, 10**6).map(
    lambda n: {
        "exchange_id": f"e{n % 40}",
        "time": f"2026-03-01T09:{n % 60:02}:00Z",
        "account": f"a{n % 7}",
        "prompt": f"What is {n}?",
        "address": f"203.0.113.{n % 9}",
    }
)
ODD = st.sampled_from(
    [
        None,
        "",
        [],
        {},
        True,
        -1,
        0,
        1e400,
        2**70,
        "\0",
        "\ud800",
        "x" * 3_000,
        ["a"],
        {"a": 1},
        "2026-03-01",
        "2026-03-01T09:00:00",
    ]
)
FIELDS = st.sampled_from(
    ["exchange_id", "time", "account", "prompt", "address", "turn", "tools", "status", "new"]
)
CHANGED = st.builds(lambda row, field, value: {**row, field: value}, GOOD, FIELDS, ODD)
RAW = st.one_of(
    st.binary(min_size=1, max_size=60).map(lambda b: b.replace(b"\n", b" ").replace(b"\r", b" ")),
    st.just(b"{"),
    st.just(b"[1, 2"),
    st.just(b'"text"'),
)
LINES = st.lists(
    st.one_of(GOOD, CHANGED, CHANGED).map(lambda row: json.dumps(row).encode()) | RAW,
    min_size=1,
    max_size=40,
)


def mixed(folder: Path, parts: list[list[bytes]]) -> int:
    """Writes logs that each begin with a good line; gives the number of records in them."""
    folder.mkdir(parents=True)
    good = {"time": "2026-03-01T08:00:00Z", "account": "first", "prompt": "Hello", "address": "x"}
    count = 0
    for number, lines in enumerate(parts):
        rows = [json.dumps(good | {"exchange_id": f"first-{number}"}).encode(), *lines]
        (folder / f"{number}.jsonl").write_bytes(b"\n".join(rows) + b"\n")
        count += sum(bool(row.strip(b" \t\r\n")) for row in rows)
    return count


class Fresh:
    """A new directory each time."""

    def __init__(self, base: Path) -> None:
        self._base, self._count = base, 0

    def __call__(self) -> Path:
        self._count += 1
        return self._base / str(self._count)


QUIET = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@pytest.fixture
def fresh(tmp_path: Path) -> Fresh:
    return Fresh(tmp_path)


@given(st.lists(LINES, min_size=1, max_size=3))
@settings(max_examples=40, deadline=None, suppress_health_check=QUIET)
def test_every_record_is_sketched_or_rejected(fresh: Fresh, parts: list[list[bytes]]) -> None:
    place = fresh()
    count = mixed(place / "logs", parts)
    with Lake.open(place / "out", write=True) as lake:
        taken = ingest(lake, sources([place / "logs"]), "native", None, 1, silent)
    rows = sum(manifest.rows for manifest in taken.manifests)
    refused = list(taken.rejected())
    assert rows + sum(taken.reasons().values()) == count
    assert len(refused) == sum(taken.reasons().values())
    assert all(r["file"].startswith(str(place)) and r["line"] for r in refused)


@given(st.lists(LINES, min_size=1, max_size=2))
@settings(
    max_examples=5,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=QUIET,
)
def test_every_record_of_every_input_is_accounted_for(
    fresh: Fresh, parts: list[list[bytes]]
) -> None:
    place = fresh()
    count = mixed(place / "logs", parts)
    sw.scan(place / "logs", place / "out", settings=sw.Settings(workers=1), format="native")
    told = document(place / "out")
    assert accounted(told) == count
    assert len({r["file"] for r in rejected(place / "out")} - {None}) <= len(parts)
    assert whole(place / "out")


def test_a_folder_that_cannot_be_listed_is_counted_and_named_until_it_can(
    tmp_path: Path,
    log: Log,
    record: Record,
    shut: Callable[[Path], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    log("a.jsonl", map(record, range(60)))
    closed = log("closed/b.jsonl", map(record, range(60, 90))).parent
    shut(closed)
    for _ in range(2):
        found = sw.scan(tmp_path / "logs", tmp_path / "out", settings=SETTINGS)
        assert found.document.reading.exchanges == 60
        assert found.document.reading.rejected == {"unreadable folder": 1}
        assert [one["file"] for one in rejected(tmp_path / "out")] == [str(closed)]
    monkeypatch.undo()
    found = sw.scan(tmp_path / "logs", tmp_path / "out", settings=SETTINGS)
    assert found.document.reading.exchanges == 90
    assert not found.document.reading.rejected


def test_a_file_that_could_not_be_opened_is_tried_again(
    tmp_path: Path, log: Log, record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    log("a.jsonl", map(record, range(60)))
    log("b.jsonl", map(record, range(60, 90)))
    opened = Source.open

    def refusing(source: Source) -> Any:
        if source.path.endswith("b.jsonl"):
            raise PermissionError
        return opened(source)

    with monkeypatch.context() as patch:
        patch.setattr(Source, "open", refusing)
        found = sw.scan(tmp_path / "logs", tmp_path / "out", settings=SETTINGS)
        assert found.document.reading.rejected == {"file not permitted": 1}
    found = sw.scan(tmp_path / "logs", tmp_path / "out", settings=SETTINGS)
    assert found.document.reading.exchanges == 90
    assert not found.document.reading.rejected
