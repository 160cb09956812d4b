"""What came after what: the second exchanges of a rule with `then`."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from stillwatch.rules.balanced import some
from stillwatch.rules.detection import Detection
from stillwatch.rules.model import Then

_FIRST = "first_"
"""Marks the columns of the exchange that came first."""


def followed(first: Detection, then: Then, before: ir.Table, exchanges: ir.Table) -> ir.Table:
    """Those of the exchanges that follow, with `after_id`, the exchange that each followed.

    Each is compared with the last one of `before` that the detection `first` matches, that came
    before it and has `same` in common with it.
    """
    second = exchanges.filter(then.detection.matches(exchanges))
    read = sorted({"time", "exchange_id", *then.same, *then.differs})
    earlier = before.filter(first.matches(before)).select(
        **{f"{_FIRST}{column}": before[column] for column in read}
    )
    # Views: both sides may come from one table.
    second, earlier = second.view(), earlier.view()
    pairs = second.asof_join(
        earlier,
        on=second.time > earlier[f"{_FIRST}time"],
        predicates=[second[c] == earlier[f"{_FIRST}{c}"] for c in then.same],
    )
    soon = pairs.time - pairs[f"{_FIRST}time"] <= ibis.interval(then.timespan)
    others = [(pairs[c] != pairs[f"{_FIRST}{c}"]).fill_null(False) for c in then.differs]
    chosen = pairs.filter(pairs[f"{_FIRST}exchange_id"].notnull() & soon & some(others))
    return chosen.mutate(after_id=chosen[f"{_FIRST}exchange_id"])
