"""Whom a version would have touched in a scan: by hand, and from the command line."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
from terms_texts import clause, given, written

import stillwatch as sw
from stillwatch.errors import InputError, NoInputError
from stillwatch.licences import Licence
from stillwatch.terms import Terms
from stillwatch.terms.document import Simulation
from stillwatch.terms.simulate import simulate

SETTINGS = sw.Settings(workers=1)


def version(*clauses: dict[str, Any], name: str = "new") -> Terms:
    return Terms.model_validate(given(*clauses, version=name))


def ran(scan: Path, *clauses: dict[str, Any], **more: Any) -> Simulation:
    return simulate(version(*clauses), scan, settings=SETTINGS, **more)


def touched(found: Simulation) -> dict[str, int]:
    """Measure → accounts, of the only clause."""
    return {effect.measure or "": effect.new for effect in found.effects}


@pytest.fixture(scope="module")
def rows(tiny_out: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = pq.read_table(tiny_out / "accounts.parquet").to_pylist()
    return found


@pytest.fixture(scope="module")
def where(tiny_out: Path) -> list[tuple[str, str, str, int]]:
    """Account, model, country and exchanges that are attributed to the campaign."""
    return duckdb.sql(
        "select account, model, country, count(*) from "
        f"(select * from read_parquet('{tiny_out}/sketches/*/*.parquet')) join "
        f"'{tiny_out}/exchanges.parquet' using (exchange_id, account) group by all"
    ).fetchall()


def test_a_clause_touches_whom_its_evidence_holds_of(
    tiny_out: Path, rows: list[dict[str, Any]]
) -> None:
    least = sorted(r["bits"] for r in rows if r["verdict"] == "campaign")[10]
    graver = [{"verdict": "campaign", "campaign_bits": 1000}]
    found = ran(
        tiny_out,
        clause(
            evidence=[{"verdict": "campaign", "account_bits": least}],
            measures=[
                {"measure": "suspend", "people": 2, "evidence": graver},
                {"measure": "ask", "people": 1},
            ],
        ),
    )
    expected = sum(r["verdict"] == "campaign" and r["bits"] >= least for r in rows)
    assert 0 < expected < 40
    assert touched(found) == {"": expected, "ask": expected, "suspend": 0}
    assert (found.accounts, found.touched, found.licensed) == (375, expected, 0)


def test_signals_of_an_account_may_bear_on_a_clause_without_a_group(
    tiny_out: Path, rows: list[dict[str, Any]]
) -> None:
    name = "round_the_clock"
    found = ran(tiny_out, clause(evidence=[{"signals": {name: 0.5}, "exchanges": 20}]))
    expected = sum(r[f"{name}:bits"] >= 0.5 and r["exchanges"] >= 20 for r in rows)
    assert found.touched == expected > 0


def test_a_clause_for_a_model_touches_whom_it_was_harvested_by(
    tiny_out: Path, where: list[tuple[str, str, str, int]]
) -> None:
    models = sorted({model for _, model, _, _ in where})
    assert len(models) > 1
    for model in models:
        found = ran(tiny_out, clause(models=[model], evidence=[{"verdict": "campaign"}]))
        assert found.touched == len({a for a, m, _, _ in where if m == model})
    assert ran(tiny_out, clause(models=["none"])).touched == 0


def test_a_clause_for_a_country_counts_the_exchanges_from_there(
    tiny_out: Path, where: list[tuple[str, str, str, int]]
) -> None:
    country = max({c for _, _, c, _ in where}, key=[c for _, _, c, _ in where].count)
    evidence = [{"verdict": "campaign", "exchanges": 3}]
    found = ran(tiny_out, clause(regions=[country], evidence=evidence))
    there: dict[str, int] = {}
    for account, _, c, n in where:
        there[account] = there.get(account, 0) + (n if c == country else 0)
    expected = sum(n >= 3 for n in there.values())
    assert found.touched == expected
    assert 0 < expected < 40


def test_who_is_added_and_who_is_released_is_told_by_measure(
    tiny_out: Path, rows: list[dict[str, Any]]
) -> None:
    bits = sorted(r["bits"] for r in rows if r["verdict"] == "campaign")
    old, new = (
        version(clause(evidence=[{"verdict": "campaign", "account_bits": b}]), name=name)
        for b, name in ((bits[30], "old"), (bits[10], "new"))
    )
    tighter = simulate(new, tiny_out, old=old, settings=SETTINGS)
    looser = simulate(old, tiny_out, old=new, settings=SETTINGS)
    more = tighter.touched - looser.touched
    assert len(tighter.added) == more > 0
    assert tighter.released == looser.added == ()
    assert looser.released == tighter.added
    assert {one.group for one in tighter.added} == {
        r["campaign"] for r in rows if r["verdict"] == "campaign"
    }
    assert [len(e.added) for e in tighter.effects] == [more] * 3


def test_it_is_told_how_many_of_those_touched_are_licensed(
    tiny_out: Path, rows: list[dict[str, Any]]
) -> None:
    names = [r["account"] for r in rows if r["verdict"] == "campaign"]
    licence = Licence.model_validate(
        {
            **{"id": "x", "holder": "X", "kind": "research", "purpose": "p"},
            **{"accounts": names[:2], "models": "any", "from": "2026-01-01"},
            "until": "2027-01-01",
        }
    )
    evidence = [{"verdict": "campaign"}]
    found = ran(tiny_out, clause(evidence=evidence), licences=[licence])
    assert (found.touched, found.licensed) == (len(names), 2)
    old = version(clause(evidence=[{"verdict": "campaign", "account_bits": 99}]), name="old")
    found = ran(tiny_out, clause(evidence=evidence), licences=[licence], old=old)
    assert {one.account for one in found.added if one.licensed} == set(names[:2])


def test_where_sketches_are_gone_it_is_said_that_it_cannot_be_told(
    tiny_out: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    for name in ("campaigns.json", "accounts.parquet", "exchanges.parquet"):
        shutil.copy(tiny_out / name, out / name)
    assert ran(out, clause()).touched > 0, "nothing has to be looked up"
    with pytest.raises(NoInputError, match="holds no sketches"):
        ran(out, clause(models=["aster-3"]))
    shutil.copytree(tiny_out / "sketches", out / "sketches")
    rest = sorted((out / "sketches" / "_manifests").iterdir())
    rest[0].unlink()
    with pytest.raises((InputError, NoInputError), match=r"are gone|holds no sketches"):
        ran(out, clause(models=["aster-3"]))


def test_an_evening_with_a_change_of_terms(
    stillwatch: Callable[..., Any], tiny_out: Path, tmp_path: Path
) -> None:
    old = written(tmp_path / "a.yml")
    new = written(
        tmp_path / "b.yml",
        clause(evidence=[{"verdict": "campaign"}]),
        version="[b]",
        start="2027-01-01",
    )
    assert "must match the pattern" in stillwatch("terms", "check", tmp_path).err
    new.write_text(new.read_text("utf-8").replace("'[b]'", "b"), "utf-8")
    assert "2 versions, nothing wrong." in stillwatch("terms", "check", tmp_path).out
    told = stillwatch("terms", "diff", old, new).out
    assert "tighter: no longer asks for 3 bits of belonging" in told
    told = stillwatch("terms", "in-force", tmp_path, "--at", "2026-11-20T06:00:00Z").out
    assert "version 2026-10, from 2026-10-01 until 2027-01-01" in told
    assert "Allows: ask (1 person), suspend (2 people)." in told
    told = stillwatch("terms", "in-force", tmp_path, "--at", "2026-01-01").out
    assert "No version was in force at 2026-01-01." in told
    told = stillwatch("terms", "simulate", new, "--old", old, "--scan", tiny_out).out
    assert "b would have touched 40 accounts, 0 of them licensed, of 375 in the scan" in told
    said = json.loads(
        stillwatch("terms", "simulate", new, "--old", old, "--scan", tiny_out, "--json").out
    )
    assert said["schema"] == "stillwatch.terms_simulation/1"
    assert stillwatch("terms", "simulate", new, "--scan", tmp_path / "none").code == 3
