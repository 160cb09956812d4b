"""Marks: keyed traces in generated text, one for each account or cohort, and exact tests for them.

A scheme tilts the choice of the next token by a pseudorandom function of a key, the tokens before
it and the token itself. Whoever has the key can tell; whoever has not sees ordinary text.
"""

from __future__ import annotations

from stillwatch.marks.coded import Coded
from stillwatch.marks.contexts import Contexts
from stillwatch.marks.detection import Found, detect
from stillwatch.marks.gumbel import Gumbel
from stillwatch.marks.keys import Key
from stillwatch.marks.kgw import GreenList
from stillwatch.marks.marker import Marker
from stillwatch.marks.marking import Marking
from stillwatch.marks.master import Master
from stillwatch.marks.opened import Opened
from stillwatch.marks.scheme import Scheme, Score
from stillwatch.marks.sealed import Sealed
from stillwatch.marks.tournament import Tournament

__all__ = [
    "Coded",
    "Contexts",
    "Found",
    "GreenList",
    "Gumbel",
    "Key",
    "Marker",
    "Marking",
    "Master",
    "Opened",
    "Scheme",
    "Score",
    "Sealed",
    "Tournament",
    "detect",
]
