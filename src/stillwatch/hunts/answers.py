"""What was counted, put into words and tables: the parts of `hunt.json` and of the tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

import ibis
import pyarrow as pa

from stillwatch.engine import Engine
from stillwatch.hunts import document as parts
from stillwatch.hunts.document import Account, Answer, Day, Hunt, Likeness, Missing, Searched
from stillwatch.hunts.indicator import Asked, Indicator
from stillwatch.hunts.lakes import File, Lakes
from stillwatch.hunts.tables import ACCOUNTS, EXCHANGES
from stillwatch.hunts.tally import Row, Tally
from stillwatch.sketch.neardup import ROWS
from stillwatch.sketch.schema import BANDS
from stillwatch.version import __version__

_NEVER = {"before_start": 0, "before_end": 0}
_EPOCH = date(1970, 1, 1)


def document(
    asked: Asked,
    found: Lakes,
    window: tuple[datetime | None, datetime | None],
    sketches: int,
    counted: Tally,
) -> Hunt:
    """The whole document; `sketches` is how many were searched in the window."""
    names = [one.text for one in asked.indicators]
    accounts = _by_indicator(counted.accounts.to_pylist())
    days = _by_indicator(counted.days)
    likeness = _by_indicator(counted.likeness)
    valid = {row.pop("indicator"): row for row in counted.valid}
    return Hunt(
        version=__version__,
        made=datetime.now(UTC),
        searched=_searched(asked.indicators, found, window, sketches),
        answers=tuple(
            _answer(one, accounts[n], days[n], likeness[n], valid.get(n, _NEVER))
            for n, one in enumerate(asked.indicators)
        ),
        several=tuple(
            parts.Several(
                **row | {"indicators": tuple(names[n] for n in sorted(row["indicators"]))}
            )
            for row in counted.several
        ),
        set_aside=tuple(parts.SetAside(indicator=s.text, reason=s.reason) for s in asked.aside),
    )


def jaccard(bands: int) -> float:
    """The likeliest Jaccard index of two texts with so many of `BANDS` bands in common.

    A band is in common with probability s^ROWS (Leskovec, Rajaraman and Ullman, section 3.4), so
    the bands in common are binomial, and this is the maximum of their likelihood.
    """
    return round(float((bands / BANDS) ** (1 / ROWS)), 2)


def account_table(indicators: Sequence[Indicator], counted: Tally) -> pa.Table:
    """`accounts.parquet`: the accounts of every indicator, in the order of the document."""
    rows = counted.accounts
    names = pa.array([one.text for one in indicators], pa.string())
    rows = rows.set_column(0, "indicator", names.take(rows["indicator"].combine_chunks()))
    shared = pa.compute.if_else(pa.compute.greater(rows["shared"], 0), rows["shared"], None)
    return rows.drop("shared").append_column("bands", shared).cast(ACCOUNTS)


def exchange_batches(
    engine: Engine, indicators: Sequence[Indicator], counted: Tally
) -> Iterator[pa.RecordBatch]:
    """`exchanges.parquet`, in batches: by indicator, in the order of time."""
    names = pa.table(
        {
            "indicator": pa.array(range(len(indicators)), pa.int32()),
            "text": pa.array([one.text for one in indicators], pa.string()),
        }
    )
    named = counted.exchanges.join(ibis.memtable(names), "indicator")
    rows = named.select(
        "exchange_id",
        "account",
        "time",
        "after_id",
        indicator=named.text,
        bands=named.shared.nullif(0),
        number=named.indicator,
    ).order_by("number", "time", "account", "exchange_id")
    for batch in engine.batches(rows):
        yield batch.select(EXCHANGES.names).cast(EXCHANGES)


def _by_indicator(rows: Iterable[Row]) -> Mapping[int, list[Row]]:
    found: defaultdict[int, list[Row]] = defaultdict(list)
    for row in rows:
        found[row.pop("indicator")].append(row)
    return found


def _answer(
    one: Indicator, accounts: list[Row], days: list[Row], likeness: list[Row], valid: Row
) -> Answer:
    return Answer(
        indicator=one.text,
        title=one.title,
        source=one.source,
        columns=one.columns,
        valid_from=one.valid_from,
        valid_until=one.valid_until,
        expired=one.expired,
        exchanges=sum(row["matched"] for row in accounts),
        exchanges_before_start=valid["before_start"] if one.valid_from else None,
        exchanges_before_end=valid["before_end"] if one.expired else None,
        account_count=len(accounts),
        first=min((row["first"] for row in accounts if row["first"]), default=None),
        last=max((row["last"] for row in accounts if row["last"]), default=None),
        input_tokens=_total(row["input_tokens"] for row in accounts),
        output_tokens=_total(row["output_tokens"] for row in accounts),
        likeness=tuple(
            Likeness(bands=r["shared"], jaccard=jaccard(r["shared"]), exchanges=r["exchanges"])
            for r in likeness
        ),
        days=tuple(
            Day(
                day=_EPOCH + timedelta(days=row["day"]),
                exchanges=row["exchanges"],
                accounts=row["accounts"],
            )
            for row in days
        ),
        accounts=tuple(Account(bands=row.pop("shared") or None, **row) for row in accounts),
    )


def _total(counts: Iterable[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None


def _searched(
    indicators: Sequence[Indicator],
    found: Lakes,
    window: tuple[datetime | None, datetime | None],
    sketches: int,
) -> Searched:
    days = found.days
    since, until = window
    return Searched(
        scans=found.lakes,
        logs=len({file.log for file in found.files}),
        sketches=sketches,
        days=len(days),
        first_day=days[0] if days else None,
        last_day=days[-1] if days else None,
        since=since,
        until=until,
        stale_logs=found.stale,
        missing=tuple(
            _missing(column, lacking)
            for column in sorted({c for one in indicators for c in one.columns})
            if (lacking := found.without(column))
        ),
    )


def _missing(column: str, lacking: Sequence[File]) -> Missing:
    days = [file.day for file in lacking if file.day]
    return Missing(
        column=column,
        logs=len({file.log for file in lacking}),
        sketches=sum(file.rows for file in lacking),
        first_day=min(days, default=None),
        last_day=max(days, default=None),
    )
