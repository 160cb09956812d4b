"""Two scans of one traffic, by other windows, as one that a third can follow."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TypeVar

from stillwatch.campaigns.document import Campaign, Dormant, Scan

Group = TypeVar("Group", Campaign, Dormant)


def joined(first: Scan | None, other: Scan | None) -> Scan | None:
    """The first scan, and the groups of another that it knows nothing of, as the other saw them."""
    if first is None or other is None:
        return first or other
    known = {group.id for group in first.groups}
    known |= {group.id for group in first.dormant}
    return first.model_copy(
        update={
            "campaigns": (*first.campaigns, *_unknown(other.campaigns, known)),
            "leads": (*first.leads, *_unknown(other.leads, known)),
            "spared": (*first.spared, *_unknown(other.spared, known)),
            "dormant": (*first.dormant, *_unknown(other.dormant, known)),
        }
    )


def _unknown(groups: Iterable[Group], known: Collection[str]) -> list[Group]:
    return [group for group in groups if group.id not in known]
