"""Harvesting intents: prompts that ask for what a student needs more than for an answer."""

from __future__ import annotations

from stillwatch.signals.model import About, AccountSignal, Scale

SHRINK = 3.0
"""Exchanges at 0 bits added to each account, so that one odd prompt says little."""

SIGNAL = AccountSignal(
    about=About(
        name="asks_for_reasoning",
        title="Harvesting intents",
        group="text",
        needs=("intent_bits",),
        innocent="Tutors ask for steps, teachers grade by rubrics, researchers compare answers.",
        source="Disclosures of Feb and Sept 2026; advisory AA26-251A: prompts for the reasoning.",
        atlas=("AML.T0024.002", "AML.T0065"),
    ),
    scale=Scale(
        edges=(-2.0, -0.5, 0.5, 2.0, 4.0),
        harvest=(0.10, 0.15, 0.15, 0.20, 0.20, 0.20),
        ordinary=(0.45, 0.40, 0.10, 0.03, 0.01, 0.01),
        reading="prompts carry {value:+.1f} bits of a harvesting intent on average",
    ),
    aggregates=lambda t: {"intent_sum": t.intent_bits.sum(), "intent_count": t.intent_bits.count()},
    value=lambda a: (a.intent_count > 0).ifelse(
        a.intent_sum.cast("float64") / (a.intent_count + SHRINK), None
    ),
)
