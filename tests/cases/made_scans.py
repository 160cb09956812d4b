"""Results of scans that are made up: which groups there are, and which accounts in each."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from stillwatch.campaigns.document import (
    Campaign,
    Count,
    Innocence,
    Link,
    Member,
    Reading,
    Scan,
    Verdict,
    Weight,
)
from stillwatch.campaigns.identity import carried, identity
from stillwatch.campaigns.tables import ACCOUNTS_SCHEMA_ID

START = datetime(2026, 5, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def accounts(letters: str) -> list[str]:
    return [f"acct-{letter}" for letter in letters]


def weight(signal: str, bits: float, value: float | None = 0.5) -> Weight:
    return Weight(
        signal=signal, title=f"Title of {signal}", group="g", value=value,
        reading=f"reading of {signal}", bits=bits,
    )  # fmt: skip


def group(
    letters: str,
    verdict: Verdict = "campaign",
    asks: str = "reasoning_translation",
    shares: str = "",
) -> Campaign:
    """A group of accounts of one letter each, which share a payment mark."""
    members = accounts(letters)
    return Campaign(
        id=identity(members), verdict=verdict, bits=9.0, probability=0.998046875, q_value=0.002,
        account_fpr=0.00002, first_seen=START, last_seen=START, exchanges=9 * len(members),
        account_count=len(members),
        intents=(Count(name=asks, exchanges=7), Count(name="ordinary", exchanges=2)),
        waterfall=(weight("lockstep", 4.25), weight("even_pacing", -1.5)),
        innocents=(Innocence(family="class_of_students", title="class of students", bits=3.0),),
        links=(
            Link(
                kind="payment_mark", title="payment mark", value=shares or f"pm-{letters}",
                accounts=len(members), accounts_elsewhere=0, bits=17.123, members=tuple(members),
            ),
        ),
        accounts=tuple(
            Member(
                account=account, bits=12.345, exchanges=9 + place, harvest_exchanges=8,
                first_seen=START, last_seen=START + place * DAY,
                waterfall=(weight("never_idle", 2.718), weight("links", 7.5, None)),
            )
            for place, account in enumerate(members)
        ),
    )  # fmt: skip


class Scans:
    """Directories of scans, each following the one before, a day later."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.day = 0
        self.last: Scan | None = None

    def scan(self, *groups: Campaign, follows: bool = True) -> Path:
        self.day += 1
        at = START + self.day * DAY
        found, dormant = carried(dict(enumerate(groups)), self.last if follows else None, at)
        lists: dict[str, Any] = {
            "spared" if verdict == "spared" else f"{verdict}s": tuple(
                c for c in found.values() if c.verdict == verdict
            )
            for verdict in ("campaign", "lead", "spared")
        }
        self.last = Scan(
            schema="stillwatch.campaigns/1", version="1", made=at, fdr=0.01, account_fpr=0.0001,
            weighed=9, expected_false=0.0,
            reading=Reading(
                files=1, exchanges=9, accounts=9, duplicates=0, rejected={}, first=START, last=at,
            ),
            dormant=dormant, **lists,
        )  # fmt: skip
        return written(self.place / f"scan-{self.day}", self.last)


def written(place: Path, scan: Scan) -> Path:
    """What cases read of the output directory of a scan."""
    place.mkdir()
    (place / "campaigns.json").write_text(scan.model_dump_json(by_alias=True), "utf-8")
    rows = [(m.account, c.id) for c in scan.reported for m in c.accounts]
    table = pa.table(
        {
            "account": pa.array([account for account, _ in rows], pa.string()),
            "campaign": pa.array([campaign for _, campaign in rows], pa.string()),
            "never_idle": pa.array([1.0 for _ in rows], pa.float64()),
        }
    )
    pq.write_table(
        table.replace_schema_metadata({"schema": ACCOUNTS_SCHEMA_ID}), place / "accounts.parquet"
    )
    return place


def ids(groups: Iterable[Campaign]) -> list[str]:
    return [one.id for one in groups]
