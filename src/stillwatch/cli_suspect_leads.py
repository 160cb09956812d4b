"""`stillwatch suspect same` and `style`: leads that need no mark."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from stillwatch.errors import UsageError
from stillwatch.plural import plural
from stillwatch.printing import plain

if TYPE_CHECKING:
    from stillwatch.suspects.completions import Completions
    from stillwatch.suspects.equality import Compared
    from stillwatch.suspects.style import Attributed

LEAD = "A lead, and no verdict: look further before anybody is told."
ANSWERS = 'Answers: JSON Lines of {"prompt": ..., "completion": ...}.'


def same(
    ours: Annotated[str, typer.Argument(help=f"Our model's. {ANSWERS}")],
    theirs: Annotated[str, typer.Argument(help="The endpoint's, to the same prompts.")],
    alpha: Annotated[float, typer.Option(help="False alarm rate.")] = 0.05,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Say whether an endpoint answers as our model does: a lead."""
    from stillwatch.suspects.completions import completions
    from stillwatch.suspects.equality import compare

    share("--alpha", alpha)
    found = compare(completions([ours]), completions([theirs]), alpha)
    if Path(ours).resolve() == Path(theirs).resolve():
        raise UsageError(f"{ours}: is compared with itself; name the endpoint's answers")
    if as_json:
        _write({"schema": "stillwatch.same/1", "differs": found.differs, **asdict(found)})
    else:
        _print_same(Console(emoji=False), found)


def style(
    suspect: Annotated[list[str], typer.Argument(help=f"The suspect's. {ANSWERS}")],
    teacher: Annotated[
        list[str], typer.Option(help="NAME=PATH: answers of a model that may be its teacher.")
    ],
    background: Annotated[
        list[str],
        typer.Option(help="Answers of other models, each in a file of its own: files, folders."),
    ],
    alpha: Annotated[float, typer.Option(help="Family-wise rate of false accusations.")] = 0.01,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Say whose hand a suspect writes, or that it is none of these: a lead."""
    from stillwatch.suspects.completions import completions
    from stillwatch.suspects.style import attribute
    from stillwatch.traffic import sources

    share("--alpha", alpha)
    teachers = _teachers(teacher)
    others = {s.path: completions([s.path]) for s in sources(background)}
    asked = completions(suspect)
    for name, answers in {**teachers, "the suspect": asked}.items():
        if answers in others.values():
            raise UsageError(f"--background has the answers of {name} in it; take them out")
    found = attribute(asked, teachers, others, alpha)
    if as_json:
        named = {"named": found.named, "smallest_p": found.smallest}
        _write({"schema": "stillwatch.style/1", **named, **asdict(found)})
    else:
        _print_style(Console(emoji=False), found)


def share(option: str, value: float) -> None:
    """Raises `UsageError` where an error rate is none."""
    if not 0 < value < 1:
        raise UsageError(f"{option} {value}: a rate, between 0 and 1")


def _teachers(given: list[str]) -> dict[str, Completions]:
    from stillwatch.suspects.completions import completions

    found: dict[str, Completions] = {}
    for one in given:
        name, _, path = one.partition("=")
        if not name or not path:
            raise UsageError(f"--teacher {one!r}: write NAME=PATH")
        if name in found:
            raise UsageError(f"--teacher {name}: is given twice")
        found[name] = completions([path])
    return found


def _write(document: dict[str, object]) -> None:
    whole = {"standing": "lead", **document}
    sys.stdout.write(json.dumps(whole, indent=2) + "\n")


def _print_same(console: Console, found: Compared) -> None:
    console.print(
        f"{plural(found.prompts, 'prompt')}, {plural(found.ours, 'answer')} of ours and "
        f"{found.theirs:,} of the endpoint."
    )
    if found.left_out:
        console.print(
            f"Left out {plural(found.left_out, 'prompt')} that either side answered fewer than "
            "twice."
        )
    console.print(
        f"Two of our answers to a prompt agree in {found.within:.1f} places, one of ours and one "
        f"of theirs in {found.between:.1f}: p = {found.p:.4f}."
    )
    if found.differs:
        console.print(
            f"The endpoint does not answer as our model does, at a false alarm rate of "
            f"{found.alpha:g}. Other weights do that, and so do another system prompt, other "
            "sampling settings, another version, a filter or a cache."
        )
    elif found.noticed is None:
        console.print(
            "Too little to tell: played through with our own answers, not even an endpoint that "
            "answers everything with something else would be noticed. Ask for more."
        )
    else:
        console.print(
            f"No difference found. Played through with our own answers, an endpoint that answers "
            f"{found.noticed:.0%} of requests with something else would be noticed in 4 of 5 "
            "cases; a model that is nearly ours would not. That is no proof that it is ours."
        )
    console.print(LEAD)


def _print_style(console: Console, found: Attributed) -> None:
    console.print(
        f"{plural(found.prompts, 'prompt')} that all were asked, "
        f"{plural(found.others, 'other source')} to compare each teacher with."
    )
    if found.left_out:
        console.print(f"Left out {plural(found.left_out, 'prompt')} that only some were asked.")
    table = Table()
    table.add_column("teacher")
    for name in ("likeness", "as near to suspect", "as near to teacher", "p", "p, corrected"):
        table.add_column(name, justify="right")
    for name, one in sorted(found.teachers.items(), key=lambda item: item[1].p):
        table.add_row(
            plain(name),
            f"{one.likeness:.2f}",
            plain(one.nearer_suspect),
            plain(one.nearer_teacher),
            f"{one.p:.2g}",
            f"{one.corrected:.2g}",
        )
    console.print(table)
    if found.named:
        console.print(
            f"Writes the hand of {', '.join(map(plain, found.named))}, at a family-wise rate of "
            f"false accusations of {found.alpha:g}. A teacher's sibling that is not among the "
            "sources would look the same."
        )
    elif found.smallest > found.alpha * (1 + 1e-9):
        console.print(
            f"Nothing can be said at {found.alpha:g}: with so many sources no p-value is below "
            f"{found.smallest:.2g}. {found.sources_needed:,} are needed beside the teachers."
        )
    else:
        console.print(
            "None of these. That is no proof that it was not trained on one of them: a student of "
            "several, or of few answers, writes its own hand."
        )
    console.print(LEAD)
