"""What every signal must keep, ours or a third party's: `check_signal` is the whole contract."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from typing import Any

import ibis
import ibis.expr.types as ir
import pytest
from sketch_tables import START, Names

from stillwatch.campaigns.membership import shared as shared_inside
from stillwatch.engine import Engine
from stillwatch.signals import accounts, shared
from stillwatch.signals.model import (
    GROUPS,
    About,
    AccountSignal,
    GroupSignal,
    GroupTables,
    Link,
    Scale,
    Signal,
)
from stillwatch.signals.registry import account_signals, links, signals
from stillwatch.signals.times import times, witnessed
from stillwatch.signals.weights import empty
from stillwatch.sketch import SCHEMA

ATLAS = re.compile(r"AML\.T\d{4}(\.\d{3})?")
NAME = re.compile(r"[a-z][a-z0-9_]*")
COLUMNS = frozenset(SCHEMA.names)


def busy(account: int, number: int) -> dict[str, Any]:
    """An exchange with a value in every column."""
    values: dict[str, Any] = {
        "string": f"s{number % 3}",
        "int64": number % 5,
        "int32": number % 7 + 1,
        "int16": number % 4,
        "float": number % 9 - 4.0,
        "double": 0.5,
        "timestamp[us, tz=UTC]": START - timedelta(hours=account),
        "list<item: string>": ["search"],
    }
    row = {f.name: values[str(f.type)] for f in SCHEMA}
    row |= {"status": "ok", "address": "203.0.113.7", "max_tokens": 4096, "output_tokens": 900}
    del row["exchange_id"], row["exchange_key"]
    return row | {"account": account, "time": START + timedelta(minutes=7 * number)}


def bare(account: int, number: int) -> dict[str, Any]:
    """An exchange with nothing but what every sketch has."""
    return {"account": account, "time": START + timedelta(minutes=7 * number)}


def check_about(about: About) -> None:
    """A signal says what it is, why the innocent show it, and where it comes from."""
    assert NAME.fullmatch(about.name)
    assert about.group in GROUPS
    for field in ("title", "innocent", "source"):
        text = getattr(about, field)
        assert text == text.strip() != "", f"{about.name} has no {field}"
    assert len(about.title) <= 50, "the label of a bar"
    assert about.innocent.endswith(".")
    assert about.needs, "a signal that needs nothing measures nothing"
    assert len(set(about.needs)) == len(about.needs)
    assert set(about.needs) <= COLUMNS, "needs are columns of the sketch"
    assert all(ATLAS.fullmatch(technique) for technique in about.atlas)


def check_scale(scale: Scale) -> None:
    """Bins have sound priors, a reading that shows the value, and none says everything."""
    bins = len(scale.edges) + 1
    assert bins >= 2
    assert len(scale.harvest) == len(scale.ordinary) == bins
    assert sum(scale.harvest) == pytest.approx(1)
    assert sum(scale.ordinary) == pytest.approx(1)
    assert min(*scale.harvest, *scale.ordinary) > 0
    shown = {scale.reading.format(value=value) for value in (0.123, 45.6)}
    assert len(shown) == 2, "the reading shows the value"
    assert not re.search(r"\b1 [a-z]+s\b", scale.reading.format(value=1.0)), "one is not many"


@dataclass(frozen=True)
class Made:
    """Three accounts' exchanges, their accounts measured, and all of them as one group."""

    exchanges: ir.Table
    accounts: ir.Table
    groups: tuple[GroupTables, GroupTables]
    """The group as it is, and as if its accounts shared nothing."""


def check_signal(signal: Signal, made: Sequence[Made]) -> None:
    """The whole contract of one signal, on small tables with and without nulls."""
    check_about(signal.about)
    if not isinstance(signal, Link):
        check_scale(signal.scale)
    for tables in made:
        match signal:
            case AccountSignal():
                check_account(signal, tables)
            case Link():
                check_link(signal, tables)
            case GroupSignal():
                check_group(signal, tables)


def check_account(signal: AccountSignal, made: Made) -> None:
    measured = accounts.measured(made.exchanges, [signal])
    own = accounts.histograms(measured, [signal])
    name = signal.about.name
    rows = accounts.weighed(measured, [signal], empty(), own).to_pyarrow().to_pylist()
    assert rows
    assert sum(own[name]) == sum(r[name] is not None for r in rows)
    for row in rows:
        if row[name] is None:
            assert row[f"{name}:bits"] == row["own_bits"] == 0, "null weighs nothing"
        else:
            assert abs(row["own_bits"]) <= accounts.LARGEST_GROUP
            assert signal.scale.reading.format(value=row[name])


