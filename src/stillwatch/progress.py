"""How a long job tells how far it is."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str, float], None]
"""Called with the name of a stage and how much of it is done, from 0 to 1."""


def silent(stage: str, done: float) -> None:
    """Tells nobody."""
