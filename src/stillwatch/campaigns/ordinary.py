"""How much of a group's traffic may be ordinary: that of a relay's customers, for one.

A relay's traffic is a mixture of its harvest and of what everybody asks. If r is the share of the
ordinary, no topic can be rarer in the mixture than r times its share in ordinary traffic; so the
topic that is missing most bounds r from above (mixture proportion estimation: Blanchard, Lee and
Scott 2010, "Semi-Supervised Novelty Detection", JMLR 11:2973, section 3). Topics, because what
strangers ask about differs less from provider to provider than their languages or hours do.
"""

from __future__ import annotations

import ibis.expr.types as ir
from scipy.stats import beta

CELLS = 16
"""Coverage buckets that are one topic here: 16 topics of the 256."""
FEWEST_EXPECTED = 20.0
"""Exchanges that ordinary traffic would have put into a topic, below which it tells nothing."""
CONFIDENCE = 0.95

OUTSIDE = -1
"""In the place of a group: who is in none."""

Shares = dict[int, float]


def most_ordinary(exchanges: ir.Table, members: ir.Table) -> Shares:
    """Group → the largest share of its exchanges that may be ordinary, 1.0 where all may be.

    `exchanges`: all sketches; `members`: group, account_key. A group whose prompts have no known
    topic is left out.
    """
    inside = members.select("group", "account_key")
    asked = exchanges.select("account_key", "topic").left_join(inside, "account_key")
    by_group = _counts(asked.select("topic", group=asked.group.fill_null(OUTSIDE)))
    usual = by_group.pop(OUTSIDE, {})
    everything = sum(usual.values())
    found = {}
    for group, counts in by_group.items():
        n = sum(counts.values())
        bounds = [
            _largest(counts.get(topic, 0), n) / (count / everything)
            for topic, count in usual.items()
            if n * count / everything >= FEWEST_EXPECTED
        ]
        found[group] = min([1.0, *bounds])
    return found


def _largest(hits: int, of: int) -> float:
    """Upper limit of a share (Clopper and Pearson 1934)."""
    return 1.0 if hits >= of else float(beta.ppf(CONFIDENCE, hits + 1, of - hits))


def _counts(exchanges: ir.Table) -> dict[int, dict[int, int]]:
    """Group → topic → exchanges."""
    known = exchanges.filter(exchanges.topic.notnull())
    rows = (
        known.group_by("group", cell=known.topic.cast("int64") // CELLS)
        .agg(exchanges=lambda t: t.count())
        .to_pyarrow()
        .to_pylist()
    )
    counts: dict[int, dict[int, int]] = {}
    for row in rows:
        counts.setdefault(row["group"], {})[row["cell"]] = row["exchanges"]
    return counts
