"""The two sides of an account: what a licence covers, and the rest, which alone is evidence.

What is covered goes on being traffic that everybody is compared with, under a key of its own: an
account of its own as far as signals go, that no group can have. Were it left out instead, what a
licensee shares with others would become rare, and they the more suspicious.
"""

from __future__ import annotations

from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from stillwatch.engine import Engine

OTHER = 0x4C6963656E736564
"""What tells the key of the covered side from that of its account, by exclusive or."""


def parted(exchanges: ir.Table, covered: ir.Table) -> ir.Table:
    """The exchanges, those that are `covered` (exchange_key) under the keys of covered sides."""
    marked = covered.select("exchange_key", covered=True)
    joined = exchanges.left_join(marked, "exchange_key")
    kept = [name for name in exchanges.columns if name != "account_key"]
    key = ibis.ifelse(joined.covered.notnull(), _other(joined.account_key), joined.account_key)
    # A view: what joins onto a chain of joins would be joined into it, and names confused.
    return joined.select(*kept, account_key=key).view()


@dataclass(frozen=True, slots=True)
class Sides:
    """The covered sides of accounts.

    `table`: owner, account_key, exchanges, first_seen, last_seen, alone. `account_key` is that of
    the side, `owner` that of its account; `alone` are the sides of accounts that have no other.
    """

    table: ir.Table

    @property
    def doubled(self) -> ir.Table:
        """The sides whose accounts have another side, which stands for them in counts."""
        return self.table.filter(~self.table.alone)

    def once(self, carried: ir.Table) -> ir.Table:
        """Who carries what (account_key, node), each account once for each thing.

        By the side that is evidence, where that carries the thing.
        """
        both = carried.join(self.doubled.select("account_key", "owner"), "account_key")
        other = carried.select(owner=carried.account_key, node=carried.node)
        again = both.semi_join(other, ["owner", "node"])
        return carried.anti_join(again, ["account_key", "node"])

    def whole(self, exchanges: ir.Table) -> ir.Table:
        """All exchanges of the accounts with two sides, under the key of the account."""
        owners = self.doubled.select(account_key="owner")
        return self.owned(exchanges).semi_join(owners, "account_key").view()

    def neither(self, accounts: ir.Table) -> ir.Table:
        """The accounts that have one side."""
        owners = self.doubled.select(account_key="owner")
        return accounts.anti_join(self.doubled, "account_key").anti_join(owners, "account_key")

    def owned(self, carried: ir.Table) -> ir.Table:
        """Rows of accounts (account_key), those of sides that have another given to their owner."""
        owners = self.doubled.select("account_key", "owner")
        joined = carried.left_join(owners, "account_key")
        kept = [name for name in carried.columns if name != "account_key"]
        key = ibis.coalesce(joined.owner, joined.account_key)
        return joined.select(*kept, account_key=key).view()


def covered_sides(engine: Engine, accounts: ir.Table, covered: ir.Table) -> Sides:
    """The covered sides among accounts (account_key, exchanges, first_seen, last_seen).

    `covered` has the account_key of each covered exchange, as it was before they were parted.
    """
    owners = covered.select(owner=covered.account_key).distinct()
    keyed = owners.mutate(account_key=_other(owners.owner))
    found = accounts.select("account_key", "exchanges", "first_seen", "last_seen")
    others = found.select(owner=found.account_key, another=True)
    joined = keyed.join(found, "account_key").left_join(others, "owner")
    return Sides(
        engine.keep(
            "licensed_sides",
            joined.select(
                "owner",
                "account_key",
                "exchanges",
                "first_seen",
                "last_seen",
                alone=joined.another.isnull(),
            ),
        )
    )


def _other(key: ir.IntegerColumn) -> ir.IntegerColumn:
    return key ^ ibis.literal(OTHER, "int64")
