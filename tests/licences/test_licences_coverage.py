"""What a licence covers: to the exchange, as somebody with a pencil would count it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from licence_texts import licence

from stillwatch.engine import engine
from stillwatch.licences import COVERED, Licence, coverage
from stillwatch.licences.model import Customer
from stillwatch.licences.periods import periods
from stillwatch.licences.use import uses
from stillwatch.sketch import SCHEMA

START = datetime(2026, 10, 30, 12, tzinfo=UTC)
PACES = {"minute": 60, "hour": 3600, "day": 86400}
Record = dict[str, Any]


def sketches(records: Sequence[Record]) -> pa.Table:
    """One a minute of acct-heron for aster-3, but for what is said."""
    rows = [
        {
            "exchange_id": f"e{n}",
            "exchange_key": n,
            "account_key": 1,
            "account": "acct-heron",
            "model": "aster-3",
            "time": START + timedelta(minutes=n),
            "output_tokens": 10,
        }
        | record
        for n, record in enumerate(records)
    ]
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def outcomes(table: pa.Table, *given: Licence) -> dict[int, tuple[str, str | None, str]]:
    """Key of an exchange → licence, customer, outcome."""
    with engine("50%") as opened:
        found = coverage(opened, opened.memtable("given", table), given).to_pyarrow().to_pylist()
    assert len({row["exchange_key"] for row in found}) == len(found)
    return {r["exchange_key"]: (r["licence"], r["customer"], r["outcome"]) for r in found}


def told(records: Sequence[Record], *given: Licence) -> list[str | None]:
    """The outcome of each record; None: no licence names who made it."""
    found = outcomes(sketches(records), *given)
    return [found[n][2] if n in found else None for n in range(len(records))]


def test_a_licence_for_one_model_covers_no_other() -> None:
    asked: list[Record] = [{}, {"model": "aster-3-large"}, {"model": None}, {"model": "ASTER-3"}]
    assert told(asked, licence()) == [COVERED, "model", "model", "model"]
    assert told(asked, licence(models="any")) == [COVERED] * 4


def test_a_licence_covers_from_its_first_moment_until_before_its_last() -> None:
    tick = timedelta(microseconds=1)
    begin, end = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
    times: list[Record] = [{"time": t} for t in (begin - tick, begin, end - tick, end)]
    one = licence(start=begin, end=end)
    assert told(times, one) == ["dates", COVERED, COVERED, "dates"]


def test_nobody_else_is_covered() -> None:
    assert told([{"account": "acct-egret", "organization": "acct-heron"}], licence()) == [None]


def test_an_organisation_s_accounts_are_covered_all() -> None:
    one = licence(accounts=None, organizations=["org-heron"])
    asked: list[Record] = [
        {"organization": "org-heron"},
        {"organization": "org-heron", "account": "acct-b"},
        {"organization": None},
    ]
    assert told(asked, one) == [COVERED, COVERED, None]


def test_what_goes_beyond_the_volume_of_a_month_is_not_covered() -> None:
    november = datetime(2026, 11, 1, tzinfo=UTC)
    times = [START, START + timedelta(hours=1), START + timedelta(hours=2), november]
    one = licence(volume={"exchanges": 2, "per": "month"})
    assert told([{"time": t} for t in times], one) == [COVERED, COVERED, "volume", COVERED]


def test_tokens_are_counted_beside_exchanges() -> None:
    one = licence(volume={"exchanges": 3, "tokens": 25, "per": "term"})
    few: list[Record] = [{"output_tokens": None}, {}, {}, {}]
    assert told([{}] * 3, one) == [COVERED, COVERED, "volume"]
    assert told(few, one) == [COVERED, COVERED, COVERED, "volume"]


def test_what_is_faster_than_the_rate_is_not_covered_and_counts_nevertheless() -> None:
    one = licence(rate={"exchanges": 1, "per": "hour"}, volume={"exchanges": 3, "per": "term"})
    hours = [0, 10, 60, 120]
    asked: list[Record] = [{"time": START + timedelta(minutes=m)} for m in hours]
    assert told(asked, one) == [COVERED, "rate", COVERED, "volume"]


def test_what_was_used_before_the_sketches_begin_is_carried_over() -> None:
    one = licence(
        volume={"exchanges": 10, "per": "month"},
        used={"exchanges": 9, "at": START + timedelta(minutes=1)},
    )
    # The first is among the nine.
    assert told([{}] * 3, one) == [COVERED, COVERED, "volume"]


def test_copies_of_an_exchange_use_a_volume_once() -> None:
    one = licence(volume={"exchanges": 2, "per": "term"})
    copies: list[Record] = [{"exchange_key": 7}, {"exchange_key": 7}, {"exchange_key": 8}]
    found = outcomes(sketches(copies), one)
    assert {key: outcome for key, (_, _, outcome) in found.items()} == {7: COVERED, 8: COVERED}


def test_the_licence_that_names_the_account_goes_before_its_organisation_s() -> None:
    own = licence(volume={"exchanges": 1, "per": "term"})
    whole = licence(id="org", accounts=None, organizations=["o"])
    found = outcomes(sketches([{"organization": "o"}] * 2), own, whole)
    assert [found[n] for n in (0, 1)] == [
        ("heron-2026", None, COVERED),
        ("heron-2026", None, "volume"),
    ]


def test_two_licences_of_an_account_for_two_models_each_cover_theirs() -> None:
    other = licence(id="mini", models=["aster-3-mini"])
    found = outcomes(sketches([{}, {"model": "aster-3-mini"}]), licence(), other)
    assert [found[n][0] for n in (0, 1)] == ["heron-2026", "mini"]
    assert {outcome for _, _, outcome in found.values()} == {COVERED}


def test_a_reseller_s_customers_are_told_apart_by_their_keys() -> None:
    one = licence(
        kind="reseller",
        subkey="credential",
        volume={"exchanges": 3, "per": "term"},
        customers=[
            {"name": "plover", "keys": ["k1", "k2"], "volume": {"exchanges": 2, "per": "term"}},
            {"name": "dunlin", "keys": ["k3"]},
        ],
    )
    keys = ["k1", "k2", "k1", "k3", "k9", None]
    table = sketches([{"credential": key} for key in keys])
    found = outcomes(table, one)
    assert [found[n][1:] for n in range(6)] == [
        ("plover", COVERED),
        ("plover", COVERED),
        ("plover", "volume"),
        ("dunlin", "volume"),
        (None, "customer"),
        (None, "customer"),
    ]


def test_how_far_a_licence_is_used_is_told_by_its_fullest_period() -> None:
    one = licence(
        start="2026-10-30",
        end="2026-11-09",
        volume={"exchanges": 4, "per": "day"},
        rate={"exchanges": 5, "per": "hour"},
    )
    days = [0, 0, 1, 1, 1, 1, 1]
    table = sketches([{"time": START + timedelta(days=d, minutes=n)} for n, d in enumerate(days)])
    last = START + timedelta(days=7, hours=12)
    with engine("50%") as opened:
        said = coverage(opened, opened.memtable("given", table), [one])
        (use,) = uses(said, [one], last)
    assert (use.covered, use.uncovered, use.tokens, use.term) == (6, {"volume": 1}, 60, 0.8)
    full, fast = use.fullest
    assert (full.of, full.used, full.share) == ("exchanges", 5, 1.25)
    assert full.begin == datetime(2026, 10, 31, tzinfo=UTC)
    assert (fast.of, fast.used, fast.share) == ("rate", 5, 1.0)


amounts = st.integers(0, 6)
limits = {
    "volume": st.none()
    | st.fixed_dictionaries(
        {"exchanges": amounts, "per": st.sampled_from(["day", "week", "month", "term"])},
        optional={"tokens": st.integers(0, 40)},
    ),
    "rate": st.none()
    | st.fixed_dictionaries(
        {"exchanges": st.integers(1, 3), "per": st.sampled_from(sorted(PACES))}
    ),
}
models = st.just("any") | st.lists(st.sampled_from("mn"), min_size=1, max_size=2, unique=True)
dates = st.integers(0, 70).map(lambda days: datetime(2026, 10, 1, tzinfo=UTC) + timedelta(days))
spans = st.lists(dates, min_size=2, max_size=2, unique=True).map(sorted)
common = {"models": models, "span": spans, **limits}
by_account = st.fixed_dictionaries({"accounts": st.just(["a0", "a1"]), **common})
by_organization = st.fixed_dictionaries(
    {"accounts": st.none(), "organizations": st.just(["o"]), "id": st.just("org"), **common}
)
reseller = st.fixed_dictionaries(
    {
        "accounts": st.just(["a2"]),
        "id": st.just("reseller"),
        "kind": st.just("reseller"),
        "subkey": st.just("gateway"),
        "customers": st.tuples(
            st.fixed_dictionaries({"name": st.just("x"), "keys": st.just(["g0"]), **limits}),
            st.fixed_dictionaries({"name": st.just("y"), "keys": st.just(["g1"]), **limits}),
        ),
        **common,
    }
)
accounts = ["a0", "a1", "a2", "a3"]


def keyed(record: Record) -> Record:
    """Copies of an exchange are of one account and organisation: both are in its key."""
    key = record["exchange_key"] * len(accounts) + accounts.index(record["account"])
    return record | {"exchange_key": key, "organization": ("o", "p", None)[key % 3]}


records = st.lists(
    st.fixed_dictionaries(
        {
            "account": st.sampled_from(accounts),
            "model": st.sampled_from(["m", "n", None]),
            "gateway": st.sampled_from(["g0", "g1", "g2", None]),
            "output_tokens": st.integers(0, 9) | st.none(),
            "time": st.integers(0, 2000).map(lambda n: START + timedelta(minutes=n * n % 40_000)),
            "exchange_key": st.integers(0, 30),
        }
    ).map(keyed),
    max_size=80,
    # Of several copies at one time none is the first.
    unique_by=lambda r: (r["exchange_key"], r["time"]),
)


def made(given: Record) -> Licence:
    start, end = given.pop("span")
    customers = [
        {name: value for name, value in c.items() if value is not None}
        for c in given.pop("customers", ())
    ]
    return licence(**given, start=start, end=end, customers=customers or None)


def by_hand(table: pa.Table, licences: Sequence[Licence]) -> dict[int, tuple[str, str | None, str]]:
    """The same as `coverage`, an exchange at a time."""
    first: dict[int, Record] = {}
    for row in table.to_pylist():
        key = row["exchange_key"]
        first[key] = min(row, first.get(key, row), key=lambda r: r["time"])
    used: Counter[Any] = Counter()
    spent: Counter[Any] = Counter()
    quick: Counter[Any] = Counter()
    found = {}
    for row in sorted(first.values(), key=lambda r: (r["time"], r["exchange_key"])):
        fits = []
        for one in licences:
            whom = 0 if row["account"] in one.accounts else 1
            if whom and row["organization"] not in one.organizations:
                continue
            customer = next((c for c in one.customers if row["gateway"] in c.keys), None)
            dated = one.start <= row["time"] < one.end
            asked = one.any_model or row["model"] in one.models
            its = not one.customers or customer is not None
            misses = 3 if not dated else 2 if not asked else 0 if its else 1
            fits.append((misses, whom + (0 if customer else 2), one, customer))
        if not fits:
            continue
        misses, _, one, customer = min(fits, key=lambda fit: fit[:2])
        outcome = ("", "customer", "model", "dates")[misses]
        if not misses:
            outcome = COVERED
            meters: list[Licence | Customer] = [one, *([customer] if customer else [])]
            slow = full = True
            for meter in meters:
                name = (one.id, getattr(meter, "name", None))
                if meter.volume:
                    term = periods(one.start, one.end, meter.volume.per)
                    period = next(p for p in term if p[0] <= row["time"] < p[1])
                    used[name, period] += 1
                    spent[name, period] += row["output_tokens"] or 0
                    most, tokens = meter.volume.exchanges, meter.volume.tokens
                    full &= most is None or used[name, period] <= most
                    full &= tokens is None or spent[name, period] <= tokens
                if meter.rate:
                    tick = row["time"].timestamp() // PACES[meter.rate.per]
                    quick[name, tick] += 1
                    slow &= quick[name, tick] <= meter.rate.exchanges
            outcome = COVERED if full and slow else "rate" if full else "volume"
        named = customer.name if customer and not misses else None
        found[row["exchange_key"]] = (one.id, named, outcome)
    return found


@settings(
    max_examples=12,
    deadline=None,
    phases=set(Phase) - {Phase.shrink, Phase.explain},
    suppress_health_check=list(HealthCheck),
)
@given(records, st.lists(st.one_of(by_account, by_organization, reseller), max_size=3))
def test_every_exchange_is_judged_as_by_hand(asked: list[Record], kinds: list[Record]) -> None:
    licences = list({kind.get("id"): made(kind) for kind in map(dict, kinds)}.values())
    table = sketches(asked)
    assert outcomes(table, *licences) == by_hand(table, licences)


@pytest.mark.parametrize("per", ["day", "week", "month", "term"])
def test_periods_leave_no_gap(per: Any) -> None:
    start, end = datetime(2026, 1, 31, 5, tzinfo=UTC), datetime(2027, 3, 1, 7, tzinfo=UTC)
    found = list(periods(start, end, per))
    assert (found[0][0], found[-1][1]) == (start, end)
    assert all(one[1] == other[0] for one, other in pairwise(found))
