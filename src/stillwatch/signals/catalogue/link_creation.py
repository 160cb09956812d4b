"""Creation burst: accounts made within the same ten minutes."""

from __future__ import annotations

from stillwatch.portable import seconds
from stillwatch.signals.model import About, Link

SIGNAL = Link(
    about=About(
        name="creation",
        title="ten minutes of creation",
        group="links",
        needs=("account_created",),
        innocent="Conferences, classes and launches make many accounts within minutes.",
        source="Disclosures of 2026: accounts created in bursts. SynchroTrap (Cao et al. 2014).",
        atlas=("AML.T0021",),
    ),
    value=lambda a: seconds(a.created) // 600,
    of_account=True,
)
