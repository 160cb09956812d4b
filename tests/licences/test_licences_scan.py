"""Scans with licences: the licensed are left alone, and what goes beyond is found."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
from licence_texts import text

import stillwatch as sw
from stillwatch.campaigns.document import Scan

HARVEST = 1200
"""Exchanges of the campaign of the tiny range, by forty accounts."""


def of(truth: Path, kind: str) -> list[str]:
    """The accounts of one kind of traffic."""
    found = duckdb.sql(
        f"select distinct account from '{truth}/truth.parquet' "
        f"where kind = '{kind}' or campaign = '{kind}'"
    ).fetchall()
    return sorted(account for (account,) in found)


@pytest.fixture(scope="module")
def harvesters(tiny_range: Path) -> list[str]:
    return of(tiny_range, "lantern")


@pytest.fixture(scope="module")
def scanned(tiny_out: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """The output of a scan of the tiny range's sketches with licences."""

    def scan(*changes: dict[str, Any]) -> Path:
        home = tmp_path_factory.mktemp("licensed")
        for number, each in enumerate(changes):
            (home / f"{number}.yml").write_text(text(**each, models="any"), "utf-8")
        settings = sw.Settings(workers=1, licences=(home,))
        sw.scan(tiny_out / "sketches", home / "out", settings=settings)
        return home / "out"

    return scan


@pytest.fixture(scope="module")
def whole(scanned: Callable[..., Path], harvesters: list[str]) -> Path:
    """All of the campaign is licensed."""
    return scanned({"id": "lantern", "accounts": harvesters})


