"""Weights: bits are log ratios, shrunk where little was seen, and never without bound."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.errors import UsageError
from stillwatch.signals import weights
from stillwatch.signals.model import GroupSignal, Scale
from stillwatch.signals.registry import signals
from stillwatch.signals.weights import Weights, bits

SCALE = Scale(
    edges=(1.0, 2.0),
    harvest=(0.2, 0.3, 0.5),
    ordinary=(0.6, 0.3, 0.1),
    reading="{value:.1f}",
)
counts = st.lists(st.floats(0, 1e6), min_size=3, max_size=3)


def known(**families: list[float]) -> Weights:
    table = {"pacing": families}
    return Weights.model_validate({"made_by": "test", "accounts": table, "groups": table})


def test_without_data_the_shares_are_those_written_in_the_signal() -> None:
    nothing = weights.empty()
    assert nothing.harvest("pacing", SCALE) == pytest.approx(SCALE.harvest)
    assert nothing.innocent("groups", "pacing", SCALE) == pytest.approx(SCALE.ordinary)
    assert nothing.innocent("groups", "pacing", SCALE, "batch") == pytest.approx(SCALE.ordinary)


@given(counts)
def test_shares_sum_to_one_and_are_never_zero(seen: list[float]) -> None:
    told = known(campaign=seen, batch=seen)
    for shares in (
        told.harvest("pacing", SCALE),
        told.innocent("groups", "pacing", SCALE),
        told.innocent("groups", "pacing", SCALE, "batch"),
        told.own("pacing", SCALE, seen),
    ):
        assert shares.sum() == pytest.approx(1)
        assert shares.min() > 0


@given(counts.filter(lambda c: sum(c) > 1))
def test_shares_lie_between_the_prior_and_what_was_seen(seen: list[float]) -> None:
    shares = known(campaign=seen).harvest("pacing", SCALE)
    observed = np.asarray(seen) / sum(seen)
    low, high = np.minimum(observed, SCALE.harvest), np.maximum(observed, SCALE.harvest)
    assert (shares >= low - 1e-9).all()
    assert (shares <= high + 1e-9).all()


def test_the_more_was_seen_the_less_the_prior_counts() -> None:
    seen = np.array([1.0, 0.0, 0.0])
    first = [
        known(campaign=list(seen * n)).harvest("pacing", SCALE)[0] for n in (0, 1, 10, 100, 10_000)
    ]
    assert first == sorted(set(first))
    assert first[0] == pytest.approx(0.2)
    assert first[-1] > 0.99


def test_a_family_seen_seldom_looks_like_all_families_together() -> None:
    def first(seen: float) -> float:
        told = known(batch=[0.0, 0.0, 9.0], rare=[seen, 0.0, 0.0])
        return float(told.innocent("groups", "pacing", SCALE, "rare")[0])

    everyone = known(batch=[0.0, 0.0, 9.0]).innocent("groups", "pacing", SCALE)
    shares = [first(seen) for seen in (1.0, 10.0, 1e5)]
    assert shares == sorted(set(shares))
    assert shares[-1] > 0.98
    told = known(batch=[0.0, 0.0, 9.0])
    assert told.innocent("groups", "pacing", SCALE, "unheard") == pytest.approx(everyone)


def test_a_family_counts_once_however_large_it_is() -> None:
    small = known(batch=[8.0, 0.0, 0.0], evaluation=[0.0, 0.0, 8.0])
    large = known(batch=[8_000.0, 0.0, 0.0], evaluation=[0.0, 0.0, 8.0])
    for told in (small, large):
        shares = told.innocent("groups", "pacing", SCALE)
        assert shares == pytest.approx(small.innocent("groups", "pacing", SCALE))


def test_campaigns_do_not_count_among_the_innocent() -> None:
    without, with_them = (
        known(batch=[5.0, 5.0, 5.0]),
        known(batch=[5.0, 5.0, 5.0], campaign=[0.0, 0.0, 500.0]),
    )
    assert with_them.innocent("groups", "pacing", SCALE) == pytest.approx(
        without.innocent("groups", "pacing", SCALE)
    )


def test_many_accounts_of_the_provider_outweigh_the_range() -> None:
    told = known(batch=[0.0, 0.0, 900.0])
    own = told.own("pacing", SCALE, [1e6, 0.0, 0.0])
    assert own[0] > 0.99
    few = told.own("pacing", SCALE, [1.0, 0.0, 0.0])
    assert few == pytest.approx(told.innocent("accounts", "pacing", SCALE), abs=0.01)


def test_what_harvesters_add_to_a_bin_makes_it_weigh_less() -> None:
    told = weights.empty()
    m = told.harvest("pacing", SCALE)
    worth = [bits(m, told.own("pacing", SCALE, [900.0, 90.0, n]))[2] for n in (10.0, 200.0, 900.0)]
    assert worth == sorted(worth, reverse=True)


positive = st.floats(1e-9, 1.0)


@given(st.lists(st.tuples(positive, positive), min_size=1, max_size=8))
def test_bits_are_those_of_harvesters_of_whom_some_look_innocent(
    pairs: list[tuple[float, float]],
) -> None:
    m, u = (np.array(side) for side in zip(*pairs, strict=True))
    found = bits(m, u)
    mixed = (1 - weights.UNTOLD) * m + weights.UNTOLD * u
    assert found == pytest.approx(np.minimum(np.log2(mixed / u), weights.LARGEST_WEIGHT))
    assert (found >= np.log2(weights.UNTOLD) - 1e-9).all(), "no lack of a tell says much"
    assert (np.sign(found) == np.sign(m - u))[np.abs(m / u - 1) > 1e-6].all()


def test_what_is_as_usual_for_both_weighs_nothing() -> None:
    assert bits(np.array([0.3]), np.array([0.3])) == pytest.approx(0)


def test_the_packaged_weights_fit_the_signals_they_speak_of() -> None:
    shapes = {s.about.name: len(s.scale.edges) + 1 for s in signals() if hasattr(s, "scale")}
    told = weights.packaged()
    for level in (told.accounts, told.groups):
        for signal, families in level.items():
            for family, row in families.items():
                assert len(row) == shapes[signal], f"{signal} of {family}: run make weights"
                assert min(row) >= 0


STRETCHED = 1.35
UNFITTED = {"handover", "members_daily_ceiling", "members_failover", "members_retargeting"}
"""Too few of the innocent show them in training."""


def test_the_packaged_bits_of_groups_are_those_of_the_signals_and_within_bounds() -> None:
    told = weights.packaged().together
    shapes = {s.about.name: len(s.scale.edges) + 1 for s in signals() if isinstance(s, GroupSignal)}
    for name, row in told.items():
        assert len(row) == shapes[name], f"{name}: run make weights"
        # Calibration stretched them all alike.
        assert min(row) >= STRETCHED * weights.SMALLEST_WEIGHT
        assert max(row) <= STRETCHED * weights.LARGEST_WEIGHT


def test_what_the_fit_left_out_has_priors_that_say_little() -> None:
    told = weights.packaged().together
    left = [s for s in signals() if isinstance(s, GroupSignal) and s.about.name not in told]
    assert {s.about.name for s in left} <= UNFITTED, "run make weights"
    for s in left:
        worth = weights.packaged().of_group(s.about.name, s.scale)
        assert np.abs(worth).max() <= 1.5


def test_fitted_bits_keep_to_the_known_direction() -> None:
    told = weights.packaged().together
    for signal in signals():
        if isinstance(signal, GroupSignal) and signal.about.name in told:
            steps = np.diff(told[signal.about.name])
            if signal.scale.rises is not None:
                assert (steps if signal.scale.rises else -steps).min() >= -1e-3, signal.about.name


ALONE = weights.Alone(together={"mine": [1.0, 2.0]}, belonging=weights.Belonging(offset=-1.0))


def test_with_addresses_all_bits_are_the_usual_ones() -> None:
    known = weights.empty().model_copy(update={"alone": ALONE})
    assert known.given({"time", "account", "address"}) == known


@pytest.mark.parametrize("column", sorted(weights.WHO - {"address"}))
def test_where_nobody_knows_who_sits_in_one_room_common_times_weigh_nothing(column: str) -> None:
    told = {"mine": [1.0, 2.0], "lockstep": [0.0, 3.0]}
    known = weights.empty().model_copy(update={"alone": ALONE, "together": told})
    given = known.given({"time", "account", column})
    assert given.together == {"mine": [1.0, 2.0], "lockstep": [0.0, 0.0]}


def test_the_signals_of_common_times_are_there() -> None:
    assert set(weights.ROOMS) <= weights.packaged().together.keys()


def test_without_any_the_bits_are_those_of_text_alone() -> None:
    known = weights.empty().model_copy(update={"alone": ALONE})
    given = known.given({"time", "account", "head"})
    assert given.together == ALONE.together
    assert given.belonging == ALONE.belonging
    assert weights.empty().given({"time"}) == weights.empty()


def test_belonging_that_was_never_fitted_says_half() -> None:
    assert weights.Belonging().of_link("mine") == (0.5, 0.0)
    assert weights.Belonging().of_likeness("mine") == 0.5


def test_the_packaged_belonging_never_speaks_for_a_stranger() -> None:
    known = weights.packaged().belonging
    assert known.links and known.likeness
    factors = [*known.likeness.values(), *(f for pair in known.links.values() for f in pair)]
    assert all(factor >= 0 for factor in factors)
    assert known.offset < 0, "without evidence an account does not belong"


def test_a_group_signal_that_was_never_fitted_weighs_what_its_priors_say() -> None:
    worth = weights.empty().of_group("mine", SCALE)
    assert worth == pytest.approx(bits(np.array(SCALE.harvest), np.array(SCALE.ordinary)))


def test_weights_load_back(tmp_path: Path) -> None:
    told = Weights.model_validate({"made_by": "test", "groups": {"mine": {"campaign": [1.0]}}})
    (tmp_path / "w.json").write_text(told.model_dump_json(by_alias=True))
    assert weights.load(tmp_path / "w.json", signals()) == told


@pytest.mark.parametrize(
    ("content", "key"),
    [
        ({"made_by": "x", "together": {"group_size": ["many"]}}, "together.group_size"),
        ({"made_by": "x", "surplus": 1}, "surplus"),
        ({}, "made_by"),
        ({"made_by": "x", "groups": {"pacing": {"campaign": ["many"]}}}, "groups.pacing.campaign"),
        ({"made_by": "x", "families": "all"}, "families"),
    ],
)
def test_a_bad_weights_file_is_told_by_file_and_key(
    tmp_path: Path, content: dict[str, object], key: str
) -> None:
    path = tmp_path / "w.json"
    path.write_text(json.dumps(content))
    with pytest.raises(UsageError) as error:
        weights.load(path, signals())
    assert str(path) in str(error.value)
    assert key in str(error.value)


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"",
        b"[]",
        b"\xff\xfe{}",
    ],
)
def test_what_is_no_weights_file_is_told_so(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "w.json"
    path.write_bytes(content)
    with pytest.raises(UsageError) as error:
        weights.load(path, signals())
    assert f"{path}: not a weights file" in str(error.value)
    assert ": :" not in str(error.value)


def test_a_missing_weights_file_is_told_by_name(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"absent\.json cannot be read"):
        weights.load(tmp_path / "absent.json", signals())


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ({"accounts": {"pacing": {"campaign": [1.0, 2.0]}}}, r"accounts\.pacing\.campaign: 2 bins"),
        ({"groups": {"group_size": {"batch": [1.0, 2.0]}}}, r"groups\.group_size\.batch: 2 bins"),
        ({"together": {"group_size": [1.0, 2.0]}}, r"together\.group_size: 2 bins"),
        ({"together": {"members_pacing": [1.0]}}, r"together\.members_pacing: 1 bins"),
    ],
)
def test_weights_of_a_signal_that_was_changed_since_are_refused(
    tmp_path: Path, content: dict[str, object], told: str
) -> None:
    path = tmp_path / "w.json"
    path.write_text(json.dumps({"made_by": "x", **content}), "utf-8")
    with pytest.raises(UsageError, match=told) as error:
        weights.load(path, signals())
    assert "fit the weights again" in str(error.value)
