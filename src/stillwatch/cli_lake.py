"""The command line of the lake: what is kept, what runs out, what is held, who is erased."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from stillwatch.moments import moment
from stillwatch.plural import plural
from stillwatch.printing import plain, progress_bar, span

if TYPE_CHECKING:
    from stillwatch.retention import Day, Hold

app = typer.Typer(
    no_args_is_help=True, help="The sketches of scans: how long they are kept, and for whom."
)
Out = Annotated[Path, typer.Argument(help="Output directory of a scan.")]
Accounts = Annotated[list[str] | None, typer.Option("--account", help="Give it for each account.")]


@app.command()
def show(out: Out) -> None:
    """Show which days of sketches there are, how large they are, and what is held."""
    from stillwatch.retention import days, holds

    console = Console(highlight=False, emoji=False)
    found = days(out)
    console.print(_days(found) if found else f"No sketches are in {plain(out)}.", soft_wrap=True)
    for one in holds(out):
        console.print(_held(out, one, datetime.now(UTC)), soft_wrap=True)


@app.command()
def expire(
    out: Out,
    keep_days: Annotated[int, typer.Option(help="Days that are kept, counted back from now.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would go, and delete nothing.")
    ] = False,
) -> None:
    """Delete the sketches of old days, but for accounts that are held."""
    from stillwatch.retention import expire as run_out

    with progress_bar(Console(stderr=True, highlight=False, emoji=False)) as progress:
        found = run_out(out, keep_days, datetime.now(UTC), dry_run=dry_run, progress=progress)
    told = "Would delete" if dry_run else "Deleted"
    console = Console(highlight=False, emoji=False)
    if found.days:
        sketches = plural(found.rows, "sketch", "sketches")
        days = plural(len(found.days), "day")
        console.print(f"{told} {sketches} of {days} ({span(found.days[0], found.days[-1])}).")
    else:
        console.print(f"Nothing{' else' if found.held else ''} is older than {found.before}.")
    if found.held:
        sketches = plural(found.held, "older sketch", "older sketches")
        console.print(f"Held, and left where they are: {sketches}.")


@app.command()
def hold(
    out: Out,
    name: Annotated[
        str, typer.Argument(help="Id of a campaign or lead; with --account, any name.")
    ],
    reason: Annotated[str, typer.Option(help="Why, for whoever may release it.")],
    account: Accounts = None,
    until: Annotated[str | None, typer.Option(help="End, ISO 8601; without it, none.")] = None,
) -> None:
    """Keep all sketches of a campaign's accounts, however old."""
    from stillwatch.retention import hold as begin

    now = datetime.now(UTC)
    held = begin(out, name, reason, account or [], moment("--until", until), now)
    Console(highlight=False, emoji=False).print(_held(out, held, now), soft_wrap=True)


@app.command()
def release(out: Out, name: Annotated[str, typer.Argument(help="Name of the hold.")]) -> None:
    """End a hold: what is old enough goes at the next `expire`."""
    from stillwatch.retention import release as end

    ended = end(out, name)
    Console(highlight=False, emoji=False).print(
        f"Released: {plain(ended.name)}, of {plural(len(ended.accounts), 'account')}.",
        soft_wrap=True,
    )


@app.command()
def erase(out: Out, account: Accounts = None) -> None:
    """Remove accounts everywhere in the directory: sketches, tables, documents, the report."""
    from stillwatch.retention import erase as remove

    names = sorted(set(account or []))
    with progress_bar(Console(stderr=True, highlight=False, emoji=False)) as progress:
        gone = remove(out, names, datetime.now(UTC), progress)
    groups = f" and from {plural(gone.groups, 'group')} of the last scan" if gone.groups else ""
    told = f"{plural(gone.rows, 'sketch', 'sketches')} removed{groups}"
    if not gone.rows and not gone.groups:
        told = "there was nothing of it here"
    Console(highlight=False, emoji=False).print(
        f"Erased {plural(len(names), 'account')}: {told}. Logs that still have them are yours to "
        "mend.",
        soft_wrap=True,
    )


def _days(found: list[Day]) -> Table:
    table = Table(title="Sketches", title_justify="left")
    table.add_column("day")
    for name in ("logs", "sketches", "MB"):
        table.add_column(name, justify="right")
    for one in found:
        table.add_row(one.day, plain(one.logs), plain(one.rows), f"{one.bytes / 1e6:,.1f}")
    table.add_section()
    total = (sum(one.rows for one in found), sum(one.bytes for one in found))
    table.add_row(plural(len(found), "day"), "", plain(total[0]), f"{total[1] / 1e6:,.1f}")
    return table


def _held(out: Path, one: Hold, now: datetime) -> str:
    from stillwatch.retention import rows_of

    end = f" {one.until.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if one.until else ""
    word = f"Held{end and f' until{end}'}" if one.active(now) else f"Ended{end}"
    accounts = plural(len(one.accounts), "account")
    sketches = plural(rows_of(out, one.accounts).total(), "sketch", "sketches")
    what = f"{plain(one.name)}, {accounts} with {sketches}, since {one.made:%Y-%m-%d}"
    return f"{word}: {what}: {plain(one.reason)}"
