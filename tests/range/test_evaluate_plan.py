"""What an evaluation is going to do."""

from __future__ import annotations

import pytest

from stillwatch.errors import UsageError
from stillwatch.range.evaluate import QUICK, Sizes, plan
from stillwatch.range.evaluate.scenarios import LARGEST_SLOW
from stillwatch.range.evasion import LEVELS
from stillwatch.range.layout import LAYOUTS
from stillwatch.range.scenario import SCENARIOS
from stillwatch.range.split import SEEDS, measuring

SIZES = Sizes(scenarios=6, populations=5, alarms=2, stripped=3)
JOBS = plan(SIZES)


def test_every_rung_has_the_same_harvests_among_innocents_of_its_own() -> None:
    plans = []
    crowds: list[int] = []
    sizes: dict[str, list[tuple[int, int]]] = {}
    for level in LEVELS:
        scenarios = [j.scenario for j in JOBS if j.arm == "rung" and j.level == level]
        assert len(scenarios) == SIZES.scenarios
        campaigns = [c for s in scenarios for c in s.campaign]
        assert {c.level for c in campaigns} == {level}
        plans.append([c.model_dump(exclude={"level", "accounts", "exchanges"}) for c in campaigns])
        sizes[level] = [(c.accounts, c.exchanges) for c in campaigns]
        crowds += [s.seed for s in scenarios]
    assert all(p == plans[0] for p in plans)
    assert sizes["L0"] == sizes["L1"] == sizes["L2"]
    for quick, slow in zip(sizes["L0"], sizes["L3"], strict=True):
        assert slow[1] == min(quick[1], LARGEST_SLOW)
        # A handful a day, over two days.
        assert slow[1] / slow[0] <= 2 * LAYOUTS["L3"].per_day
    assert len(set(crowds)) == len(crowds)


def test_populations_are_campaign_free_and_none_is_met_twice() -> None:
    free = [j.scenario for j in JOBS if j.arm == "innocent"]
    assert [s.campaign for s in free] == [()] * SIZES.populations
    met = [j.scenario.seed for j in JOBS if j.arm in {"innocent", "rung"}]
    assert len(set(met)) == len(met)


def test_every_scenario_may_measure_and_every_job_has_a_file_of_its_own() -> None:
    assert all(measuring(job.scenario) for job in JOBS)
    drawn = [j.scenario.seed for j in JOBS if j.arm != "disclosed"]
    assert set(drawn) <= set(SEEDS["test"])
    assert len({job.key for job in JOBS}) == len(JOBS)


def test_every_packaged_scenario_is_a_disclosed_row() -> None:
    assert {j.name for j in JOBS if j.arm == "disclosed"} == set(SCENARIOS)


def test_a_key_changes_with_the_scenario() -> None:
    quick, full = ({j.key for j in plan(s) if j.arm == "innocent"} for s in (QUICK, SIZES))
    assert not quick & full


def test_more_than_there_are_seeds_for_is_refused() -> None:
    with pytest.raises(UsageError, match="seeds for 2000 populations, not for 3001"):
        plan(Sizes(populations=3001))
    with pytest.raises(UsageError, match=r"harvests for a rung, not 501"):
        plan(Sizes(scenarios=501), levels=("L0",))
