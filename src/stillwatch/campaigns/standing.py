"""The candidate groups that stand, with what they weigh."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from stillwatch.campaigns.apart import apart
from stillwatch.campaigns.candidates import Candidates
from stillwatch.campaigns.growth import grown
from stillwatch.campaigns.posterior import Crowd, Judged, evidence, judge
from stillwatch.signals.weights import Weights
from stillwatch.weighing import Evidence


def standing(
    seen: Evidence, known: Weights, prior_bits: float, likely: float
) -> tuple[Evidence, Judged]:
    """The evidence without the groups that others stand for, and the verdict's numbers.

    Groups are weighed twice: all candidates, to see what is `likely` (a probability) and grows
    from its core, and what grew and what stands beside it, since the false discovery rate is one
    of groups that could be reported.
    """
    least = float(np.log2(likely / (1.0 - likely)))
    found = seen.found
    total = evidence(found.values, seen.group_signals, known) + prior_bits
    campaigns = grown(seen, found, total, least, known.belonging)
    if campaigns is not None:
        rest = _without(found, campaigns)
        found, total = found.only(rest), total[rest]
    members = found.members.select("group", "account_key").to_pyarrow()
    member_of = members["group"].to_numpy()
    inside = np.isin(member_of, found.groups)
    stands = apart(
        found.groups, member_of[inside], members["account_key"].to_numpy()[inside], total
    )
    found = found.only(stands)
    seen = seen.with_found(found if campaigns is None else found.and_also(campaigns))
    crowd = Crowd(seen.found.sizes(), seen.total)
    return seen, judge(seen.found.values, seen.group_signals, known, prior_bits, crowd)


def _without(found: Candidates, campaigns: Candidates) -> npt.NDArray[np.bool_]:
    """Which of the groups have no account in common with campaigns; shape (n,)."""
    grown = campaigns.members.select("account_key")
    touched = found.members.semi_join(grown, "account_key").select("group").distinct()
    return ~np.isin(found.groups, touched.to_pyarrow()["group"].to_numpy())
