"""The measures, from the mildest to the gravest, and the states of a case."""

from __future__ import annotations

from typing import Literal, get_args

from stillwatch.terms.measures import GRAVEST as _GRAVEST
from stillwatch.terms.measures import LADDER, Measure

WORDS: dict[Measure, str] = {
    "watch": "nothing that the customer notices",
    "ask": "the customer is asked what the traffic is for",
    "verify_identity": "the customer's identity is verified",
    "limit": "fewer requests",
    "summarise_reasoning": "reasoning is given as a summary",
    "withhold": "reasoning is not given",
    "suspend": "the account is closed until the date given",
    "terminate": "the account is closed, and looked at again on the date given",
}
GRAVEST: frozenset[Measure] = frozenset(_GRAVEST)
"""Those that take effect only when a second person approves, unless the terms say otherwise."""

State = Literal["open", "investigating", "decided", "appealed", "reversed", "closed"]
STATES: tuple[State, ...] = get_args(State)

__all__ = ["GRAVEST", "LADDER", "STATES", "WORDS", "Measure", "State"]
