"""A scan that is cut off leaves the old result or the new one, and the next goes on from there."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from scanned import document, rejected, same, table, whole

import stillwatch as sw
from stillwatch.errors import OutputError
from stillwatch.results import FILES, replaced

SETTINGS = sw.Settings(workers=1)
Record = Callable[..., dict[str, Any]]
Log = Callable[..., Path]

SCAN = """
import sys
import stillwatch as sw
print("begin", flush=True)
def tell(stage, done):
    print(stage, flush=True)
sw.scan(sys.argv[1], sys.argv[2], settings=sw.Settings(workers=int(sys.argv[3])), progress=tell)
print("end", flush=True)
"""


def start(logs: Path, out: Path, workers: int = 1) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", SCAN, str(logs), str(out), str(workers)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603
    assert process.stdout is not None
    assert process.stdout.readline() == "begin\n"
    return process


def marked(folder: Path, traffic: Path, mark: str) -> Path:
    """Logs in which one account carries a name of this run, in a file that changed."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = pq.read_table(traffic).slice(0, 900)
    for part in range(3):
        pq.write_table(rows.slice(part * 300, 300), folder / f"{part}.parquet")
    lines = [
        {
            "time": "2026-10-06T09:00:00Z",
            "account": mark,
            "prompt": f"Hello {n}",
            "exchange_id": f"{mark}-{n}",
        }
        for n in range(3)
    ]
    text = "".join(json.dumps(row) + "\n" for row in lines) + f"broken {mark}\n"
    (folder / f"{mark}.jsonl").write_text(text)
    for old in folder.glob("run-*.jsonl"):
        if old.name != f"{mark}.jsonl":
            old.unlink()
    return folder


def runs_in(out: Path) -> set[str]:
    """The runs whose marks the files of a result carry: one, unless they are mixed."""
    marks = {a for a in table(out, "accounts")["account"].to_pylist() if a.startswith("run-")}
    marks |= {Path(r["file"]).stem for r in rejected(out)}
    told = document(out)
    ids = {g["id"] for g in (*told["campaigns"], *told["leads"])}
    assert set(table(out, "exchanges")["campaign"].to_pylist()) <= ids
    named = {r["campaign"] for r in table(out, "accounts").to_pylist()} - {None}
    assert named == ids
    page = (out / "report.html").read_text("utf-8")
    assert all(i in page for i in ids)
    assert told["reading"]["accounts"] == table(out, "accounts").num_rows
    return marks


@pytest.mark.parametrize("seed", range(3))
def test_a_kill_at_any_moment_leaves_the_old_result_or_the_new(
    seed: int, tmp_path: Path, tiny_range: Path
) -> None:
    traffic, logs, out = tiny_range / "traffic", tmp_path / "logs", tmp_path / "out"
    moments = random.Random(seed)
    old: str | None = None
    longest = 4.0
    for number in range(5):
        mark = f"run-{seed}-{number}"
        marked(logs, traffic, mark)
        process = start(logs, out, workers=1 + number % 2)
        begun = time.monotonic()
        try:
            process.wait(moments.uniform(0.0, longest))
        except subprocess.TimeoutExpired:
            process.kill()
        else:
            longest = min(longest, time.monotonic() - begun)
        process.communicate()
        if out.exists() and any((out / name).exists() for name in FILES):
            assert whole(out), "a result is all of its files"
            (found,) = runs_in(out)
            assert found in (old, mark)
            old = found
        else:
            assert old is None, "the old result is gone"
    sw.scan(logs, out, settings=SETTINGS)
    assert runs_in(out) == {mark}
    undisturbed = tmp_path / "undisturbed"
    sw.scan(logs, undisturbed, settings=SETTINGS)
    same(undisturbed, out)
    kept = {p.relative_to(out) for p in out.rglob("*.parquet")}
    assert len([p for p in kept if p.parts[0] == ".runs"]) == 2, "cut off runs are cleared away"


def switched(out: Path, step: int) -> int:
    """Puts new results in place, and dies at this step of it; the exit code."""
    command = [sys.executable, "-c", REPLACE, str(out), str(step)]
    return subprocess.run(command, check=False).returncode  # noqa: S603


def test_a_kill_in_the_midst_of_writing_results_leaves_the_old_ones(
    tmp_path: Path, log: Log, record: Record
) -> None:
    path, out = log("a.jsonl", map(record, range(9))), tmp_path / "out"
    sw.scan(path, out, settings=SETTINGS)
    before = {name: (out / name).read_bytes() for name in FILES}
    for step in range(1, 20):
        code = switched(out, step)
        assert whole(out)
        now = {name: (out / name).read_bytes() for name in FILES}
        assert now in (before, dict.fromkeys(FILES, b"new"))
        if code == 0:
            break
        assert code == -signal.SIGKILL
    assert code == 0
    assert now != before


def test_a_kill_before_the_first_result_leaves_no_part_of_one(tmp_path: Path) -> None:
    for step in range(1, 20):
        out = tmp_path / str(step)
        out.mkdir()
        code = switched(out, step)
        assert whole(out) or not any((out / name).exists() for name in FILES)
        if code == 0:
            break
    assert code == 0
    assert step > 5


