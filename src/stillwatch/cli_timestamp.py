"""`stillwatch evidence timestamp`: what to ask an authority of the time, and what it answered."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from stillwatch.errors import NoInputError, OutputError

app = typer.Typer(
    no_args_is_help=True, help="Have an authority say when a checkpoint was there (RFC 3161)."
)
Stamped = Annotated[
    Path, typer.Argument(metavar="FILE", help="A checkpoint, a proof, or any other file.")
]


@app.command()
def ask(
    file: Stamped,
    out: Annotated[Path, typer.Option(help="File for the request, to be sent to an authority.")],
) -> None:
    """Write the request for a time stamp. It holds a hash of the file, and nothing else."""
    from stillwatch.durable import replaced
    from stillwatch.evidence.timestamps import request

    data = request(contents(file))
    try:
        with replaced(out) as fresh:
            fresh.write_bytes(data)
    except OSError as error:
        raise OutputError(f"{out}: cannot be written: {error.strerror}") from error


@app.command()
def verify(
    file: Stamped,
    answer: Annotated[Path, typer.Argument(metavar="ANSWER", help="What the authority sent.")],
    root: Annotated[Path, typer.Option(help="Its root certificate, in PEM.")],
) -> None:
    """Say when a file was there, by an authority that is trusted."""
    from stillwatch.evidence.timestamps import read_roots, stamped

    at = stamped(contents(file), contents(answer), read_roots(root), str(answer))
    Console(highlight=False, emoji=False).print(f"It was there on {at:%Y-%m-%d %H:%M:%S} UTC.")


def contents(path: Path) -> bytes:
    """The bytes of a file. Raises `NoInputError`."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise NoInputError(f"{path}: cannot be read: {error.strerror}") from error
