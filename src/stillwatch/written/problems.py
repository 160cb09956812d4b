"""What is wrong with a file: a place in it, and a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Place = tuple[str | int, ...]
"""Where in a file: the keys and list positions that lead there."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to put right; `place` counts from where it was looked for."""

    place: Place
    message: str


class PartError(ValueError):
    """Problems found while a part of a file was read. The loader tells them with their lines."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(p.message for p in problems))
        self.problems = tuple(problems)
