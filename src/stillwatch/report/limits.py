"""How much of a scan is drawn. A page that cannot be mailed is not read; what is cut is counted."""

from __future__ import annotations

from dataclasses import dataclass

from stillwatch.campaigns.document import Scan


@dataclass(frozen=True, slots=True)
class Limits:
    """Most items of each kind. The counts of what is left out are stated beside each cut."""

    campaigns: int
    """Campaigns shown in full; all are in the ranked table up to `rows`."""
    leads: int
    spared: int
    rows: int
    accounts: int
    """Accounts listed for each campaign."""
    waterfalls: int
    """Of those, accounts whose weights are listed."""
    dots: int
    """Accounts drawn one by one in a graph."""
    links: int
    things: int
    """Shared things drawn in a graph."""
    templates: int
    bins: int
    """Intervals a timeline is drawn in."""


def limits(scan: Scan) -> Limits:
    """Budgets shared out among the campaigns and leads, so that the page stays under 3 MB."""
    campaigns = min(len(scan.campaigns), 50)
    leads = min(len(scan.leads), 10 if campaigns <= 20 else 4)
    blocks = max(1, campaigns + leads)
    return Limits(
        campaigns=campaigns,
        leads=leads,
        spared=30,
        rows=200,
        accounts=_share(2400, blocks, 20, 50),
        waterfalls=_share(220, blocks, 3, 50),
        dots=_share(1500, blocks, 24, 130),
        links=_share(600, blocks, 8, 16),
        things=_share(400, blocks, 6, 9),
        templates=_share(200, blocks, 3, 6),
        bins=_share(3300, blocks, 60, 112),
    )


def _share(budget: int, blocks: int, least: int, most: int) -> int:
    return max(least, min(most, budget // blocks))
