"""What the licences say in one scan: of the exchanges that it looks at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import ibis.expr.types as ir

from stillwatch.engine import Engine
from stillwatch.licences.coverage import coverage
from stillwatch.licences.document import LicenceUse
from stillwatch.licences.model import COVERED, Licence
from stillwatch.licences.use import uses


@dataclass(frozen=True, slots=True)
class Licensing:
    """The licences, and what `coverage` says of the exchanges that are looked at."""

    licences: Sequence[Licence]
    looked: ir.Table

    @property
    def covered(self) -> ir.Table:
        """The exchanges that are covered."""
        return self.looked.filter(self.looked.outcome == COVERED)

    def by_account(self) -> ir.Table:
        """account, licence, exchanges: how many of an account's a licence covers."""
        return self.covered.group_by("account", "licence").agg(exchanges=lambda t: t.count())

    def uses(self, last: datetime | None) -> tuple[LicenceUse, ...]:
        """How far each licence was used until the last exchange."""
        return uses(self.looked, self.licences, last)


def granted(
    engine: Engine, sketches: ir.Table, exchanges: ir.Table, licences: Sequence[Licence]
) -> Licensing | None:
    """What licences say of exchanges, counting all `sketches`; None where there are no licences."""
    if not licences:
        return None
    every = coverage(engine, sketches, licences)
    looked = engine.keep("licence_looked", every.semi_join(exchanges, "exchange_key"))
    return Licensing(licences, looked)
