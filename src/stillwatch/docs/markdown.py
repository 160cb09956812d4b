"""What all reference pages are written with."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from types import ModuleType

MADE = "<!-- Made from the code by `python -m stillwatch.docs`. Do not edit. -->"


def page(title: str, parts: Iterable[str]) -> str:
    """A page of its title and its paragraphs."""
    return "\n\n".join([MADE, f"# {title}", *parts]) + "\n"


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A table; cells are put on one line."""
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def first(module: ModuleType) -> str:
    """The first paragraph of a docstring, on one line."""
    return (inspect.getdoc(module) or "").split("\n\n", 1)[0].replace("\n", " ")
