"""How alike accounts act, against what everybody does."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from ibis.util import gen_name

from stillwatch.campaigns import likeness
from stillwatch.campaigns.candidates import Ground
from stillwatch.campaigns.likeness import LARGEST_TRAIT, STRENGTH, Trait, Traits
from stillwatch.engine import Engine

KEYS = np.arange(1000)
RARE = np.where(KEYS < 20, 1, 0)


def traits(codes: np.ndarray, usual: tuple[float, ...] = (0.9, 0.1)) -> Traits:
    return Traits(KEYS, (Trait("settings", codes, np.array(usual)),))


def test_what_all_of_a_group_do_and_few_others_speaks_for_it() -> None:
    known = traits(RARE)
    members = np.arange(10)
    for_it, against = known.likeness(members, np.array([15, 500]))["settings"]
    assert for_it == pytest.approx(np.log2((10 + STRENGTH * 0.1) / (10 + STRENGTH) / 0.1))
    assert against == pytest.approx(np.log2(STRENGTH * 0.9 / (10 + STRENGTH) / 0.9))


def test_a_member_is_left_out_of_its_own_group() -> None:
    # The only member that does so: by itself it says nothing for itself.
    odd = np.where(KEYS == 3, 1, 0)
    (bits,) = traits(odd).likeness(np.arange(10), np.array([3]))["settings"]
    assert bits == pytest.approx(np.log2(STRENGTH / (9 + STRENGTH)))


def test_what_is_not_known_says_nothing() -> None:
    unknown = np.where(KEYS < 500, RARE, -1)
    known = traits(unknown).likeness(np.arange(10), np.array([700, 800]))
    assert known["settings"].tolist() == [0.0, 0.0]


def test_of_a_group_without_members_nothing_is_said() -> None:
    said = traits(RARE).likeness(np.zeros(0, dtype=np.int64), np.array([1, 500]))["settings"]
    assert said == pytest.approx([0.0, 0.0])


def test_no_trait_says_more_than_its_limit() -> None:
    known = traits(RARE, (0.999, 0.001)).likeness(np.arange(10), np.array([15]))
    assert known["settings"].tolist() == [LARGEST_TRAIT]


def test_traits_of_one_kind_are_added() -> None:
    one = Trait("settings", RARE, np.array([0.9, 0.1]))
    once = Traits(KEYS, (one,)).likeness(np.arange(10), np.array([15]))["settings"]
    twice = Traits(KEYS, (one, one)).likeness(np.arange(10), np.array([15]))["settings"]
    assert twice == pytest.approx(2 * once)


def ground(opened: Engine, exchanges: list[dict[str, Any]]) -> Ground:
    accounts = [{"account_key": k} for k in sorted({e["account_key"] for e in exchanges})]
    nothing = opened.memtable(gen_name("t"), pa.table({"account_key": pa.array([], pa.int64())}))
    return Ground(
        engine=opened,
        exchanges=opened.memtable(gen_name("t"), pa.Table.from_pylist(exchanges)),
        accounts=opened.memtable(gen_name("t"), pa.Table.from_pylist(accounts)),
        things=nothing,
        edges=nothing,
        account_signals=(),
        group_signals=(),
        links=(),
        fewest=3,
        total=len(accounts),
    )


def test_a_setting_is_what_most_of_an_accounts_exchanges_have(opened: Engine) -> None:
    exchanges = [
        *({"account_key": 5, "model": "large"} for _ in range(2)),
        {"account_key": 5, "model": "small"},
        {"account_key": 3, "model": "small"},
        {"account_key": 3, "model": None},
        {"account_key": 9, "model": None},
    ]
    known = likeness.traits(ground(opened, exchanges))
    assert known.keys.tolist() == [3, 5, 9]
    (model,) = known.traits
    assert model.kind == "settings"
    assert model.codes.tolist() == [1, 0, -1]
    assert model.usual.tolist() == [0.5, 0.5]


def test_colleagues_are_counted_in_powers_of_two(opened: Engine) -> None:
    team = [{"account_key": k, "organization": "team"} for k in range(4)]
    alone = [{"account_key": 7, "organization": "alone"}, {"account_key": 8, "organization": None}]
    (size,) = likeness.traits(ground(opened, [*team, *alone])).traits
    assert size.kind == "customer"
    assert size.codes.tolist() == [1, 1, 1, 1, 0, -1]
