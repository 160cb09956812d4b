"""The command line of the range: make traffic with a known truth, score scans against it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from stillwatch.printing import progress_bar

app = typer.Typer(no_args_is_help=True, help="Simulated traffic with a known truth.")


@app.command()
def make(
    scenario: Annotated[str, typer.Option(help="A scenario file, or the name of a packaged one.")],
    out: Annotated[Path, typer.Option(help="Directory for traffic/ and truth.parquet.")],
) -> None:
    """Make traffic and its truth from a scenario."""
    from stillwatch import range as ranges

    with progress_bar(Console(stderr=True)) as progress:
        made = ranges.make(
            ranges.load_scenario(scenario),
            out,
            progress=lambda done, of: progress("make", done / of),
        )
    where = escape(str(out))
    Console().print(f"{made.exchanges:,} exchanges of {made.accounts:,} accounts in {where}")


@app.command()
def score(
    scan_dir: Annotated[Path, typer.Argument(help="Output directory of a scan.")],
    truth: Annotated[Path, typer.Argument(help="truth.parquet of the same traffic.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")] = False,
) -> None:
    """Compare what a scan found with the truth."""
    from stillwatch import range as ranges

    result = ranges.score(scan_dir, truth)
    if as_json:
        sys.stdout.write(result.model_dump_json(indent=2) + "\n")
    else:
        Console().print(ranges.scoreboard(result))
