"""Scores a scan against the truth."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict, Field

from stillwatch.campaigns.document import Scan, load
from stillwatch.errors import FormatError, NoInputError
from stillwatch.range.matching import Match, Report, match
from stillwatch.range.rate import Rate, rate


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class Detection(_Part):
    """Recall and precision of one unit: exchanges, accounts or campaigns."""

    recall: Rate = Field(description="Of those that are of a campaign, reported as such.")
    precision: Rate = Field(description="Of those reported, really of a campaign.")


class KindRow(_Part):
    """How one kind of innocents fared."""

    kind: str
    groups: int
    groups_flagged: int = Field(description="Groups with at least one account flagged.")
    accounts: Rate = Field(description="Accounts flagged.")
    exchanges_flagged: int


class Leak(_Part):
    """How much a campaign had harvested when the alarm came."""

    campaign: str
    alarm: datetime | None = Field(description="Null if there never was one.")
    exchanges: int = Field(description="All exchanges of the campaign, scanned or not.")
    before: int = Field(description="Of those, made before the alarm; all, if there was none.")
    share: float


class Score(_Part):
    """How well a scan did."""

    campaigns: Detection
    accounts: Detection
    exchanges: Detection
    false_positives: Rate = Field(description="Innocent accounts that were flagged.")
    matches: tuple[Match, ...]
    reports: tuple[Report, ...]
    leaks: tuple[Leak, ...]
    kinds: tuple[KindRow, ...]
    fdr: float = Field(description="False discovery rate the scan promised.")
    expected_false: float = Field(description="False campaigns the scan expected.")
    observed_false: int = Field(description="Reported campaigns that are none.")


def score(
    scan_dir: str | Path,
    truth: str | Path,
    *,
    alarms: Mapping[str, datetime] | None = None,
) -> Score:
    """Score the scan in `scan_dir` against `truth.parquet`.

    Flagged is what carries the id of a campaign that `campaigns.json` reports; leads and spared
    groups do not count. A unit is guilty if it has an exchange of a campaign. What happened
    outside of the scanned window counts for the leak only.

    Parameters
    ----------
    alarms
        When each reported campaign was first reported. By default all at the end of the window
        that was scanned: one scan cannot have warned earlier. Scans of day by day give more.

    Raises
    ------
    NoInputError, FormatError
        If a file is missing, or not of the form that is needed.
    """
    scan_dir, truth = Path(scan_dir), Path(truth)
    scan = load(scan_dir / "campaigns.json")
    ledger = read_table(truth, ("exchange_id", "time", "account", "campaign", "kind", "group"))
    exchanges = read_table(scan_dir / "exchanges.parquet", ("exchange_id", "campaign"))
    accounts = read_table(scan_dir / "accounts.parquet", ("account", "campaign"))
    reported = [c.id for c in scan.campaigns]
    with duckdb.connect() as db:
        _views(db, scan, {"truth": ledger, "exchanges": exchanges, "accounts": accounts})
        _check_overlap(db, scan_dir, truth)
        matches, reports = match(
            _members(db, "select campaign, account from guilty"),
            _members(db, "select campaign, account from flagged_accounts", reported),
        )
        found = {
            m.campaign: [*m.pieces, *(m.within if m.state == "merged" else ())]
            for m in matches
            if m.state != "missed"
        }
        last = scan.reading.last or max(ledger["time"].to_pylist(), default=scan.made)
        when = dict.fromkeys(reported, last) | dict(alarms or {})
        first = {c: min(when[p] for p in pieces) for c, pieces in found.items()}
        return Score(
            campaigns=Detection(
                recall=rate(sum(m.state == "found" for m in matches), len(matches)),
                precision=rate(sum(r.true for r in reports), len(reports)),
            ),
            accounts=_detection(
                db,
                "select distinct account as unit from guilty",
                "select distinct account as unit from flagged_accounts",
            ),
            exchanges=_detection(
                db,
                "select exchange_id as unit from scanned where campaign is not null",
                "select exchange_id as unit from flagged_exchanges",
            ),
            false_positives=rate(
                *_pair(
                    db,
                    "select count(*) filter (account in (select account from flagged_accounts)), "
                    "count(*) from innocent",
                )
            ),
            matches=matches,
            reports=reports,
            leaks=leaked(ledger, first),
            kinds=_kinds(db),
            fdr=scan.fdr,
            expected_false=scan.expected_false,
            observed_false=sum(not r.true for r in reports),
        )


def leaked(truth: pa.Table, alarms: Mapping[str, datetime]) -> tuple[Leak, ...]:
    """What each true campaign had harvested before its alarm.

    `alarms` are by true campaign; a campaign without one has leaked all it ever asked. The share
    is of the whole campaign, so an alarm on its first day shows what was saved. Only a truth that
    reaches beyond the scanned window can show less than everything.
    """
    truth = truth.filter(pc.is_valid(truth["campaign"]))
    out = []
    for campaign in sorted(pc.unique(truth["campaign"]).to_pylist()):
        times = truth.filter(pc.equal(truth["campaign"], campaign))["time"]
        alarm = alarms.get(campaign)
        limit = None if alarm is None else pa.scalar(alarm.astimezone(UTC), type=times.type)
        before = len(times) if limit is None else pc.sum(pc.less_equal(times, limit)).as_py()
        out.append(
            Leak(
                campaign=campaign,
                alarm=alarm,
                exchanges=len(times),
                before=before,
                share=before / len(times),
            )
        )
    return tuple(out)


def _views(db: duckdb.DuckDBPyConnection, scan: Scan, tables: Mapping[str, pa.Table]) -> None:
    reported = pa.table({"id": pa.array([c.id for c in scan.campaigns], pa.string())})
    for name, table in {**tables, "reported": reported}.items():
        db.register(name, table)
    first, last = scan.reading.first, scan.reading.last
    db.execute(
        "create temp table scanned as select * from truth where "
        "($1 is null or time >= $1::timestamptz) and ($2 is null or time <= $2::timestamptz)",
        [first, last],
    )
    db.execute(
        """
        create temp view guilty as
            select distinct campaign, account from scanned where campaign is not null;
        -- An account that takes part at other times only is neither guilty nor innocent here.
        create temp view flagged_accounts as
            select distinct account, campaign from accounts
            where campaign in (select id from reported)
              and (account in (select account from guilty)
                   or account not in (select account from truth where campaign is not null));
        create temp view flagged_exchanges as
            select distinct exchange_id from exchanges
            where campaign in (select id from reported);
        create temp view innocent as
            select account, min("group") as "group", min(kind) as kind from scanned
            where account not in (select account from truth where campaign is not null)
            group by account;
        """
    )


def _detection(db: duckdb.DuckDBPyConnection, guilty: str, flagged: str) -> Detection:
    both, bad, named = db.execute(
        f"with g as ({guilty}), f as ({flagged}) select "
        "(select count(*) from g where unit in (select unit from f)), "
        "(select count(*) from g), (select count(*) from f)"
    ).fetchall()[0]
    return Detection(recall=rate(both, bad), precision=rate(both, named))


def _kinds(db: duckdb.DuckDBPyConnection) -> tuple[KindRow, ...]:
    rows = db.execute(
        """
        with flagged as (
            select i.kind, i."group", i.account,
                   i.account in (select account from flagged_accounts) as hit,
            from innocent i
        ), words as (
            select kind, count(*) as n from scanned
            where campaign is null
              and exchange_id in (select exchange_id from flagged_exchanges)
            group by kind
        )
        select kind, count(distinct "group"), count(distinct "group") filter (hit),
               count(*) filter (hit), count(*), coalesce(any_value(n), 0)
        from flagged left join words using (kind) group by kind order by kind
        """
    ).fetchall()
    return tuple(
        KindRow(
            kind=kind,
            groups=groups,
            groups_flagged=hit,
            accounts=rate(flagged, total),
            exchanges_flagged=words,
        )
        for kind, groups, hit, flagged, total, words in rows
    )


def _members(
    db: duckdb.DuckDBPyConnection, query: str, campaigns: Iterable[str] = ()
) -> dict[str, set[str]]:
    members: dict[str, set[str]] = {c: set() for c in campaigns}
    for campaign, account in sorted(db.execute(query).fetchall()):
        members.setdefault(campaign, set()).add(account)
    return members


def _pair(db: duckdb.DuckDBPyConnection, query: str) -> tuple[int, int]:
    a, b = db.execute(query).fetchall()[0]
    return int(a), int(b)


def _check_overlap(db: duckdb.DuckDBPyConnection, scan_dir: Path, truth: Path) -> None:
    known, all_ = _pair(
        db,
        "select count(*) filter (account in (select account from truth)), count(*) from accounts",
    )
    if all_ and not known:
        raise FormatError(
            f"{scan_dir}: none of its accounts ({all_}) is in {truth}; "
            "score the scan of the traffic that was made together with this truth"
        )


def read_table(path: Path, columns: tuple[str, ...]) -> pa.Table:
    """These columns of a table of a scan, or of a truth, with errors that say what to do."""
    try:
        names = pq.read_schema(path).names
    except FileNotFoundError:
        made = "range make" if "group" in columns else "scan"
        raise NoInputError(f"{path}: not there; run `stillwatch {made}` first") from None
    except (pa.ArrowInvalid, OSError) as error:
        raise FormatError(f"{path}: not a Parquet file: {error}") from None
    missing = [c for c in columns if c not in names]
    if missing:
        raise FormatError(
            f"{path}: has no column {', '.join(missing)}; make it again with this version"
        )
    return pq.read_table(path, columns=list(columns))
