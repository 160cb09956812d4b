"""Groups as sets of accounts: which accounts each has, and which group lies in which."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from stillwatch.campaigns.graph import Ints

STRANGERS = 0.1
"""Share of a part's accounts that may belong elsewhere for it to lie in a whole nevertheless."""

Members = dict[int, Ints]
"""Group → its accounts, ascending."""


def by_group(members: ir.Table) -> Members:
    """Groups with their accounts, of a table that has group and account_key."""
    rows = members.select("group", "account_key").to_pyarrow()
    rows = rows.sort_by([("group", "ascending"), ("account_key", "ascending")])
    groups, first = np.unique(rows["group"].to_numpy(), return_index=True)
    split = np.split(rows["account_key"].to_numpy(), first)[1:]
    return dict(zip(groups.tolist(), split, strict=True))


def table(members: Members) -> pa.Table:
    """A row for each account of each group: group, account_key."""
    return pa.table(
        {
            "group": np.repeat(list(members), [len(m) for m in members.values()]),
            "account_key": np.concatenate(list(members.values())),
        }
    )


def inside(part: Ints, whole: Ints) -> bool:
    """Whether all of a part but some `STRANGERS` are in a whole."""
    return bool(np.isin(part, whole).mean() >= 1.0 - STRANGERS)


def wholes(held: Members) -> list[int]:
    """The groups that lie in no other, the largest first."""
    chosen: list[int] = []
    owner: dict[int, int] = {}
    for group in sorted(held, key=lambda g: (-len(held[g]), g)):
        if _lies_in(held[group], held, owner) is None:
            chosen.append(group)
            owner |= {account: group for account in held[group].tolist() if account not in owner}
    return chosen


def lying(parts: Iterable[int], chosen: Sequence[int], held: Members) -> dict[int, list[int]]:
    """Whole → the parts that lie in it, for wholes that have any; a whole lies in itself.

    No two of the `chosen` wholes have an account in common.
    """
    owner = {account: whole for whole in chosen for account in held[whole].tolist()}
    found: dict[int, list[int]] = defaultdict(list)
    for part in parts:
        whole = _lies_in(held[part], held, owner)
        if whole is not None:
            found[whole].append(part)
    return found


def _lies_in(part: Ints, held: Members, owner: dict[int, int]) -> int | None:
    owners = [owner[account] for account in part.tolist() if account in owner]
    if not owners:
        return None
    whole = int(np.bincount(owners).argmax())
    return whole if inside(part, held[whole]) else None
