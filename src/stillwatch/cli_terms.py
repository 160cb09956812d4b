"""The command line of terms: check them, tell versions apart, try one on a scan."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from stillwatch.cli_options import Config
from stillwatch.moments import moment
from stillwatch.plural import plural
from stillwatch.printing import plain

if TYPE_CHECKING:
    from stillwatch.terms.document import Simulation, Touched

app = typer.Typer(no_args_is_help=True, help="Terms as data: what is forbidden, and what follows.")
Paths = Annotated[list[Path], typer.Argument(help="Versions of the terms: files, and folders.")]
New = Annotated[Path, typer.Argument(help="File of the new version.")]

NAMED = 20
"""Accounts that are named in a list; `--json` has all."""


@app.command()
def check(paths: Paths) -> None:
    """Check versions of the terms, by themselves and against each other, and list them."""
    from stillwatch.terms import load
    from stillwatch.terms.wording import allowed
    from stillwatch.written.times import shown

    found = load(paths)
    table = Table()
    for name in ("version", "from", "until", "clause", "for", "allows"):
        table.add_column(name, overflow="fold")
    for one in found.versions:
        for number, clause in enumerate(one.terms.clauses):
            end = shown(one.end) if one.end else "further notice"
            head = ["", "", ""] if number else [one.terms.version, shown(one.terms.start), end]
            scope = _scope(clause.models, clause.regions)
            can = ", ".join(map(allowed, clause.measures))
            table.add_row(*map(plain, (*head, clause.id, scope, can)))
    console = Console(highlight=False, emoji=False)
    console.print(table)
    for begin, end_ in found.gaps():
        until = f"until {shown(end_)}" if end_ else "on"
        console.print(f"No version is in force from {shown(begin)} {until}.", soft_wrap=True)
    console.print(f"{plural(len(found.versions), 'version')}, nothing wrong.")


@app.command()
def diff(old: Annotated[Path, typer.Argument(help="File of the old version.")], new: New) -> None:
    """Say what a new version changes, clause by clause."""
    from stillwatch.terms import load_one
    from stillwatch.terms.diff import diff as apart

    console = Console(highlight=False, emoji=False)
    changes = apart(load_one(old), load_one(new))
    for change in changes:
        if change.became == "same":
            continue
        console.print(f"{plain(change.clause)} ({plain(change.title)}): {change.became}")
        for sentence in change.sentences:
            console.print(f"  - {plain(sentence)}", soft_wrap=True)
    same = sum(change.became == "same" for change in changes)
    console.print(f"{plural(same, 'clause')} unchanged.")


@app.command("in-force")
def in_force(
    paths: Paths,
    at: Annotated[str, typer.Option(help="The time, ISO 8601; UTC without a zone.")],
    region: Annotated[str | None, typer.Option(help="Country, by two letters.")] = None,
    model: Annotated[str | None, typer.Option(help="Model that was asked.")] = None,
) -> None:
    """Say which clauses were in force at a time."""
    from stillwatch.terms import load
    from stillwatch.terms.wording import allowed
    from stillwatch.written.times import shown

    when = moment("--at", at) or datetime.now(UTC)
    found = load(paths)
    console = Console(highlight=False, emoji=False)
    version = found.at(when)
    if version is None:
        console.print(f"No version was in force at {shown(when)}.")
        return
    console.print(
        f"In force at {shown(when)}: {plain(version.terms.title)}, version "
        f"{plain(version.terms.version)}, from {shown(version.terms.start)} "
        f"{f'until {shown(version.end)}' if version.end else 'on'}.",
        soft_wrap=True,
    )
    clauses = found.in_force(when, region=region, model=model)
    for one in clauses:
        scope = _scope(one.clause.models, one.clause.regions)
        console.print(f"{plain(one.clause.id)} ({plain(one.clause.title)}), for {plain(scope)}")
        console.print(f"  {plain(' '.join(one.clause.text.split()))}", soft_wrap=True)
        can = ", ".join(map(allowed, one.clause.measures))
        console.print(f"  Allows: {plain(can)}.", soft_wrap=True)
    if not clauses:
        console.print("None of its clauses was in force for that.")


@app.command()
def simulate(
    new: New,
    scan: Annotated[Path, typer.Option(help="Output directory of a scan.")],
    old: Annotated[Path | None, typer.Option(help="File of the version to compare with.")] = None,
    licences: Annotated[
        list[Path] | None, typer.Option(help="Licences: YAML files, and folders of them.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the document instead of tables.")
    ] = False,
    settings: Config = None,
) -> None:
    """Say whom a version would have touched in a scan that was made."""
    from stillwatch import config
    from stillwatch.licences import load
    from stillwatch.terms import load_one
    from stillwatch.terms.simulate import simulate as tried

    found = tried(
        load_one(new),
        scan,
        old=load_one(old) if old else None,
        licences=load(licences or ()),
        settings=config.load(settings),
    )
    if as_json:
        sys.stdout.write(found.model_dump_json(by_alias=True, indent=2) + "\n")
    else:
        _print(Console(highlight=False, emoji=False), found)


def _scope(models: Sequence[str], regions: Sequence[str]) -> str:
    what = ", ".join(models) or "all models"
    return f"{what}; {', '.join(regions)}" if regions else what


def _print(console: Console, found: Simulation) -> None:
    from stillwatch.terms.measures import words

    touched = f"{plural(found.touched, 'account')}, {found.licensed:,} of them licensed"
    console.print(
        f"{plain(found.new)} would have touched {touched}, of {found.accounts:,} in the scan of "
        f"{found.scan:%Y-%m-%d %H:%M} UTC.",
        soft_wrap=True,
    )
    if found.old:
        console.print(
            f"Against {plain(found.old)}: {_counted(found.added)} added, "
            f"{_counted(found.released)} released.",
            soft_wrap=True,
        )
    table = Table()
    table.add_column("clause", overflow="fold")
    table.add_column("measure")
    columns = ("touched", "before", "added", "released") if found.old else ("touched",)
    for name in columns:
        table.add_column(name, justify="right")
    for one in found.effects:
        numbers = (one.new, one.old, len(one.added), len(one.released))
        named = "" if one.measure else one.clause
        measure = words(one.measure) if one.measure else "any"
        table.add_row(plain(named), measure, *map(plain, numbers[: len(columns)]))
    console.print(table)
    for how, accounts in (("Added", found.added), ("Released", found.released)):
        if accounts:
            console.print(f"{how}: {_named(accounts)}.", soft_wrap=True)


def _counted(accounts: Sequence[Touched]) -> str:
    licensed = sum(one.licensed for one in accounts)
    return f"{len(accounts):,}" + (f" ({licensed:,} licensed)" if licensed else "")


def _named(accounts: Sequence[Touched]) -> str:
    shown: Iterable[str] = (
        f"{plain(one.account)}{' (licensed)' if one.licensed else ''}" for one in accounts[:NAMED]
    )
    more = f" and {len(accounts) - NAMED:,} more; --json has all" if len(accounts) > NAMED else ""
    return ", ".join(shown) + more
