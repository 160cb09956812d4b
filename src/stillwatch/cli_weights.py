"""The command line of weights: learn from decisions, show what was learned, take it back."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from stillwatch.errors import UsageError
from stillwatch.plural import plural

if TYPE_CHECKING:
    from stillwatch.signals.lesson import Decision

app = typer.Typer(no_args_is_help=True, help="Weights that learn from what people decided.")
SHOWN = 10
"""Bins listed, the most changed first."""


@app.command()
def learn(
    scan_dir: Annotated[Path, typer.Argument(help="Output directory of a scan.")],
    id: Annotated[str, typer.Argument(help="Id of a campaign or lead in it.")],
    into: Annotated[
        Path, typer.Option(help="Weights file to teach; where there is none, one is begun.")
    ],
    harvest: Annotated[
        bool | None,
        typer.Option("--harvest/--innocent", help="It was confirmed, or cleared; say which."),
    ] = None,
) -> None:
    """Learn from what people decided on a campaign or lead."""
    if harvest is None:
        raise UsageError(f"say what was decided on {id}: --harvest or --innocent")
    from stillwatch.campaigns.lesson import lesson
    from stillwatch.signals import registry, weights
    from stillwatch.signals.lessons import learned

    signals = registry.signals()
    known = weights.load(into, signals) if into.exists() else weights.packaged()
    verdict: Decision = "harvest" if harvest else "innocent"
    new = lesson(scan_dir, id, verdict, signals, datetime.now(UTC))
    after = learned(known, new)
    weights.save(after, into)
    Console(highlight=False, emoji=False).print(
        f"Learned as {verdict}: {escape(id)}, of {plural(new.accounts, 'account')}. "
        f"{escape(str(into))} is version {after.version}.",
        soft_wrap=True,
    )


@app.command()
def forget(
    path: Annotated[Path, typer.Argument(metavar="WEIGHTS", help="A weights file.")],
    id: Annotated[str, typer.Argument(help="Id of a campaign or lead that was learned.")],
) -> None:
    """Take back what was learned from one decision, as if it had never been."""
    from stillwatch.signals import registry, weights
    from stillwatch.signals.lessons import forgotten

    after = forgotten(weights.load(path, registry.signals()), id)
    weights.save(after, path)
    Console(highlight=False, emoji=False).print(
        f"Forgotten: {escape(id)}. {escape(str(path))} is version {after.version}.",
        soft_wrap=True,
    )


@app.command()
def show(
    path: Annotated[Path, typer.Argument(metavar="WEIGHTS", help="A weights file.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the same as JSON.")] = False,
) -> None:
    """Show what a weights file has learned, and the bits that changed most by it."""
    from stillwatch.signals import registry, weights
    from stillwatch.signals.lessons import changes

    signals = registry.signals()
    known = weights.load(path, signals)
    changed = changes(known, signals)[:SHOWN]
    told = {
        "version": known.version,
        "lessons": [
            one.model_dump(mode="json", include={"id", "verdict", "learned", "accounts"})
            for one in known.lessons
        ],
        "changed": [
            {"signal": c.signal, "value": c.span, "before": c.before, "after": c.after}
            for c in changed
        ],
    }
    if as_json:
        json.dump(told, sys.stdout, indent=2)
        sys.stdout.write("\n")
        return
    console = Console(highlight=False, emoji=False)
    console.print(
        f"{escape(str(path))}: version {known.version}, "
        f"{plural(len(known.lessons), 'decision')} learned.",
        soft_wrap=True,
    )
    if not known.lessons:
        return
    lessons = Table("id", "verdict", "learned", title="Decisions", title_justify="left")
    lessons.add_column("accounts", justify="right")
    for one in known.lessons:
        moment = f"{one.learned:%Y-%m-%d %H:%M}"
        lessons.add_row(escape(one.id), one.verdict, moment, f"{one.accounts:,}")
    bins = Table("signal", "value", title="Bits that changed most", title_justify="left")
    for name in ("before", "after", "change"):
        bins.add_column(name, justify="right")
    for c in changed:
        numbers = (f"{bits:+.2f}" for bits in (c.before, c.after, c.after - c.before))
        bins.add_row(escape(c.signal), escape(c.span), *numbers)
    console.print(lessons)
    console.print(bins)
