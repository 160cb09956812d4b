"""Cases as they are printed: the whole of one, what a customer may see, and figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from stillwatch.plural import plural
from stillwatch.printing import plain

if TYPE_CHECKING:
    from datetime import datetime

    from stillwatch.cases import Figures, Shown, Told
    from stillwatch.cases.told import ToldAppeal, ToldRuling

SHOWN = 10
"""Rows of a table, and accounts of a list, that are printed; --json has all."""
KIN = {
    "merged_into": "went into case",
    "took_in": "took in case",
    "split_from": "split off from case",
    "split_into": "split; a part is case",
}


def print_case(console: Console, told: Told) -> None:
    """A case under three headings."""
    assignee = f", {plain(told.assignee)}'s" if told.assignee else ""
    console.print(
        f"[bold]Case {told.number}[/]: campaign {plain(told.campaign)}, {told.state}{assignee}. "
        f"Version {told.version}, by the scan of {_time(told.scanned)}.",
        soft_wrap=True,
    )
    for kin in told.kin:
        console.print(f"It {KIN[kin.relation]} {kin.case}.")
    _print_facts(console, told)
    _print_inference(console, told)
    _print_decisions(console, told)
    if told.similar:
        table = _table("Similar cases", "case", numbers=("accounts of both", "things of both"))
        for one in told.similar:
            table.add_row(str(one.case), plain(one.accounts), plain(one.things))
        console.print(table)


def _print_facts(console: Console, told: Told) -> None:
    seen = told.facts
    console.print("\n[bold]Facts[/]: what was seen")
    console.print(
        f"{plural(len(seen.accounts), 'account')}, from {_time(seen.first_seen)} to "
        f"{_time(seen.last_seen)}: {_names(seen.names)}",
        soft_wrap=True,
    )
    if seen.links:
        table = _table("Rare things in common", "what", "value", numbers=("accounts", "elsewhere"))
        for link in seen.links[:SHOWN]:
            table.add_row(
                plain(link.title),
                plain(link.value),
                plain(link.accounts),
                plain(link.accounts_elsewhere),
            )
        console.print(table)


def _print_inference(console: Console, told: Told) -> None:
    found = told.inference
    console.print("\n[bold]Inference[/]: what the scan makes of it; nobody decided it")
    console.print(
        f"{plain(found.verdict)}, {found.bits:.1f} bits, probability {found.probability:.6g}, "
        f"q {found.q_value:.2g}; {plural(found.exchanges, 'exchange')} attributed."
    )
    table = _table("What weighs most", "what", "measured", numbers=("bits",))
    bars = sorted(found.waterfall, key=lambda bar: -abs(bar.bits))
    for bar in bars[:SHOWN]:
        table.add_row(plain(bar.title), plain(bar.reading), f"{bar.bits:+.1f}")
    console.print(table)
    if found.innocents:
        best = found.innocents[0]
        console.print(
            f"The innocent explanation that fits best: {plain(best.title)}, with "
            f"{best.bits:.1f} bits against it."
        )


def _print_decisions(console: Console, told: Told) -> None:
    console.print("\n[bold]Decisions[/]: what people said")
    if not told.decisions:
        console.print("Nothing was decided.")
    for one in told.decisions:
        back = f", taken back for {len(one.taken_back_for):,}" if one.taken_back_for else ""
        second = f", approved by {plain(one.approved_by)}" if one.approved_by else ""
        console.print(
            f"{one.id}: [bold]{one.measure}[/], {one.status}, for "
            f"{plural(len(one.accounts), 'account')}{back}; clause {plain(one.clause)}, until "
            f"{_time(one.until)}. By {plain(one.by)}{second}.\n"
            f"    {plain(one.reason)}\n    Way back: {plain(one.way_back)}"
            + (f"\n    Grounds: {plain(one.grounds)}" if one.grounds else ""),
            soft_wrap=True,
        )
    if told.decisions and told.untouched:
        console.print(f"No measure in force on {plural(len(told.untouched), 'account')}.")
    for appeal in told.appeals:
        _print_appeal(console, appeal)
    for ruling in told.rulings:
        console.print(_ruling(ruling), soft_wrap=True)
    table = _table("Journal", "when (UTC)", "who", "what", "")
    for line in told.journal:
        table.add_row(_time(line.at), plain(line.by), line.kind, plain(line.text))
    console.print(table)


def _print_appeal(console: Console, appeal: ToldAppeal) -> None:
    ended = _ruling(appeal.ruling) if appeal.ruling else "pending"
    console.print(
        f"{appeal.id}: appeal of {plain(appeal.account)}, {_time(appeal.at)}: {ended}\n"
        f"    {plain(appeal.statement)}",
        soft_wrap=True,
    )


def _ruling(ruling: ToldRuling) -> str:
    was = f" It was {plain(ruling.family)}." if ruling.family else ""
    reached = f" ({', '.join(ruling.reaches)})" if ruling.reaches else ""
    return f"{ruling.outcome}{reached} by {plain(ruling.by)}: {plain(ruling.reason)}{was}"


def print_shown(console: Console, shown: Shown) -> None:
    """What a customer may see, and nothing else."""
    console.print("\n[bold]The customer may see this, and nothing else of the case:[/]")
    console.print(f"Account {plain(shown.account)}", soft_wrap=True)
    for one in shown.measures:
        console.print(
            f"Measure: {one.measure}, since {_time(one.since)}, until {_time(one.until)}, by "
            f"clause {plain(one.clause)}.\n    {plain(one.reason)}\n"
            f"    Way back: {plain(one.way_back)}",
            soft_wrap=True,
        )
    console.print(
        f"{plural(shown.requests, 'request')}, from {_time(shown.first_seen)} to "
        f"{_time(shown.last_seen)}."
    )
    if shown.shares:
        console.print(f"In common with others: {plain(', '.join(shown.shares))}.", soft_wrap=True)
    if shown.measured:
        table = _table("Measured of the account", "what", "how much", "speaks")
        for found in shown.measured:
            table.add_row(plain(found.title), plain(found.reading), found.speaks)
        console.print(table)


def print_figures(console: Console, figures: Figures) -> None:
    """Counts over all cases."""
    states = ", ".join(f"{count:,} {state}" for state, count in figures.states.items())
    console.print(f"Cases: {states}.")
    table = _table("Decisions", "measure", numbers=("took effect", "taken back"))
    for one in figures.measures:
        if one.decided:
            table.add_row(one.measure, plain(one.decided), plain(one.taken_back))
    if table.row_count:
        console.print(table)
    appeals = ", ".join(f"{count:,} {how}" for how, count in figures.appeals.items())
    console.print(f"Appeals: {appeals}.")
    table = _table("No harvest after all", "family", numbers=("cases", "accounts freed"))
    for family in figures.families:
        table.add_row(plain(family.family), plain(family.cases), plain(family.accounts))
    if table.row_count:
        console.print(table)
    console.print(
        f"Of {plural(figures.false.of, 'case')} in which people came to know, "
        f"{figures.false.hits:,} were none: {figures.false}."
    )


def _table(title: str, *names: str, numbers: tuple[str, ...] = ()) -> Table:
    table = Table(title=title, title_justify="left")
    for name in names:
        table.add_column(name, overflow="fold")
    for name in numbers:
        table.add_column(name, justify="right")
    return table


def _names(accounts: list[str]) -> str:
    more = f" and {len(accounts) - SHOWN:,} more" if len(accounts) > SHOWN else ""
    return plain(", ".join(accounts[:SHOWN])) + more


def _time(time: datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M}"
