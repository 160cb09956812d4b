"""The page of the command line, from its Typer application."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import typer

from stillwatch.cli import app
from stillwatch.docs.markdown import table


def paragraphs() -> Iterator[str]:
    """The page, a paragraph at a time."""
    yield from commands(typer.main.get_command(app), "stillwatch", 2)


def commands(command: Any, path: str, level: int) -> Iterator[str]:
    """A command with its options, and the commands below it."""
    yield f"{'#' * level} {path}\n\n{inspect.cleandoc(command.help or '')}"
    rows = [
        (
            _names(p),
            (getattr(p, "help", "") or "") + (" Required." if p.required else ""),
        )
        for p in command.params
        if p.name not in ("install_completion", "show_completion")
    ]
    if rows:
        yield table(("argument or option", "what it does"), rows)
    for name, inner in getattr(command, "commands", {}).items():
        yield from commands(inner, f"{path} {name}", level + 1)


def _names(parameter: Any) -> str:
    if parameter.param_type_name != "option":
        return f"`{parameter.name}`"
    return ", ".join(f"`{name}`" for name in (*parameter.opts, *parameter.secondary_opts))
