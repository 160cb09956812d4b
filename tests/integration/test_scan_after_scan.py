"""Scans that follow one another: campaigns keep their ids, and a kill keeps the old ones."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from scanned import document, groups, table

import stillwatch as sw
from stillwatch.errors import FormatError, OutputError

SETTINGS = sw.Settings(workers=1)
Cli = Callable[..., Any]


def until(hour: int) -> datetime:
    return datetime(2026, 10, 6, hour, tzinfo=UTC)


@pytest.fixture(scope="module")
def three(tiny_range: Path, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """Documents of the traffic until three, until noon, and whole, scanned into one directory."""
    out = tmp_path_factory.mktemp("out")
    found = []
    for end in (until(3), until(12), None):
        sw.scan(tiny_range / "traffic", out, settings=SETTINGS, until=end)
        found.append(document(out))
        ids = {g["id"] for g in (*found[-1]["campaigns"], *found[-1]["leads"])}
        assert set(table(out, "accounts")["campaign"].to_pylist()) - {None} == ids
        assert set(table(out, "exchanges")["campaign"].to_pylist()) <= ids
        page = (out / "report.html").read_text("utf-8")
        assert all(i in page for i in ids)
        assert ("Known since" in page) == (len(found) > 1)
    return found


def test_the_harvest_keeps_its_id_as_it_grows(three: list[dict[str, Any]]) -> None:
    first, second, third = (d["campaigns"][0] for d in three)
    assert first["id"] == second["id"] == third["id"]
    assert first["account_count"] < third["account_count"]
    assert first["past"] is None
    assert second["past"]["was"] == "campaign"
    assert second["past"]["gained"] >= second["account_count"] - first["account_count"]
    assert third["past"]["reported_since"] == three[0]["reading"]["last"]


def test_each_scan_names_the_one_it_follows(three: list[dict[str, Any]]) -> None:
    assert [d["after"] for d in three] == [None, three[0]["made"], three[1]["made"]]


def test_ids_stay_apart(three: list[dict[str, Any]]) -> None:
    for told in three:
        ids = [g["id"] for g in (*groups(told), *told["dormant"])]
        assert len(set(ids)) == len(ids)


def test_another_directory_can_be_followed(tiny_range: Path, tmp_path: Path) -> None:
    traffic = tiny_range / "traffic"
    sw.scan(traffic, tmp_path / "a", settings=SETTINGS, until=until(3))
    result = sw.scan(traffic, settings=SETTINGS, until=until(6), after=tmp_path / "a")
    before = document(tmp_path / "a")
    assert [c.id for c in result.campaigns] == [c["id"] for c in before["campaigns"]]
    assert result.document.after == datetime.fromisoformat(before["made"])


def test_a_scan_that_dies_keeps_the_old_ids(
    tiny_range: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sw.scan(tiny_range / "traffic", tmp_path, settings=SETTINGS, until=until(3))
    kept = (tmp_path / "campaigns.json").read_bytes()

    def fail(*_: object) -> None:
        raise OutputError("disk full")

    with monkeypatch.context() as patched:
        patched.setattr("stillwatch.output.render", fail)
        with pytest.raises(OutputError, match="disk full"):
            sw.scan(tiny_range / "traffic", tmp_path, settings=SETTINGS, until=until(6))
    assert (tmp_path / "campaigns.json").read_bytes() == kept


def test_a_broken_result_stops_the_scan_before_it_reads(
    tmp_path: Path, log: Any, record: Any
) -> None:
    out = tmp_path / "out"
    path = log("a.jsonl", map(record, range(9)))
    sw.scan(path, out, settings=SETTINGS)
    kept = b'{"schema": "stillwatch.campaigns/1"'
    (out / "campaigns.json").write_bytes(kept)
    told: list[object] = []
    with pytest.raises(FormatError, match="remove the file to begin anew"):
        sw.scan(path, out, settings=SETTINGS, progress=lambda *step: told.append(step))
    assert told == []
    (out / "campaigns.json").unlink()
    sw.scan(path, out, settings=SETTINGS)
    assert document(out)["after"] is None


def test_the_command_says_what_became_of_campaigns(
    tiny_range: Path, tmp_path: Path, stillwatch: Cli
) -> None:
    scan = ("scan", tiny_range / "traffic", "--out", tmp_path / "a", "--until")
    assert "Since the scan" not in stillwatch(*scan, "2026-10-06T03:00").out
    again = stillwatch(*scan, "2026-10-06T06:00").out
    assert "UTC: 1 group continued" in again
    assert "not seen" not in again
    missing = stillwatch(*scan, "2026-10-06T06:00", "--after", tmp_path / "nothing")
    assert missing.code == 3
    assert "not there; run `stillwatch scan` first" in missing.err
