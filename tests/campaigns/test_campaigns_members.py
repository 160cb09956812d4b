"""Which groups lie in which."""

from __future__ import annotations

import numpy as np

from stillwatch.campaigns.members import inside, lying, table, wholes


def held(**groups: range) -> dict[int, np.ndarray]:
    return {int(name[1:]): np.array(accounts) for name, accounts in groups.items()}


def test_a_group_that_lies_in_no_other_is_a_whole() -> None:
    found = held(g0=range(100), g1=range(40), g2=range(50, 60), g3=range(200, 220))
    assert wholes(found) == [0, 3]


def test_a_few_strangers_do_not_keep_a_part_out() -> None:
    assert inside(np.arange(91, 101), np.arange(100))
    assert not inside(np.arange(92, 102), np.arange(100))


def test_parts_lie_in_wholes_and_wholes_in_themselves() -> None:
    found = held(g0=range(100), g1=range(40), g2=range(95, 105), g3=range(200, 220))
    assert lying([0, 1, 2, 3], [0, 3], found) == {0: [0, 1], 3: [3]}


def test_of_equals_the_first_is_the_whole() -> None:
    assert wholes(held(g4=range(10), g2=range(10))) == [2]


def test_a_table_has_a_row_for_each_account() -> None:
    rows = table(held(g1=range(2), g3=range(5, 6))).to_pylist()
    assert rows == [
        {"group": 1, "account_key": 0},
        {"group": 1, "account_key": 1},
        {"group": 3, "account_key": 5},
    ]
