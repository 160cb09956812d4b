"""Which candidate groups are reported, which are leads, and which spared ones are shown."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from stillwatch.campaigns.document import Bar, Verdict
from stillwatch.campaigns.posterior import Judged
from stillwatch.config import Settings

LEAST_PROBABILITY = 0.5
"""No group is reported because few of the innocent look so: each must be likelier than not."""
SPARED_SHOWN = 20


def kept_from(judged: Judged, settings: Settings) -> dict[Bar, npt.NDArray[np.bool_]]:
    """Bar → which groups it keeps from being reported; shapes (n,)."""
    return {
        "fdr": judged.q_value > settings.fdr,
        "account_fpr": judged.account_fpr > settings.account_fpr,
        "probability": judged.probability < LEAST_PROBABILITY,
    }


def reported(judged: Judged, settings: Settings) -> npt.NDArray[np.bool_]:
    """Which groups are reported as campaigns: those that no bar keeps from it; shape (n,)."""
    kept = np.zeros(len(judged.total), dtype=np.bool_)
    for by_bar in kept_from(judged, settings).values():
        kept |= by_bar
    return ~kept


def verdicts(
    groups: npt.NDArray[np.int64], judged: Judged, settings: Settings
) -> dict[int, Verdict]:
    """Group → verdict, for all groups that the result speaks of.

    Of the spared, those closest to being reported.
    """
    sure = reported(judged, settings)
    lead = ~sure & (judged.probability >= settings.lead_probability)
    chosen: dict[int, Verdict] = {}
    for place in np.argsort(-judged.total, kind="stable"):
        group = int(groups[place])
        if sure[place]:
            chosen[group] = "campaign"
        elif lead[place]:
            chosen[group] = "lead"
        elif sum(v == "spared" for v in chosen.values()) < SPARED_SHOWN:
            chosen[group] = "spared"
    return chosen
