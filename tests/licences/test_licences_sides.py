"""What is licensed goes on being common: nobody's shared things become rarer by a licence."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta

import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stillwatch.engine import engine
from stillwatch.licences import covered_sides, parted
from stillwatch.licences.sides import OTHER
from stillwatch.signals.catalogue.link_address import SIGNAL
from stillwatch.signals.shared import links
from stillwatch.sketch import SCHEMA

START = datetime(2026, 10, 6, tzinfo=UTC)
Made = list[tuple[int, int, bool]]
"""Account, address (0: none) and whether it is licensed, of each exchange."""
Edges = dict[int, set[tuple[str, float, float]]]
"""Account → what it shares: the thing, its bits, its weight."""


def edges(made: Made) -> tuple[Edges, int]:
    """What accounts share, and how many accounts there are, in the end."""
    rows = [
        {"exchange_key": n, "account_key": a, "account": f"a{a}", "address": f"x{x}" if x else None}
        | {"time": START + timedelta(hours=n)}
        for n, (a, x, _) in enumerate(made)
    ]
    with engine("50%") as opened:
        exchanges = opened.memtable("given", pa.Table.from_pylist(rows, schema=SCHEMA))
        total = exchanges.account_key.nunique().to_pyarrow().as_py()
        keys = [n for n, (_, _, licensed) in enumerate(made) if licensed]
        covered = opened.keep("covered", exchanges.filter(exchanges.exchange_key.isin(keys)))
        whole = parted(exchanges, covered)
        accounts = opened.keep(
            "accounts",
            whole.group_by("account_key").agg(
                exchanges=lambda t: t.count(),
                first_seen=lambda t: t.time.min(),
                last_seen=lambda t: t.time.max(),
            ),
        )
        sides = covered_sides(opened, accounts, covered)
        people = accounts.anti_join(sides.doubled, "account_key").count().to_pyarrow().as_py()
        assert people == total, "an account with two sides counts once"
        things, found = links(opened, whole, accounts, [SIGNAL], total, sides)
        shared: Edges = defaultdict(set)
        for row in found.join(things, "node").to_pyarrow().to_pylist():
            shared[row["account_key"]].add((row["value"], row["bits"], row["weight"]))
        return shared, total


exchanges = st.lists(
    st.tuples(st.integers(0, 9), st.integers(0, 4), st.booleans()), min_size=1, max_size=60
)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(exchanges)
def test_what_others_share_weighs_the_same_with_and_without_licences(made: Made) -> None:
    licensed = {account for account, _, covered in made if covered}
    ours, _ = edges(made)
    theirs, _ = edges([(account, address, False) for account, address, _ in made])
    for account in {account for account, _, _ in made} - licensed:
        assert ours[account] == theirs[account]
    # Nor is anything rarer for those who go beyond a licence.
    bits = {value: b for held in theirs.values() for value, b, _ in held}
    for account in licensed:
        for value, b, _ in ours[account]:
            assert bits.get(value, b) == b


def test_what_only_the_two_sides_of_one_account_share_is_not_shared() -> None:
    shared, _ = edges([(1, 7, True), (1, 7, False), (2, 8, False), (3, 8, False)])
    assert not shared[1]
    assert not shared[1 ^ OTHER]
    assert {value for value, _, _ in shared[2]} == {"x8"}
