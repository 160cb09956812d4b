"""A report stays small enough to mail, and says what it left out."""

from __future__ import annotations

import time

import pytest
from example import scan
from reading import Reading

from stillwatch.campaigns.document import Campaign, Scan
from stillwatch.report import render


def grown(campaign: Campaign, accounts: int, name: str) -> Campaign:
    """`campaign` with that many accounts, each as the first ones are."""
    members = tuple(
        campaign.accounts[i % 43].model_copy(update={"account": f"{name}-acct_{i:012d}"})
        for i in range(accounts)
    )
    links = tuple(
        link.model_copy(
            update={
                "members": tuple(m.account for i, m in enumerate(members) if (i + n) % 5),
                "accounts": sum(bool((i + n) % 5) for i in range(accounts)),
            }
        )
        for n, link in enumerate(campaign.links * 4)
    )
    return campaign.model_copy(
        update={"id": name, "account_count": accounts, "accounts": members, "links": links}
    )


def many(campaigns: int, accounts: int) -> Scan:
    first = scan().campaigns[0]
    each = accounts // campaigns
    return scan().model_copy(
        update={
            "campaigns": tuple(grown(first, each, f"cmp-{i:08x}") for i in range(campaigns)),
            "leads": tuple(grown(first, 40, f"lead-{i:08x}") for i in range(30)),
            "spared": scan().spared * 100,
        }
    )


@pytest.mark.parametrize("campaigns", [1, 7, 50, 400])
def test_a_report_of_25_000_accounts_stays_small(campaigns: int) -> None:
    began = time.perf_counter()
    page = render(many(campaigns, 25_000))
    assert len(page.encode()) < 3_000_000
    assert time.perf_counter() - began < 30
    Reading(page)


def test_what_is_left_out_is_counted() -> None:
    text = Reading(render(many(400, 25_000))).text
    assert "350 more campaigns not shown in full here" in text
    assert "26 more leads not shown" in text
    assert "270 more groups not shown" in text
    assert "And 18 more accounts, in accounts.parquet" in text
    assert "200 more campaigns not listed" in text


def test_a_campaign_of_25_000_accounts_says_how_many_are_not_drawn() -> None:
    text = Reading(render(many(1, 25_000))).text
    assert "4,974 not drawn" in text
    assert "And 24,950 more accounts, in accounts.parquet" in text
