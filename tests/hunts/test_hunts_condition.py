"""Conditions hold of the exchanges they should: the engine and plain Python agree."""

from __future__ import annotations

from datetime import timedelta
from fnmatch import fnmatchcase
from ipaddress import ip_address, ip_network
from typing import Any

import ibis
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from made_lakes import START, sketched
from stillwatch.hunts import networks
from stillwatch.hunts.condition import (
    Begins,
    Condition,
    During,
    Equal,
    Inside,
    Like,
    columns,
    finer,
    holds,
)
from stillwatch.rules import logic
from stillwatch.rules.logic import All, Not

ROWS: list[dict[str, Any]] = [
    {"user_agent": "curl/8.5.0", "address": "198.51.100.7", "payment_mark": "pm-1"},
    {"user_agent": "curl", "address": "198.51.101.7"},
    {"user_agent": "100%_\\ '\"; drop table x; --", "address": "2001:DB8::1"},
    {"address": "::ffff:198.51.100.9", "payment_mark": "pm-2"},
    {"user_agent": "", "payment_mark": "pm-1"},
    {"user_agent": "CURL/8.5.0", "address": "kh_1"},
]
TEXTS = st.sampled_from(["curl", "curl/", "", "100%_\\ '", "pm-1", "x'"])
COLUMNS = st.sampled_from(["user_agent", "payment_mark"])
NETWORKS = st.sampled_from(
    ["198.51.100.0/24", "198.51.100.0/29", "198.51.0.0/16", "2001:db8::/32", "2001:db8::1"]
).map(networks.network)
LEAVES: st.SearchStrategy[Condition] = st.one_of(
    st.builds(Equal, COLUMNS, TEXTS),
    st.builds(Begins, COLUMNS, TEXTS),
    st.builds(Like, COLUMNS, st.sampled_from(["curl%", "%", "_url", "100\\%%", "%'%"])),
    st.builds(Inside, NETWORKS),
    st.integers(0, 5).map(lambda n: During("time", START, START + timedelta(hours=n))),
)


def _inner(parts: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    several = st.lists(parts, min_size=1, max_size=3).map(tuple)
    return st.one_of(parts.map(Not), several.map(All), several.map(logic.Any))


CONDITIONS = st.recursive(LEAVES, _inner, max_leaves=6)


def true_of(asked: Condition, row: dict[str, Any]) -> bool:
    match asked:
        case Not(inner):
            found = not true_of(inner, row)
        case All(parts):
            found = all(true_of(part, row) for part in parts)
        case logic.Any(parts):
            found = any(true_of(part, row) for part in parts)
        case Inside(network):
            address = networks.address(row["address"] or "")
            found = address is not None and address in network
        case During(column, since, until):
            found = since <= row[column] < until
        case Equal(column, value):
            found = row[column] == value
        case Begins(column, text):
            found = row[column] is not None and row[column].startswith(text)
        case Like(column, pattern):
            glob = pattern.replace("%", "*").replace("_", "?")
            found = row[column] is not None and fnmatchcase(row[column], glob)
        case _:
            raise AssertionError(asked)
    return found


TABLE = pa.Table.from_batches([sketched(ROWS)])
SPELLED = [row["address"] for row in ROWS if row.get("address")]


@settings(max_examples=150, deadline=None)
@given(CONDITIONS)
def test_a_condition_holds_where_it_should(asked: Condition) -> None:
    exchanges = ibis.memtable(TABLE)
    texts = {
        network: [t for t in SPELLED if (a := networks.address(t)) and a in network]
        for network in finer(asked)
    }
    found = exchanges.mutate(found=holds(asked, exchanges, texts)).order_by("time").to_pyarrow()
    assert found["found"].to_pylist() == [true_of(asked, row) for row in TABLE.to_pylist()]


def test_columns_are_those_that_are_read() -> None:
    inside = Inside(ip_network("198.51.100.0/24"))
    assert columns(All((inside, Not(Equal("head", 1))))) == {"address_block", "head"}
    assert columns(Inside(ip_network("198.51.100.0/25"))) == {"address_block", "address"}
    assert ip_address("198.51.100.7") in inside.network
