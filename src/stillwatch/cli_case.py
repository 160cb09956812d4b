"""The command line of cases: open them, look at them, and count how often people were right."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, get_args

import typer
from rich.console import Console
from rich.table import Table

from stillwatch.cli_case_store import STORE, AsJson, LogFolder, Number, Store, cases, say
from stillwatch.errors import TamperedError, UsageError
from stillwatch.moments import moment
from stillwatch.plural import plural
from stillwatch.printing import plain

app = typer.Typer(no_args_is_help=True, help="Cases: what was found, and what people decided.")


@app.command("open")
def open_cases(
    scan_dir: Annotated[Path, typer.Argument(help="Output directory of a scan.")],
    leads: Annotated[bool, typer.Option("--leads", help="Open a case for each lead, too.")] = False,
    store: Store = STORE,
    log: LogFolder = None,
) -> None:
    """Open a case for each campaign of a scan, and bring those up to it that are there."""
    with cases(store, log, make=True) as found:
        taken = found.open(scan_dir, leads=leads)
    for numbers, what in (
        (taken.opened, "opened"),
        (taken.updated, "brought up to the scan"),
        (taken.reopened, "open again, since accounts joined"),
        (taken.unchanged, "had this scan already"),
        (taken.newer, "left as they are: they know a newer scan"),
    ):
        if numbers:
            shown = ", ".join(map(str, numbers[:20])) + (", ..." if len(numbers) > 20 else "")
            say(f"{plural(len(numbers), 'case')} {what}: {shown}.")
    if not any(asdict(taken).values()):
        say("Nothing to open: the scan reports no campaign.")


@app.command("list")
def list_cases(
    state: Annotated[
        str | None, typer.Option(help="open, investigating, decided, appealed, reversed, closed.")
    ] = None,
    account: Annotated[str | None, typer.Option(help="Cases that ever had this account.")] = None,
    campaign: Annotated[str | None, typer.Option(help="Id that a scan gave.")] = None,
    tactic: Annotated[
        str | None, typer.Option(help="What is asked for, or a signal that speaks against it.")
    ] = None,
    assignee: Annotated[str | None, typer.Option(help="Who looks into it.")] = None,
    text: Annotated[
        str | None, typer.Option(help="Words of notes, reasons and statements; all of them.")
    ] = None,
    before: Annotated[
        int | None, typer.Option(help="Go on below this number, the last of the page before.")
    ] = None,
    as_json: AsJson = False,
    store: Store = STORE,
) -> None:
    """List cases, the newest first."""
    from stillwatch.cases import Asked
    from stillwatch.cases.listing import PAGE

    asked = Asked(
        state=_state(state),
        account=account,
        campaign=campaign,
        tactic=tactic,
        assignee=assignee,
        text=text,
        before=before,
    )
    with cases(store) as found:
        rows = found.page(asked)
    if as_json:
        _print_json([asdict(row) for row in rows])
        return
    if not rows:
        say("No such case.")
        return
    table = Table()
    for name in ("case", "campaign", "state", "assignee", "verdict", "probability"):
        table.add_column(name, overflow="fold")
    for name in ("accounts", "exchanges"):
        table.add_column(name, justify="right")
    table.add_column("last seen")
    for row in rows:
        table.add_row(
            str(row.number),
            plain(row.campaign),
            row.state,
            plain(row.assignee or ""),
            plain(row.verdict),
            f"{row.probability:.6g}",
            plain(row.accounts),
            plain(row.exchanges),
            f"{row.last_seen:%Y-%m-%d %H:%M}",
        )
    Console(emoji=False).print(table)
    if len(rows) == PAGE:
        say(f"More: --before {rows[-1].number}")


@app.command()
def show(case: Number, as_json: AsJson = False, store: Store = STORE) -> None:
    """Show a case: facts, inference and decisions apart."""
    from stillwatch.cli_case_show import print_case

    with cases(store) as found:
        told = found.case(case)
    if as_json:
        sys.stdout.write(told.model_dump_json(by_alias=True, indent=2) + "\n")
    else:
        print_case(Console(highlight=False, emoji=False), told)


@app.command()
def effective(
    at: Annotated[
        str | None, typer.Option(help="Another moment than now, ISO 8601; UTC without a zone.")
    ] = None,
    as_json: AsJson = False,
    store: Store = STORE,
) -> None:
    """List the measures in force, by account."""
    when = moment("--at", at)
    with cases(store) as found:
        rows = found.effective(when)
    if as_json:
        _print_json([asdict(row) | {"decision": str(row.decision)} for row in rows])
        return
    if not rows:
        say("No measure is in force.")
        return
    table = Table("account", "measure", "decision", "clause", "since (UTC)", "until (UTC)")
    for row in rows:
        times = (f"{time:%Y-%m-%d %H:%M}" for time in (row.since, row.until))
        table.add_row(plain(row.account), row.measure, str(row.decision), plain(row.clause), *times)
    Console(emoji=False).print(table)


@app.command()
def learn(
    into: Annotated[
        Path, typer.Option(help="Weights file to teach; where there is none, one is begun.")
    ],
    store: Store = STORE,
) -> None:
    """Bring a weights file up to what people came to know from the cases."""
    from stillwatch.signals import registry, weights

    known = weights.load(into, registry.signals()) if into.exists() else weights.packaged()
    with cases(store) as found:
        after = found.taught(known)
    for ids, what in ((after.forgotten, "Forgotten"), (after.learned, "Learned")):
        if ids:
            say(f"{what}: {plain(', '.join(ids))}.")
    if after.weights != known or not into.exists():
        weights.save(after.weights, into)
    say(f"{plain(into)} is version {after.weights.version}.")


@app.command()
def figures(as_json: AsJson = False, store: Store = STORE) -> None:
    """Count decisions, reversals and appeals, and false positives by family of lookalikes."""
    from stillwatch.cli_case_show import print_figures

    with cases(store) as found:
        counted = found.figures()
    if as_json:
        sys.stdout.write(counted.model_dump_json(indent=2) + "\n")
    else:
        print_figures(Console(highlight=False, emoji=False), counted)


@app.command()
def check(store: Store = STORE, log: LogFolder = None) -> None:
    """Say whether store and log agree, record by record."""
    with cases(store, log) as found:
        found.deliver()
        agreed = found.check()
    for problem in agreed.problems:
        say(plain(problem))
    if agreed.problems:
        raise TamperedError(
            f"{store}: store and log do not agree on "
            f"{plural(len(agreed.problems), 'record')} of {agreed.records:,}"
        )
    waits = f"; {agreed.waiting:,} wait for the log" if agreed.waiting else ""
    say(f"Store and log agree: {plural(agreed.records, 'record')}{waits}.")


def _state(text: str | None) -> Any:
    from stillwatch.cases import State

    known = get_args(State)
    if text is not None and text not in known:
        raise UsageError(f"--state {text!r}: there are {', '.join(known)}")
    return text


def _print_json(rows: list[dict[str, Any]]) -> None:
    json.dump(rows, sys.stdout, indent=2, default=lambda time: time.isoformat())
    sys.stdout.write("\n")
