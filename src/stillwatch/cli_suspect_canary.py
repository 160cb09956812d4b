"""`stillwatch suspect canary`: questions and answers that are planted and looked for."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from stillwatch.cli_suspect_leads import ANSWERS, LEAD, share
from stillwatch.errors import UsageError
from stillwatch.moments import moment
from stillwatch.plural import plural
from stillwatch.printing import plain

if TYPE_CHECKING:
    from stillwatch.suspects.canaries import Looked, Register

app = typer.Typer(
    no_args_is_help=True, help="Canaries: answers that nobody can know who was not served them."
)
SHOWN = 20
"""Accounts that are printed; the document has all."""
MOST = 100_000
REGISTER = "Register of canaries. It holds secrets."


@app.command("new")
def new(
    register: Annotated[Path, typer.Argument(help=f"{REGISTER} Made where there is none.")],
    count: Annotated[int, typer.Option(help="How many.")] = 10,
) -> None:
    """Make canaries, and print what to publish of each: its commitment, and not its answer."""
    from stillwatch.suspects.canaries import add

    if not 1 <= count <= MOST:
        raise UsageError(f"--count {count}: 1 to {MOST:,}")
    for canary in add(register, count):
        sys.stdout.write(f"{canary.id} {canary.commitment}\n")
    Console(stderr=True, emoji=False).print(
        "Tell these lines to somebody else today, and it can be shown later that the answers were "
        "made by then."
    )


@app.command("plant")
def plant(
    register: Annotated[Path, typer.Argument(help=REGISTER)],
    canary: Annotated[str, typer.Argument(help="Its id.")],
    to: Annotated[str, typer.Option(help="Account or cohort that it was served to.")],
    at: Annotated[str | None, typer.Option(help="When, ISO 8601; now, if left out.")] = None,
    exchange: Annotated[str, typer.Option(help="In which exchange.")] = "",
) -> None:
    """Write down that a canary was served, and print the commitment to that."""
    from stillwatch.suspects.canaries import plant as put

    if not to:
        raise UsageError("--to: names an account or a cohort")
    line = put(register, canary, to, moment("--at", at) or datetime.now(UTC), exchange)
    sys.stdout.write(f"{line.canary} {line.commitment}\n")


@app.command("show")
def show(
    register: Annotated[Path, typer.Argument(help=REGISTER)],
    reveal: Annotated[
        bool, typer.Option("--reveal", help="Print all of it, answers and salts, as JSON Lines.")
    ] = False,
) -> None:
    """List canaries, and whom they were served to; no answers, unless asked."""
    from stillwatch.suspects.canaries import load

    found = load(register)
    if reveal:
        for line in (*found.canaries.values(), *found.served):
            sys.stdout.write(line.model_dump_json() + "\n")
    else:
        _print_register(Console(emoji=False), found)


@app.command("questions")
def questions(register: Annotated[Path, typer.Argument(help=REGISTER)]) -> None:
    """Print what to ask a suspect, as JSON Lines: all questions, served or not."""
    from stillwatch.suspects.canaries import load

    for canary in load(register).canaries.values():
        sys.stdout.write(json.dumps({"prompt": canary.question}) + "\n")


@app.command("look")
def look(
    answers: Annotated[list[str], typer.Argument(help=f"The suspect's. {ANSWERS}")],
    register: Annotated[Path, typer.Option(help=REGISTER)],
    alpha: Annotated[float, typer.Option(help="Family-wise error rate over accounts.")] = 1e-3,
    as_json: Annotated[bool, typer.Option("--json", help="Print all accounts as JSON.")] = False,
) -> None:
    """Look for canaries in a suspect's answers to their questions: a lead."""
    from stillwatch.suspects.canaries import load
    from stillwatch.suspects.canaries import look as search
    from stillwatch.suspects.completions import completions

    share("--alpha", alpha)
    found = search(load(register), completions(answers))
    if as_json:
        document = {
            "standing": "lead",
            "schema": "stillwatch.canaries/1",
            "alpha": alpha,
            "named": found.named(alpha),
            **asdict(found),
        }
        sys.stdout.write(json.dumps(document, indent=2) + "\n")
    else:
        _print_found(Console(emoji=False), found, alpha)


def _print_register(console: Console, found: Register) -> None:
    table = Table()
    for name in ("canary", "made", "served to", "times"):
        table.add_column(name, justify="right" if name == "times" else "left")
    for name, canary in found.canaries.items():
        times = sum(line.canary == name for line in found.served)
        owner = found.owner(name)
        table.add_row(name, f"{canary.made:%Y-%m-%d}", plain(owner or "nobody"), plain(times))
    console.print(table)


def _print_found(console: Console, found: Looked, alpha: float) -> None:
    order = sorted(found.served.items(), key=lambda item: item[1].p)
    asked = found.never.canaries + sum(one.canaries for _, one in order)
    console.print(
        f"{plural(asked, 'canary', 'canaries')} asked for, "
        f"{plural(len(order), 'account or cohort', 'accounts or cohorts')}."
    )
    if found.strange:
        console.print(f"Left out {plural(found.strange, 'prompt')} of no canary.")
    table = Table()
    for name in ("served to", "canaries", "words found", "by chance", "p", "p, corrected"):
        table.add_column(name, justify="left" if name == "served to" else "right")
    for to, one in order[:SHOWN]:
        table.add_row(
            plain(to),
            plain(one.canaries),
            f"{one.found} of {one.words}",
            f"{one.expected:.2f}",
            f"{one.p:.2g}",
            f"{found.corrected[to]:.2g}",
        )
    console.print(table)
    if len(order) > SHOWN:
        console.print(f"{len(order) - SHOWN:,} more; --json has all.")
    never = found.never
    if never.canaries:
        console.print(
            f"Of canaries that nobody was served: {never.found} of {plural(never.words, 'word')} "
            f"found, {never.expected:.2f} by chance, p = {never.p:.2g}."
        )
    named = found.named(alpha)
    if found.leaked(alpha):
        console.print(
            "The suspect knows what nobody was served: the register has leaked, or the questions "
            "tell. Nobody can be named by these canaries."
        )
    elif named:
        console.print(
            f"Shows what only {', '.join(map(plain, named[:SHOWN]))} was served, at a family-wise "
            f"error rate of {alpha:g}."
        )
    else:
        console.print(
            f"No canary shows at a family-wise error rate of {alpha:g}. That is no proof that "
            "there was no leak: what was served few times is not learned, and is filtered out."
        )
    console.print(LEAD)
