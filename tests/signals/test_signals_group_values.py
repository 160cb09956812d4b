"""What group signals measure, against values worked out by hand."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import ibis.expr.types as ir
import numpy as np
import pytest
from group_tables import members, rows, tables, value
from sketch_tables import START

from stillwatch.signals.catalogue.common_pauses import silences
from stillwatch.signals.catalogue.discrepancy import ONES
from stillwatch.signals.catalogue.handover import taken_up
from stillwatch.signals.catalogue.joint_start import concentration
from stillwatch.signals.catalogue.lockstep import variance_ratio
from stillwatch.signals.catalogue.technique_sweep import techniques
from stillwatch.signals.catalogue.union_against_peers import apart
from stillwatch.signals.catalogue.union_coverage import topics


def exchange(account: int, minutes: float = 0.0, **known: Any) -> dict[str, Any]:
    time = START + timedelta(minutes=minutes)
    return {"group": 0, "account_key": account, "time": time, **known}


# --- lockstep and common pauses -------------------------------------------------------------------


def bins(account: int, tens: Iterable[int]) -> list[dict[str, Any]]:
    """One exchange in each of these ten minutes."""
    return [exchange(account, 10 * ten + 1) for ten in tens]


def test_accounts_that_use_the_same_minutes_vary_together() -> None:
    same = [row for account in (1, 2, 3) for row in bins(account, range(0, 60, 6))]
    # Of one exchange an hour the sum of squares about the mean is 5 / 6; of three at once 9 times.
    assert value(variance_ratio(tables(exchanges=rows(*same)))) == pytest.approx(9 / 3)


def test_accounts_that_take_turns_vary_less_together() -> None:
    turns = [r for account in range(6) for r in bins(account, range(account, 60 + account, 6))]
    assert value(variance_ratio(tables(exchanges=rows(*turns)))) == pytest.approx(0)


def test_what_varies_is_compared_within_hours_only() -> None:
    # Both are busy in the same hours and silent in others, but evenly within each.
    office = [
        r for account in (1, 2) for hour in range(0, 20, 2) for r in bins(account, [hour * 6])
    ]
    alone = [r for hour in range(0, 20, 2) for r in bins(3, [hour * 6 + 3])]
    found = value(variance_ratio(tables(exchanges=rows(*office, *alone))))
    # Two at once and one alone: 4 + 1 - 9 / 6 over three times 5 / 6.
    assert found == pytest.approx((5 - 9 / 6) / (3 * 5 / 6))


def room(*accounts: int) -> ir.Table:
    """Accounts of group 0 that make all their requests from one address."""
    return rows(
        *(
            {"group": 0, "account_key": a, "kind": "address", "node": 7, "share": 1.0}
            for a in accounts
        )
    )


def test_people_in_one_room_are_one_witness() -> None:
    same = rows(*(row for account in (1, 2, 3) for row in bins(account, range(0, 60, 6))))
    assert value(variance_ratio(tables(exchanges=same, shared=room(1, 2, 3)))) is None
    assert value(silences(tables(exchanges=same, shared=room(1, 2, 3)))) is None
    # Two in one room and one elsewhere are two who vary together, not three.
    found = value(variance_ratio(tables(exchanges=same, shared=room(1, 2))))
    assert found == pytest.approx(9 / (4 + 1))


def test_independent_accounts_have_a_variance_ratio_of_one() -> None:
    rng = np.random.default_rng(11)
    rows_ = [r for account in range(8) for r in bins(account, rng.integers(0, 1200, 300).tolist())]
    assert value(variance_ratio(tables(exchanges=rows(*rows_)))) == pytest.approx(1, abs=0.1)
    assert value(silences(tables(exchanges=rows(*rows_)))) == pytest.approx(1, abs=0.1)


def test_a_pause_that_all_make_is_more_than_chance() -> None:
    # Each hour both use the first three tens: three are silent, 6 / 4 expected.
    same = [
        r for account in (1, 2) for h in range(8) for r in bins(account, range(6 * h, 6 * h + 3))
    ]
    found = value(silences(tables(exchanges=rows(*same))))
    assert found == pytest.approx((8 * 3 + 1) / (8 * 6 / 4 + 1))


def test_accounts_that_never_pause_or_hardly_work_have_no_pauses_in_common() -> None:
    busy = [r for account in (1, 2) for r in bins(account, range(60))]
    assert value(silences(tables(exchanges=rows(*busy)))) == pytest.approx(1, abs=1e-6)
    few = [r for account in (1, 2) for r in bins(account, range(0, 30, 6))]
    assert value(silences(tables(exchanges=rows(*few)))) is None
    assert value(variance_ratio(tables(exchanges=rows(*few)))) is None


# --- handover -------------------------------------------------------------------------------------


def blocked(account: int, minutes: float) -> list[dict[str, Any]]:
    return [
        exchange(account, minutes - 600, status="ok"),
        exchange(account, minutes, status="denied"),
    ]


def fresh(account: int, minutes: float) -> dict[str, Any]:
    return exchange(account, minutes, status="ok")


def test_blocked_accounts_that_are_replaced_are_handed_over() -> None:
    replaced = [*blocked(1, 1000), fresh(2, 1020), *blocked(3, 3000), fresh(4, 3059)]
    assert value(taken_up(tables(exchanges=rows(*replaced)))) == pytest.approx(2 / (2 + 2))


def test_accounts_that_come_before_and_after_alike_are_no_handover() -> None:
    always = [*blocked(1, 1000), *blocked(3, 3000)]
    always += [fresh(10 + i, m) for i, m in enumerate((970, 1030, 2970, 3030))]
    assert value(taken_up(tables(exchanges=rows(*always)))) == 0
    late = [*blocked(1, 1000), *blocked(3, 3000), fresh(2, 1061)]
    assert value(taken_up(tables(exchanges=rows(*late)))) == 0


def test_the_start_of_the_blocked_account_itself_is_none_before() -> None:
    short = [fresh(1, 990), exchange(1, 1000, status="denied"), fresh(2, 1010)]
    other = [*blocked(3, 3000), fresh(4, 3010)]
    assert value(taken_up(tables(exchanges=rows(*short, *other)))) == pytest.approx(2 / 4)


def test_who_was_answered_after_a_denial_was_not_blocked() -> None:
    once = [exchange(1, 10, status="denied"), fresh(1, 20), *blocked(3, 3000), fresh(4, 3010)]
    assert value(taken_up(tables(exchanges=rows(*once)))) is None, "one block is too few"


# --- joint start ----------------------------------------------------------------------------------


def account(key: int, first: float, last: float, gap: float = 60.0) -> dict[str, Any]:
    """An account in use from first to last, in hours."""
    return {
        "account_key": key,
        "first_seen": START + timedelta(hours=first),
        "last_seen": START + timedelta(hours=last),
        "exchanges": 50,
        "gap_mean": gap,
    }


def started(*hours: float) -> float | None:
    """Accounts that start at these hours of a window of 100, and stop with it."""
    everyone = [account(0, 0, 100)]
    group = [account(i, hour, 100) for i, hour in enumerate(hours, 1)]
    return value(
        concentration(
            tables(members=members(*range(1, len(hours) + 1)), accounts=rows(*everyone, *group))
        )
    )


def test_accounts_that_start_in_one_hour_start_together() -> None:
    assert started(40, 40, 40, 40, 40) == pytest.approx(0)


def test_the_distance_of_starts_is_the_mean_over_pairs() -> None:
    hours = (10.0, 20.0, 50.0, 60.0, 90.0)
    pairs = [abs(a - b) for i, a in enumerate(hours) for b in hours[:i]]
    assert started(*hours) == pytest.approx(3 * np.mean(pairs) / 100)


def test_accounts_in_use_from_the_start_of_the_window_did_not_start_in_it() -> None:
    assert started(0.05, 0.05, 0.05, 0.05, 0.05, 0.05) is None


def test_stops_count_as_starts_do() -> None:
    everyone = [account(0, 0, 100)]
    group = [account(i, 0, 70) for i in range(1, 7)]
    found = concentration(tables(members=members(*range(1, 7)), accounts=rows(*everyone, *group)))
    assert value(found) == pytest.approx(0)


# --- topics ---------------------------------------------------------------------------------------


def test_the_union_covers_as_many_topics_as_are_equally_asked_about() -> None:
    even = [exchange(i % 4, topic=i % 10) for i in range(100)]
    # 100 exchanges in ten topics of ten: 100 * 99 / (10 * 10 * 9 + 1).
    assert value(topics(tables(exchanges=rows(*even)))) == pytest.approx(9900 / 901)
    one = [exchange(i % 4, topic=7) for i in range(100)]
    assert value(topics(tables(exchanges=rows(*one)))) == pytest.approx(9900 / 9901)


def test_too_few_or_unknown_topics_cover_nothing() -> None:
    few = [exchange(1, topic=i) for i in range(49)]
    unknown = [exchange(1, topic=None) for _ in range(9)]
    assert value(topics(tables(exchanges=rows(*few, *unknown)))) is None


def test_a_group_lies_aloneas_its_exchanges_lie_from_all_others() -> None:
    rng = np.random.default_rng(7)
    topic = rng.integers(0, 256, (5, 40))
    topic[:2] |= 0b1001
    signs = 2.0 * ((topic[..., np.newaxis] >> np.arange(8)) & 1) - 1
    accounts = rows(
        *(
            {
                "account_key": i,
                "topics_known": 40,
                **{n: int((s > 0).sum()) for n, s in zip(ONES, signs[i].T, strict=True)},
            }
            for i in range(5)
        )
    )
    own, others = signs[:2].reshape(-1, 8), signs[2:].reshape(-1, 8)
    pairs = own @ own.T
    among = pairs[~np.eye(len(own), dtype=bool)].mean()
    expected = (among - 2 * (own @ others.T).mean() + (others @ others.T).mean()) / 8
    found = value(apart(tables(members=members(0, 1), accounts=accounts)))
    assert found == pytest.approx(expected)
    assert value(apart(tables(members=members(0), accounts=accounts))) is None, "40 are too few"


# --- techniques -----------------------------------------------------------------------------------


def asked(**counts: int) -> list[dict[str, Any]]:
    return [
        exchange(i % 5, intent=intent, intent_bits=-5.0 if intent == "ordinary" else 5.0)
        for intent, count in counts.items()
        for i in range(count)
    ]


def test_a_technique_of_a_group_is_an_intent_of_a_fiftieth_of_its_prompts() -> None:
    swept = asked(ordinary=80, rubric_grading=10, preference_pairs=8, safeguard_probing=1)
    assert value(techniques(tables(exchanges=rows(*swept)))) == 2


def test_unclear_prompts_and_few_are_no_techniques() -> None:
    unclear = [{**row, "intent_bits": 1.0} for row in asked(rubric_grading=60)]
    assert value(techniques(tables(exchanges=rows(*unclear)))) == 0
    assert value(techniques(tables(exchanges=rows(*asked(rubric_grading=49))))) is None
