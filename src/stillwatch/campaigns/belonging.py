"""Whether an account belongs to a group: by what it shares with it, and by how it acts."""

from __future__ import annotations

from dataclasses import dataclass

import ibis
import numpy as np

from stillwatch.campaigns import membership
from stillwatch.campaigns.candidates import Ground, wording
from stillwatch.campaigns.graph import Ints
from stillwatch.campaigns.likeness import Traits
from stillwatch.campaigns.members import Members, table
from stillwatch.campaigns.posterior import Floats
from stillwatch.signals.weights import Belonging

AGAIN = {"address_block": "address"}
"""Kinds of things that say again what another says: of both only the larger counts."""


@dataclass(frozen=True, slots=True)
class Fitting:
    """Weighs whether accounts belong to groups that they need not be in."""

    ground: Ground
    traits: Traits
    known: Belonging

    def bits(self, members: Members, pools: Members) -> dict[int, tuple[Ints, Floats]]:
        """Group → the accounts of its pool, and the bits that each is one of its members' kind.

        Bits of the odds that an account of the pool is (`weights.Belonging`).
        """
        shared = linked(self.ground, members, pools)
        found = {}
        for group, pool in pools.items():
            bits = np.full(len(pool), self.known.offset)
            for kind, says in shared[group].items():
                bits += np.where(says > 0.0, *self.known.of_link(kind)) * says
            for kind, says in self.traits.likeness(members[group], pool).items():
                bits += self.known.of_likeness(kind) * says
            found[group] = pool, bits
        return found


def linked(ground: Ground, members: Members, pools: Members) -> dict[int, dict[str, Floats]]:
    """Group → kind of shared thing → bits for each account of its pool; 0 where it says nothing."""
    rows = membership.fit(
        ground.edges,
        ground.things,
        ibis.memtable(table(members)),
        ibis.memtable(table(pools)),
        {**wording(ground.links), **AGAIN},
        ground.total,
    ).to_pyarrow()
    groups, accounts = rows["group"].to_numpy(), rows["account_key"].to_numpy()
    kinds, bits = np.array(rows["kind"].to_pylist(), dtype=object), rows["kind_bits"].to_numpy()
    found: dict[int, dict[str, Floats]] = {group: {} for group in pools}
    for group, pool in pools.items():
        mine = groups == group
        places, named, weighed = np.searchsorted(pool, accounts[mine]), kinds[mine], bits[mine]
        for kind in sorted(set(named.tolist())):
            says = np.zeros(len(pool))
            says[places[named == kind]] = weighed[named == kind]
            found[group][kind] = says
    return found
