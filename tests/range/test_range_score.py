"""Scores of scans whose right score is known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from rich.console import Console

from stillwatch.campaigns.document import Campaign, Reading, Scan
from stillwatch.errors import FormatError, NoInputError
from stillwatch.range import Score, leaked, score, scoreboard
from stillwatch.range.truth import TRUTH

START = datetime(2026, 10, 6, tzinfo=UTC)
HOUR = timedelta(hours=1)

# Campaign a: accounts a0..a9, campaign b: b0..b5, innocents c0..c99 and students s0..s19.
# Everybody makes two exchanges, in hours 1 and 3; a0 also carries one customer's request.
ACCOUNTS = {
    "a": [f"a{i}" for i in range(10)],
    "b": [f"b{i}" for i in range(6)],
    "population:chat": [f"c{i}" for i in range(100)],
    "lookalike:class_of_students": [f"s{i}" for i in range(20)],
}


def truth_rows() -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for kind, accounts in ACCOUNTS.items():
        guilty = kind in {"a", "b"}
        for account in accounts:
            rows += [
                {
                    "exchange_id": f"{account}-{hour}",
                    "time": START + hour * HOUR,
                    "account": account,
                    "campaign": kind if guilty else None,
                    "kind": "campaign" if guilty else kind,
                    "group": f"campaign:{kind}" if guilty else f"{kind}#1",
                }
                for hour in (1, 3)
            ]
    customer = {"exchange_id": "a0-x", "account": "a0", "campaign": None, "group": "relay:a"}
    rows.append({**customer, "kind": "relay:customers", "time": START + HOUR})
    return rows


@pytest.fixture
def truth(tmp_path: Path) -> Path:
    path = tmp_path / "truth.parquet"
    full = [{name: row.get(name) for name in TRUTH.names} for row in truth_rows()]
    pq.write_table(pa.Table.from_pylist(full, schema=TRUTH), path)
    return path


def scan(folder: Path, found: dict[str, list[str]], last: datetime = START + 4 * HOUR) -> Path:
    """Write a scan that reports these campaigns with all exchanges of their accounts."""
    folder.mkdir()
    campaigns = tuple(
        Campaign(
            id=name,
            verdict="campaign",
            bits=20,
            probability=1,
            q_value=0.01,
            account_fpr=0.00002,
            first_seen=START,
            last_seen=last,
            exchanges=2 * len(accounts),
            account_count=len(accounts),
        )
        for name, accounts in found.items()
    )
    reading = Reading(
        files=1, exchanges=273, accounts=136, duplicates=0, rejected={}, first=START, last=last
    )
    document = Scan(
        version="0",
        made=last,
        reading=reading,
        fdr=0.05,
        account_fpr=0.0001,
        expected_false=0.1,
        weighed=9,
        campaigns=campaigns,
        leads=(),
        spared=(),
        **{"schema": "stillwatch.campaigns/1"},
    )
    (folder / "campaigns.json").write_text(document.model_dump_json(by_alias=True))
    of = {account: name for name, accounts in found.items() for account in accounts}
    accounts = [a for group in ACCOUNTS.values() for a in group]
    write(folder / "accounts.parquet", account=accounts, campaign=[of.get(a) for a in accounts])
    ids = [str(r["exchange_id"]) for r in truth_rows()]
    write(
        folder / "exchanges.parquet",
        exchange_id=ids,
        campaign=[of.get(i.split("-")[0]) for i in ids],
    )
    return folder


def write(path: Path, **columns: list[str] | list[str | None]) -> None:
    arrays = {name: pa.array(values, pa.string()) for name, values in columns.items()}
    bits = pa.array([0.0] * len(next(iter(columns.values()))))
    pq.write_table(pa.table({**arrays, "bits": bits}), path)


def hits(result: Score) -> dict[str, tuple[int, int, int, int]]:
    return {
        unit: (d.recall.hits, d.recall.of, d.precision.hits, d.precision.of)
        for unit, d in (
            ("campaigns", result.campaigns),
            ("accounts", result.accounts),
            ("exchanges", result.exchanges),
        )
    }


def states(result: Score) -> dict[str, str]:
    return {m.campaign: m.state for m in result.matches}


def test_a_perfect_scan(tmp_path: Path, truth: Path) -> None:
    result = score(scan(tmp_path / "s", {"x": ACCOUNTS["a"], "y": ACCOUNTS["b"]}), truth)
    assert hits(result) == {
        "campaigns": (2, 2, 2, 2),
        "accounts": (16, 16, 16, 16),
        # The one customer's request on a0 was taken for harvest.
        "exchanges": (32, 32, 32, 33),
    }
    assert (result.false_positives.hits, result.false_positives.of) == (0, 120)
    # Clopper-Pearson with no hit has the closed form 1 - (alpha/2)^(1/n).
    assert result.false_positives.high == pytest.approx(1 - 0.025 ** (1 / 120))
    assert result.observed_false == 0


def test_an_empty_scan(tmp_path: Path, truth: Path) -> None:
    result = score(scan(tmp_path / "s", {}), truth)
    assert hits(result) == {
        "campaigns": (0, 2, 0, 0),
        "accounts": (0, 16, 0, 0),
        "exchanges": (0, 32, 0, 0),
    }
    assert result.accounts.precision.value is None
    assert states(result) == {"a": "missed", "b": "missed"}
    assert [(leak.alarm, leak.share) for leak in result.leaks] == [(None, 1.0), (None, 1.0)]


def test_two_campaigns_reported_as_one(tmp_path: Path, truth: Path) -> None:
    result = score(scan(tmp_path / "s", {"x": ACCOUNTS["a"] + ACCOUNTS["b"]}), truth)
    assert states(result) == {"a": "found", "b": "merged"}
    assert hits(result)["campaigns"] == (1, 2, 1, 1)
    assert hits(result)["accounts"] == (16, 16, 16, 16)


def test_one_campaign_reported_in_pieces(tmp_path: Path, truth: Path) -> None:
    a = ACCOUNTS["a"]
    result = score(scan(tmp_path / "s", {"x": a[:5], "y": a[5:]}), truth)
    assert states(result) == {"a": "found", "b": "missed"}
    assert result.matches[0].pieces == ("x", "y")
    assert hits(result)["campaigns"] == (1, 2, 2, 2)
    assert hits(result)["accounts"] == (10, 16, 10, 10)


def test_a_class_taken_for_a_campaign_is_a_false_one(tmp_path: Path, truth: Path) -> None:
    students = ACCOUNTS["lookalike:class_of_students"]
    found = {"x": ACCOUNTS["a"], "y": [*students[:8], *ACCOUNTS["b"][:1]]}
    result = score(scan(tmp_path / "s", found), truth)
    assert states(result) == {"a": "found", "b": "missed"}
    assert result.observed_false == 1
    assert hits(result)["accounts"] == (11, 16, 11, 19)
    assert (result.false_positives.hits, result.false_positives.of) == (8, 120)
    kinds = {k.kind: (k.groups, k.groups_flagged, k.accounts.hits) for k in result.kinds}
    assert kinds == {
        "lookalike:class_of_students": (1, 1, 8),
        "population:chat": (1, 0, 0),
    }


def test_leads_and_spared_groups_are_not_flagged(tmp_path: Path, truth: Path) -> None:
    folder = scan(tmp_path / "s", {"x": ACCOUNTS["a"]})
    accounts = [a for group in ACCOUNTS.values() for a in group]
    lead = ["lead-1" if a.startswith("c") else None for a in accounts]
    write(folder / "accounts.parquet", account=accounts, campaign=lead)
    result = score(folder, truth)
    assert result.false_positives.hits == 0
    assert hits(result)["accounts"] == (0, 16, 0, 0)


def test_what_lies_beyond_the_window_counts_as_not_yet_leaked(tmp_path: Path, truth: Path) -> None:
    folder = scan(tmp_path / "s", {"x": ACCOUNTS["a"]}, last=START + 2 * HOUR)
    result = score(folder, truth)
    leaks = {leak.campaign: (leak.before, leak.exchanges, leak.share) for leak in result.leaks}
    assert leaks == {"a": (10, 20, 0.5), "b": (12, 12, 1.0)}
    assert hits(result)["accounts"] == (10, 16, 10, 10)


def test_alarms_of_earlier_scans_are_taken(tmp_path: Path, truth: Path) -> None:
    folder = scan(tmp_path / "s", {"x": ACCOUNTS["a"][:5], "y": ACCOUNTS["a"][5:]})
    result = score(folder, truth, alarms={"x": START, "y": START + 3 * HOUR})
    assert result.leaks[0].alarm == START
    assert result.leaks[0].share == 0.0


def test_leaks_are_counted_up_to_the_alarm(truth: Path) -> None:
    leaks = leaked(pq.read_table(truth), {"a": START + HOUR, "b": START + 9 * HOUR})
    assert [(leak.campaign, leak.before) for leak in leaks] == [("a", 10), ("b", 12)]


def test_a_score_is_json_and_a_table(tmp_path: Path, truth: Path) -> None:
    result = score(scan(tmp_path / "s", {"x": ACCOUNTS["a"]}), truth)
    assert Score.model_validate_json(result.model_dump_json()) == result
    console = Console(record=True, width=120, file=(tmp_path / "out").open("w"))
    console.print(scoreboard(result))
    console.file.close()
    text = console.export_text()
    assert "62.5%" in text
    assert "lookalike:class_of_students" in text


@pytest.mark.parametrize("width", [80, 50])
def test_nothing_in_the_tables_of_a_score_is_cut_off(
    tmp_path: Path, truth: Path, width: int
) -> None:
    result = score(scan(tmp_path / "s", {"a-report-with-a-long-id": ACCOUNTS["a"]}), truth)
    long = result.kinds[0].model_copy(update={"kind": "lookalike:follow_the_sun_support"})
    console = Console(record=True, width=width, file=(tmp_path / "out").open("w"))
    console.print(scoreboard(result.model_copy(update={"kinds": (*result.kinds, long)})))
    console.file.close()
    text = console.export_text()
    assert "lookalike:follow_the_sun_support" in text
    assert "…" not in text


@pytest.mark.parametrize("name", ["campaigns.json", "accounts.parquet", "exchanges.parquet"])
def test_a_missing_file_is_named(tmp_path: Path, truth: Path, name: str) -> None:
    folder = scan(tmp_path / "s", {})
    (folder / name).unlink()
    with pytest.raises(NoInputError, match=rf"{name}: not there; run `stillwatch scan`"):
        score(folder, truth)


def test_a_file_of_another_form_is_named(tmp_path: Path, truth: Path) -> None:
    folder = scan(tmp_path / "s", {})
    pq.write_table(pa.table({"account": ["a0"]}), folder / "accounts.parquet")
    with pytest.raises(FormatError, match=r"accounts.parquet: has no column campaign"):
        score(folder, truth)
    (folder / "campaigns.json").write_text("{}")
    with pytest.raises(FormatError, match=r"campaigns.json: not a campaigns document"):
        score(folder, truth)


def test_the_truth_of_other_traffic_is_refused(tmp_path: Path, truth: Path) -> None:
    folder = scan(tmp_path / "s", {})
    write(folder / "accounts.parquet", account=["z1", "z2"], campaign=[None, None])
    with pytest.raises(FormatError, match=r"none of its accounts \(2\)"):
        score(folder, truth)
