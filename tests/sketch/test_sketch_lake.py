"""Claims about the lake: whole sources or nothing, whatever happens."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from stillwatch.errors import OutputError
from stillwatch.sketch import SCHEMA, examples, parts, sketch
from stillwatch.sketch import manifest as manifests
from stillwatch.sketch.intents import IntentModel
from stillwatch.sketch.lake import Lake

START = datetime(2026, 11, 23, 22, tzinfo=UTC)
Batch = Callable[..., pa.RecordBatch]


@pytest.fixture
def sketched(batch: Batch, model: IntentModel) -> pa.RecordBatch:
    """Six exchanges over two days, four hours apart."""
    rows = batch(
        prompt=[f"Question {i} of many" for i in range(6)],
        account=["a", "b", "c"] * 2,
        time=[START + timedelta(hours=4 * i) for i in range(6)],
    )
    return sketch(rows, model)


def test_what_is_written_is_read_back_by_day(tmp_path: Path, sketched: pa.RecordBatch) -> None:
    with Lake.open(tmp_path, write=True) as lake:
        manifest = lake.write("abc", iter([sketched, sketched]), {"file": "x"}, {"no time": 2})
        assert lake.has("abc")
    lake = Lake.open(tmp_path)
    assert lake.manifests() == [manifest]
    assert (manifest.rows, manifest.rejected, manifest.meta) == (12, {"no time": 2}, {"file": "x"})
    assert [(p.day, p.rows) for p in manifest.parts] == [("2026-11-23", 2), ("2026-11-24", 10)]
    table = pa.concat_tables([pq.ParquetFile(p).read() for p in lake.parts()])
    assert table.schema.equals(SCHEMA)
    expected = pa.Table.from_batches([sketched, sketched])
    assert table.sort_by("time") == expected.sort_by("time")


def test_rows_without_a_time_are_kept(tmp_path: Path, batch: Batch, model: IntentModel) -> None:
    with Lake.open(tmp_path, write=True) as lake:
        lake.write("abc", [sketch(batch(prompt=["x"]), model)])
        assert [p.rows for p in lake.manifests()[0].parts] == [1]


def test_an_empty_source_is_a_source(tmp_path: Path) -> None:
    with Lake.open(tmp_path, write=True) as lake:
        lake.write("abc", [])
        assert lake.has("abc")
        assert lake.parts() == []


def test_many_days_at_once_open_few_files(
    tmp_path: Path, batch: Batch, model: IntentModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "OPEN_FILES", 2)
    monkeypatch.setattr(parts, "HELD_BYTES", 1)
    days = [START + timedelta(days=i) for i in range(5)]
    rows = sketch(batch(prompt=["x"] * 5, time=days), model)
    with Lake.open(tmp_path, write=True) as lake:
        manifest = lake.write("abc", [rows, rows])
    assert len(manifest.parts) == 10
    assert sum(pq.ParquetFile(p).metadata.num_rows for p in lake.parts()) == 10


def test_examples_are_kept_once(tmp_path: Path, batch: Batch, model: IntentModel) -> None:
    rows = batch(
        prompt=["Do it 1", "Do it 2", "Do it 3"], account=["a", "b", "c"], time=[START] * 3
    )
    out = sketch(rows, model)
    with Lake.open(tmp_path, write=True) as lake:
        lake.write("abc", [(out, examples(rows, out))] * 2)
        (path,) = lake.examples()
    kept = pq.ParquetFile(path).read().to_pylist()
    assert [r["example"] for r in kept if r["kind"] == "head"] == ["do it ⟨number⟩"]


def test_a_source_that_fails_leaves_nothing(tmp_path: Path, sketched: pa.RecordBatch) -> None:
    def broken() -> Iterator[pa.RecordBatch]:
        yield sketched
        raise RuntimeError("torn file")

    with Lake.open(tmp_path, write=True) as lake:
        lake.write("good", [sketched])
        with pytest.raises(RuntimeError, match="torn"):
            lake.write("bad", broken())
        assert not lake.has("bad")
    with Lake.open(tmp_path, write=True) as lake:
        assert [m.digest for m in lake.manifests()] == ["good"]
        assert sorted(tmp_path.glob("sketches/day=*/*")) == sorted(lake.parts())


def test_a_stale_source_is_kept_unread_until_replaced(
    tmp_path: Path, sketched: pa.RecordBatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Lake.open(tmp_path, write=True) as lake:
        old = lake.write("abc", [sketched])
    monkeypatch.setattr(manifests, "SKETCH_VERSION", 999)
    monkeypatch.setattr("stillwatch.sketch.lake.SKETCH_VERSION", 999)
    with Lake.open(tmp_path, write=True) as lake:
        assert not lake.has("abc")
        assert lake.parts() == []
        assert all((tmp_path / name).exists() for name in old.files)
        new = lake.write("abc", [sketched])
        assert lake.has("abc")
    assert not set(new.files) & set(old.files)
    assert not any((tmp_path / name).exists() for name in old.files)


def test_two_scans_cannot_write_at_once(tmp_path: Path) -> None:
    with (
        Lake.open(tmp_path, write=True),
        pytest.raises(OutputError, match="another process"),
    ):
        Lake.open(tmp_path, write=True)
    Lake.open(tmp_path, write=True).close()


def test_a_lake_opened_to_read_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="read only"):
        Lake.open(tmp_path).source("abc")


def test_a_damaged_manifest_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "sketches" / "_manifests"
    folder.mkdir(parents=True)
    (folder / "abc.json").write_text("{")
    with pytest.raises(OutputError, match=r"abc\.json"):
        Lake.open(tmp_path)


@pytest.mark.parametrize("digest", ["", "../x", "a/b", "a-b"])
def test_a_digest_is_no_path(tmp_path: Path, digest: str) -> None:
    with Lake.open(tmp_path, write=True) as lake, pytest.raises(ValueError, match="no digest"):
        lake.source(digest)


KILLED = """
    import os, signal, sys
    from pathlib import Path
    import pyarrow as pa
    from stillwatch.sketch.lake import Lake
    from stillwatch.sketch.schema import SCHEMA

    def die(event, args, left=[int(sys.argv[2])]):
        # Every file made, renamed or opened for writing is a moment to be killed at.
        if event in ("open", "os.rename", "os.mkdir") and sys.argv[1] in str(args[0]):
            left[0] -= 1
            if left[0] < 0:
                os.kill(os.getpid(), signal.SIGKILL)

    batch = pa.RecordBatch.from_arrays([pa.nulls(3, f.type) for f in SCHEMA], schema=SCHEMA)
    sys.addaudithook(die)
    with Lake.open(Path(sys.argv[1]), write=True) as lake:
        for digest in ("one", "two"):
            lake.write(digest, [batch])
"""


def test_a_kill_at_any_moment_leaves_whole_sources_only(tmp_path: Path) -> None:
    seen = set()
    for moment in range(3, 60, 7):
        root = tmp_path / str(moment)
        command = [sys.executable, "-c", textwrap.dedent(KILLED), str(root), str(moment)]
        code = subprocess.run(command, check=False, env=os.environ).returncode  # noqa: S603
        with Lake.open(root, write=True) as lake:
            rows = {m.digest: m.rows for m in lake.manifests()}
            assert rows == dict.fromkeys(rows, 3)
            assert sorted(root.glob("sketches/day=*/*")) == sorted(lake.parts())
            assert all(pq.ParquetFile(p).metadata.num_rows == 3 for p in lake.parts())
        seen.add(len(rows))
        if code == 0:
            break
        assert code == -signal.SIGKILL
    assert seen == {0, 1, 2}