def check_link(signal: Link, made: Made) -> None:
    source = made.accounts if signal.of_account else made.exchanges
    values = source.select("account_key", thing=signal.value(source))
    carriers = values.to_pyarrow().to_pylist()
    for thing in shared.common(values, 0).to_pyarrow().to_pylist():
        assert thing["thing"] is not None, "nobody shares a null"
        assert len({c["account_key"] for c in carriers if c["thing"] == thing["thing"]}) >= 2


def check_group(signal: GroupSignal, made: Made) -> None:
    for whole in made.groups:
        # What a scan gives to group signals, and no column more.
        read = signal.about.needs if signal.reads is None else signal.reads
        needed = sorted({"group", "account_key", "time", *read})
        found = signal.measure(replace(whole, exchanges=whole.exchanges.select(needed)))
        assert {"group", "value"} <= set(found.columns)
        rows = found.select("group", "value").to_pyarrow().to_pylist()
        assert len(rows) <= 1, "one row for a group"
        for row in rows:
            assert row["group"] == 0
            if row["value"] is not None:
                assert signal.scale.reading.format(value=float(row["value"]))


@pytest.fixture(scope="module")
def made(opened: Engine) -> list[Made]:
    """Traffic with every column, with none but the least, and of one exchange."""
    whole = [
        [busy(account, n) for account in (1, 2, 3) for n in range(60)],
        [bare(account, n) for account in (1, 2, 3) for n in range(60)],
        [bare(1, 0)],
    ]
    return [measured(opened, rows) for rows in whole]


def measured(opened: Engine, rows: list[dict[str, Any]]) -> Made:
    named = Names(opened)
    table = named.table(rows)
    mine = account_signals(COLUMNS)
    seen = named.keep("measured", accounts.measured(table, mine))
    own = accounts.histograms(seen, mine)
    weighed = named.keep("weighed", accounts.weighed(seen, mine, empty(), own))
    total = int(weighed.count().to_pyarrow().as_py())
    things, edges = shared.links(named, table, weighed, links(COLUMNS), total)
    members = weighed.select("account_key", group=ibis.literal(0, "int64"))
    held = named.keep("held", shared_inside(edges, things, members, total))
    alone = named.keep("alone", held.filter(ibis.literal(False)))
    inside = table.mutate(group=ibis.literal(0, "int64"))
    tables = {
        "things": things,
        "members": members,
        "accounts": weighed,
        "exchanges": inside,
        "times": times(inside),
        "witnessed": witnessed(times(inside), held),
        "shared": held,
    }
    names = [f.name for f in fields(GroupTables)]
    whole = GroupTables(**{name: tables[name] for name in names})
    apart = replace(whole, witnessed=witnessed(whole.times, alone), shared=alone)
    return Made(table, weighed, (whole, apart))


@pytest.mark.parametrize("signal", signals(), ids=lambda s: s.about.name)
def test_every_signal_keeps_the_contract(signal: Signal, made: list[Made]) -> None:
    check_signal(signal, made)


def test_there_are_signals_of_every_kind_and_group() -> None:
    assert {type(s) for s in signals()} == {AccountSignal, Link, GroupSignal}
    assert {s.about.group for s in signals() if not isinstance(s, Link)} <= set(GROUPS)


def test_titles_tell_signals_of_a_kind_apart() -> None:
    titles = [(type(s), s.about.title) for s in signals()]
    assert len(titles) == len(set(titles))


@pytest.mark.parametrize(
    ("harvest", "edges"),
    [((0.5, 0.6), (1.0,)), ((1.0, 0.0), (1.0,)), ((0.5, 0.5), (1.0, 2.0)), ((0.5, 0.5), ())],
)
def test_a_scale_whose_shares_do_not_fit_its_bins_cannot_be_made(
    harvest: tuple[float, ...], edges: tuple[float, ...]
) -> None:
    with pytest.raises(ValueError, match="harvest"):
        Scale(edges=edges, harvest=harvest, ordinary=harvest, reading="{value}")


def test_edges_must_ascend() -> None:
    third = (0.25, 0.25, 0.5)
    with pytest.raises(ValueError, match="ascend"):
        Scale(edges=(2.0, 1.0), harvest=third, ordinary=third, reading="{value}")
    with pytest.raises(ValueError, match="ascend"):
        Scale(edges=(1.0, 1.0), harvest=third, ordinary=third, reading="{value}")


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Not A Name"},
        {"group": "weather"},
        {"innocent": ""},
        {"needs": ("prompt",)},
        {"atlas": ("T1583",)},
    ],
)
def test_the_contract_refuses_what_is_unsound(change: dict[str, Any]) -> None:
    sound = signals()[0].about
    check_about(sound)
    with pytest.raises(AssertionError):
        check_about(replace(sound, **change))


def test_the_contract_covers_every_field_of_about() -> None:
    known = {"name", "title", "group", "needs", "innocent", "source", "atlas"}
    assert {f.name for f in fields(About)} == known
