"""Tempo of the members: how machine-like each account's times are."""

from __future__ import annotations

from stillwatch.signals.catalogue.members_mean import members_mean
from stillwatch.signals.model import About, GroupSignal, Scale

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
    scale=Scale(
        edges=(-1.0, 0.0, 1.0, 2.0),
        harvest=(0.10, 0.20, 0.25, 0.25, 0.20),
        ordinary=(0.30, 0.40, 0.20, 0.07, 0.03),
        reading="{value:+.1f} bits of tempo on average over its accounts",
    ),
    measure=lambda tables: members_mean(tables, "tempo_bits"),
)
