"""What a scan that was made says of its accounts, as far as terms ask for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq

from stillwatch import results, window
from stillwatch.campaigns.document import Scan, load
from stillwatch.config import Settings
from stillwatch.engine import Engine, engine
from stillwatch.errors import InputError, NoInputError
from stillwatch.licences import Licence, Licensing, granted
from stillwatch.plural import plural
from stillwatch.sketch.lake import Lake

Place = tuple[str | None, str | None]
"""The model that was asked, and the country it was asked from."""


@dataclass(slots=True)
class Account:
    """An account of a scan.

    `row` is that of `accounts.parquet`; `attributed` and `whole` say how many of its exchanges are
    attributed to its group, and how many there are that no licence covers, by place.
    """

    row: dict[str, Any]
    group_bits: float | None
    licensed: bool
    attributed: dict[Place, int] = field(default_factory=dict)
    whole: dict[Place, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Seen:
    """A scan's document, and its accounts by name; `placed`: whether their places are known."""

    document: Scan
    accounts: dict[str, Account]
    placed: bool


def seen(scan: Path, licences: Sequence[Licence], settings: Settings, *, placed: bool) -> Seen:
    """A scan, read back; where it is asked for (`placed`), with the places of exchanges.

    Raises
    ------
    NoInputError
        There is no scan, or it has no sketches and they are asked for.
    InputError
        Sketches of exchanges that are attributed to groups are gone.
    """
    document = load(scan / results.CAMPAIGNS)
    bits = {group.id: group.bits for group in document.groups}
    found = {
        row["account"]: Account(row, bits.get(row["campaign"]), bool(row.get("licensed")))
        for row in pq.read_table(scan / results.ACCOUNTS).to_pylist()
    }
    theirs = pq.read_table(scan / results.EXCHANGES, columns=["exchange_id", "account"])
    nowhere: Place = (None, None)
    counts = theirs["account"].value_counts()
    for one in counts.to_pylist():
        if one["values"] in found:
            found[one["values"]].attributed[nowhere] = one["counts"]
    for account in found.values():
        account.whole[nowhere] = account.row["exchanges"]
    if placed or licences:
        with engine(settings.memory, settings.engine, settings.scratch) as opened:
            _look_up(opened, scan, document, theirs, found, licences, placed=placed)
    return Seen(document, found, placed)


def _look_up(
    opened: Engine,
    scan: Path,
    document: Scan,
    theirs: pa.Table,
    found: dict[str, Account],
    licences: Sequence[Licence],
    *,
    placed: bool,
) -> None:
    parts = Lake.open(scan).parts()
    if not parts:
        raise NoInputError(
            f"{scan}: holds no sketches, in which models, countries and licences are looked up; "
            "scan the logs again"
        )
    every = opened.parquet(parts)
    looked = window.within(every, document.since, document.until)
    allowed = granted(opened, every, looked, licences)
    if allowed:
        for row in allowed.by_account().to_pyarrow().to_pylist():
            if row["account"] in found:
                found[row["account"]].licensed = True
    if not placed:
        return
    for account in found.values():
        account.attributed.clear()
        account.whole.clear()
    told = 0
    for row in _places(opened, looked, theirs, allowed).to_pyarrow().to_pylist():
        if row["account"] in found:
            account = found[row["account"]]
            place = (row["model"], row["country"])
            account.attributed[place] = row["attributed"]
            account.whole[place] = row["open"]
        told += row["attributed"]
    if told < len(theirs):
        raise InputError(
            f"{scan}: the sketches of {plural(len(theirs) - told, 'exchange')} of its groups are "
            "gone, so that their models and countries cannot be told; simulate on a scan that has "
            "them"
        )


def _places(
    opened: Engine, looked: ir.Table, theirs: pa.Table, allowed: Licensing | None
) -> ir.Table:
    """account, model, country, attributed, open: exchanges attributed, and those not licensed."""
    once = looked.select("exchange_key", "exchange_id", "account", "model", "country").distinct()
    attributed = opened.memtable("attributed", theirs.append_column("held", _ones(theirs)))
    joined = once.left_join(attributed, ["exchange_id", "account"])
    rows = joined.select(
        "exchange_key", "account", "model", "country", held=joined.held.fill_null(0)
    ).view()
    if allowed is None:
        rows = rows.mutate(open=1)
    else:
        covered = allowed.covered.select("exchange_key", covered=1)
        both = rows.left_join(covered, "exchange_key")
        kept = ("account", "model", "country", "held")
        rows = both.select(*kept, open=both.covered.isnull().cast("int64")).view()
    return rows.group_by("account", "model", "country").agg(
        attributed=lambda t: t.held.sum(), open=lambda t: t.open.sum()
    )


def _ones(table: pa.Table) -> pa.Array:
    return pa.array([1] * len(table), pa.int64())
