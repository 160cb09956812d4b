"""A campaign of a scan, taken apart: what was seen, and what the scan concluded from it."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from stillwatch.campaigns.document import (
    Campaign,
    Count,
    Further,
    Innocence,
    Link,
    Moment,
    Past,
    Scan,
    Template,
    Weight,
)
from stillwatch.signals.lesson import Lesson


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SeenAccount(_Part):
    """An account of a case, as it was seen."""

    account: str
    exchanges: int = Field(description="All exchanges of the account in the window.")
    first_seen: datetime
    last_seen: datetime


class Seen(_Part):
    """Facts."""

    since: datetime | None = Field(description="Start of the window; null if it was open.")
    until: datetime | None = Field(description="Its end, exclusive.")
    first_seen: datetime
    last_seen: datetime
    accounts: tuple[SeenAccount, ...]
    links: tuple[Link, ...]
    templates: tuple[Template, ...]

    @property
    def names(self) -> list[str]:
        """The accounts, in the order of the document."""
        return [one.account for one in self.accounts]


class ConcludedAccount(_Part):
    """What a scan thinks of an account of a case."""

    account: str
    bits: float
    harvest_exchanges: int
    waterfall: tuple[Weight, ...]


class Concluded(_Part):
    """Inference, and how sure it is."""

    verdict: str
    bits: float
    probability: float
    q_value: float
    account_fpr: float
    kept_from: tuple[str, ...]
    exchanges: int = Field(description="Exchanges attributed to the campaign.")
    models: tuple[Count, ...]
    intents: tuple[Count, ...]
    waterfall: tuple[Weight, ...]
    innocents: tuple[Innocence, ...]
    timeline: tuple[Moment, ...]
    accounts: tuple[ConcludedAccount, ...]
    past: Past | None
    further: Further | None
    fdr: float = Field(description="The setting of the scan.")
    version: str = Field(description="Of Stillwatch.")
    weights_version: int
    lesson: Lesson | None = Field(
        description="What weights would learn from a decision; its verdict and time are filled in "
        "then. Null of spared groups."
    )

    @property
    def members(self) -> dict[str, float]:
        """Account → bits."""
        return {one.account: one.bits for one in self.accounts}


def seen(campaign: Campaign, scan: Scan) -> Seen:
    """The facts of a campaign."""
    return Seen(
        since=scan.since,
        until=scan.until,
        first_seen=campaign.first_seen,
        last_seen=campaign.last_seen,
        accounts=tuple(
            SeenAccount(
                account=m.account,
                exchanges=m.exchanges,
                first_seen=m.first_seen,
                last_seen=m.last_seen,
            )
            for m in campaign.accounts
        ),
        links=campaign.links,
        templates=campaign.templates,
    )


def concluded(campaign: Campaign, scan: Scan, lesson: Lesson | None) -> Concluded:
    """The inference of a campaign."""
    same = {
        name: getattr(campaign, name)
        for name in Concluded.model_fields
        if name in Campaign.model_fields and name != "accounts"
    }
    return Concluded(
        **same,
        accounts=tuple(
            ConcludedAccount(
                account=m.account,
                bits=m.bits,
                harvest_exchanges=m.harvest_exchanges,
                waterfall=m.waterfall,
            )
            for m in campaign.accounts
        ),
        fdr=scan.fdr,
        version=scan.version,
        weights_version=scan.weights_version,
        lesson=lesson,
    )


def tactics(found: Concluded) -> list[str]:
    """What a campaign asks for, and the signals that speak against it."""
    asked = {count.name for count in found.intents if count.name != "ordinary"}
    return sorted(asked | {bar.signal for bar in found.waterfall if bar.bits > 0})
