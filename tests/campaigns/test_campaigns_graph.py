"""Candidate groups: found from what is shared, whatever the names and the order."""

from __future__ import annotations

import tracemalloc
from random import Random

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stillwatch.campaigns.graph import LARGEST_WHOLE, communities

Edge = tuple[int, int, float]
Partition = frozenset[frozenset[int]]


def table(edges: list[Edge]) -> pa.Table:
    accounts, nodes, weights = zip(*edges, strict=True) if edges else ((), (), ())
    return pa.table(
        {
            "account_key": pa.array(accounts, pa.int64()),
            "node": pa.array(nodes, pa.int64()),
            "weight": pa.array(weights, pa.float64()),
        }
    )


def partition(edges: list[Edge], fewest: int = 2, most: int = 10_000) -> Partition:
    found = communities(table(edges), fewest, most).to_pydict()
    groups: dict[int, set[int]] = {}
    for group, account in zip(found["group"], found["account_key"], strict=True):
        groups.setdefault(group, set()).add(account)
    assert sorted(groups) == list(range(len(groups))), "groups are numbered from 0"
    return frozenset(map(frozenset, groups.values()))


def clique(accounts: range, nodes: range, weight: float = 5.0) -> list[Edge]:
    """Everyone carries everything."""
    return [(a, n, weight) for a in accounts for n in nodes]


def test_no_edges_make_no_groups() -> None:
    assert partition([]) == frozenset()


def test_accounts_that_share_nothing_are_in_no_group() -> None:
    assert partition([(a, a, 3.0) for a in range(9)]) == frozenset()


@pytest.mark.parametrize(
    "size",
    [
        3,
        LARGEST_WHOLE,
        LARGEST_WHOLE + 1,
        60,
    ],
)
def test_two_separate_cliques_are_two_groups(size: int) -> None:
    first, second = range(size), range(100, 100 + size)
    edges = clique(first, range(4)) + clique(second, range(10, 14))
    assert partition(edges) == {frozenset(first), frozenset(second)}


def test_two_cliques_joined_by_one_passer_by_are_two_groups() -> None:
    first, second = range(30), range(100, 130)
    edges = clique(first, range(4)) + clique(second, range(10, 14)) + [(0, 10, 0.5)]
    assert {frozenset(first), frozenset(second)} <= partition(edges)


@pytest.mark.parametrize("fewest", [2, 3, 5])
def test_groups_smaller_than_the_fewest_are_left_out(fewest: int) -> None:
    sizes = (2, 3, 4, 5, 6)
    edges = [
        edge
        for i, size in enumerate(sizes)
        for edge in clique(range(10 * i, 10 * i + size), range(i, i + 1))
    ]
    assert sorted(map(len, partition(edges, fewest))) == [s for s in sizes if s >= fewest]


def test_groups_larger_than_the_most_are_left_out() -> None:
    sizes = (5, 9, 20, 40)
    edges = [
        edge
        for i, size in enumerate(sizes)
        for edge in clique(range(100 * i, 100 * i + size), range(10 * i, 10 * i + 3))
    ]
    assert sorted(map(len, partition(edges, most=20))) == [5, 9, 20]


def test_groups_are_numbered_by_their_first_account() -> None:
    edges = clique(range(50, 60), range(1)) + clique(range(5, 9), range(1, 2))
    found = communities(table(edges), 2, 10_000).to_pydict()
    first = dict(zip(found["account_key"], found["group"], strict=True))
    assert (first[5], first[50]) == (0, 1)


edges = st.lists(
    st.tuples(st.integers(0, 40), st.integers(0, 25), st.sampled_from([0.5, 2.0, 7.25])),
    min_size=1,
    max_size=120,
    unique_by=lambda edge: edge[:2],
)


@given(edges, st.integers(0, 2**32))
@settings(max_examples=60, deadline=None)
def test_the_order_of_edges_changes_nothing(found: list[Edge], seed: int) -> None:
    mixed = found.copy()
    Random(seed).shuffle(mixed)
    assert communities(table(found), 2, 10_000).equals(communities(table(mixed), 2, 10_000))


@given(edges)
@settings(max_examples=60, deadline=None)
def test_groups_are_wholes_and_parts_of_them_each_held_together(found: list[Edge]) -> None:
    groups = partition(found)
    for one in groups:
        for other in groups:
            assert not one & other or one <= other or other <= one
    whole = components(found)
    for group in groups:
        assert len({whole[account] for account in group}) == 1, "no group spans two components"


@given(edges)
@settings(max_examples=30, deadline=None)
def test_no_group_is_named_twice(found: list[Edge]) -> None:
    rows = communities(table(found), 2, 10_000).to_pydict()
    assert len(partition(found)) == len(set(rows["group"]))


def test_two_cliques_with_much_in_common_are_groups_together_and_apart() -> None:
    first, second = range(40), range(100, 140)
    edges = clique(first, range(4)) + clique(second, range(10, 14))
    edges += clique(range(20), range(20, 22)) + clique(range(100, 120), range(20, 22))
    elsewhere = [
        edge
        for i in range(6)
        for edge in clique(range(1_000 + 50 * i, 1_050 + 50 * i), range(100 + 5 * i, 105 + 5 * i))
    ]
    # Everybody hangs together by one thing that is hardly worth a word.
    everybody = [(a, 999, 0.02) for a in {e[0] for e in edges + elsewhere}]
    found = partition(edges + elsewhere + everybody)
    assert {frozenset(first), frozenset(second), frozenset((*first, *second))} <= found


def components(found: list[Edge]) -> dict[int, int]:
    """Account → a number of its connected component, by repeated merging."""
    label = {account: account for account, _, _ in found}
    changed = True
    while changed:
        changed = False
        lowest: dict[int, int] = {}
        for account, node, _ in found:
            lowest[node] = min(lowest.get(node, label[account]), label[account])
        for account, node, _ in found:
            if lowest[node] < label[account]:
                label[account], changed = lowest[node], True
    return label


islands = st.lists(st.tuples(st.integers(2, 25), st.integers(1, 4)), min_size=1, max_size=6)


@given(islands, st.integers(0, 2**32))
@settings(max_examples=25, deadline=None)
def test_other_names_for_accounts_and_things_give_the_same_groups(
    sizes: list[tuple[int, int]], seed: int
) -> None:
    found = [
        edge
        for i, (people, things) in enumerate(sizes)
        for edge in clique(range(100 * i, 100 * i + people), range(10 * i, 10 * i + things))
    ]
    accounts = sorted({a for a, _, _ in found})
    random = Random(seed)
    names = random.sample(range(-(2**61), 2**61), len(accounts))
    nodes = random.sample(range(2**45), 100)
    renamed = dict(zip(accounts, names, strict=True))
    other = partition([(renamed[a], nodes[n], w) for a, n, w in found])
    assert other == {frozenset(renamed[a] for a in group) for group in partition(found)}
    assert sorted(map(len, other)) == sorted(people for people, _ in sizes)


def test_five_thousand_accounts_around_one_thing_are_no_five_thousand_squared() -> None:
    many = 5_000
    wide = pa.table(
        {
            "account_key": np.arange(many, dtype=np.int64),
            "node": np.zeros(many, dtype=np.int64),
            "weight": np.ones(many),
        }
    )
    tracemalloc.start()
    communities(wide, 2, 10_000)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 200 * many * 8, "pairs of accounts would need 100 times as much"
