"""The command line of the range: make traffic with a known truth, score scans against it."""

from __future__ import annotations

import re
import sys
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from stillwatch.cli_options import Config
from stillwatch.errors import UsageError
from stillwatch.plural import plural
from stillwatch.printing import progress_bar

app = typer.Typer(no_args_is_help=True, help="Simulated traffic with a known truth.")


@app.command()
def make(
    scenario: Annotated[str, typer.Option(help="A scenario file, or the name of a packaged one.")],
    out: Annotated[Path, typer.Option(help="Directory for traffic/ and truth.parquet.")],
    arrivals: Annotated[
        Path | None,
        typer.Option(
            help="CSV of when requests of real clients came, as ServeGen publishes them (client, "
            "start_s, rate_per_s, family, p1); services among the customers come so."
        ),
    ] = None,
) -> None:
    """Make traffic and its truth from a scenario."""
    from stillwatch import range as ranges
    from stillwatch.range.arrivals import load

    real = None if arrivals is None else load(arrivals)
    with progress_bar(Console(stderr=True)) as progress:
        made = ranges.make(
            ranges.load_scenario(scenario),
            out,
            arrivals=real,
            progress=lambda done, of: progress("make", done / of),
        )
    where = escape(str(out))
    Console().print(
        f"{plural(made.exchanges, 'exchange')} of {plural(made.accounts, 'account')} in {where}"
    )


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


