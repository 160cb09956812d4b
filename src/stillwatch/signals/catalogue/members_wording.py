"""Wording of the members: how template-like each account's prompts are."""

from __future__ import annotations

from stillwatch.signals.catalogue.members_mean import members_mean
from stillwatch.signals.model import About, GroupSignal, Scale

SIGNAL = GroupSignal(
    about=About(
        name="members_wording",
        title="Wording of its accounts",
        group="text",
        needs=("prompt_chars",),
        innocent="One company's accounts run one program.",
        source="Mean of the account signals' bits: accounts of one group share causes, so once.",
        atlas=("AML.T0040",),
    ),
    scale=Scale(
        edges=(-4.0, -2.5, -1.0, 0.0, 1.0, 2.0),
        harvest=(0.06, 0.08, 0.14, 0.18, 0.18, 0.18, 0.18),
        ordinary=(0.15, 0.20, 0.25, 0.20, 0.12, 0.05, 0.03),
        reading="{value:+.1f} bits of wording on average over its accounts",
    ),
    measure=lambda tables: members_mean(tables, "text_bits"),
)
