"""Wording of the members: how template-like each account's prompts are."""

from __future__ import annotations

from stillwatch.signals.catalogue.members_mean import members_mean, members_scale
from stillwatch.signals.model import About, GroupSignal

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
    scale=members_scale("wording"),
    measure=lambda tables: members_mean(tables, "text_bits"),
)
