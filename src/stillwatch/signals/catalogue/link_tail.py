"""Shared closing: prompts whose last words of the prompt are the same, variable parts masked."""

from __future__ import annotations

from stillwatch.signals.model import About, Link

SIGNAL = Link(
    about=About(
        name="tail",
        title="last words of the prompt",
        group="links",
        needs=("tail",),
        innocent="People pass templates on; common phrases are common.",
        source="Disclosure of Feb 2026: templates varied tens of thousands of times.",
        atlas=("AML.T0065",),
    ),
    value=lambda t: t["tail"],
    text=True,
)
