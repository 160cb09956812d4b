"""Grows a campaign anew from its core, so that a crowd that hangs on to it is not accused with it.

A candidate is what a partition of the graph left together, and a partition has to put everybody
somewhere: innocents who share one thing with a campaign may lie in its group, and by what they
share among themselves they seem to belong there. So who belongs is asked once more, of every
account of the group, against the likeliest part of it alone; then against those who belong to
that, which is a campaign without its hangers-on (seed set expansion: Andersen and Lang 2006,
"Communities from seed sets", WWW). Those left over may hold another campaign, with its own core.
"""

from __future__ import annotations

import numpy as np

from stillwatch.campaigns.belonging import Fitting
from stillwatch.campaigns.candidates import Candidates, Ground, measured
from stillwatch.campaigns.likeness import traits
from stillwatch.campaigns.members import Members, inside, lying, wholes
from stillwatch.campaigns.posterior import Floats
from stillwatch.signals.weights import Belonging

JOINING = 0.0
"""Bits of belonging from which an account joins those who belong so far, while they are gathered:
it is as likely as not that it is one of them."""
SURE = 3.0
"""Bits of belonging from which an account is told in the end."""
CORES = 8
"""Campaigns that one group may be made of."""


def grown(
    ground: Ground, found: Candidates, total: Floats, likely: float, known: Belonging
) -> Candidates | None:
    """The campaigns that grow from cores, if any; no account is in two of them.

    `total` (n,): bits of each of the `found` groups; parts of at least `likely` bits are cores, in
    the largest group that each lies in; `known`: what belonging is weighed with. The new ids are
    above all others.
    """
    held = found.held()
    bits = dict(zip(found.groups.tolist(), total.tolist(), strict=True))
    parts = lying([g for g in held if bits[g] >= likely], wholes(held), held)
    left = _disjoint({whole: held[whole] for whole in parts})
    following = max(held, default=-1) + 1
    campaigns: Members = {}
    fitting = Fitting(ground, traits(ground), known) if parts else None
    for _ in range(CORES):
        cores: Members = {}
        pools: Members = {}
        whole_of: dict[int, int] = {}
        for whole, pool in left.items():
            free = [p for p in parts[whole] if inside(held[p], pool)]
            if free:
                core = held[max(free, key=lambda part: bits[part])]
                cores[following], pools[following] = np.intersect1d(core, pool), pool
                whole_of[following] = whole
                following += 1
        if not cores or fitting is None:
            break
        for group, members in _gathered(fitting, cores, pools).items():
            if len(members) >= ground.fewest:
                campaigns[group] = members
            whole = whole_of[group]
            left[whole] = np.setdiff1d(left[whole], np.union1d(members, cores[group]))
    return measured(ground, "grown", campaigns) if campaigns else None


def _disjoint(pools: Members) -> Members:
    """Each account in the first of the pools that have it."""
    accounts = np.concatenate([*pools.values(), np.zeros(0, dtype=np.int64)])
    owner = np.repeat(np.arange(len(pools)), [len(pool) for pool in pools.values()])
    known, first = np.unique(accounts, return_index=True)
    return {whole: known[owner[first] == place] for place, whole in enumerate(pools)}


def _gathered(fitting: Fitting, cores: Members, pools: Members) -> Members:
    """Who belongs, of each pool, to the campaign that its core is the heart of."""
    joined = cores
    for turn in range(2):
        joined = {
            group: np.union1d(accounts[bits >= JOINING], cores[group])
            if turn == 0
            else accounts[bits >= JOINING]
            for group, (accounts, bits) in fitting.bits(joined, pools).items()
        }
    return {
        group: accounts[bits >= SURE]
        for group, (accounts, bits) in fitting.bits(joined, pools).items()
    }