REPLACE = """
import os, signal, sys, types
from importlib.util import find_spec
from pathlib import Path

# The package without its engine, which takes seconds to import.
package = types.ModuleType("stillwatch")
package.__path__ = find_spec("stillwatch").submodule_search_locations
sys.modules["stillwatch"] = package
from stillwatch.results import FILES, replaced

left = [int(sys.argv[2])]

def die(event, args):
    if event in ("os.rename", "os.symlink"):
        left[0] -= 1
        if left[0] <= 0:
            os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(die)
with replaced(Path(sys.argv[1])) as run:
    for name in FILES:
        (run / name).write_bytes(b"new")
"""


def test_an_error_while_writing_leaves_the_old_result_and_no_rubbish(
    tmp_path: Path, log: Log, record: Record
) -> None:
    path, out = log("a.jsonl", map(record, range(9))), tmp_path / "out"
    sw.scan(path, out, settings=SETTINGS)
    before = sorted(out.rglob("*"))

    def fail() -> None:
        with replaced(out) as run:
            (run / FILES[0]).write_bytes(b"half")
            raise OutputError("disk full")

    with pytest.raises(OutputError, match="disk full"):
        fail()
    assert sorted(out.rglob("*")) == before
    assert whole(out)


def test_a_second_scan_reads_nothing_again(
    tmp_path: Path, log: Log, record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    log("a.jsonl", map(record, range(9)))
    folder, out = log("b.jsonl", map(record, range(9, 14))).parent, tmp_path / "out"
    sw.scan(folder, out, settings=SETTINGS)
    first = shutil.copytree(out, tmp_path / "first", symlinks=True)
    stamps = {p: p.stat().st_mtime_ns for p in (out / "sketches").rglob("*") if p.is_file()}
    assert len([p for p in stamps if p.suffix == ".json"]) == 2

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a source was sketched again")

    monkeypatch.setattr("stillwatch.ingest.task.sketch", refuse)
    told: list[tuple[str, float]] = []
    sw.scan(folder, out, settings=SETTINGS, progress=lambda *step: told.append(step))
    assert {p: p.stat().st_mtime_ns for p in (out / "sketches").rglob("*") if p.is_file()} == stamps
    assert [step for step in told if step[0] == "read"] == [("read", 0.0)]
    same(first, out)


def test_only_the_new_source_is_read(tmp_path: Path, log: Log, record: Record) -> None:
    folder, out = log("a.jsonl", map(record, range(9))).parent, tmp_path / "out"
    sw.scan(folder, out, settings=SETTINGS)
    stamps = {p: p.stat().st_mtime_ns for p in (out / "sketches" / "_manifests").iterdir()}
    log("b.jsonl", map(record, range(9, 14)))
    told: list[tuple[str, float]] = []
    sw.scan(folder, out, settings=SETTINGS, progress=lambda *step: told.append(step))
    now = {p: p.stat().st_mtime_ns for p in (out / "sketches" / "_manifests").iterdir()}
    assert now.items() > stamps.items()
    assert len(now) == 2
    assert [step for step in told if step[0] == "read"] == [("read", 0.0), ("read", 1.0)]


def test_progress_goes_from_stage_to_stage_and_never_back(
    tmp_path: Path, log: Log, record: Record
) -> None:
    told: list[tuple[str, float]] = []
    path = log("a.jsonl", map(record, range(9)))
    sw.scan(path, tmp_path / "out", settings=SETTINGS, progress=lambda *step: told.append(step))
    stages = list(dict.fromkeys(stage for stage, _ in told))
    assert (stages[0], stages[-1]) == ("read", "report")
    assert all(0 <= done <= 1 for _, done in told)
    for stage in stages:
        places = [i for i, (s, _) in enumerate(told) if s == stage]
        assert places == list(range(places[0], places[-1] + 1)), f"{stage} comes back"
        done = [d for s, d in told if s == stage]
        assert done == sorted(done)


def test_ctrl_c_ends_with_130_and_a_sentence_and_the_next_scan_goes_on(
    tmp_path: Path, tiny_range: Path
) -> None:
    logs = marked(tmp_path / "logs", tiny_range / "traffic", "run-x")
    out = tmp_path / "out"
    command = [sys.executable, "-m", "stillwatch.cli", "scan", str(logs), "--out", str(out)]
    command[1:3] = ["-c", "from stillwatch.cli import main; main()"]
    process = subprocess.Popen(  # noqa: S603
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "NO_COLOR": "1"},
        start_new_session=True,
    )
    assert process.stderr is not None
    assert process.stderr.readline() == "read ...\n"
    # As a terminal does: to the workers, too.
    os.killpg(process.pid, signal.SIGINT)
    printed, told = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "interrupted; what was done is kept" in told
    assert printed == ""
    sw.scan(logs, out, settings=SETTINGS)
    assert runs_in(out) == {"run-x"}
