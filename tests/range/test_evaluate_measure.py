"""Figures of a scan whose right figures are known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from stillwatch.campaigns.document import Campaign, Reading, Scan
from stillwatch.range.evaluate.judging import Judging
from stillwatch.range.evaluate.measure import found_at, measured
from stillwatch.range.evaluate.outcome import Scanned
from stillwatch.range.scenario import parse_scenario
from stillwatch.range.truth import TRUTH

START = datetime(2026, 10, 6, tzinfo=UTC)
DAY = timedelta(days=1)
GUILTY = [f"a{i}" for i in range(10)]
STUDENTS = [f"s{i}" for i in range(6)]
CUSTOMERS = [f"c{i}" for i in range(20)]
TAKEN = [*GUILTY[:8], "c0"]
"""What the true report names: most of the campaign, and an innocent who was drawn in."""

SCENARIO = parse_scenario(
    {
        "campaign": [
            {
                "id": "a",
                "accounts": 10,
                "exchanges": 20,
                "infrastructure": {"pool_kind": "cloud", "creation": "aged"},
            }
        ]
    },
    "test",
)


def row(account: str, day: float, kind: str, campaign: str | None = None) -> dict[str, object]:
    group = f"campaign:{campaign}" if campaign else f"{kind}#1"
    made = {"account": account, "time": START + day * DAY, "kind": kind, "group": group}
    return made | {"exchange_id": f"{account}/{day}/{kind}", "campaign": campaign}


ROWS = [
    *(row(a, day, "campaign", "a") for a in GUILTY for day in (0.1, 1.1)),
    # The first account also serves two customers.
    *(row("a0", day, "relay:customers") for day in (0.2, 0.3)),
    *(row(s, 0.5, "lookalike:class_of_students") for s in STUDENTS),
    # Customers are active on two days, with two exchanges on the first.
    *(row(c, day, "population:chat") for c in CUSTOMERS for day in (0.4, 0.6, 1.5)),
]


@pytest.fixture
def figures(tmp_path: Path) -> Scanned:
    truth = tmp_path / "truth.parquet"
    full = [{name: r.get(name) for name in TRUTH.names} for r in ROWS]
    pq.write_table(pa.Table.from_pylist(full, schema=TRUTH), truth)
    found = {"true": TAKEN, "false": STUDENTS}
    reports = tuple(
        Campaign(
            id=name,
            verdict="campaign",
            bits=20,
            probability=1,
            q_value=0.01,
            account_fpr=0.00002,
            first_seen=START,
            last_seen=START + 2 * DAY,
            exchanges=1,
            account_count=len(accounts),
        )
        for name, accounts in found.items()
    )
    scan = Scan(
        version="0",
        made=START,
        reading=Reading(
            files=1,
            exchanges=len(ROWS),
            accounts=36,
            duplicates=0,
            rejected={},
            first=START,
            last=START + 2 * DAY,
        ),
        fdr=0.01,
        account_fpr=0.0001,
        expected_false=0.0,
        weighed=9,
        campaigns=reports,
        leads=(),
        spared=(),
    )
    (tmp_path / "campaigns.json").write_text(scan.model_dump_json(by_alias=True))
    of = {a: name for name, accounts in found.items() for a in accounts}
    everybody = [*GUILTY, *STUDENTS, *CUSTOMERS]
    table = {"account": everybody, "campaign": [of.get(a) for a in everybody]}
    pq.write_table(pa.table(table), tmp_path / "accounts.parquet")
    named = {
        "exchange_id": [str(r["exchange_id"]) for r in ROWS],
        "campaign": [of.get(str(r["account"])) for r in ROWS],
    }
    pq.write_table(pa.table(named), tmp_path / "exchanges.parquet")
    judged = Judging(
        groups=((12.0, frozenset(TAKEN)), (9.0, frozenset(STUDENTS)), (-3.0, frozenset(["c1"]))),
        without={"text": (frozenset(GUILTY[:2]), frozenset(STUDENTS)), "links": ()},
    )
    return measured(tmp_path, truth, SCENARIO, judged)


def test_account_days_are_counted_once_a_day_and_told_apart(figures: Scanned) -> None:
    days = figures.days
    assert days.scanned == 6 * 1 + 20 * 2
    assert (days.in_true, days.in_false) == (2, 6)


def test_the_group_a_false_report_is_of_is_named(figures: Scanned) -> None:
    assert figures.mistaken == {"lookalike:class_of_students": 1}


def test_precision_in_relays_counts_their_customers(figures: Scanned) -> None:
    assert (figures.relay.hits, figures.relay.of) == (2, 4)


def test_a_harvest_has_its_variant_its_bits_and_its_cost(figures: Scanned) -> None:
    (harvest,) = figures.harvests
    assert harvest.held_back
    assert harvest.bits == 12.0
    assert (harvest.requests, harvest.harvested) == (22, 20)
    assert harvest.hours == pytest.approx(24)
    assert (harvest.state, harvest.reported, harvest.accounts) == ("found", 8, 10)


def test_groups_that_stand_are_kept_with_who_is_in_them(figures: Scanned) -> None:
    assert [(g.bits, g.accounts, g.guilty) for g in figures.groups] == [
        (12.0, 9, 8),
        (9.0, 6, 0),
        (-3.0, 1, 0),
    ]


def test_what_would_be_found_without_some_signals(figures: Scanned) -> None:
    text, links = figures.without["text"], figures.without["links"]
    assert (text.campaigns.hits, text.accounts.hits, text.innocents) == (1, 2, 6)
    assert (links.campaigns.hits, links.accounts.hits, links.innocents) == (0, 0, 0)


def test_a_campaign_in_pieces_is_found_when_enough_of_it_is_there() -> None:
    guilty = {"a": {str(i) for i in range(100)}}
    pieces = [frozenset(str(i) for i in range(5 * k, 5 * k + 5)) for k in range(3)]
    groups = tuple(zip((9.0, 7.0, 5.0), pieces, strict=True))
    assert found_at(guilty, groups) == {"a": 7.0}
    assert found_at(guilty, groups[:1]) == {}
