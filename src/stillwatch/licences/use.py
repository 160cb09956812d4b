"""How far each licence was used, from what `coverage` says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import ibis
import ibis.expr.types as ir

from stillwatch.licences.document import Fullest, LicenceUse
from stillwatch.licences.meters import LEVELS, Level
from stillwatch.licences.model import COVERED, Customer, Licence

Row = dict[str, Any]
_Named = tuple[str, str | None]


def uses(
    coverage: ir.Table, licences: Sequence[Licence], last: datetime | None
) -> tuple[LicenceUse, ...]:
    """How far each licence was used, and after it each of its customers.

    `coverage`: of the exchanges that are looked at, of which `last` is the time of the last.
    """
    counted: dict[_Named, list[Row]] = defaultdict(list)
    fullest: dict[_Named, Row] = {}
    for level in LEVELS:
        names = ["licence"] if level == "licence" else ["licence", "customer"]
        rows = coverage if level == "licence" else coverage.filter(coverage.customer.notnull())
        for row in _counts(rows, names):
            counted[row["licence"], row.get("customer")].append(row)
        for row in _fullest(rows, names, level):
            fullest[row["licence"], row.get("customer")] = row
    parts: list[tuple[Licence, str | None, Licence | Customer]] = []
    for one in licences:
        parts.append((one, None, one))
        parts.extend((one, customer.name, customer) for customer in one.customers)
    return tuple(
        LicenceUse(
            licence=one.id,
            customer=name,
            holder=one.holder,
            kind=one.kind,
            start=one.start,
            end=one.end,
            term=_passed(one, last),
            fullest=tuple(_limits(part, fullest.get((one.id, name), {}))),
            **_told(counted[one.id, name]),
        )
        for one, name, part in parts
    )


def _counts(rows: ir.Table, names: list[str]) -> list[Row]:
    found: list[Row] = (
        rows.group_by(*names, "outcome")
        .agg(
            exchanges=lambda t: t.count(),
            tokens=lambda t: t.tokens.sum(),
            accounts=lambda t: t.account_key.nunique(),
        )
        .to_pyarrow()
        .to_pylist()
    )
    return found


def _fullest(rows: ir.Table, names: list[str], level: Level) -> list[Row]:
    when = {"exchanges": f"{level}_begin", "tokens": f"{level}_begin", "pace": "time"}
    whole = ibis.window(group_by=names)
    tops = rows.mutate(**{what: rows[f"{level}_{what}"].max().over(whole) for what in when})
    found: list[Row] = (
        tops.group_by(*names, *when)
        .agg(
            # Of several that are as full, the first.
            **{
                f"{what}_at": tops[time].min(where=tops[f"{level}_{what}"] == tops[what])
                for what, time in when.items()
            }
        )
        .to_pyarrow()
        .to_pylist()
    )
    return found


def _told(rows: Sequence[Row]) -> Row:
    covered = [row for row in rows if row["outcome"] == COVERED]
    return {
        "accounts": sum(row["accounts"] for row in covered),
        "covered": sum(row["exchanges"] for row in covered),
        "tokens": sum(row["tokens"] for row in covered),
        "uncovered": {
            row["outcome"]: row["exchanges"]
            for row in sorted(rows, key=lambda row: str(row["outcome"]))
            if row["outcome"] != COVERED
        },
    }


def _limits(part: Licence | Customer, row: Row) -> Iterator[Fullest]:
    volume, rate = part.volume, part.rate
    agreed = (
        ("exchanges", "exchanges", volume and volume.exchanges, volume and volume.per),
        ("tokens", "tokens", volume and volume.tokens, volume and volume.per),
        ("pace", "rate", rate and rate.exchanges, rate and rate.per),
    )
    for what, of, most, per in agreed:
        if most is not None and row.get(what) is not None:
            used = row[what]
            share = used / most if most else float(used > 0)
            yield Fullest.model_validate(
                {
                    **{"of": of, "per": per, "begin": row[f"{what}_at"], "used": used},
                    **{"most": most, "share": round(share, 4)},
                }
            )


def _passed(one: Licence, last: datetime | None) -> float:
    if last is None:
        return 0.0
    share = (last - one.start) / (one.end - one.start)
    return round(min(max(share, 0.0), 1.0), 4)
