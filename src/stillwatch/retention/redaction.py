"""A document of a scan that does not name some accounts any more."""

from __future__ import annotations

from collections.abc import Collection

from stillwatch.campaigns.document import Campaign, Dormant, Scan


def redacted(document: Scan, names: Collection[str]) -> Scan:
    """The document without these accounts. Counts stay as they were found."""
    return document.model_copy(
        update={
            "campaigns": tuple(_campaign(one, names) for one in document.campaigns),
            "leads": tuple(_campaign(one, names) for one in document.leads),
            "spared": tuple(_campaign(one, names) for one in document.spared),
            "dormant": tuple(_dormant(one, names) for one in document.dormant),
        }
    )


def naming(document: Scan, names: Collection[str]) -> set[str]:
    """The ids of the groups that name one of these accounts."""
    groups: tuple[Campaign | Dormant, ...] = (
        *document.campaigns,
        *document.leads,
        *document.spared,
        *document.dormant,
    )
    return {group.id for group in groups if any(a.account in names for a in group.accounts)}


def _campaign(one: Campaign, names: Collection[str]) -> Campaign:
    links = tuple(
        link.model_copy(update={"members": tuple(m for m in link.members if m not in names)})
        for link in one.links
        # What nobody else carries tells of nobody else.
        if not link.members or not set(link.members) <= set(names)
    )
    members = tuple(m for m in one.accounts if m.account not in names)
    return one.model_copy(update={"accounts": members, "links": links})


def _dormant(one: Dormant, names: Collection[str]) -> Dormant:
    accounts = tuple(a for a in one.accounts if a.account not in names)
    return one.model_copy(update={"accounts": accounts})
