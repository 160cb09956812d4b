"""Shared system prompt: accounts that run under the same instructions."""

from __future__ import annotations

from stillwatch.signals.model import About, Link

SIGNAL = Link(
    about=About(
        name="system_template",
        title="system prompt",
        group="links",
        needs=("system_template",),
        innocent="A popular tool gives every user the same system prompt.",
        source="Disclosure of Feb 2026: templates over hundreds of accounts.",
        atlas=("AML.T0065",),
    ),
    value=lambda t: t.system_template,
    text=True,
)
