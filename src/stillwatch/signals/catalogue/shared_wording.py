"""The group writes from shared templates."""

from __future__ import annotations

from stillwatch.signals.catalogue.coverage import coverage
from stillwatch.signals.model import About, GroupSignal, Scale

SIGNAL = GroupSignal(
    about=About(
        name="shared_wording",
        title="Shared templates",
        group="text",
        needs=("head",),
        innocent="Users of one tool, one course or one viral prompt share its wording.",
        source="Disclosure of Feb 2026: templates over hundreds of accounts.",
        atlas=("AML.T0065",),
    ),
    scale=Scale(
        edges=(0.02, 0.15, 0.4, 0.75),
        harvest=(0.15, 0.15, 0.20, 0.25, 0.25),
        ordinary=(0.45, 0.25, 0.15, 0.08, 0.07),
        reading="{value:.0%} of its use follows templates rare elsewhere",
    ),
    measure=lambda tables: coverage(tables, "head", "tail", "system_template"),
)
