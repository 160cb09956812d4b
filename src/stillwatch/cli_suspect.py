"""`stillwatch suspect`: tests of a model or a text that may come of ours."""

from __future__ import annotations

import typer

app = typer.Typer(
    no_args_is_help=True, help="Suspects: was that model trained on our outputs, and on whose?"
)


@app.callback()
def root() -> None:
    """Suspects: was that model trained on our outputs, and on whose?"""
