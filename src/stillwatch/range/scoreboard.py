"""A score for reading: a Rich table."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Group
from rich.table import Table

from stillwatch.range.early import Alarm
from stillwatch.range.rate import percent
from stillwatch.range.score import Score
from stillwatch.report.times import length, moment


def scoreboard(score: Score) -> Group:
    """Tables of a score: detection, campaigns, innocents."""
    return Group(_detection(score), _campaigns(score), _innocents(score))


def alarm_table(alarms: Iterable[Alarm]) -> Table:
    """When each campaign was first reported, and what had leaked by then."""
    table = Table(title="First reported (UTC)", title_justify="left")
    for name in ("campaign", "began", "alarm", "after", "scans", "accounts reported", "leaked"):
        table.add_column(name, overflow="fold")
    for a in alarms:
        table.add_row(
            a.campaign,
            moment(a.began),
            moment(a.alarm) if a.alarm else "never",
            length(a.alarm - a.began) if a.alarm else "–",
            str(a.scans),
            f"{a.accounts_reported:,} of {a.accounts:,}" if a.alarm else "–",
            f"{a.before:,} of {a.exchanges:,} ({percent(a.share)})",
        )
    return table


def _detection(score: Score) -> Table:
    table = Table(title="Detection (95 % intervals)", title_justify="left")
    for name in ("unit", "recall", "precision"):
        table.add_column(name, overflow="fold")
    for unit, found in (
        ("campaigns", score.campaigns),
        ("accounts", score.accounts),
        ("exchanges", score.exchanges),
    ):
        table.add_row(unit, str(found.recall), str(found.precision))
    table.add_section()
    table.add_row("innocent accounts flagged", str(score.false_positives), "")
    table.add_row(
        "false campaigns", f"{score.observed_false}", f"{score.expected_false:.2f} expected"
    )
    return table


def _campaigns(score: Score) -> Table:
    table = Table(title="Campaigns", title_justify="left")
    for name in ("campaign", "became", "reported as", "accounts", "leaked before the alarm"):
        table.add_column(name, overflow="fold")
    leaks = {leak.campaign: leak for leak in score.leaks}
    for m in score.matches:
        leak = leaks[m.campaign]
        table.add_row(
            m.campaign,
            m.state,
            ", ".join((*m.pieces, *m.within)) or "–",
            f"{m.accounts_reported:,} of {m.accounts:,}",
            f"{percent(leak.share)} of {leak.exchanges:,}" + ("" if leak.alarm else ", no alarm"),
        )
    return table


def _innocents(score: Score) -> Table:
    table = Table(title="Innocents flagged", title_justify="left")
    table.add_column("kind", no_wrap=True)
    for name in ("groups", "accounts", "exchanges"):
        table.add_column(name, overflow="fold")
    for row in score.kinds:
        table.add_row(
            row.kind,
            f"{row.groups_flagged:,} of {row.groups:,}",
            f"{row.accounts.hits:,} of {row.accounts.of:,}",
            f"{row.exchanges_flagged:,}",
        )
    return table
