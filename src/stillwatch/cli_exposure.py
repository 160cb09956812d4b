"""`stillwatch exposure`: what a campaign took, and what that may be worth."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from stillwatch.plural import plural
from stillwatch.printing import plain

if TYPE_CHECKING:
    from stillwatch.exposure.document import Estimate, Exposure

app = typer.Typer(
    no_args_is_help=True, help="What a campaign took, and what that may be worth, as intervals."
)


@app.command()
def example() -> None:
    """Print a file of assumptions to begin with."""
    from stillwatch.exposure.assumptions import example as text

    sys.stdout.write(text())


@app.command("of")
def of(
    scan: Annotated[Path, typer.Argument(help="Directory of a scan.")],
    campaign: Annotated[str, typer.Option(help="Id of a campaign or lead of it.")],
    assumptions: Annotated[Path, typer.Option(help="YAML file with prices and scenarios.")],
    out: Annotated[Path, typer.Option(help="Directory for the document and the page.")],
    curve: Annotated[
        Path | None,
        typer.Option(help="distil.json of `range distil`: how much capability moves."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the draws.", min=0)] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print the document.")] = False,
) -> None:
    """Count what a campaign took, and draw what that may be worth."""
    from stillwatch.documents import write
    from stillwatch.exposure.assumptions import load
    from stillwatch.exposure.estimate import exposure
    from stillwatch.exposure.page import render

    found = exposure(scan, campaign, load(assumptions), curve=curve, seed=seed)
    write(out, "exposure", found, render(found))
    if as_json:
        sys.stdout.write(found.model_dump_json(by_alias=True, indent=2) + "\n")
    else:
        _print(Console(highlight=False, emoji=False), found, out)


def _print(console: Console, found: Exposure, out: Path) -> None:
    took = found.taken
    console.print(
        f"Taken: {plural(took.exchanges, 'exchange')} ({took.sure:,} of them sure) by "
        f"{plural(took.accounts, 'account')}; {took.input_tokens:,} tokens read, "
        f"{took.output_tokens:,} written, {took.reasoning_tokens:,} of them reasoning."
    )
    if took.missing:
        console.print(f"{plural(took.missing, 'exchange')} more: their sketches are gone.")
    unpriced = f"; {found.worth.unpriced:,} without a price or tokens"
    console.print(
        f"At list prices: {found.worth.amount:,.2f} {found.currency}"
        + (unpriced if found.worth.unpriced else "")
    )
    table = Table()
    for name in ("scenario", "5 %", "middle", "95 %", "moved most by"):
        table.add_column(name, justify="right" if "%" in name or name == "middle" else "left")
    for one in (*found.scenarios, *((found.attacker,) if found.attacker else ())):
        table.add_row(plain(one.title), *_amounts(one), plain(_most(one)))
    if table.row_count:
        console.print(table)
    if found.curve is not None:
        console.print(
            f"Capability moved, on a simulated curve: {100 * found.curve.moved:.0f} % "
            f"(measured to {found.curve.measured_to:,} exchanges)."
        )
    console.print("The page:", plain(out / "report.html"), soft_wrap=True)


def _amounts(one: Estimate) -> list[str]:
    amount = one.amount
    return [f"{value:,.0f}" for value in (amount.low, amount.middle, amount.high)]


def _most(one: Estimate) -> str:
    top = max(one.factors, key=lambda factor: factor.share)
    return f"{top.factor.name} ({100 * top.share:.0f} %)"
