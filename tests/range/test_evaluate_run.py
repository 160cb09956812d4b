"""An evaluation from end to end, on tiny scenarios."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import stillwatch as sw
from stillwatch.errors import OutputError, StillwatchError, UsageError
from stillwatch.range.evaluate import QUICK, Evaluation, evaluate, plan
from stillwatch.range.evaluate.plan import Job
from stillwatch.range.evaluate.stripped import BARE, WORDED, without_metadata, without_text
from stillwatch.range.make import Made
from stillwatch.range.scenario import parse_scenario
from stillwatch.sketch.schema import DERIVED

LEVEL = "L0"
JOBS = plan(QUICK, (LEVEL,))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("evaluation")
    evaluate(out, JOBS, small=True)
    return out


@pytest.fixture(scope="module")
def found(home: Path) -> Evaluation:
    return Evaluation.model_validate_json((home / "evaluation.json").read_text("utf-8"))


def test_the_document_has_a_figure_for_every_question(found: Evaluation) -> None:
    assert found.simulated
    assert found.small
    (rung,) = found.rungs
    assert (rung.level, rung.scenarios, rung.campaigns.of) == (LEVEL, 1, 1)
    assert rung.curve
    assert rung.cost is not None
    assert rung.cost.accounts == pytest.approx(1000 * 40 / 1200)
    assert found.populations.populations == QUICK.populations
    assert found.innocents.days.of >= found.innocents.accounts.of > 1000
    assert [d.scenario for d in found.disclosed] == ["tiny"]
    assert {a.what for a in found.ablations} >= {"nothing", "text", "all metadata", "all text"}
    assert {f.family for f in found.lookalikes} >= {"class_of_students", "popular_agent"}
    assert sum(b.campaigns + b.innocents for b in found.calibration) > 20


def test_what_is_tiny_and_naive_is_found_and_early(found: Evaluation) -> None:
    (rung,), (alarms,) = found.rungs, found.alarms
    assert rung.campaigns.hits == 1
    assert rung.accounts.value is not None
    assert rung.accounts.value > 0.9
    assert alarms.alarmed.hits == 1
    assert 0 < alarms.shares[0] < 0.5
    assert alarms.median == alarms.shares[0]


def test_run_again_it_takes_what_is_there(home: Path) -> None:
    jobs = home / "jobs"
    before = {p.name: p.stat().st_mtime_ns for p in jobs.iterdir()}
    assert len(before) == len(JOBS) + 1
    evaluate(home, JOBS, small=True)
    assert {p.name: p.stat().st_mtime_ns for p in jobs.iterdir()} == before


def test_a_job_that_is_missing_is_done_again(home: Path) -> None:
    (job,) = (j for j in JOBS if j.arm == "disclosed")
    path = home / "jobs" / f"{job.key}.json"
    content = json.loads(path.read_text("utf-8"))
    path.unlink()
    evaluate(home, JOBS, small=True)
    again = json.loads(path.read_text("utf-8"))
    assert again["scanned"]["harvests"] == content["scanned"]["harvests"]
    assert not (home / ".scratch").exists()


def test_outcomes_of_other_code_are_not_mixed_in(tmp_path: Path) -> None:
    (tmp_path / "jobs").mkdir()
    mark = tmp_path / "jobs" / "made_by.json"
    mark.write_text(json.dumps({"version": "0.0.1", "digest": "0" * 16}))
    with pytest.raises(UsageError, match=r"outcomes of version 0\.0\.1 .* remove the directory"):
        evaluate(tmp_path, JOBS)


def test_an_outcome_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "jobs").mkdir()
    path = tmp_path / "jobs" / f"{JOBS[0].key}.json"
    path.write_text("{")
    with pytest.raises(UsageError, match=rf"{JOBS[0].key}\.json: is no outcome; remove it"):
        evaluate(tmp_path, JOBS)


def test_a_job_that_fails_is_named_and_the_others_are_kept(home: Path, tmp_path: Path) -> None:
    shutil.copytree(home / "jobs", tmp_path / "jobs")
    data = {"seed": 10_000, "population": [{"kind": "chat", "accounts": 3}]}
    bad = Job(arm="innocent", name="bad", scenario=parse_scenario(data, "bad"))
    with pytest.raises(StillwatchError, match=f"^{bad.key}: scenario .* of the 'train' split"):
        evaluate(tmp_path, [*JOBS, bad], workers=1)
    assert {f"{job.key}.json" for job in JOBS} <= {p.name for p in (tmp_path / "jobs").iterdir()}


def test_a_job_is_not_interrupted_by_itself(tmp_path: Path, interrupted: list[int]) -> None:
    data = {"seed": 10_000, "population": [{"kind": "chat", "accounts": 3}]}
    bad = Job(arm="innocent", name="bad", scenario=parse_scenario(data, "bad"))
    with pytest.raises(StillwatchError, match="of the 'train' split"):
        evaluate(tmp_path, [bad], workers=1)
    assert len(interrupted) == 1


def test_a_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="file/out: cannot be written"):
        evaluate(tmp_path / "file" / "out", JOBS)


def test_without_metadata_nothing_but_the_bare_columns_is_left(tiny: Made, tmp_path: Path) -> None:
    bare = without_metadata(tiny.traffic, tmp_path)
    assert pq.read_table(bare).column_names == list(BARE)
    assert pq.read_table(bare).num_rows == tiny.exchanges


def test_without_text_no_signal_of_text_can_be_measured(tiny: Made, tmp_path: Path) -> None:
    wordless = without_text(tiny.traffic, tmp_path)
    table = pq.ParquetDataset(wordless).read()
    assert table.num_rows == tiny.exchanges
    for name in WORDED:
        assert table[name].null_count == tiny.exchanges, name
    assert {c.name for c in DERIVED if c.name.endswith("_key")} & set(table.column_names)
    skipped = {s.signal for s in sw.scan([wordless]).document.skipped}
    assert {"head", "tail", "system_template", "shared_wording", "group_intents"} <= skipped
