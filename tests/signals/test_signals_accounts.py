"""Accounts in bits: what stands in a table is the sum of what the signals say, capped by group."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import ibis.expr.types as ir
import pyarrow.parquet as pq
import pytest
from sketch_tables import START, Row

from stillwatch.signals import accounts
from stillwatch.signals.model import GROUPS, About, AccountSignal, Scale
from stillwatch.signals.registry import account_signals
from stillwatch.signals.weights import empty
from stillwatch.sketch import SCHEMA

Exchanges = Callable[[Sequence[Row]], ir.Table]


def count(name: str, group: str = "volume", worth: float = 0.97) -> AccountSignal:
    """Counts exchanges; above 2 they speak for a harvest, else against it."""
    return AccountSignal(
        about=About(
            name=name, title=name, group=group, needs=("time",), innocent="None.", source="A test."
        ),
        scale=Scale(
            edges=(2.0,),
            harvest=(1 - worth, worth),
            ordinary=(worth, 1 - worth),
            reading="{value:.0f}",
        ),
        aggregates=lambda t: {f"{name}_n": t.count()},
        value=lambda a: a[f"{name}_n"].nullif(5),
    )


def weighed(table: ir.Table, signals: Sequence[AccountSignal]) -> dict[int, Row]:
    measured = accounts.measured(table, signals)
    own = accounts.histograms(measured, signals)
    rows = accounts.weighed(measured, signals, empty(), own).to_pyarrow().to_pylist()
    return {row["account_key"]: row for row in rows}


def times(*counts: int) -> list[Row]:
    """Account i+1 with so many exchanges, a minute apart."""
    return [
        {"account": i, "time": START + timedelta(minutes=n)}
        for i, many in enumerate(counts, 1)
        for n in range(many)
    ]


def test_an_account_weighs_what_its_signals_say_together(exchanges: Exchanges) -> None:
    signals = [count("one", "volume", 0.7), count("two", "tempo", 0.6)]
    for row in weighed(exchanges(times(1, 3)), signals).values():
        assert row["own_bits"] == pytest.approx(row["one:bits"] + row["two:bits"])
        assert row["own_bits"] == pytest.approx(row["volume_bits"] + row["tempo_bits"])


def test_dependent_signals_together_say_no_more_than_the_cap(exchanges: Exchanges) -> None:
    signals = [count(f"copy_{i}") for i in range(9)]
    rows = weighed(exchanges(times(1, 3)), signals)
    for row, sign in ((rows[1], -1), (rows[2], 1)):
        alone = sum(row[f"copy_{i}:bits"] for i in range(9))
        assert abs(alone) > accounts.LARGEST_GROUP
        assert row["volume_bits"] == row["own_bits"] == sign * accounts.LARGEST_GROUP


def test_independent_signals_are_not_capped_together(exchanges: Exchanges) -> None:
    signals = [count(group, group) for group in GROUPS]
    row = weighed(exchanges(times(3)), signals)[1]
    assert row["own_bits"] == pytest.approx(sum(row[f"{g}:bits"] for g in GROUPS))
    assert row["own_bits"] > accounts.LARGEST_GROUP


def test_a_signal_that_cannot_tell_weighs_nothing(exchanges: Exchanges) -> None:
    row = weighed(exchanges(times(5)), [count("one")])[1]
    assert row["one"] is None
    assert row["one:bits"] == row["own_bits"] == 0


def test_an_edge_belongs_to_the_bin_above_it(exchanges: Exchanges) -> None:
    rows = weighed(exchanges(times(1, 2, 3)), [count("one")])
    assert rows[1]["one:bits"] < 0
    assert rows[2]["one:bits"] == rows[3]["one:bits"] > 0


def test_histograms_count_every_account_that_could_be_measured(exchanges: Exchanges) -> None:
    measured = accounts.measured(exchanges(times(1, 2, 3, 5, 9)), [count("one")])
    assert accounts.histograms(measured, [count("one")]) == {"one": [1.0, 3.0]}
    assert accounts.histograms(measured, []) == {}


def test_a_gap_is_the_time_since_the_same_account_asked_before(exchanges: Exchanges) -> None:
    rows = [
        {"account": 1, "time": START},
        {"account": 2, "time": START + timedelta(seconds=1)},
        {"account": 1, "time": START + timedelta(seconds=10)},
        {"account": 1, "time": START + timedelta(seconds=40)},
    ]
    paced = accounts.paced(exchanges(rows[::-1])).to_pyarrow().sort_by("account_key")
    assert paced["gap_mean"].to_pylist() == [20.0, None]
    assert paced["gap_square"].to_pylist() == [500.0, None]
    assert paced["longest_gap"].to_pylist() == [30.0, None]


def test_one_pass_measures_all_signals_as_each_alone(exchanges: Exchanges) -> None:
    table = exchanges(
        [
            {"account": i % 3, "time": START + timedelta(minutes=i * i), "prompt_chars": i}
            for i in range(60)
        ]
    )
    whole = account_signals(frozenset(SCHEMA.names))
    together = accounts.measured(table, whole).to_pyarrow().sort_by("account_key")
    for signal in whole:
        alone = accounts.measured(table, [signal]).to_pyarrow()
        name = signal.about.name
        ours = together[name].to_pylist()
        assert ours == pytest.approx(alone.sort_by("account_key")[name].to_pylist()), name


def test_bits_of_a_real_scan_add_up(tiny_out: Any) -> None:
    table = pq.read_table(tiny_out / "accounts.parquet")
    group_of = {s.about.name: s.about.group for s in account_signals(frozenset(SCHEMA.names))}
    names = [n.removesuffix(":bits") for n in table.column_names if n.endswith(":bits")]
    assert len(names) > 8
    for row in table.to_pylist():
        sums = dict.fromkeys(GROUPS, 0.0)
        for name in names:
            assert row[name] is not None or row[f"{name}:bits"] == 0
            sums[group_of[name]] += row[f"{name}:bits"]
        most = accounts.LARGEST_GROUP
        own = sum(min(max(s, -most), most) for s in sums.values())
        assert row["own_bits"] == pytest.approx(own, abs=1e-6)
        assert row["bits"] == pytest.approx(own + (row["link_bits"] or 0), abs=1e-6)
