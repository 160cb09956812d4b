"""Which reported campaign is which true one.

A reported campaign is *true* if at least half of its accounts take part in some campaign; it
*belongs* to the one campaign that has at least half of them (the one with most, if two have half
each). A true campaign is

- `found` if the reported campaigns that belong to it hold at least a tenth of its accounts
  together (`COVERAGE`): a single account caught by luck does not make a campaign found;
- else `merged` if true reported campaigns, whoever they belong to, hold at least a tenth of its
  accounts: its accounts are reported, but as part of something else;
- else `missed`.

So a campaign reported in several pieces is found once, and each piece is true; of two campaigns
reported as one, the larger is found and the smaller merged. Recall counts `found` only.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

COVERAGE = 0.1

State = Literal["found", "merged", "missed"]


class Match(BaseModel):
    """What became of one true campaign."""

    model_config = ConfigDict(frozen=True)

    campaign: str
    state: State
    pieces: tuple[str, ...] = Field(description="Reported campaigns that belong to it.")
    within: tuple[str, ...] = Field(description="Other true reports that hold accounts of it.")
    accounts: int
    accounts_reported: int = Field(description="Of those, in its pieces or the others named.")


class Report(BaseModel):
    """What one reported campaign really is."""

    model_config = ConfigDict(frozen=True)

    id: str
    true: bool
    belongs_to: str | None
    accounts: int
    guilty: int = Field(description="Accounts that take part in any campaign.")


def match(
    true: Mapping[str, Set[str]], reported: Mapping[str, Set[str]]
) -> tuple[tuple[Match, ...], tuple[Report, ...]]:
    """Match reported campaigns to true ones, both given as sets of accounts by id.

    Examples
    --------
    >>> matches, reports = match({"a": {"1", "2"}}, {"x": {"1", "2", "9"}})
    >>> matches[0].state, reports[0].belongs_to
    ('found', 'a')
    """
    guilty = frozenset().union(*true.values())
    reports = tuple(_report(name, accounts, true, guilty) for name, accounts in reported.items())
    return tuple(_match(name, true[name], reports, reported) for name in true), reports


def _report(
    name: str, accounts: Set[str], true: Mapping[str, Set[str]], guilty: Set[str]
) -> Report:
    overlaps = {campaign: len(accounts & members) for campaign, members in true.items()}
    # Ties go to the name that sorts first, so that a score does not depend on the order of files.
    best = min(overlaps, key=lambda c: (-overlaps[c], c), default=None)
    bad = len(accounts & guilty)
    return Report(
        id=name,
        true=bool(accounts) and 2 * bad >= len(accounts),
        belongs_to=best if best and accounts and 2 * overlaps[best] >= len(accounts) else None,
        accounts=len(accounts),
        guilty=bad,
    )


def _match(
    name: str, members: Set[str], reports: tuple[Report, ...], reported: Mapping[str, Set[str]]
) -> Match:
    pieces = [r.id for r in reports if r.belongs_to == name]
    within = [r.id for r in reports if r.true and r.belongs_to != name and reported[r.id] & members]
    enough = COVERAGE * len(members)
    in_pieces = members & frozenset().union(*(reported[p] for p in pieces))
    in_all = in_pieces | (members & frozenset().union(*(reported[w] for w in within)))
    state: State = "missed"
    if in_pieces and len(in_pieces) >= enough:
        state = "found"
    elif in_all and len(in_all) >= enough:
        state = "merged"
    return Match(
        campaign=name,
        state=state,
        pieces=tuple(pieces),
        within=tuple(within),
        accounts=len(members),
        accounts_reported=len(in_all),
    )
