"""A provider's terms as data: versions of clauses, what bears on each, which measures it allows.

Files go through `versions` (checked by `model`), which knows what was in force when. `diff` tells
two versions apart in words; `simulate` asks whom a version would have touched in a scan.
"""

from stillwatch.terms.measures import LADDER, Measure, fewest
from stillwatch.terms.model import Allowed, Clause, Evidence, Terms
from stillwatch.terms.versions import InForce, Version, Versions, load, load_one

__all__ = [
    "LADDER",
    "Allowed",
    "Clause",
    "Evidence",
    "InForce",
    "Measure",
    "Terms",
    "Version",
    "Versions",
    "fewest",
    "load",
    "load_one",
]