@pytest.fixture(scope="module")
def third(scanned: Callable[..., Path], tiny_range: Path, harvesters: list[str]) -> Path:
    """A third of what the campaign took is licensed: it goes to three times its volume.

    A licence of its accounts that is over lies beside it, and one of a class of students.
    """
    volume = {"exchanges": HARVEST // 3, "per": "month"}
    return scanned(
        {"id": "lantern", "holder": "Lantern", "accounts": harvesters, "volume": volume},
        {"id": "over", "accounts": harvesters, "start": "2025-10-01", "end": "2026-10-01"},
        {"id": "class", "accounts": of(tiny_range, "lookalike:class_of_students")},
    )


def document(out: Path) -> Scan:
    return Scan.model_validate_json((out / "campaigns.json").read_text("utf-8"))


def accounts(out: Path) -> dict[str, dict[str, Any]]:
    return {row["account"]: row for row in pq.read_table(out / "accounts.parquet").to_pylist()}


def test_a_licensed_distiller_is_not_reported(tiny_out: Path, whole: Path) -> None:
    assert [c.account_count for c in document(tiny_out).campaigns] == [40], "without the licence"
    found = document(whole)
    assert found.reported == ()
    assert (found.reading.exchanges, found.reading.accounts) == (4889, 375), "all is read"
    assert found.reading.licensed == HARVEST
    (use,) = found.licences
    assert (use.licence, use.accounts, use.covered, use.uncovered) == ("lantern", 40, HARVEST, {})


def test_the_licensed_are_in_no_group_and_nothing_is_said_against_them(
    whole: Path, harvesters: list[str]
) -> None:
    named = {m.account for group in document(whole).groups for m in group.accounts}
    assert not named & set(harvesters)
    table = accounts(whole)
    assert len(table) == 375
    assert sum(table[account]["licensed"] for account in harvesters) == HARVEST
    for account in harvesters:
        row = table[account]
        assert (row["exchanges"], row["own_bits"]) == (0, 0.0)
        measured = [name for name in row if name.endswith(":bits")]
        assert measured
        assert {row[name] for name in measured} == {None}


def moved(ours: Path, theirs: Path) -> dict[str, float]:
    """Signal → by how many bits at most it says something else of accounts without a licence."""
    rows, before = accounts(ours), accounts(theirs)
    others = [account for account, row in rows.items() if not row["licensed"]]
    assert len(others) >= 300
    names = [name for name in rows[others[0]] if name.endswith("bits") and name != "link_bits"]
    return {
        name: most
        for name in sorted({*names} - {"bits"})
        if (most := max(abs(rows[a][name] - before[a][name]) for a in others)) > 1e-9
    }


def test_others_are_as_suspicious_as_without_the_licence(tiny_out: Path, whole: Path) -> None:
    assert moved(whole, tiny_out) == {}


def test_where_accounts_are_covered_in_part_only_signals_of_peers_move(
    tiny_out: Path, third: Path
) -> None:
    found = moved(third, tiny_out)
    assert set(found) <= {"use_against_plan:bits", "topics_against_peers:bits", "own_bits"}
    assert max(found.values()) < 0.25


def test_a_harvest_of_three_times_its_volume_is_found(third: Path, harvesters: list[str]) -> None:
    found = document(third)
    (campaign,) = found.campaigns
    caught = {m.account for m in campaign.accounts}
    assert len(caught & set(harvesters)) >= 38
    assert not caught - set(harvesters), "and nobody else"
    assert campaign.exchanges >= 0.95 * (HARVEST - HARVEST // 3)
    use = found.licences[1]
    assert (use.covered, use.uncovered) == (HARVEST // 3, {"volume": 2 * HARVEST // 3})
    assert [(f.of, f.used, f.share) for f in use.fullest] == [("exchanges", HARVEST, 3.0)]


def test_what_is_covered_is_attributed_to_nobody(third: Path, harvesters: list[str]) -> None:
    (campaign,) = document(third).campaigns
    rows = accounts(third)
    theirs = [rows[account] for account in harvesters]
    assert sum(row["licensed"] for row in theirs) == HARVEST // 3
    assert sum(row["exchanges"] for row in theirs) == HARVEST - HARVEST // 3
    for member in campaign.accounts:
        row = rows[member.account]
        assert (member.exchanges, member.licensed) == (row["exchanges"], row["licensed"])
        assert member.harvest_exchanges <= member.exchanges


def test_document_and_report_say_what_is_licensed(third: Path) -> None:
    (campaign,) = document(third).campaigns
    (part,) = campaign.licensed
    assert (part.licence, part.holder) == ("lantern", "Lantern")
    assert part.covered == sum(m.licensed for m in campaign.accounts)
    assert part.exchanges == sum(m.licensed + m.exchanges for m in campaign.accounts)
    page = " ".join(re.sub("<[^>]+>", " ", (third / "report.html").read_text("utf-8")).split())
    share = f"covers {part.covered:,} of {part.exchanges:,} exchanges of these accounts"
    assert f"Licensed: “lantern” (Lantern) {share}" in page
    assert "800 exchanges beyond its volume" in page


def test_licences_of_others_and_licences_that_are_over_change_nothing(third: Path) -> None:
    found = document(third)
    students, _, over = found.licences
    assert (students.licence, students.accounts, students.covered) == ("class", 30, 192)
    assert (over.licence, over.covered, over.term) == ("over", 0, 1.0)


def test_the_command_line_tells_how_far_a_licence_is_used(
    stillwatch: Callable[..., Any], tiny_out: Path, harvesters: list[str], tmp_path: Path
) -> None:
    volume = {"exchanges": 1400, "per": "month"}
    path = tmp_path / "l.yml"
    path.write_text(text(accounts=harvesters, models="any", volume=volume), "utf-8")
    assert "1 licence, nothing wrong." in stillwatch("licence", "check", path).out
    told = stillwatch("licence", "usage", path, "--scan", tiny_out).out
    assert "Near heron-2026: 85% of 1,400 exchanges a month used" in told
    assert "BEYOND" not in told
    said = json.loads(stillwatch("licence", "usage", path, "--scan", tiny_out, "--json").out)
    assert said["schema"] == "stillwatch.licence_usage/1"
    assert said["licences"][0]["covered"] == HARVEST
    path.write_text(text(accounts=harvesters, models=["none"]), "utf-8")
    told = stillwatch("licence", "usage", path, "--scan", tiny_out).out
    assert "Not covered, heron-2026: 1,200 exchanges of models it does not name." in told
    assert "BEYOND" not in told
    assert stillwatch("licence", "usage", path, "--scan", tmp_path / "none").code == 3


def test_a_licence_that_is_wrong_stops_a_scan_before_it_reads(
    stillwatch: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "l.yml").write_text("id: x\n", "utf-8")
    ran = stillwatch("scan", tmp_path, "--out", tmp_path / "o", "--licences", tmp_path / "l.yml")
    assert ran.code == 2
    assert "l.yml:1: holder: is missing" in ran.err
    assert not (tmp_path / "o").exists()
