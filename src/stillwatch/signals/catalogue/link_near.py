"""Near-duplicate prompts: most of the wording is the same."""

from __future__ import annotations

from stillwatch.signals.model import About, Link

SIGNAL = Link(
    about=About(
        name="near",
        title="nearly the same prompt",
        group="links",
        needs=("near_0",),
        innocent="Benchmarks, assignments and viral prompts are pasted by thousands.",
        source="Broder 1997, On the resemblance and containment of documents.",
        atlas=("AML.T0065",),
    ),
    value=lambda t: t.near_0,
    text=True,
)
