"""The ladder of measures, from the mildest."""

from __future__ import annotations

from typing import Literal, get_args

Measure = Literal[
    "watch",
    "ask",
    "verify_identity",
    "limit",
    "summarise_reasoning",
    "withhold",
    "suspend",
    "terminate",
]
LADDER: tuple[Measure, ...] = get_args(Measure)

GRAVEST: tuple[Measure, ...] = ("suspend", "terminate")
"""Measures that end a customer's service: no one person decides them."""
UNDECIDED = ("watch",)
"""Measures that change nothing for a customer, and need nobody to decide them."""


def fewest(measure: Measure) -> int:
    """The fewest people that must agree to a measure.

    >>> fewest("watch"), fewest("limit"), fewest("terminate")
    (0, 1, 2)
    """
    if measure in GRAVEST:
        return 2
    return 0 if measure in UNDECIDED else 1


def words(measure: str) -> str:
    """A measure as people say it.

    >>> words("verify_identity")
    'verify identity'
    """
    return measure.replace("_", " ")
