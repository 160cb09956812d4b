"""A campaign keeps its id from one scan to the next: as it grows, merges, splits, loses accounts.

All that later scans must know lies in `campaigns.json` itself, so an interrupted scan leaves the
old ids with the old result.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import log

from scipy.special import expit

from stillwatch.campaigns.document import (
    Campaign,
    Change,
    Dormant,
    Member,
    Past,
    Remembered,
    Scan,
)
from stillwatch.campaigns.succession import Members, Succession, succession

REMEMBERED = timedelta(days=90)
"""How long a campaign or lead that is not seen is kept in mind, from its last exchange on."""


def identity(accounts: Iterable[str], taken: Collection[str] = ()) -> str:
    """A new id: the same for the same accounts in any order, and none of those `taken`."""
    digest = hashlib.sha256("\n".join(sorted(accounts)).encode())
    while (made := f"c-{digest.hexdigest()[:10]}") in taken:
        digest.update(b"\n")
    return made


def carried(
    described: dict[int, Campaign], before: Scan | None, last: datetime
) -> tuple[dict[int, Campaign], tuple[Dormant, ...]]:
    """The groups of a scan under their lasting ids, and the campaigns and leads it does not see.

    `before` is the earlier scan, if there is one, `last` the time of the last exchange of this
    one. Spared groups are matched, too, so that an id lasts from the first doubt on; not seen,
    they are forgotten.
    """
    if before is None:
        return described, ()
    earlier = _known(before)
    now = list(described.values())
    found = succession([_members(e.accounts) for e in earlier], [_members(c.accounts) for c in now])
    origin = {later: earlier[place] for place, later in found.heir.items()}
    taken = {e.id for e in earlier}
    ids: list[str] = []
    for place, campaign in enumerate(now):
        accounts = (member.account for member in campaign.accounts)
        ids.append(origin[place].id if place in origin else identity(accounts, taken))
        taken.add(ids[-1])
    away = frozenset(e.id for e in before.dormant)
    story = _Story(earlier, away, found, tuple(ids), last)
    named = {
        group: campaign.model_copy(update={"id": ids[place], "past": story.past(place, campaign)})
        for place, (group, campaign) in enumerate(described.items())
    }
    dormant = (e for place, e in enumerate(earlier) if found.vanished(place))
    return named, tuple(
        e for e in dormant if e.verdict != "spared" and last - e.last_seen <= REMEMBERED
    )


@dataclass(frozen=True, slots=True)
class _Story:
    """Earlier groups, those `away` when last looked for, and the `ids` of the groups of now."""

    earlier: Sequence[Dormant]
    away: frozenset[str]
    found: Succession
    ids: tuple[str, ...]
    last: datetime

    def past(self, place: int, campaign: Campaign) -> Past:
        """What happened to the group at `place` of those of now."""
        common, heir = self.found.common, self.found.heir
        origin = next((e for e, later in heir.items() if later == place), None)
        was = None if origin is None else self.earlier[origin]
        old = {a.account for a in was.accounts} if was else set()
        new = {a.account for a in campaign.accounts}
        kin = [e for e in range(len(self.earlier)) if e != origin and common[e, place] > 0]
        merged = [e for e in kin if self.found.end(e) == place]
        parts = [] if origin is None else common[origin].nonzero()[0].tolist()
        split_from = tuple(self.earlier[e].id for e in kin if e not in merged)
        split_into = tuple(self.ids[part] for part in parts if part != place)
        reported = [self.last] if campaign.verdict == "campaign" else []
        if was and was.reported_since:
            reported.append(was.reported_since)
        happened: dict[Change, bool] = {
            "new": was is None,
            "continued": was is not None and was.id not in self.away,
            "returned": was is not None and was.id in self.away,
            "grown": was is not None and bool(new - old),
            "lost_accounts": bool(old - new),
            "merged": bool(merged),
            "split": bool(split_from or split_into),
        }
        return Past(
            changes=tuple(change for change, true in happened.items() if true),
            known_since=min(was.known_since, self.last) if was else self.last,
            reported_since=min(reported, default=None),
            was=was.verdict if was else None,
            gained=len(new - old),
            lost=len(old - new),
            merged=tuple(self.earlier[e].id for e in merged),
            split_from=split_from,
            split_into=split_into,
        )


def _known(scan: Scan) -> list[Dormant]:
    """All groups that a scan tells of or remembers."""
    last = scan.reading.last or scan.made
    seen = [
        Dormant(
            id=c.id,
            verdict=c.verdict,
            known_since=c.past.known_since if c.past else last,
            reported_since=c.past.reported_since
            if c.past
            else (last if c.verdict == "campaign" else None),
            last_seen=c.last_seen,
            accounts=tuple(Remembered(account=m.account, bits=m.bits) for m in c.accounts),
        )
        for c in scan.groups
    ]
    return [*seen, *scan.dormant]


def _members(accounts: Iterable[Member | Remembered]) -> Members:
    """Account → probability that it belongs: its bits as a logistic of base 2."""
    return {a.account: float(expit(a.bits * log(2))) for a in accounts}
