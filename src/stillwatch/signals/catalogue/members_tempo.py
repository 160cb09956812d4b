"""Tempo of the members: how machine-like each account's times are."""

from __future__ import annotations

from stillwatch.signals.catalogue.members_mean import members_mean, members_scale
from stillwatch.signals.model import About, GroupSignal

SIGNAL = GroupSignal(
    about=About(
        name="members_tempo",
        title="Tempo of its accounts",
        group="tempo",
        needs=("time",),
        innocent="Jobs of one company share one scheduler.",
        source="Mean of the account signals' bits: accounts of one group share causes, so once.",
        atlas=("AML.T0040",),
    ),
    scale=members_scale("tempo"),
    measure=lambda tables: members_mean(tables, "tempo_bits"),
)
