"""From a decision to a scan that heeds it, by the command line."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from scanned import document, table

from stillwatch.signals import weights
from stillwatch.signals.model import AccountSignal, GroupSignal
from stillwatch.signals.registry import signals

Cli = Callable[..., Any]


@pytest.fixture
def campaign(tiny_out: Path) -> dict[str, Any]:
    (found,) = document(tiny_out)["campaigns"]
    return dict(found)


@pytest.fixture
def mine(tmp_path: Path, tiny_out: Path, campaign: dict[str, Any], stillwatch: Cli) -> Path:
    """Weights that learned that the campaign of `tiny` was cleared."""
    path = tmp_path / "mine.json"
    ran = stillwatch("weights", "learn", tiny_out, campaign["id"], "--innocent", "--into", path)
    assert ran.code == 0, ran.err
    assert "40 accounts" in ran.out and "version 1" in ran.out
    return path


def test_a_lesson_holds_the_bins_and_no_account(
    mine: Path, tiny_out: Path, campaign: dict[str, Any]
) -> None:
    (lesson,) = weights.load(mine, signals()).lessons
    assert (lesson.id, lesson.verdict, lesson.accounts) == (campaign["id"], "innocent", 40)
    by_name = {s.about.name: s for s in signals()}
    values = {b["signal"]: b["value"] for b in campaign["waterfall"] if b["value"] is not None}
    assert lesson.bins.keys() == values.keys()
    for name, index in lesson.bins.items():
        signal = by_name[name]
        assert isinstance(signal, GroupSignal)
        bounds = [-np.inf, *signal.scale.edges, np.inf]
        assert bounds[index] <= values[name] < bounds[index + 1]
    rows = table(tiny_out, "accounts")
    inside = rows.filter([one == campaign["id"] for one in rows["campaign"].to_pylist()])
    for name, shares in lesson.shares.items():
        signal = by_name[name]
        assert isinstance(signal, AccountSignal)
        known = inside[name].drop_null().to_pylist()
        first = sum(value < signal.scale.edges[0] for value in known) / len(known)
        assert shares[0] == pytest.approx(first, abs=1e-6)
        assert sum(shares) == pytest.approx(1, abs=1e-5)
    text = mine.read_text("utf-8")
    assert not any(account in text for account in rows["account"].to_pylist())


def test_the_fitted_numbers_in_the_file_are_those_packaged(mine: Path) -> None:
    known = weights.load(mine, signals())
    assert known.model_copy(update={"version": 0, "lessons": ()}) == weights.packaged()


def own_bits(out: Path, campaign: dict[str, Any]) -> float:
    """What the signals of a campaign's accounts say by themselves, added up."""
    rows = table(out, "accounts")
    inside = {member["account"] for member in campaign["accounts"]}
    pairs = zip(rows["account"].to_pylist(), rows["own_bits"].to_pylist(), strict=True)
    return float(sum(bits for account, bits in pairs if account in inside))


def test_a_scan_with_it_believes_less_and_says_so(
    mine: Path,
    tiny_range: Path,
    tiny_out: Path,
    tmp_path: Path,
    campaign: dict[str, Any],
    stillwatch: Cli,
) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text(f'weights = "{mine}"\nworkers = 1\n', "utf-8")
    out = tmp_path / "out"
    ran = stillwatch("scan", tiny_range / "traffic", "--out", out, "--config", settings)
    assert ran.code == 0, ran.err
    found = document(out)
    assert found["weights_version"] == 1
    assert re.search("version of the weights</th><td>1<", (out / "report.html").read_text("utf-8"))
    (after,) = found["campaigns"]
    assert after["id"] == campaign["id"]
    assert 0.5 < campaign["bits"] - after["bits"] < 1.5
    assert own_bits(out, campaign) < own_bits(tiny_out, campaign)


def test_a_scan_with_the_packaged_weights_is_of_version_0(tiny_out: Path) -> None:
    assert document(tiny_out)["weights_version"] == 0
    assert "version of the weights" not in (tiny_out / "report.html").read_text("utf-8")


