"""Never repeats itself: people and programs ask again; a work queue has each prompt once."""

from __future__ import annotations

from stillwatch.signals.model import About, AccountSignal, Scale

SIGNAL = AccountSignal(
    about=About(
        name="never_repeats",
        title="Never asks twice",
        group="text",
        needs=("skeleton",),
        innocent="Somebody with many different questions does not repeat himself either.",
        source="PRADA (Juuti et al. 2019): distances between successive queries.",
        atlas=("AML.T0024.002",),
    ),
    scale=Scale(
        edges=(0.3, 0.7, 0.9, 0.98),
        harvest=(0.03, 0.05, 0.10, 0.17, 0.65),
        ordinary=(0.15, 0.15, 0.15, 0.15, 0.40),
        reading="{value:.0%} of its prompts differ from all its others",
    ),
    aggregates=lambda t: {"different": t.skeleton.nunique(), "comparable": t.skeleton.count()},
    value=lambda a: (a.comparable >= 10).ifelse(a.different.cast("float64") / a.comparable, None),
)
