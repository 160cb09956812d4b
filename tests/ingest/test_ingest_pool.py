"""Ingest: many sources by several processes, and sketches that are there already."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from stillwatch.errors import FormatError, StillwatchError
from stillwatch.ingest import Ingested, ingest
from stillwatch.ingest.pool import run
from stillwatch.ingest.sketched import sketched
from stillwatch.ingest.task import Task
from stillwatch.progress import silent
from stillwatch.sketch import SCHEMA
from stillwatch.sketch.forgotten import Forgotten
from stillwatch.sketch.lake import Lake
from stillwatch.traffic import Source, sources

Record = Callable[..., dict[str, Any]]
Log = Callable[..., Path]


def task(source: Source, key: str, lake: Lake) -> Task:
    """A source to read into a lake of which nothing was forgotten."""
    return Task(source, key, lake.directory, None, None, Forgotten(), frozenset())


def taken(out: Path, *paths: Path, workers: int = 1, format: str | None = None) -> Ingested:
    with Lake.open(out, write=True) as lake:
        return ingest(lake, sources(paths), format, None, workers, silent)


def rows(found: Ingested) -> list[dict[str, Any]]:
    table = pa.concat_tables(pq.read_table(part, schema=SCHEMA) for part in found.parts)
    return sorted(table.to_pylist(), key=lambda row: row["exchange_id"])


def test_several_processes_sketch_what_one_does(tmp_path: Path, log: Log, record: Record) -> None:
    for part in range(5):
        folder = log(f"{part}.jsonl", map(record, range(part * 10, part * 10 + part + 2))).parent
    one, many = taken(tmp_path / "1", folder), taken(tmp_path / "3", folder, workers=3)
    assert rows(one) == rows(many)
    assert one.columns() == many.columns() >= {"time", "account", "address", "head"}
    assert one.files == many.files == 5


def test_workers_are_not_interrupted_whose_business_it_is_not(
    tmp_path: Path, log: Log, record: Record, interrupted: list[int]
) -> None:
    log("a.jsonl", [record(1)])
    folder = log("b.jsonl", [record(2)]).parent
    assert len(rows(taken(tmp_path / "out", folder, workers=2))) == 2
    assert len(interrupted) == 2


def test_an_error_in_a_worker_is_that_of_the_source(
    tmp_path: Path, log: Log, record: Record
) -> None:
    log("a.jsonl", [record(1)])
    folder = log("b.jsonl", [record(2)]).parent
    for workers in (1, 2):
        with pytest.raises(FormatError, match="no format 'morse'"):
            taken(tmp_path / "out", folder, workers=workers, format="morse")


def test_a_worker_that_dies_is_told_with_the_source_it_read(
    tmp_path: Path, log: Log, record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    log("a.jsonl", [record(1)])
    folder = log("b.jsonl", [record(2)]).parent
    monkeypatch.setattr("stillwatch.ingest.pool.sys.executable", "/bin/false")
    with Lake.open(tmp_path / "out", write=True) as lake:
        tasks = [task(s, f"k{i}", lake) for i, s in enumerate(sources([folder]))]
        with pytest.raises(StillwatchError, match=r"(a|b)\.jsonl: the worker reading it died"):
            list(run(tasks, 2))


def test_a_worker_that_dies_in_the_middle_of_its_answer_is_told_so(
    tmp_path: Path, log: Log, record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    log("a.jsonl", [record(1)])
    folder = log("b.jsonl", [record(2)]).parent
    (tmp_path / "answer").write_bytes(pickle.dumps((None, "some words"))[:-5])
    worker = tmp_path / "worker"
    # It waits for its task first, or the task would meet a broken pipe.
    worker.write_text(f"#!/bin/sh\nhead -c 1 >/dev/null\ncat '{tmp_path}/answer'\nkill -9 $$\n")
    worker.chmod(0o700)
    monkeypatch.setattr("stillwatch.ingest.pool.sys.executable", str(worker))
    with pytest.raises(StillwatchError, match=r"(a|b)\.jsonl: the worker reading it died"):
        taken(tmp_path / "out", folder, workers=2)


def test_a_worker_whose_parent_was_killed_ends_without_a_word(
    tmp_path: Path, log: Log, record: Record
) -> None:
    (source,) = sources([log("a.jsonl", [record(1)])])
    with Lake.open(tmp_path / "out", write=True) as lake:
        whole = pickle.dumps(task(source, "k", lake))
    for sent in (whole, whole[:-5]):
        with subprocess.Popen(
            [sys.executable, "-m", "stillwatch.ingest.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as worker:
            assert worker.stdin and worker.stdout and worker.stderr
            worker.stdout.close()
            worker.stdin.write(sent)
            worker.stdin.close()
            assert worker.stderr.read() == b""


def test_sources_that_are_done_stand_when_a_later_one_fails(
    tmp_path: Path, log: Log, record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    log("large.jsonl", map(record, range(50)))
    folder = log("small.jsonl", [record(90)]).parent
    real = Task.run

    def fail(task: Task) -> Any:
        if "small" in task.source.path:
            raise StillwatchError("cut off")
        return real(task)

    with monkeypatch.context() as patch:
        patch.setattr(Task, "run", fail)
        with pytest.raises(StillwatchError, match="cut off"):
            taken(tmp_path / "out", folder)
    kept = [m.rows for m in Lake.open(tmp_path / "out").manifests()]
    assert kept == [50]
    assert len(rows(taken(tmp_path / "out", folder))) == 51


def test_sketch_files_are_known_by_what_is_in_them(
    tmp_path: Path, log: Log, record: Record
) -> None:
    found = taken(tmp_path / "out", log("a.jsonl", map(record, range(9))))
    (part,) = found.parts
    moved = tmp_path / "anything.bin"
    moved.write_bytes(part.read_bytes())
    (source,) = sources([moved])
    ready = sketched(source)
    assert ready is not None
    assert ready.columns == found.columns()
    again = taken(tmp_path / "other", moved)
    assert again.files == 1
    assert again.columns() == found.columns()
    assert rows(again) == rows(found)


def test_sketches_and_logs_can_be_scanned_together(
    tmp_path: Path, log: Log, record: Record
) -> None:
    found = taken(tmp_path / "out", log("a.jsonl", map(record, range(9))))
    path = log("b.jsonl", map(record, range(20, 25)))
    both = taken(tmp_path / "other", path, tmp_path / "out" / "sketches")
    assert len(rows(both)) == 14
    assert both.files == 1 + len(found.parts)


@pytest.mark.parametrize("change", ["version", "columns"])
def test_sketches_of_another_release_are_refused_by_name(
    change: str, tmp_path: Path, log: Log, record: Record
) -> None:
    (part,) = taken(tmp_path / "out", log("a.jsonl", map(record, range(9)))).parts
    table = pq.read_table(part, partitioning=None)
    if change == "version":
        table = table.replace_schema_metadata({"schema": "stillwatch.sketch/0"})
    else:
        table = table.drop_columns(["topic"])
    pq.write_table(table, tmp_path / "old.parquet")
    with pytest.raises(FormatError, match=r"old\.parquet: .*sketch the logs again"):
        taken(tmp_path / "other", tmp_path / "old.parquet")


def test_other_parquet_is_no_sketch(tmp_path: Path) -> None:
    pq.write_table(pa.table({"x": [1]}), tmp_path / "a.parquet")
    (tmp_path / "b.txt").write_text("PAR1 was here")
    (tmp_path / "c.txt").write_text("hello")
    assert [sketched(s) for s in sources([tmp_path])] == [None] * 3


def test_columns_that_hold_nothing_are_not_there(tmp_path: Path, log: Log, record: Record) -> None:
    found = taken(tmp_path / "out", log("a.jsonl", [record(n, address=None) for n in range(5)]))
    assert "address" not in found.columns()
    assert "payment_mark" not in found.columns()
    assert "prompt_chars" in found.columns()


def test_example_texts_are_masked(tmp_path: Path, log: Log, record: Record) -> None:
    prompts = [f"Please sum 81{n}4177 and 99{n}3 for reaver{n}@example.com" for n in range(6)]
    rows = [record(n, prompt=p) for n, p in enumerate(prompts)]
    texts = " ".join(taken(tmp_path / "out", log("a.jsonl", rows)).examples().values())
    assert "sum ⟨number⟩" in texts
    assert "4177" not in texts
    assert "@example.com" not in texts
