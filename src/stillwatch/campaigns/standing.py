"""The candidate groups that stand, with what they weigh."""

from __future__ import annotations

from stillwatch.campaigns.apart import apart
from stillwatch.campaigns.posterior import Judged, judge
from stillwatch.evidence import Evidence
from stillwatch.signals.weights import Weights


def standing(seen: Evidence, known: Weights, prior_bits: float) -> tuple[Evidence, Judged]:
    """The evidence without the groups that others stand for, and the verdict's numbers.

    They are weighed twice: all of them, to see which stand, and those alone, since the false
    discovery rate is one of groups that could be reported.
    """
    found = seen.found
    first = judge(found.values, seen.group_signals, known, prior_bits)
    members = found.members.select("group", "account_key").to_pyarrow()
    stands = apart(
        found.groups, members["group"].to_numpy(), members["account_key"].to_numpy(), first.total
    )
    chosen = found.only(stands)
    return seen.with_found(chosen), judge(chosen.values, seen.group_signals, known, prior_bits)
