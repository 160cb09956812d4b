"""An erased account is named nowhere, and what it asked does not come back."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

import stillwatch as sw
from made_lakes import lake
from stillwatch.campaigns.document import load
from stillwatch.errors import FormatError, NoInputError, OutputError, UsageError
from stillwatch.range import load_scenario, make
from stillwatch.retention import erase, expire, hold, holds
from stillwatch.sketch.lake import Lake

SETTINGS = sw.Settings(workers=1)
NOW = datetime(2026, 11, 1, tzinfo=UTC)
BIG = (
    '{"schema": "stillwatch.forgotten/1", "before": null, '
    '"erased": {"99999999999999999999": "2026-10-06T00:00:00+00:00"}}'
)
Record = dict[str, Any]


@pytest.fixture
def scanned(tmp_path: Path) -> tuple[Path, Path]:
    """A log with a campaign in it, and the directory of its scan."""
    made = make(load_scenario("tiny"), tmp_path / "range")
    sw.scan(made.traffic, tmp_path / "out", settings=SETTINGS)
    return made.traffic, tmp_path / "out"


def everything(out: Path) -> str:
    """All that is in a directory, tables as text."""
    told = []
    for path in sorted(p for p in out.rglob("*") if p.is_file()):
        table = path.suffix == ".parquet"
        told.append(repr(pq.ParquetFile(path).read().to_pylist()) if table else path.read_text())
    return "\n".join(told)


def test_an_erased_account_is_named_nowhere(scanned: tuple[Path, Path]) -> None:
    traffic, out = scanned
    before = load(out / "campaigns.json")
    (campaign,) = before.campaigns
    gone = campaign.accounts[0]
    assert gone.account in everything(out)
    found = erase(out, [gone.account], NOW)
    assert (found.rows, found.groups) == (gone.exchanges, 1)
    assert gone.account not in everything(out)
    after = load(out / "campaigns.json")
    assert after.campaigns[0].account_count == campaign.account_count
    assert len(after.campaigns[0].accounts) == len(campaign.accounts) - 1
    again = sw.scan(traffic, out, settings=SETTINGS)
    assert again.document.reading.gone == gone.exchanges
    assert again.accounts.num_rows == before.reading.accounts - 1
    assert [c.id for c in again.campaigns] == [campaign.id]
    assert gone.account not in everything(out)


def test_what_it_asked_does_not_come_back_and_what_it_asks_later_counts(
    log: Callable[..., Path], record: Callable[..., Record], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    first = [record(n, account=f"acct-{n % 2}") for n in range(6)]
    sw.scan(log("a.jsonl", first), out, settings=SETTINGS)
    erase(out, ["acct-1"], NOW)
    later = record(7, account="acct-1", time=(NOW + timedelta(hours=1)).isoformat())
    result = sw.scan(log("a.jsonl", [*first, later]), out, settings=SETTINGS)
    assert result.document.reading.rejected == {"erased": 3}
    counts = {r["account"]: r["exchanges"] for r in result.accounts.to_pylist()}
    assert counts == {"acct-0": 3, "acct-1": 1}
    set_aside = [json.loads(line) for line in (out / "rejected.jsonl").read_text().splitlines()]
    assert [one["reason"] for one in set_aside] == ["erased"] * 3
    assert not any("acct-1" in json.dumps(one) for one in set_aside)


def test_expired_days_do_not_come_back_when_a_log_is_read_again(
    log: Callable[..., Path], record: Callable[..., Record], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    days = ["2026-10-01", "2026-10-02", "2026-10-30"]
    rows = [
        record(n, account=f"acct-{n % 2}", time=f"{day}T0{n}:00:00Z", exchange_id=f"{day}-{n}")
        for day in days
        for n in range(4)
    ]
    sw.scan(log("a.jsonl", rows), out, settings=SETTINGS)
    hold(out, "x", "why", ["acct-1"], None, NOW)
    assert expire(out, 10, NOW).rows == 4
    path = log("b.jsonl", rows)
    (path.parent / "a.jsonl").unlink()
    result = sw.scan(path, out, settings=SETTINGS)
    assert result.document.reading.rejected == {"expired": 4}
    counts = {r["account"]: r["exchanges"] for r in result.accounts.to_pylist()}
    assert counts == {"acct-0": 2, "acct-1": 6}


def test_names_leave_holds_that_ended(tmp_path: Path) -> None:
    out = lake(tmp_path, [{"account": "a"}, {"account": "b"}])
    hold(out, "x", "why", ["a", "b"], NOW + timedelta(days=1), NOW)
    hold(out, "y", "why", ["a"], NOW + timedelta(days=1), NOW)
    erase(out, ["a"], NOW + timedelta(days=2))
    assert [(one.name, one.accounts) for one in holds(out)] == [("x", ("b",))]


def test_records_set_aside_of_others_stay(
    log: Callable[..., Path], record: Callable[..., Record], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    lines = [record(n, account="Acme Corp" if n % 2 else "2") for n in range(4)]
    lines = [{**one, "exchange_id": f"{one['account']}:0"} for one in lines]
    sw.scan(log("a.jsonl", [*lines, "no json"]), out, settings=SETTINGS)
    erase(out, ["2"], NOW)
    kept = (out / "rejected.jsonl").read_text()
    assert "Acme Corp:0" in kept
    assert "not JSON" in kept
    erase(out, ["Acme Corp"], NOW)
    assert "Acme" not in everything(out)
    (manifest,) = Lake.open(out).manifests()
    assert manifest.rejected == {"not JSON": 1}


def test_a_damaged_list_of_the_erased_stops_all(tmp_path: Path) -> None:
    out = lake(tmp_path, [{"account": "a"}])
    erase(out, ["a"], NOW)
    for text in ("{", '{"schema": "x"}', '{"schema": "stillwatch.forgotten/1"}', BIG):
        (out / "forgotten.json").write_text(text)
        with pytest.raises(OutputError, match="restore it"):
            erase(out, ["b"], NOW)


def test_what_was_set_aside_of_it_is_erased_too(
    log: Callable[..., Path], record: Callable[..., Record], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    lines = [record(n, account=f"acct-{n % 2}", exchange_id=f"x-{n % 4}") for n in range(8)]
    sw.scan(log("a.jsonl", lines), out, settings=SETTINGS)
    assert "x-1" in (out / "rejected.jsonl").read_text()
    erase(out, ["acct-1"], NOW)
    kept = (out / "rejected.jsonl").read_text()
    assert "x-1" not in kept
    assert "x-0" in kept


def test_who_is_held_is_not_erased(scanned: tuple[Path, Path]) -> None:
    _, out = scanned
    (campaign,) = load(out / "campaigns.json").campaigns
    name = campaign.accounts[0].account
    hold(out, campaign.id, "case 17", [], None, NOW)
    with pytest.raises(UsageError, match=rf"held as {campaign.id} \(case 17\)"):
        erase(out, [name], NOW)
    assert name in everything(out)
    assert holds(out)[0].accounts == tuple(sorted(a.account for a in campaign.accounts))


def test_nonsense_is_refused(tmp_path: Path, scanned: tuple[Path, Path]) -> None:
    _, out = scanned
    with pytest.raises(UsageError, match="name the accounts"):
        erase(out, [], NOW)
    with pytest.raises(NoInputError, match="holds no sketches"):
        erase(tmp_path / "elsewhere", ["a"], NOW)
    with pytest.raises(NoInputError, match="no campaign or lead 'c-0'"):
        hold(out, "c-0", "why", [], None, NOW)
    with pytest.raises(UsageError, match="is no name of a hold"):
        hold(out, "../x", "why", ["a"], None, NOW)
    with pytest.raises(UsageError, match="say why"):
        hold(out, "x", " ", ["a"], None, NOW)
    with pytest.raises(UsageError, match="has passed"):
        hold(out, "x", "why", ["a"], NOW, NOW)
    (out / "campaigns.json").resolve().write_text(
        '{"schema": "stillwatch.campaigns/0", "version": "0"}'
    )
    with pytest.raises(FormatError, match="erase again"):
        erase(out, ["a"], NOW)
    assert not (out / "forgotten.json").exists()
