"""Verdicts: bits to probability to a false discovery rate, and which innocents look so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.campaigns.posterior import Crowd, Judged, judge, rates
from stillwatch.campaigns.verdicts import LEAST_PROBABILITY, SPARED_SHOWN, verdicts
from stillwatch.config import Settings
from stillwatch.signals.model import About, GroupSignal, Scale
from stillwatch.signals.null import Null, bound
from stillwatch.signals.weights import Weights, empty

PRIOR = -8.0


def signal(name: str, group: str = "text") -> GroupSignal:
    """Below 1 speaks against a harvest, from 2 up for it."""
    return GroupSignal(
        about=About(
            name=name, title=name, group=group, needs=("time",), innocent="None.", source="A test."
        ),
        scale=Scale(
            edges=(1.0, 2.0),
            harvest=(0.1, 0.2, 0.7),
            ordinary=(0.7, 0.2, 0.1),
            reading="{value:.1f}",
        ),
        measure=lambda tables: tables.members,
    )


def alike(groups: int, size: int = 10, accounts: int = 100_000) -> Crowd:
    """Groups of one size."""
    return Crowd(np.full(groups, size, dtype=np.int64), accounts)


def q_values(evidence: Any, null: Null | None) -> Any:
    return rates(evidence, alike(len(evidence)), null)[0]


def judged(
    values: dict[str, Sequence[float]],
    signals: Sequence[GroupSignal] | None = None,
    known: Weights | None = None,
    prior: float = PRIOR,
) -> Judged:
    arrays = {name: np.array(column, dtype=np.float64) for name, column in values.items()}
    crowd = alike(len(next(iter(arrays.values()))))
    return judge(arrays, signals or [signal(n) for n in values], known or empty(), prior, crowd)


GROUPS = ("links", "text", "tempo", "volume", "identity", "shards")
measurements = st.lists(
    st.lists(st.sampled_from([np.nan, 0.5, 1.0, 1.5, 2.0, 9.0]), min_size=4, max_size=4),
    min_size=1,
    max_size=12,
)
NULL = Null(groups=4_000, above=2.0, share=0.02, mean=1.5)
evidences = st.lists(st.floats(-20, 30), min_size=1, max_size=40).map(np.array)


@given(evidences, st.sampled_from([None, NULL]))
def test_q_is_the_rate_at_which_a_group_would_be_reported(evidence: Any, null: Null | None) -> None:
    p = bound(evidence) if null is None else null.p_values(evidence)
    q = q_values(evidence, null)
    for rate in np.unique(q):
        # Benjamini and Hochberg's step up: the largest k with p(k) <= k / m * rate.
        ordered = np.sort(p)
        steps = np.arange(1, len(p) + 1) / len(p) * rate
        passed = np.flatnonzero(ordered <= steps * (1 + 1e-12))
        line = ordered[passed[-1]] if len(passed) else -1.0
        assert ((q <= rate) == (p <= line)).all()


@given(evidences)
def test_q_never_falls_as_evidence_falls(evidence: Any) -> None:
    q = q_values(evidence, NULL)
    order = np.argsort(-evidence, kind="stable")
    assert (np.diff(q[order]) >= -1e-12).all()
    assert ((q >= 0) & (q <= 1)).all()


def test_the_more_groups_are_looked_at_the_more_must_one_show() -> None:
    few, many = np.append(np.zeros(9), 12.0), np.append(np.zeros(9_999), 12.0)
    assert q_values(few, NULL)[-1] * 1_000 == pytest.approx(q_values(many, NULL)[-1])


def test_nothing_is_reported_of_the_innocent_more_often_than_promised() -> None:
    # Of 3,000 scans of 25 innocent groups each, whose bits are those of the null.
    rng = np.random.default_rng(7)
    scans = rng.exponential(NULL.mean, (3_000, 25)) + NULL.above
    innocent = np.where(rng.random(scans.shape) < NULL.share, scans, 0.0)
    reported = sum(q_values(one, NULL).min() <= 0.1 for one in innocent)
    assert 0.08 * 3_000 < reported < 0.12 * 3_000


def flagged(evidence: Any, sizes: Sequence[int], accounts: int = 4_000) -> Any:
    return rates(evidence, Crowd(np.array(sizes), accounts), NULL)[1]


def test_who_accuses_many_must_be_surer() -> None:
    few, many = flagged(np.array([12.0, 12.0]), [10, 1_000])
    assert many == pytest.approx(100 * few)
    # Two groups, of which one is a quarter of all accounts, and a p-value of 0.02 e^(-10 / 1.5).
    assert many == pytest.approx(2 * 0.25 * 0.02 * np.exp(-10 / 1.5))


def test_no_more_innocent_accounts_are_flagged_than_promised() -> None:
    # Of 20,000 scans of 25 innocent groups of all sizes, whose bits are those of the null.
    rng = np.random.default_rng(11)
    sizes = np.unique(np.geomspace(3, 800, 25).astype(np.int64))
    scans = rng.exponential(NULL.mean, (20_000, len(sizes))) + NULL.above
    innocent = np.where(rng.random(scans.shape) < NULL.share, scans, 0.0)
    crowd = Crowd(sizes, 4_000)
    told = [sizes[rates(one, crowd, NULL)[1] <= 0.001].sum() for one in innocent]
    assert 0.0005 < np.mean(told) / crowd.accounts < 0.00125


def test_what_would_flag_too_many_accounts_is_a_lead() -> None:
    both = told([0.9999, 0.9999])
    line = float(both.account_fpr[0])
    for rate, verdict in ((line, "campaign"), (line * 0.99, "lead")):
        found = verdicts(np.array([0, 1]), both, settings(account_fpr=rate))
        assert set(found.values()) == {verdict}


def test_no_groups_have_no_q_values() -> None:
    assert q_values(np.zeros(0), NULL).shape == (0,)
    assert q_values(np.zeros(0), None).shape == (0,)


def test_no_groups_can_be_judged() -> None:
    found = judged({"one": [], "two": []})
    assert found.total.shape == found.q_value.shape == (0,)
    assert verdicts(np.zeros(0, dtype=np.int64), found, settings()) == {}


@given(measurements)
def test_bits_probability_and_order_agree(rows: list[list[float]]) -> None:
    names = [f"s{i}" for i in range(4)]
    columns = {n: list(column) for n, column in zip(names, zip(*rows, strict=True), strict=True)}
    found = judged(columns, [signal(n, g) for n, g in zip(names, GROUPS, strict=False)])
    assert found.probability == pytest.approx(1 / (1 + 2.0**-found.total))
    order = np.argsort(-found.total, kind="stable")
    assert (np.diff(found.q_value[order]) >= -1e-12).all()


@given(measurements)
def test_a_group_is_judged_by_itself(rows: list[list[float]]) -> None:
    names = [f"s{i}" for i in range(4)]
    whole = judged({n: [r[i] for r in rows] for i, n in enumerate(names)})
    for place, row in enumerate(rows):
        alone = judged({n: [row[i]] for i, n in enumerate(names)})
        assert alone.total[0] == pytest.approx(whole.total[place])
        assert alone.weights[0] == pytest.approx(whole.weights[place])


def test_a_missing_signal_weighs_nothing() -> None:
    without = judged({"one": [9.0]})
    missing = judged({"one": [9.0], "two": [np.nan]})
    assert missing.total == pytest.approx(without.total)
    assert missing.weights[0, 1] == 0


def test_a_group_nobody_could_measure_stays_at_the_prior() -> None:
    found = judged({"one": [np.nan], "two": [np.nan]})
    assert found.weights == pytest.approx(0)
    assert found.total == pytest.approx(PRIOR, abs=1e-6)


def test_more_evidence_of_a_harvest_means_more_bits() -> None:
    found = judged({"one": [0.5, 1.5, 2.0]})
    assert found.total[0] < found.total[1] < found.total[2]
    assert found.weights[0, 0] < 0 < found.weights[2, 0]


def test_an_edge_belongs_to_the_bin_above_it() -> None:
    found = judged({"one": [2.0, 1e9, 1.9999]})
    assert found.total[0] == found.total[1] > found.total[2]


def test_fitted_bits_stand_in_the_place_of_the_priors() -> None:
    known = Weights.model_validate({"made_by": "test", "together": {"one": [-1.0, 0.5, 3.0]}})
    found = judged({"one": [0.5, 1.0, 9.0, np.nan]}, known=known)
    assert found.weights[:, 0] == pytest.approx([-1.0, 0.5, 3.0, 0.0])
    assert found.total == pytest.approx(PRIOR + found.weights[:, 0])


def families(**bins: list[float]) -> Weights:
    return Weights.model_validate(
        {"made_by": "test", "groups": {"one": bins, "two": bins}, "families": tuple(bins)}
    )


def test_the_family_that_looks_so_explains_best() -> None:
    known = families(batch=[0, 0, 400], tutors=[400, 0, 0])
    found = judged({"one": [9.0, 0.5], "two": [9.0, 0.5]}, known=known)
    against = dict(zip(found.families, found.against.T, strict=True))
    assert against["batch"][0] < against["tutors"][0] - 3
    assert against["tutors"][1] < against["batch"][1] - 3


@given(measurements)
def test_the_odds_against_the_families_sum_to_the_odds_against_them_all(
    rows: list[list[float]],
) -> None:
    known = families(batch=[0, 0, 400], tutors=[400, 0, 0])
    found = judged({"one": [r[0] for r in rows], "two": [r[1] for r in rows]}, known=known)
    assert found.against.shape == (len(rows), len(found.families))
    evidence = found.total - PRIOR
    assert np.exp2(-found.against).sum(axis=1) == pytest.approx(np.exp2(-evidence))


def test_prior_bits_shift_every_total_alike() -> None:
    seen = {"one": [0.5, 1.5, 9.0]}
    low, high = judged(seen, prior=-8.0), judged(seen, prior=-3.0)
    assert high.total - low.total == pytest.approx(5.0)


def told(probability: Sequence[float]) -> Judged:
    """Groups so likely, under the null."""
    p = np.array(probability)
    nothing = np.zeros((len(p), 1))
    total = np.log2(p / (1 - p))
    crowd = alike(len(p))
    q_value, account_fpr = rates(total - PRIOR, crowd, NULL)
    return Judged(
        weights=nothing,
        prior=PRIOR,
        total=total,
        against=nothing,
        families=("ordinary",),
        probability=p,
        q_value=q_value,
        account_fpr=account_fpr,
        crowd=crowd,
        null=NULL,
    )


def settings(fdr: float = 0.05, lead: float = 0.1, account_fpr: float = 0.5) -> Settings:
    return Settings(fdr=fdr, lead_probability=lead, account_fpr=account_fpr)


def decided(probability: Sequence[float], fdr: float = 0.05, lead: float = 0.1) -> list[str | None]:
    groups = np.arange(len(probability), dtype=np.int64) + 100
    found = verdicts(groups, told(probability), settings(fdr, lead))
    return [found.get(int(g)) for g in groups]


def test_sure_groups_are_campaigns_likely_ones_leads_and_the_rest_spared() -> None:
    assert decided([0.999, 0.3, 0.001]) == ["campaign", "lead", "spared"]


def test_the_reported_keep_the_false_discovery_rate() -> None:
    probability = [0.9999, 0.999, 0.99, 0.98, 0.97, 0.96, 0.95]
    q = told(probability).q_value
    for fdr in (1e-6, 1e-5, 1e-4, 0.001, 0.5):
        found = decided(probability, fdr)
        assert [v == "campaign" for v in found] == (q <= fdr).tolist()


def test_a_lower_rate_reports_no_group_more() -> None:
    probability = [0.9999, 0.999, 0.99, 0.95, 0.92, 0.4, 0.01]
    counts = [decided(probability, fdr).count("campaign") for fdr in (1e-9, 1e-5, 1e-4, 0.01, 0.9)]
    assert counts == sorted(counts)
    assert counts[0] == 0
    assert counts[-1] == 5


def test_no_group_is_reported_that_is_not_likely_by_itself() -> None:
    crowd = [0.9999] * 50 + [LEAST_PROBABILITY - 0.01]
    assert decided(crowd, fdr=0.05)[-1] == "lead"
    assert decided([*crowd[:-1], LEAST_PROBABILITY + 0.01], fdr=0.05)[-1] == "campaign"


def test_one_that_weighed_more_is_judged_with_the_others() -> None:
    before = judged({"one": [9.0, 0.5, 0.5]})
    after = before.shifted(1, 40.0)
    assert after.total == pytest.approx(before.total + np.array([0, 40, 0]))
    assert after.probability[1] > 0.99
    assert after.q_value == pytest.approx(q_values(after.total - PRIOR, None))
    assert before.total[1] < PRIOR


def test_of_the_spared_the_closest_are_shown_and_no_more() -> None:
    probability = np.linspace(0.001, 0.04, SPARED_SHOWN + 15)
    found = decided(probability.tolist())
    assert found.count("spared") == SPARED_SHOWN
    assert found == [None] * 15 + ["spared"] * SPARED_SHOWN


def test_the_surest_come_first() -> None:
    found = verdicts(np.array([7, 8, 9]), told([0.2, 0.999, 0.01]), settings())
    assert list(found) == [8, 7, 9]
