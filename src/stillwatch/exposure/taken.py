"""Counts what a campaign took, from what a scan attributed to it and from its sketches."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from math import log2
from pathlib import Path
from typing import Any

import duckdb

from stillwatch.errors import InputError, NoInputError
from stillwatch.exposure.assumptions import Price
from stillwatch.exposure.document import Part, Taken, Worth
from stillwatch.hunts.lakes import opened
from stillwatch.results import EXCHANGES

SURE = log2(9)
"""Bits of an attribution that is counted by itself: odds of nine to one."""
_MILLION = 1e6
_SUMS = (
    "count(*), coalesce(sum(input_tokens), 0), coalesce(sum(output_tokens), 0), "
    "coalesce(sum(reasoning_tokens), 0)"
)


def taken(scan: Path, campaign: str) -> tuple[Taken, tuple[tuple[str | None, int, int, int], ...]]:
    """What was taken, and for each model its exchanges with token counts and their tokens.

    Raises
    ------
    NoInputError, InputError, OutputError
        There is no result of a scan; nothing is attributed to the campaign; no sketches.
    """
    attributions = scan / EXCHANGES
    if not attributions.is_file():
        raise NoInputError(f"{attributions}: not there; name the --out of a scan")
    sketches = [str(file.path) for file in opened([scan], None, None).files]
    with duckdb.connect() as db:
        # An id may be there twice in logs; the first exchange of it is the one that counts.
        db.execute(
            """
            create temp table attributed as
                select exchange_id, account, bits from read_parquet($attributions)
                where campaign = $campaign
            """,
            {"attributions": str(attributions), "campaign": campaign},
        )
        (attributed,) = _row(db, "select count(*) from attributed")
        if not attributed:
            raise InputError(
                f"{attributions}: nothing is attributed to {campaign!r}; name a campaign or lead "
                "of this scan, as campaigns.json has it"
            )
        db.execute(
            """
            create temp table found as
                select a.bits, s.*
                from attributed a join read_parquet($sketches, union_by_name = true) s
                    using (exchange_id, account)
                qualify row_number() over (partition by exchange_id, account order by s.time) = 1
            """,
            {"sketches": sketches},
        )
        db.execute(
            "create temp view took as select * from found where status is null or status = 'ok'"
        )
        (there,) = _row(db, "select count(*) from found")
        whole = _row(
            db,
            f"""
            select {_SUMS}, count(*) filter (bits >= $sure), count(distinct account),
                   epoch(min(time)), epoch(max(time)),
                   count(*) filter (input_tokens is null or output_tokens is null)
            from took
            """,
            {"sure": SURE},
        )
        exchanges, read, written, reasoned, sure, accounts, first, last, uncounted = whole
        counted = db.execute(
            """
            select model, count(*), sum(input_tokens), sum(output_tokens) from took
            where input_tokens is not null and output_tokens is not null group by model
            """
        ).fetchall()
        return (
            Taken(
                exchanges=exchanges,
                sure=sure,
                attributed=attributed,
                missing=attributed - there,
                accounts=accounts,
                first=None if first is None else datetime.fromtimestamp(first, UTC),
                last=None if last is None else datetime.fromtimestamp(last, UTC),
                input_tokens=read,
                output_tokens=written,
                reasoning_tokens=reasoned,
                uncounted=uncounted,
                models=_parts(db, "model"),
                intents=_parts(db, "intent"),
            ),
            tuple(counted),
        )


def worth(
    counted: tuple[tuple[str | None, int, int, int], ...],
    exchanges: int,
    prices: Mapping[str, Price],
) -> Worth:
    """What tokens come to at list prices; what has no tokens or no price is left out."""
    amount, priced = 0.0, 0
    for model, many, read, written in counted:
        price = prices.get(model) if model is not None else None
        if price is not None:
            amount += (read * price.input + written * price.output) / _MILLION
            priced += many
    return Worth(amount=amount, unpriced=exchanges - priced)


def _row(db: duckdb.DuckDBPyConnection, query: str, given: dict[str, Any] | None = None) -> Any:
    return db.execute(query, given or {}).fetchall()[0]


def _parts(db: duckdb.DuckDBPyConnection, column: str) -> tuple[Part, ...]:
    rows = db.execute(
        f"select {column}, {_SUMS} from took group by all order by 2 desc, 1"
    ).fetchall()
    return tuple(
        Part(
            name=name,
            exchanges=exchanges,
            input_tokens=read,
            output_tokens=written,
            reasoning_tokens=reasoned,
        )
        for name, exchanges, read, written, reasoned in rows
    )
