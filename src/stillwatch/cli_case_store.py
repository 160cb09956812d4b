"""What the commands on cases have in common: the store, who does it, and what goes wrong after."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from stillwatch.errors import UsageError
from stillwatch.printing import plain

if TYPE_CHECKING:
    from stillwatch.cases import Cases

Store = Annotated[
    str,
    typer.Option(
        envvar="STILLWATCH_STORE", help="File of the cases, or postgresql://host/database."
    ),
]
LogFolder = Annotated[
    Path | None,
    typer.Option(
        "--log", envvar="STILLWATCH_LOG", help="Directory of the log; without one, records wait."
    ),
]
Number = Annotated[str, typer.Argument(metavar="CASE", help="Number of a case, or a campaign id.")]
By = Annotated[
    str | None,
    typer.Option("--by", envvar="STILLWATCH_PERSON", help="Who you are; not checked."),
]
Why = Annotated[str, typer.Option("--reason", help="Why.")]
Innocent = Annotated[
    bool, typer.Option("--innocent", help="It was no harvest; --family says what it was.")
]
Family = Annotated[
    str | None, typer.Option(help="The family of lookalikes that it was of, or other.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the same as JSON.")]
STORE = "cases.db"


@contextmanager
def cases(store: str, log: Path | None = None, *, make: bool = False) -> Iterator[Cases]:
    """The cases of a store; afterwards says so if the log could not be brought up to it."""
    from stillwatch.cases import Cases, in_directory

    with Cases(store, in_directory(log) if log else None, make=make) as found:
        yield found
        if found.complaint:
            Console(stderr=True, highlight=False, emoji=False).print(
                f"It is done and kept, but the log could not be written: {plain(found.complaint)}. "
                "The next command brings it up.",
                soft_wrap=True,
            )


def who(by: str | None) -> str:
    """The person. Raises `UsageError` where none was named: names are never made up."""
    if by is None:
        raise UsageError("who does this? Say --by, or set STILLWATCH_PERSON")
    return by


def family_of(innocent: bool, family: str | None) -> str | None:
    """What it was instead of a harvest. Raises `UsageError` where only half of it is said."""
    if innocent and family is None:
        raise UsageError("--innocent: what was it? Say --family; other, where none fits")
    if family is not None and not innocent:
        raise UsageError("--family: only of what was no harvest; say --innocent, too")
    return family


def say(text: str) -> None:
    """A line of what was done."""
    Console(highlight=False, emoji=False).print(text, soft_wrap=True)
