"""What stands in a scan, and what would be reported if a group of signals said nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from stillwatch.campaigns.posterior import Judged
from stillwatch.campaigns.standing import standing
from stillwatch.campaigns.verdicts import reported
from stillwatch.config import Settings
from stillwatch.signals.weights import Weights
from stillwatch.weighing import Evidence

Accounts = frozenset[str]


@dataclass(frozen=True, slots=True)
class Judging:
    """The judgement of one scan.

    `groups`: evidence in bits, the prior left out, and accounts of each group that stands.
    `without`: for groups of signals (`signals.model.GROUPS`), what would be reported if they said
    nothing of groups. The graph stays as it is, and so do the other weights, which were fitted in
    their company.
    """

    groups: tuple[tuple[float, Accounts], ...]
    without: Mapping[str, tuple[Accounts, ...]]


def judging(
    seen: Evidence,
    left: Evidence,
    judged: Judged,
    weights: Weights,
    settings: Settings,
    silenced: Sequence[str],
) -> Judging:
    """The judgement of a scan, and what it would be without each of some groups of signals.

    `seen` is all evidence; `left` that of the groups that stand, `judged` by these weights.
    """
    prior, likely = settings.prior_bits, settings.lead_probability
    names = _members(left)
    without = {}
    for group in silenced:
        rest, doubt = standing(seen, _silenced(weights, seen, group), prior, likely)
        others = _members(rest)
        chosen = rest.found.groups[reported(doubt, settings)]
        without[group] = tuple(others[int(g)] for g in chosen)
    bits = judged.total - prior
    return Judging(
        groups=tuple(
            (float(b), names[int(g)]) for b, g in zip(bits, left.found.groups, strict=True)
        ),
        without=without,
    )


def _members(seen: Evidence) -> dict[int, Accounts]:
    named = seen.found.members.join(seen.accounts.select("account_key", "account"), "account_key")
    table = named.select("group", "account").to_pyarrow()
    found: dict[int, set[str]] = defaultdict(set)
    pairs = zip(table["group"].to_pylist(), table["account"].to_pylist(), strict=True)
    for group, account in pairs:
        found[group].add(account)
    return {group: frozenset(accounts) for group, accounts in found.items()}


def _silenced(weights: Weights, seen: Evidence, group: str) -> Weights:
    mute = {
        s.about.name: [0.0] * (len(s.scale.edges) + 1)
        for s in seen.group_signals
        if s.about.group == group
    }
    return weights.model_copy(update={"together": {**weights.together, **mute}})
