"""`stillwatch marks export` and `marks examiner`: one key for whoever is to check a finding."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from stillwatch.cli_keys import By, KeyPath, MasterFile, Why, master_key
from stillwatch.printing import plain

examiner = typer.Typer(no_args_is_help=True, help="Whoever is to check a finding without us.")


@examiner.callback()
def root() -> None:
    """Whoever is to check a finding without us."""


@examiner.command()
def new(path: Annotated[Path, typer.Argument(help="File for the secret key.")]) -> None:
    """Make an examiner's pair of keys: a secret one, and a public one beside it."""
    from stillwatch.marks.examiner import create

    public, fingerprint = create(path)
    console = Console(highlight=False, emoji=False)
    console.print(f"Made {plain(path)}, for its owner alone, and {plain(public)}, to be sent.")
    console.print(f"Its fingerprint, to be compared by voice: {fingerprint}", soft_wrap=True)


def export(
    key: KeyPath,
    master: MasterFile,
    to: Annotated[Path, typer.Option(help="Public key of the examiner.")],
    out: Annotated[Path, typer.Option(help="File for the sealed key.")],
    scheme: Annotated[
        str, typer.Option(help="What it marks by: green-list, gumbel or tournament.")
    ] = "green-list",
    width: Annotated[
        int | None, typer.Option(help="Tokens that the choice of the next hangs on.")
    ] = None,
    green: Annotated[float, typer.Option(help="Share of green tokens of a green list.")] = 0.25,
    depth: Annotated[int, typer.Option(help="Layers of a tournament.")] = 30,
    by: By = None,
    why: Why = None,
) -> None:
    """Seal one key, and those below it, to an examiner; never the master."""
    from stillwatch.marks.schemes import chosen

    found = chosen(scheme, width, green, depth)
    whom, digest = master_key(master, by, why).export(key, found, to, out)
    console = Console(highlight=False, emoji=False)
    console.print(f"Sealed {plain(key)} into {plain(out)}, to look for {found.name}.")
    console.print(f"For the key with the fingerprint {whom}; compare it by voice.", soft_wrap=True)
    console.print(f"SHA-256 of {plain(out)}, which is in the custody log: {digest}", soft_wrap=True)