def test_show_tells_the_decisions_and_what_changed_most(
    mine: Path, campaign: dict[str, Any], stillwatch: Cli
) -> None:
    told = json.loads(stillwatch("weights", "show", mine, "--json").out)
    assert told["version"] == 1
    assert [one["id"] for one in told["lessons"]] == [campaign["id"]]
    assert len(told["changed"]) == 10
    changed = [abs(c["after"] - c["before"]) for c in told["changed"]]
    assert changed == sorted(changed, reverse=True)
    assert changed[-1] > 0
    ran = stillwatch("weights", "show", mine)
    assert ran.code == 0
    for word in (
        campaign["id"],
        "innocent",
        "version 1",
        "1 decision",
        told["changed"][0]["signal"],
    ):
        assert word in ran.out


def test_forget_takes_it_back(mine: Path, campaign: dict[str, Any], stillwatch: Cli) -> None:
    assert stillwatch("weights", "forget", mine, campaign["id"]).code == 0
    told = json.loads(stillwatch("weights", "show", mine, "--json").out)
    assert told == {"version": 2, "lessons": [], "changed": []}
    assert "0 decisions" in stillwatch("weights", "show", mine).out
    again = stillwatch("weights", "forget", mine, campaign["id"])
    assert again.code == 2
    assert "never learned" in again.err


def test_the_other_verdict_is_refused_and_the_file_stays(
    mine: Path, tiny_out: Path, campaign: dict[str, Any], stillwatch: Cli
) -> None:
    before = mine.read_bytes()
    ran = stillwatch("weights", "learn", tiny_out, campaign["id"], "--harvest", "--into", mine)
    assert ran.code == 2
    assert "weights forget" in ran.err
    assert mine.read_bytes() == before


def test_a_verdict_is_needed(
    tiny_out: Path, campaign: dict[str, Any], tmp_path: Path, stillwatch: Cli
) -> None:
    ran = stillwatch("weights", "learn", tiny_out, campaign["id"], "--into", tmp_path / "w.json")
    assert ran.code == 2
    assert "--harvest or --innocent" in ran.err


def refused(stillwatch: Cli, out: Path, id: str, home: Path) -> tuple[int, str]:
    """What is said to who would learn from `id`; no file is begun."""
    ran = stillwatch("weights", "learn", out, id, "--harvest", "--into", home / "w.json")
    assert not (home / "w.json").exists()
    return ran.code, ran.err


def test_an_id_that_is_not_there_is_answered_with_those_that_are(
    tiny_out: Path, campaign: dict[str, Any], tmp_path: Path, stillwatch: Cli
) -> None:
    code, told = refused(stillwatch, tiny_out, "c-0000000000", tmp_path)
    assert code == 2
    assert f"there are: {campaign['id']}" in told


def test_a_spared_group_is_refused(tiny_out: Path, tmp_path: Path, stillwatch: Cli) -> None:
    code, told = refused(stillwatch, tiny_out, document(tiny_out)["spared"][0]["id"], tmp_path)
    assert code == 2
    assert "was spared" in told


@pytest.fixture
def copied(tiny_out: Path, tmp_path: Path) -> Path:
    """The two files of a result that lessons are taken from, to break."""
    out = tmp_path / "copied"
    out.mkdir()
    for name in ("campaigns.json", "accounts.parquet"):
        shutil.copy(tiny_out / name, out / name)
    return out


def test_a_result_of_another_schema_is_refused(
    copied: Path, campaign: dict[str, Any], tmp_path: Path, stillwatch: Cli
) -> None:
    path = copied / "campaigns.json"
    path.write_text(path.read_text("utf-8").replace("campaigns/1", "campaigns/0"), "utf-8")
    code, told = refused(stillwatch, copied, campaign["id"], tmp_path)
    assert code == 4
    assert "stillwatch.campaigns/0" in told and "scan again" in told


def test_a_table_that_is_not_of_the_document_is_refused(
    copied: Path, campaign: dict[str, Any], tmp_path: Path, stillwatch: Cli
) -> None:
    path = copied / "accounts.parquet"
    pq.write_table(pq.read_table(path).slice(0, 10), path)
    code, told = refused(stillwatch, copied, campaign["id"], tmp_path)
    assert code == 4
    assert "not of one scan" in told
    pq.write_table(pq.read_table(path).replace_schema_metadata({"schema": "other/1"}), path)
    assert (
        "is other/1, not stillwatch.accounts/1"
        in refused(stillwatch, copied, campaign["id"], tmp_path)[1]
    )
    path.write_bytes(b"PAR1")
    code, told = refused(stillwatch, copied, campaign["id"], tmp_path)
    assert (code, "cannot be read" in told) == (4, True)
    path.unlink()
    assert refused(stillwatch, copied, campaign["id"], tmp_path)[0] == 3
