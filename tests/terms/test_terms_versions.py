"""Versions of terms: what is wrong is told by its place; what was in force is answerable."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from terms_texts import clause, written

from stillwatch import schemas, terms
from stillwatch.errors import UsageError
from stillwatch.terms.measures import GRAVEST, LADDER


def problem(*paths: Path) -> str:
    with pytest.raises(UsageError) as error:
        terms.load(paths)
    return str(error.value)


@pytest.mark.parametrize(
    ("changes", "place", "told"),
    [
        ({"id": None}, "clauses.0.id", "is missing; a short name that stays the same"),
        ({"titel": "x"}, "clauses.0.titel", "there is no such key; did you mean 'title'?"),
        ({"evidence": []}, "clauses.0.evidence", "must hold at least 1"),
        ({"evidence": [{}]}, "clauses.0.evidence.0", "asks for nothing"),
        (
            {"evidence": [{"account_bits": 2}]},
            "clauses.0.evidence.0.account_bits",
            "is of a group; say which with `verdict`",
        ),
        (
            {"evidence": [{"signals": {"asks_for_reasonin": 1}}]},
            "clauses.0.evidence.0.signals",
            "there is no account signal 'asks_for_reasonin'; did you mean 'asks_for_reasoning'?",
        ),
        (
            {"evidence": [{"verdict": "guilty"}]},
            "clauses.0.evidence.0.verdict",
            "'campaign', 'lead'",
        ),
        (
            {"measures": [{"measure": "suspnd", "people": 2}]},
            "clauses.0.measures.0.measure",
            "did you mean 'suspend'?",
        ),
        (
            {"measures": [{"measure": "ask", "people": 0}]},
            "clauses.0.measures.0.people",
            "ask needs one person or more",
        ),
        (
            {"measures": [{"measure": "ask", "people": 1}] * 2},
            "clauses.0.measures.1.measure",
            "ask is there twice",
        ),
        ({"regions": ["Germany"]}, "clauses.0.regions.0", "must match the pattern"),
        ({"start": "2026-09-30"}, "clauses.0.from", "is before the version begins, 2026-10-01"),
        ({"end": "2026-10-01"}, "clauses.0.until", "is not after it begins"),
    ],
)
def test_what_is_wrong_with_a_clause_is_told_with_its_place(
    tmp_path: Path, changes: dict[str, Any], place: str, told: str
) -> None:
    path = written(tmp_path / "t.yml", clause(**changes))
    said = problem(path)
    assert said.startswith(f"{path}:")
    assert len(said.splitlines()) == 1
    assert f": {place}: " in said
    assert told in said


@pytest.mark.parametrize("measure", GRAVEST)
def test_no_one_person_ends_a_customer_s_service(tmp_path: Path, measure: str) -> None:
    alone = clause(measures=[{"measure": measure, "people": 1}])
    assert f"{measure} needs two people or more" in problem(written(tmp_path / "t.yml", alone))


def test_the_ladder_is_in_the_order_of_gravity() -> None:
    needed = [terms.fewest(measure) for measure in LADDER]
    assert needed == sorted(needed) == [0, 1, 1, 1, 1, 1, 2, 2]


def test_a_clause_stands_in_a_version_once(tmp_path: Path) -> None:
    said = problem(written(tmp_path / "t.yml", clause(), clause(title="Another")))
    assert "clauses.1.id: 'no-distillation' is there twice" in said


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        ({}, {"start": "2027-01-01"}, "'2026-10' is taken by"),
        ({}, {"version": "b"}, "begins at 2026-10-01, too; only one can be in force"),
        (
            {"end": "2027-02-01"},
            {"version": "b", "start": "2027-01-01"},
            "2026-10 ({first}) ends at 2027-02-01, after this version has begun; end it at "
            "2027-01-01",
        ),
        ({"end": "2026-10-01"}, {"version": "b"}, "until: is not after the version begins"),
    ],
)
def test_versions_that_contradict_each_other_are_refused(
    tmp_path: Path, first: dict[str, Any], second: dict[str, Any], told: str
) -> None:
    one = written(tmp_path / "a.yml", **first)
    written(tmp_path / "b.yml", **second)
    assert told.format(first=one) in problem(tmp_path)


def test_a_clause_that_would_begin_under_the_next_version_is_refused(tmp_path: Path) -> None:
    written(tmp_path / "a.yml", clause(start="2027-02-01"))
    written(tmp_path / "b.yml", version="b", start="2027-01-01")
    assert "clause no-distillation would begin when b" in problem(tmp_path)


def test_what_was_in_force_is_told_to_the_moment(tmp_path: Path) -> None:
    written(tmp_path / "a.yml")
    written(tmp_path / "b.yml", version="b", start="2027-01-01", end="2027-06-01")
    written(tmp_path / "c.yml", version="c", start="2027-07-01")
    found = terms.load([tmp_path])

    def at(text: str) -> str | None:
        version = found.at(datetime.fromisoformat(text))
        return version and version.terms.version

    assert at("2026-09-30T23:59:59Z") is None
    assert at("2026-10-01T00:00:00Z") == at("2026-12-31T23:59:59.999999Z") == "2026-10"
    assert at("2027-01-01T00:00:00Z") == at("2027-01-01T01:00:00+01:00") == "b"
    assert at("2027-06-01T00:00:00Z") is None
    assert at("2030-01-01T00:00:00Z") == "c"
    (gap,) = found.gaps()
    assert [f"{time:%Y-%m-%d}" for time in gap if time] == ["2027-06-01", "2027-07-01"]


def test_a_clause_is_for_the_models_and_countries_and_times_that_it_names(tmp_path: Path) -> None:
    late = clause(id="late", start="2026-12-01", end="2026-12-24")
    narrow = clause(id="narrow", models=["aster-3"], regions=["DE"])
    found = terms.load([written(tmp_path / "a.yml", clause(), narrow, late)])

    def ids(day: str, **of: str) -> list[str]:
        return [f.clause.id for f in found.in_force(datetime.fromisoformat(f"{day}Z"), **of)]

    assert ids("2026-11-01T00:00") == ["no-distillation", "narrow"]
    assert ids("2026-11-01T00:00", model="aster-4") == ["no-distillation"]
    assert ids("2026-11-01T00:00", model="aster-3", region="FR") == ["no-distillation"]
    assert ids("2026-11-01T00:00", model="aster-3", region="DE")[1:] == ["narrow"]
    assert ids("2026-12-23T23:59", region="FR") == ["no-distillation", "late"]
    assert ids("2026-12-24T00:00", region="FR") == ["no-distillation"]


DAY = timedelta(days=1)
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.integers(0, 400), min_size=1, max_size=6, unique=True), st.integers(-5, 420))
def test_at_any_time_at_most_one_version_is_in_force_and_none_is_forgotten(
    tmp_path_factory: pytest.TempPathFactory, starts: list[int], day: int
) -> None:
    home = tmp_path_factory.mktemp("terms")
    for number in starts:
        name = f"v{number}"
        written(home / f"{name}.yml", version=name, start=(BEGIN + number * DAY).isoformat())
    version = terms.load([home]).at(BEGIN + day * DAY)
    begun = [number for number in starts if number <= day]
    assert (version.terms.version if version else None) == (f"v{max(begun)}" if begun else None)


def test_the_schemas_can_be_written_down() -> None:
    for name in ("terms", "terms_simulation"):
        assert json.loads(json.dumps(schemas.schema(name)))["properties"]
