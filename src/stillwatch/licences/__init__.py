"""Licences: who may distil what, as data, and which exchanges that covers.

Files go through `load` (checked by `model`); `coverage` says of each exchange whether it is
covered; `sides` parts what is from what is not, before signals are measured; `use` tells how far
each licence is used.
"""

from stillwatch.licences.coverage import coverage
from stillwatch.licences.licensing import Licensing, granted
from stillwatch.licences.load import load
from stillwatch.licences.model import COVERED, Licence, Reason
from stillwatch.licences.sides import Sides, covered_sides, parted

__all__ = [
    "COVERED",
    "Licence",
    "Licensing",
    "Reason",
    "Sides",
    "coverage",
    "covered_sides",
    "granted",
    "load",
    "parted",
]
