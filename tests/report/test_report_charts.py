"""The drawings say what the numbers say."""

from __future__ import annotations

import math
import random
import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from example import scan
from example_parts import weight
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.campaigns.document import Moment
from stillwatch.report.graph import LAPTOP, PHONE, Shape, graph, place
from stillwatch.report.layout import arrange
from stillwatch.report.layout import named as carriers_are_named
from stillwatch.report.timeline import series, timeline
from stillwatch.report.waterfall import waterfall

START = datetime(2026, 5, 3, tzinfo=UTC)
BITS = st.floats(-40, 40)


@given(st.lists(st.tuples(BITS, st.sampled_from(["a", "b", "prior"]))), BITS)
def test_the_waterfalls_bars_sum_to_the_total(
    weights: list[tuple[float, str]], total: float
) -> None:
    drawn = waterfall([weight(f"s{i}", "t", g, b, "r") for i, (b, g) in enumerate(weights)], total)
    *bars, last = drawn.steps
    assert math.isclose(sum(bar.bits for bar in bars), total, abs_tol=0.05)
    assert math.isclose(last.end, total)
    for before, after in pairwise(bars):
        assert math.isclose(before.end, after.start, abs_tol=1e-9)


@given(st.lists(BITS, min_size=1), BITS)
def test_every_bar_lies_on_its_axis(weights: list[float], total: float) -> None:
    drawn = waterfall([weight("s", "t", "g", b, "r") for b in weights], total)
    for step in drawn.steps:
        assert 0 <= drawn.position(step.start) <= 1
        assert 0 <= drawn.position(step.end) <= 1
    assert 0 in drawn.ticks
    assert len(drawn.ticks) <= 8


def test_bits_that_no_weight_accounts_for_get_a_bar_of_their_own() -> None:
    drawn = waterfall([weight("a", "A", "g", 5.0, "r")], 9.0)
    assert [(s.kind, s.bits) for s in drawn.steps] == [("for", 5.0), ("rest", 4.0), ("total", 9.0)]


def test_a_total_below_its_weights_shows_the_prior_it_must_have_begun_with() -> None:
    drawn = waterfall([weight("a", "A", "g", 5.0, "r")], -8.0)
    assert (drawn.steps[0].title, drawn.steps[0].bits) == ("Prior", -13.0)


def test_what_could_not_be_measured_is_not_called_silent() -> None:
    drawn = waterfall([weight("a", "A", "g", 0.0, "r", None), weight("b", "B", "g", 0.0, "r")], 0.0)
    assert (drawn.unmeasured, drawn.silent) == (("A",), ("B",))


def test_accounts_that_share_the_same_things_stand_together() -> None:
    campaign = scan().campaigns[1]
    plan = arrange(campaign, campaign.links, 100)
    assert sorted(cluster.size for cluster in plan.clusters) == [1, 4, 7]


@pytest.mark.parametrize("shape", [LAPTOP, PHONE])
def test_no_two_accounts_overlap_and_all_lie_within_the_drawing(shape: Shape) -> None:
    for campaign in scan().campaigns:
        plan = arrange(campaign, campaign.links, 130)
        height = place(plan, shape)
        dots = [dot for cluster in plan.clusters for dot in cluster.dots]
        for i, a in enumerate(dots):
            assert a.x - a.radius >= 0
            assert a.x + a.radius < shape.things
            assert a.y - a.radius >= 0
            assert a.y + a.radius <= height
            for b in dots[:i]:
                assert math.hypot(a.x - b.x, a.y - b.y) >= a.radius + b.radius
        ys = sorted(thing.y for thing in plan.things)
        assert all(below - above >= 40 for above, below in pairwise(ys))


def test_a_large_campaign_is_drawn_in_part_and_the_rest_is_counted() -> None:
    campaign = scan().campaigns[0]
    drawing = graph(campaign, campaign.links, 20, LAPTOP)
    assert re.search(r">\d+ not drawn<", drawing)
    assert drawing.count("<title>") <= 20 + 3 * 7


def test_the_graph_does_not_depend_on_the_order_of_the_accounts() -> None:
    campaign = scan().campaigns[0]
    shuffled = list(campaign.accounts)
    random.Random(3).shuffle(shuffled)
    other = campaign.model_copy(update={"accounts": tuple(shuffled)})
    assert graph(campaign, campaign.links, 60, LAPTOP) == graph(other, campaign.links, 60, LAPTOP)


def test_where_carriers_are_not_named_no_thread_is_made_up() -> None:
    campaign = scan().campaigns[0]
    bare = [link.model_copy(update={"members": ()}) for link in campaign.links]
    drawing = graph(campaign, bare, 60, LAPTOP)
    assert "ribbon" in drawing
    assert "thread" not in drawing
    assert not carriers_are_named(campaign, bare)


def test_a_timeline_loses_no_exchange_however_coarse() -> None:
    moments = scan().campaigns[0].timeline
    for bins in (1, 7, 50, 1000):
        data = series(moments, bins)
        assert data
        assert len(data.exchanges) <= bins
        assert sum(data.exchanges) == sum(m.exchanges for m in moments)
        assert max(data.accounts) == max(m.accounts for m in moments)


def test_a_timeline_keeps_the_gaps() -> None:
    days = [Moment(time=START + timedelta(days=d), exchanges=9, accounts=2) for d in (0, 1, 5)]
    data = series(days, 100)
    assert data
    assert data.exchanges == (9, 9, 0, 0, 0, 9)


def test_one_moment_is_a_timeline_and_none_is_no_timeline() -> None:
    data = series([Moment(time=START, exchanges=3, accounts=1)], 50)
    assert data
    assert "peak 3" in timeline(data, 740)
    assert series([], 50) is None


def test_every_chart_has_a_text_equivalent() -> None:
    campaign = scan().campaigns[0]
    data = series(campaign.timeline, 100)
    assert data
    assert 'aria-label="Exchanges per 3 hours, at most' in timeline(data, 740)
    assert 'aria-label="43 accounts and the rare things' in graph(
        campaign, campaign.links, 50, PHONE
    )