@app.command()
def early(
    made: Annotated[Path, typer.Argument(help="Directory that `stillwatch range make` wrote.")],
    every: Annotated[str, typer.Option(help="Time from scan to scan: `30m`, `6h`, `1d`.")] = "6h",
    out: Annotated[
        Path | None,
        typer.Option(help="Directory to keep sketches and the last scan's results in."),
    ] = None,
    settings: Config = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Scan traffic again and again as it grows: when is each campaign reported, what leaked?"""
    from pydantic import TypeAdapter

    from stillwatch import config
    from stillwatch import range as ranges

    with TemporaryDirectory() as passing, progress_bar(Console(stderr=True)) as progress:
        alarms = ranges.early(
            made / "traffic",
            made / "truth.parquet",
            _length(every),
            out or Path(passing),
            config.load(settings),
            progress,
        )
    if as_json:
        whole = TypeAdapter(tuple[ranges.Alarm, ...]).dump_json(alarms, indent=2)
        sys.stdout.write(whole.decode() + "\n")
    else:
        Console().print(ranges.alarm_table(alarms))


def _length(text: str) -> timedelta:
    found = re.fullmatch(r"(\d{1,4})([mhd])", text)
    if found is None:
        raise UsageError(f"--every {text!r} is no length of time; write it like 30m, 6h or 1d")
    unit = {"m": "minutes", "h": "hours", "d": "days"}[found[2]]
    return timedelta(**{unit: int(found[1])})


@app.command()
def evaluate(
    out: Annotated[
        Path,
        typer.Option(help="Directory for evaluation.json, evaluation.html, jobs/ and adaptive/."),
    ],
    scenarios: Annotated[int, typer.Option(min=1, help="Scenarios of each level of evasion.")] = 10,
    populations: Annotated[
        int, typer.Option(min=1, help="Populations without any campaign.")
    ] = 400,
    workers: Annotated[int, typer.Option(min=1, help="Processes at a time.")] = 2,
    quick: Annotated[
        bool, typer.Option("--quick", help="A trial on a few tiny scenarios, in a few minutes.")
    ] = False,
) -> None:
    """Measure detection on simulated traffic: recall, false alarms, calibration, ablations.

    Takes an hour and a half on two cores. Cut off and run again, it goes on.
    """
    from stillwatch.range import evaluate as evaluation
    from stillwatch.range.adapt.words import afresh

    sizes = evaluation.QUICK
    if not quick:
        sizes = evaluation.Sizes(scenarios=scenarios, populations=populations)
    with progress_bar(Console(stderr=True)) as progress:
        document = evaluation.evaluate(
            out,
            evaluation.plan(sizes),
            tries=sizes.tries,
            small=quick,
            workers=workers,
            progress=progress,
        )
    console = Console()
    for rung in document.rungs:
        console.print(
            f"{rung.level}: {rung.campaigns} of campaigns found, {rung.accounts} of accounts"
        )
    if document.adapted is not None:
        console.print(f"L5, who has the code and searches: {afresh(document.adapted)}")
    console.print(f"Innocent account-days flagged: {document.innocents.days}")
    console.print(f"Populations with a false campaign: {document.populations.alarmed}")
    where = escape(str(out / evaluation.PAGE))
    console.print(f"All of it simulated. Page: {where}", soft_wrap=True)


@app.command()
def adapt(
    out: Annotated[
        Path, typer.Option(help="Directory for adaptive.json, adaptive.toml, path.jsonl and jobs/.")
    ],
    harvest: Annotated[int, typer.Option(min=200, help="Exchanges to gather.")] = 2000,
    evaluations: Annotated[
        int, typer.Option(min=10, help="Most times that traffic is made and scanned to search.")
    ] = 40,
    seed: Annotated[int, typer.Option(min=0, help="Chooses the crowds to search in.")] = 0,
    quick: Annotated[
        bool, typer.Option("--quick", help="A trial on tiny crowds, in a few minutes.")
    ] = False,
) -> None:
    """Search, as an attacker with our code and weights, for the cheapest harvest not reported.

    Cut off and run again, it goes on.
    """
    from stillwatch.range import adapt as adapting

    with progress_bar(Console(stderr=True)) as progress:
        document = adapting.adapt(
            out,
            harvest=harvest,
            evaluations=evaluations,
            seed=seed,
            small=quick,
            progress=progress,
        )
    console = Console()
    console.print(adapting.path_table(document))
    where = escape(str(out / adapting.DOCUMENT))
    console.print(f"All of it simulated, at assumed prices. Document: {where}", soft_wrap=True)


@app.command()
def distil(
    out: Annotated[Path, typer.Option(help="Directory for what is made.")],
    exchanges: Annotated[int, typer.Option(help="Exchanges that are harvested.")] = 8_738,
    marked: Annotated[float, typer.Option(help="Share of them that is marked.")] = 0.1,
    scheme: Annotated[
        str, typer.Option(help="How; as for `suspect test`: tournament:depth=20,width=2.")
    ] = "green-list",
    student: Annotated[str, typer.Option(help="trigram, mlp or transformer.")] = "trigram",
    asked: Annotated[int, typer.Option(help="Questions that the student is asked.")] = 2_184,
    seed: Annotated[int, typer.Option(help="Another seed, another teacher and student.")] = 1,
) -> None:
    """Train a small student on a small teacher's answers, marked in part; simulated."""
    from stillwatch.marks.schemes import parsed
    from stillwatch.range.students.distil import GUILTY, INNOCENT, MASTER, SAID, SERVED, STUDENT
    from stillwatch.range.students.distil import distil as distilled
    from stillwatch.range.students.school import known

    with progress_bar(Console(stderr=True)) as progress:
        made = distilled(
            out,
            exchanges=exchanges,
            marked=marked,
            scheme=parsed(scheme),
            architecture=known(student),
            asked=asked,
            seed=seed,
            progress=progress,
        )
    console = Console(highlight=False, emoji=False)
    table = Table("exchanges harvested", "answered tokens", "of the teacher that had moved")
    for row in made.quality:
        table.add_row(f"{row.exchanges:,}", f"{row.tokens:,}", f"{row.moved:.0%}")
    console.print(table)
    where = escape(str(out))
    tested = (
        f"--served {where}/{SERVED} --master {where}/{MASTER} --key {GUILTY} --key {INNOCENT} "
        f"--scheme {escape(scheme)} --out {where}"
    )
    console.print(
        f"Marked were {made.marked:,} of {made.exchanges:,} exchanges. To test the student:\n"
        f"stillwatch suspect test {where}/{SAID} {tested}/suspect",
        soft_wrap=True,
    )
    if (out / STUDENT).is_dir():
        console.print(
            f"By its weights:\n"
            f"stillwatch suspect test --weights {where}/{STUDENT} {tested}/suspect-weights",
            soft_wrap=True,
        )
