"""What licences cover of campaigns: told beside the evidence, of which it is no part."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from stillwatch.campaigns.document import Campaign, Licensed
from stillwatch.licences import Licensing

_Counts = Mapping[str, Mapping[str, int]]
"""Account → licence → exchanges that it covers."""


def licensed(described: Mapping[int, Campaign], licensing: Licensing) -> dict[int, Campaign]:
    """The groups with what licences cover of each, and of each of its accounts."""
    counts: dict[str, dict[str, int]] = defaultdict(dict)
    for row in licensing.by_account().to_pyarrow().to_pylist():
        counts[row["account"]][row["licence"]] = row["exchanges"]
    holders = {one.id: one.holder for one in licensing.licences}
    return {group: _licensed(one, counts, holders) for group, one in described.items()}


def _licensed(one: Campaign, counts: _Counts, holders: Mapping[str, str]) -> Campaign:
    members = tuple(
        m.model_copy(update={"licensed": sum(counts.get(m.account, {}).values())})
        for m in one.accounts
    )
    of: dict[str, list[int]] = defaultdict(list)
    for member in members:
        for licence, exchanges in counts.get(member.account, {}).items():
            of[licence].append(exchanges)
    whole = sum(m.exchanges + m.licensed for m in members)
    parts = tuple(
        Licensed(
            licence=licence,
            holder=holders[licence],
            accounts=len(covered),
            covered=sum(covered),
            exchanges=whole,
        )
        for licence, covered in sorted(of.items(), key=lambda item: (-sum(item[1]), item[0]))
    )
    return one.model_copy(update={"accounts": members, "licensed": parts})
