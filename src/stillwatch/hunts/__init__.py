"""Retro-hunt: where indicators were seen in months of sketches, by whom, when and how much.

`kinds` reads what is asked → `lakes` says which files, the newest first → `probe` looks in a chunk
of them → `tally` counts → `answers` puts it into the document and the tables.
"""

from stillwatch.hunts.kinds import KINDS
from stillwatch.hunts.run import First, Hunted, hunt

__all__ = ["KINDS", "First", "Hunted", "hunt"]
