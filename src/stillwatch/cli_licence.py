"""The command line of licences: check them, and say how far they are used."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from stillwatch.cli_options import Config, Since, Until
from stillwatch.moments import moment
from stillwatch.plural import plural
from stillwatch.printing import plain

if TYPE_CHECKING:
    from stillwatch.licences import Licence
    from stillwatch.licences.document import Fullest, LicenceUse, Usage

app = typer.Typer(
    no_args_is_help=True, help="Licences to distil: whose traffic is no evidence, and how much."
)
Paths = Annotated[list[Path], typer.Argument(help="Licence files, and folders of them.")]


@app.command()
def check(paths: Paths) -> None:
    """Check licences, and list them."""
    from stillwatch.licences import load
    from stillwatch.written.times import shown

    found = load(paths)
    table = Table()
    table.add_column("licence", overflow="fold")
    for name in ("kind", "holder", "for", "models", "from", "until", "limits"):
        table.add_column(name, overflow="fold")
    for one in found:
        cells = (one.id, one.kind, one.holder, _whom(one), ", ".join(one.models))
        table.add_row(*map(plain, (*cells, shown(one.start), shown(one.end), _agreed(one))))
    console = Console(highlight=False, emoji=False)
    console.print(table)
    console.print(f"{plural(len(found), 'licence')}, nothing wrong.")


@app.command()
def usage(
    paths: Paths,
    scan: Annotated[Path, typer.Option(help="Output directory of a scan or watch.")],
    since: Since = None,
    until: Until = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the document instead of a table.")
    ] = False,
    settings: Config = None,
) -> None:
    """Say how far each licence is used, what comes near its limits, and what went beyond."""
    from stillwatch import config
    from stillwatch.licences import load
    from stillwatch.licences.usage import usage as told

    found = told(
        load(paths),
        scan,
        since=moment("--since", since),
        until=moment("--until", until),
        settings=config.load(settings),
    )
    if as_json:
        sys.stdout.write(found.model_dump_json(by_alias=True, indent=2) + "\n")
    else:
        _print(Console(highlight=False, emoji=False), found)


def _whom(one: Licence) -> str:
    counts = ((len(one.accounts), "account"), (len(one.organizations), "organisation"))
    named = [plural(n, noun) for n, noun in counts if n]
    customers = [f"of which {plural(len(one.customers), 'customer')}"] if one.customers else []
    return ", ".join([*named, *customers])


def _agreed(one: Licence) -> str:
    said = []
    if one.volume:
        amounts = ((one.volume.exchanges, "exchanges"), (one.volume.tokens, "output tokens"))
        per = "in all" if one.volume.per == "term" else f"a {one.volume.per}"
        said.append(" and ".join(f"{n:,} {u}" for n, u in amounts if n is not None) + f" {per}")
    if one.rate:
        said.append(f"{one.rate.exchanges:,} exchanges a {one.rate.per}")
    return ", ".join(said) or "none"


def _print(console: Console, found: Usage) -> None:
    from stillwatch.licences.wording import flags, others, warnings
    from stillwatch.written.times import shown

    table = Table()
    table.add_column("licence", overflow="fold")
    for name in ("covered", "tokens", "not covered"):
        table.add_column(name, justify="right")
    for name in ("volume", "rate", "until"):
        table.add_column(name, overflow="fold")
    for one in found.licences:
        table.add_row(
            plain(_name(one)),
            plain(one.covered),
            plain(one.tokens),
            plain(sum(one.uncovered.values())),
            _share([f for f in one.fullest if f.of != "rate"]),
            _share([f for f in one.fullest if f.of == "rate"]),
            "" if one.customer else shown(one.end),
        )
    console.print(table)
    for one in found.licences:
        for flag in flags(one):
            console.print(f"BEYOND {plain(_name(one))}: {plain(flag)}.", soft_wrap=True)
        for other in others(one):
            console.print(f"Not covered, {plain(_name(one))}: {plain(other)}.", soft_wrap=True)
        for warning in warnings(one):
            console.print(f"Near {plain(_name(one))}: {plain(warning)}.", soft_wrap=True)
    if found.first and found.last:
        console.print(f"Looked at exchanges from {shown(found.first)} to {shown(found.last)}.")


def _name(one: LicenceUse) -> str:
    return f"{one.licence}: {one.customer}" if one.customer else one.licence


def _share(limits: list[Fullest]) -> str:
    from stillwatch.licences.wording import agreed, percent

    return "; ".join(f"{percent(one.share)} of {agreed(one)}" for one in limits) or "no limit"
