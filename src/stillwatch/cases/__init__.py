"""Cases: a campaign becomes one; people decide on it, and what they decide can be taken back.

>>> from stillwatch.cases import Cases
>>> cases = Cases("cases.db", make=True)                       # doctest: +SKIP
>>> cases.open("out/").opened                                  # doctest: +SKIP
[1, 2]
"""

from __future__ import annotations

from stillwatch.cases.cases import Cases
from stillwatch.cases.effective import Effective
from stillwatch.cases.figures import Figures
from stillwatch.cases.ids import AppealId, DecisionId
from stillwatch.cases.ladder import GRAVEST, LADDER, STATES, Measure, State
from stillwatch.cases.listing import Asked, Row
from stillwatch.cases.log import Log, in_directory
from stillwatch.cases.shown import Shown
from stillwatch.cases.taking import Taken
from stillwatch.cases.told import Told

__all__ = [
    "GRAVEST",
    "LADDER",
    "STATES",
    "AppealId",
    "Asked",
    "Cases",
    "DecisionId",
    "Effective",
    "Figures",
    "Log",
    "Measure",
    "Row",
    "Shown",
    "State",
    "Taken",
    "Told",
    "in_directory",
]
