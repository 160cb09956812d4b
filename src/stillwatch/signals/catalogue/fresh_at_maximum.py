"""Maximum at once: a new account that is in heavy use from its first hours."""

from __future__ import annotations

from stillwatch.portable import seconds
from stillwatch.signals.model import About, AccountSignal, Scale

NEW_DAYS = 14

SIGNAL = AccountSignal(
    about=About(
        name="fresh_at_maximum",
        title="New and at full use",
        group="volume",
        needs=("account_created",),
        innocent="A company that has tested elsewhere moves its whole load on its first day.",
        source="Advisory AA26-251A: new accounts at maximum at once.",
        atlas=("AML.T0021",),
    ),
    scale=Scale(
        edges=(0.5, 20.0, 60.0, 200.0),
        harvest=(0.40, 0.20, 0.15, 0.15, 0.10),
        ordinary=(0.88, 0.08, 0.02, 0.01, 0.01),
        reading="exchanges a day within two weeks of its creation: {value:.0f}",
        rises=True,
    ),
    aggregates=lambda t: {"created": t.account_created.min()},
    value=lambda a: a.created.notnull().ifelse(
        ((seconds(a.first_seen) - seconds(a.created)) < NEW_DAYS * 86_400).ifelse(
            a.exchanges_a_day, 0.0
        ),
        None,
    ),
)
