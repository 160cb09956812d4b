"""Which candidate groups are reported, which are leads, and which spared ones are shown."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from stillwatch.campaigns.document import Verdict
from stillwatch.campaigns.posterior import Judged

LEAST_PROBABILITY = 0.8
"""No group is reported on the strength of better ones above it: each must be likely by itself."""
SPARED_SHOWN = 20


def verdicts(
    groups: npt.NDArray[np.int64], judged: Judged, fdr: float, lead_probability: float
) -> dict[int, Verdict]:
    """Group → verdict, for all groups that the result speaks of.

    Reported at a false discovery rate of `fdr`. Of the spared, those closest to being reported.
    """
    reported = (judged.q_value <= fdr) & (judged.probability >= LEAST_PROBABILITY)
    lead = ~reported & (judged.probability >= lead_probability)
    chosen: dict[int, Verdict] = {}
    for place in np.argsort(-judged.total, kind="stable"):
        group = int(groups[place])
        if reported[place]:
            chosen[group] = "campaign"
        elif lead[place]:
            chosen[group] = "lead"
        elif sum(v == "spared" for v in chosen.values()) < SPARED_SHOWN:
            chosen[group] = "spared"
    return chosen
