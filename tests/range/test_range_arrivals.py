"""Arrivals of real clients: read from a table, drawn from, and used for customers."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from stillwatch.errors import FormatError, NoInputError, StillwatchError, UsageError
from stillwatch.range import make
from stillwatch.range.arrivals import Arrivals, load
from stillwatch.range.scenario import parse_scenario
from stillwatch.range.world import DAY

HEADER = "client,start_s,rate_per_s,cv,family,p1,p2"
QUIET = [f"7,{w * 600},0,,,0,0" for w in range(144)]


def table(tmp_path: Path, rows: list[str], header: str = HEADER) -> Path:
    path = tmp_path / "arrivals.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def test_arrivals_follow_the_rate_of_the_client() -> None:
    rate = np.zeros((1, 288))
    rate[0, 30:40] = 1.0
    quiet = Arrivals(rate, np.ones((1, 288)), np.zeros((1, 288), dtype=bool))
    drawn = quiet.draw(np.random.default_rng(1), 500, 2)
    assert len(drawn) == 500
    assert (np.diff(drawn) >= 0).all()
    assert drawn.min() >= 30 * 600
    assert drawn.max() <= min(40 * 600, 2 * DAY)


def test_arrivals_keep_the_burstiness_of_the_client() -> None:
    def variation(shape: float) -> float:
        flat = np.ones((1, 144))
        client = Arrivals(flat, np.full((1, 144), shape), np.zeros((1, 144), dtype=bool))
        gaps = np.diff(client.draw(np.random.default_rng(2), 4000, 1))
        return float(gaps.std() / gaps.mean())

    assert variation(4.0) == pytest.approx(0.5, rel=0.1)
    assert variation(0.25) == pytest.approx(2.0, rel=0.15)


def test_a_table_is_read_window_by_window(tmp_path: Path) -> None:
    rows = list(QUIET)
    rows[3] = "7,1800,0.5,2.0,Weibull,0.4,3.1"
    rows[4] = "7,2400,0.25,1.0,Gamma,2.5,0.1"
    rows[5] = "7,3000,0.1,,,0,0"
    found = load(table(tmp_path, rows))
    assert found.days == 1
    assert found.rate[0, 3:6].tolist() == [0.5, 0.25, 0.1]
    assert found.shape[0, 3:6].tolist() == [0.4, 2.5, 1.0]
    assert found.weibull[0, 3:6].tolist() == [True, False, False]
    assert found.rate.sum() == pytest.approx(0.85)


def test_a_gzipped_table_is_the_same(tmp_path: Path) -> None:
    plain = table(tmp_path, [*QUIET[1:], "7,0,1.5,1,Gamma,1,1"])
    packed = tmp_path / "arrivals.csv.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert load(packed).rate.tolist() == load(plain).rate.tolist()


@pytest.mark.parametrize(
    ("rows", "header", "kind", "complaint"),
    [
        (QUIET, HEADER, FormatError, "no client ever asks"),
        (["7,0,1,1,Gamma,1,1"], HEADER, FormatError, "a whole day"),
        (["7,0,often,1,Gamma,1,1"], HEADER, FormatError, "no table of arrivals"),
        (["7,0"], "client,start_s", FormatError, "no column rate_per_s, family, p1"),
        (["7,600,-3,1,Gamma,1,1", *QUIET], HEADER, FormatError, r"csv:2: rate_per_s is -3\.0"),
        (["7,600,inf,1,Gamma,1,1", *QUIET], HEADER, FormatError, r"csv:2: rate_per_s is inf"),
        (["7,,3,1,Gamma,1,1", *QUIET], HEADER, FormatError, r"start_s is empty in 1 row$"),
        (["7,0,3,1,weibull,1,1", *QUIET[1:]], HEADER, FormatError, "family 'weibull' is not known"),
        (["7,600,3,1,Gamma,1,1", *QUIET], HEADER, FormatError, "two rows for one window"),
    ],
)
def test_what_is_no_table_of_arrivals_is_refused(
    tmp_path: Path, rows: list[str], header: str, kind: type[StillwatchError], complaint: str
) -> None:
    with pytest.raises(kind, match=complaint):
        load(table(tmp_path, rows, header))


def test_clients_may_have_any_names(tmp_path: Path) -> None:
    rows = [row.replace("7,", f"client-{c},", 1) for c in "ba" for row in QUIET]
    rows[0] = "client-b,0,2.0,1,Exponential,0.3,1"
    found = load(table(tmp_path, rows))
    assert found.rate[:, 0].tolist() == [2.0, 0.0]
    assert found.shape[0, 0] == 1.0


def test_a_table_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(NoInputError, match="nowhere"):
        load(tmp_path / "nowhere.csv")


def test_a_scenario_longer_than_the_arrivals_is_refused() -> None:
    day = Arrivals(np.ones((1, 144)), np.ones((1, 144)), np.zeros((1, 144), dtype=bool))
    with pytest.raises(UsageError, match="last 24 hours and the scenario 60"):
        day.draw(np.random.default_rng(1), 3, 2.5)


def test_clients_that_are_silent_in_the_hours_of_a_scenario_are_refused() -> None:
    rate = np.zeros((1, 144))
    rate[0, 100] = 1.0
    late = Arrivals(rate, np.ones((1, 144)), np.zeros((1, 144), dtype=bool))
    assert len(late.draw(np.random.default_rng(1), 3, 1.0)) == 3
    with pytest.raises(UsageError, match="in the first 12 hours"):
        late.draw(np.random.default_rng(1), 3, 0.5)


def test_services_come_as_real_clients_did_and_people_as_before(tmp_path: Path) -> None:
    rate = np.zeros((1, 144))
    rate[0, 60:66] = 1.0
    noon = Arrivals(rate, np.ones((1, 144)), np.zeros((1, 144), dtype=bool))
    scenario = parse_scenario(
        {
            "seed": 5,
            "population": [{"kind": "chat", "accounts": 20}, {"kind": "app", "accounts": 5}],
        },
        "arrivals",
    )

    def seconds(name: str, arrivals: Arrivals | None) -> dict[str, list[float]]:
        truth = pq.read_table(make(scenario, tmp_path / name, arrivals=arrivals).truth).to_pylist()
        start = scenario.start
        found: dict[str, list[float]] = {}
        for row in truth:
            found.setdefault(row["kind"], []).append((row["time"] - start).total_seconds())
        return found

    real, usual = seconds("real", noon), seconds("usual", None)
    assert real["population:chat"] == usual["population:chat"]
    assert all(60 * 600 <= s <= 66 * 600 for s in real["population:app"])
    assert not all(60 * 600 <= s <= 66 * 600 for s in usual["population:app"])
