"""Takes the lesson of a decision from the result of a scan."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from stillwatch import results
from stillwatch.campaigns import document
from stillwatch.campaigns.document import Campaign, Scan
from stillwatch.campaigns.tables import ACCOUNTS_SCHEMA_ID
from stillwatch.errors import FormatError, NoInputError, UsageError
from stillwatch.signals.lesson import Decision, Lesson
from stillwatch.signals.model import AccountSignal, GroupSignal, Scale, Signal


def lesson(
    scan_dir: Path, id: str, verdict: Decision, signals: Iterable[Signal], learned: datetime
) -> Lesson:
    """What the campaign or lead `id` in the output directory of a scan showed.

    Raises
    ------
    UsageError
        The result has no such campaign or lead, or the group was spared.
    NoInputError, FormatError
        There is no result, or it is of another release.
    """
    group = _group(document.load(scan_dir / results.CAMPAIGNS), id, scan_dir)
    return showed(scan_dir, group, verdict, signals, learned)


def showed(
    scan_dir: Path, group: Campaign, verdict: Decision, signals: Iterable[Signal], learned: datetime
) -> Lesson:
    """The same of a group of a result that was read already."""
    accounts = _accounts(scan_dir / results.ACCOUNTS, group)
    values = {bar.signal: bar.value for bar in group.waterfall if bar.value is not None}
    shares: dict[str, list[float]] = {}
    bins: dict[str, int] = {}
    for signal in signals:
        name = signal.about.name
        if isinstance(signal, GroupSignal) and name in values:
            bins[name] = int(np.searchsorted(signal.scale.edges, values[name], side="right"))
        elif isinstance(signal, AccountSignal) and name in accounts.column_names:
            shares[name] = _shares(accounts[name].drop_null(), signal.scale)
    return Lesson(
        id=group.id,
        verdict=verdict,
        learned=learned,
        accounts=accounts.num_rows,
        shares={name: row for name, row in shares.items() if row},
        bins=bins,
    )


def _group(found: Scan, id: str, scan_dir: Path) -> Campaign:
    group = found.group(id)
    there = ", ".join(one.id for one in found.reported) or "none"
    if group is None:
        raise UsageError(f"{scan_dir} has no campaign or lead {id}; there are: {there}")
    if group.verdict == "spared":
        raise UsageError(
            f"{id} was spared, and {results.ACCOUNTS} does not say which accounts it has; only "
            f"campaigns and leads can be learned from, and in {scan_dir} there are: {there}"
        )
    return group


def _accounts(path: Path, group: Campaign) -> pa.Table:
    """The rows of a group's accounts, with all that was measured of them."""
    try:
        mark = (pq.read_schema(path).metadata or {}).get(b"schema", b"another table").decode()
        if mark != ACCOUNTS_SCHEMA_ID:
            raise FormatError(f"{path}: is {mark}, not {ACCOUNTS_SCHEMA_ID}; scan again")
        rows = pq.read_table(path, filters=[("campaign", "=", group.id)])
    except FileNotFoundError:
        raise NoInputError(f"{path}: not there; run `stillwatch scan` first") from None
    except (OSError, pa.ArrowInvalid) as error:
        raise FormatError(f"{path}: cannot be read: {error}") from error
    if rows.num_rows != group.account_count:
        raise FormatError(
            f"{path}: the accounts of {group.id} number {rows.num_rows} there and "
            f"{group.account_count} in {results.CAMPAIGNS}; they are not of one scan, so scan again"
        )
    return rows


def _shares(values: pa.ChunkedArray, scale: Scale) -> list[float]:
    """Share of the values in each bin; none where there are none."""
    if not len(values):
        return []
    index = np.searchsorted(scale.edges, values.to_numpy(), side="right")
    counts = np.bincount(index, minlength=len(scale.edges) + 1)
    return [round(float(share), 6) for share in counts / len(values)]
