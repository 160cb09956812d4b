"""Identity of the members: how much each account hides or moves."""

from __future__ import annotations

from stillwatch.signals.catalogue.members_mean import members_mean, members_scale
from stillwatch.signals.model import About, GroupSignal

SIGNAL = GroupSignal(
    about=About(
        name="members_identity",
        title="Identity of its accounts",
        group="identity",
        needs=("address",),
        innocent="One company's accounts run on one cloud.",
        source="Mean of the account signals' bits: accounts of one group share causes, so once.",
        atlas=("AML.T0040",),
    ),
    scale=members_scale("identity"),
    measure=lambda tables: members_mean(tables, "identity_bits"),
)
