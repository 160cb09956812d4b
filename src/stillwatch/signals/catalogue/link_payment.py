"""Shared payment: accounts that pay with one card or wallet."""

from __future__ import annotations

from stillwatch.signals.model import About, Link

SIGNAL = Link(
    about=About(
        name="payment",
        title="payment mark",
        group="links",
        needs=("payment_mark",),
        innocent="A company pays for its staff with one card; families and schools do too.",
        source="Disclosure of Feb 2026: shared payment methods across accounts.",
        atlas=("AML.T0021",),
    ),
    value=lambda t: t.payment_mark,
)
