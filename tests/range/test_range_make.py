"""What the range makes, and what it promises about it."""

from __future__ import annotations

import gzip
import hashlib
import json
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from stillwatch.errors import OutputError
from stillwatch.range import Made, load_scenario, make
from stillwatch.range.scenario import Scenario, parse_scenario
from stillwatch.traffic.exchange import SCHEMA, STATUSES


def small(**changes: object) -> Scenario:
    data = {
        "seed": 3,
        "population": [{"kind": "chat", "accounts": 40}],
        "campaign": [{"id": "a", "accounts": 10, "exchanges": 200}],
    }
    return parse_scenario({**data, **changes}, "small")


def digests(made: Made) -> list[str]:
    files = [*sorted(made.traffic.iterdir()), made.truth]
    return [hashlib.sha256(f.read_bytes()).hexdigest() for f in files]


def test_the_same_scenario_makes_the_same_files(tmp_path: Path) -> None:
    assert digests(make(small(), tmp_path / "a")) == digests(make(small(), tmp_path / "b"))


def test_another_seed_makes_other_traffic(tmp_path: Path) -> None:
    assert digests(make(small(), tmp_path / "a")) != digests(make(small(seed=4), tmp_path / "b"))


def test_a_campaign_more_leaves_the_innocents_as_they_were(tmp_path: Path) -> None:
    def innocents(scenario: Scenario, name: str) -> list[dict[str, object]]:
        made = make(scenario, tmp_path / name, file_rows=100)
        truth = pq.read_table(made.truth)
        kept = truth.filter(pc.is_null(truth["campaign"]))["exchange_id"]
        traffic = pq.read_table(made.traffic)
        columns = ["exchange_id", "time", "account", "address", "prompt", "completion"]
        return traffic.filter(pc.is_in(traffic["exchange_id"], kept)).select(columns).to_pylist()

    assert innocents(small(campaign=[]), "without") == innocents(small(), "with")


def test_truth_covers_every_exchange_once(tiny: Made) -> None:
    traffic, truth = pq.read_table(tiny.traffic), pq.read_table(tiny.truth)
    ids = truth["exchange_id"].to_pylist()
    assert len(ids) == len(set(ids)) == tiny.exchanges
    assert set(ids) == set(traffic["exchange_id"].to_pylist())
    assert truth["account"].to_pylist() == traffic["account"].to_pylist()


def test_truth_shows_that_shards_of_the_work_queue_never_overlap(tiny: Made) -> None:
    truth = pq.read_table(tiny.truth)
    harvest = truth.filter(pc.is_valid(truth["campaign"]))
    assert sorted(harvest["item"].to_pylist()) == list(range(len(harvest)))


def test_traffic_has_exactly_the_columns_of_an_exchange(tiny: Made) -> None:
    for file in tiny.traffic.iterdir():
        assert pq.read_schema(file).equals(SCHEMA)


def test_traffic_is_plausible_row_by_row(tiny: Made) -> None:
    table = pq.read_table(tiny.traffic)
    assert set(table["status"].to_pylist()) <= set(STATUSES)
    assert table["prompt"].null_count == 0
    assert all(table["prompt"].to_pylist())
    created = pc.less(table["account_created"], table["time"])
    assert pc.all(created).as_py(), "an account is made before it is used"
    assert pc.all(pc.less_equal(table["output_tokens"], table["max_tokens"])).as_py()
    failed = table.filter(pc.equal(table["status"], "error"))
    assert failed["completion"].null_count == len(failed)


def test_rows_are_in_the_order_of_time_over_all_files(tmp_path: Path) -> None:
    made = make(small(), tmp_path, file_rows=50)
    files = sorted(made.traffic.iterdir())
    assert len(files) == made.files > 3
    times = [t for f in files for t in pq.read_table(f)["time"].to_pylist()]
    assert times == sorted(times)


def test_a_quiet_scenario_has_no_campaign_rows(tmp_path: Path) -> None:
    quiet = load_scenario("quiet").model_copy(update={"days": 0.5})
    truth = pq.read_table(make(quiet, tmp_path).truth)
    assert truth["campaign"].null_count == len(truth)
    kinds = set(truth["kind"].to_pylist())
    assert len([k for k in kinds if k.startswith("lookalike:")]) >= 18


def test_the_tiny_scenario_has_about_the_size_it_says(tiny: Made) -> None:
    assert 3_500 < tiny.exchanges < 6_500
    assert 330 < tiny.accounts < 450


def test_jsonl_holds_the_same_exchanges(tmp_path: Path) -> None:
    parquet = make(small(), tmp_path / "p")
    lines = make(small(), tmp_path / "j", format="jsonl")
    rows = [
        json.loads(line)
        for f in sorted(lines.traffic.iterdir())
        for line in gzip.decompress(f.read_bytes()).splitlines()
    ]
    table = pq.read_table(parquet.traffic)
    assert [r["prompt"] for r in rows] == table["prompt"].to_pylist()
    assert rows[0]["time"] == f"{table['time'][0].as_py():%Y-%m-%dT%H:%M:%S.%f}Z"
    assert all(value is not None for row in rows for value in row.values())


def test_progress_is_told_and_ends_at_the_total(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    made = make(small(), tmp_path, file_rows=60, progress=lambda a, b: told.append((a, b)))
    assert len(told) == made.files
    assert told[-1] == (made.exchanges, made.exchanges)


def test_making_again_leaves_no_file_of_the_last_time(tmp_path: Path) -> None:
    make(small(), tmp_path, file_rows=20)
    made = make(small(), tmp_path)
    assert [f.name for f in made.traffic.iterdir()] == ["part-00000.parquet"]


def test_somebody_elses_files_are_not_touched(tmp_path: Path) -> None:
    (tmp_path / "traffic").mkdir()
    theirs = tmp_path / "traffic" / "january.parquet"
    theirs.write_text("precious")
    with pytest.raises(OutputError, match="not made by the range"):
        make(small(), tmp_path)
    assert theirs.read_text() == "precious"
