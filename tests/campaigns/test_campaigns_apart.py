"""Wholes and parts: which of overlapping candidates stand."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.campaigns.apart import WORTH_DIVIDING, apart


def stand(candidates: list[tuple[set[int], float]]) -> list[bool]:
    groups = np.arange(len(candidates), dtype=np.int64)
    sizes = [len(members) for members, _ in candidates]
    accounts = np.array([a for members, _ in candidates for a in sorted(members)], dtype=np.int64)
    total = np.array([bits for _, bits in candidates])
    found: list[bool] = apart(groups, np.repeat(groups, sizes), accounts, total).tolist()
    return found


WHOLE, LEFT, RIGHT = {1, 2, 3, 4}, {1, 2}, {3, 4}


def test_no_groups_stand_where_there_are_none() -> None:
    assert stand([]) == []


def test_groups_with_nobody_in_common_all_stand() -> None:
    assert stand([(LEFT, -9.0), (RIGHT, 12.0), ({7}, 0.0)]) == [True, True, True]


def test_a_whole_stands_where_its_parts_are_hardly_likelier() -> None:
    just = 5.0 + WORTH_DIVIDING
    assert stand([(WHOLE, 5.0), (LEFT, just), (RIGHT, -3.0)]) == [True, False, False]


def test_a_part_that_is_much_likelier_stands_and_so_do_the_others() -> None:
    more = 5.1 + WORTH_DIVIDING
    assert stand([(WHOLE, 5.0), (LEFT, more), (RIGHT, -3.0)]) == [False, True, True]


def test_of_two_wholes_the_larger_is_tried_first() -> None:
    assert stand([({1, 2, 3, 4, 5, 6}, 4.0), (WHOLE, 4.5), (LEFT, 5.0)]) == [True, False, False]


trees = st.recursive(
    st.just([]), lambda inner: st.lists(inner, min_size=1, max_size=3), max_leaves=8
)


@given(trees, st.data())
def test_no_account_stands_twice_and_no_tree_falls_whole(tree: list, data: st.DataObject) -> None:
    candidates: list[tuple[set[int], float]] = []

    def grow(node: list, first: int) -> set[int]:
        members = {first}
        place = len(candidates)
        candidates.append((members, data.draw(st.floats(-20, 20))))
        for child in node:
            members |= grow(child, max(members) + 1)
        candidates[place] = (members, candidates[place][1])
        return members

    grow(tree, 0)
    stands = stand(candidates)
    chosen = [members for (members, _), ok in zip(candidates, stands, strict=True) if ok]
    assert chosen
    assert sum(map(len, chosen)) == len(set().union(*chosen))
