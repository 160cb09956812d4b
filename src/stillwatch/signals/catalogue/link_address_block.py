"""Shared block of addresses: a rented range of a proxy provider."""

from __future__ import annotations

from stillwatch.signals.model import About, Link

SIGNAL = Link(
    about=About(
        name="address_block",
        title="block of addresses (/24, /48)",
        group="links",
        needs=("address_block",),
        innocent="Clouds and carriers hand out neighbouring addresses to strangers.",
        source="Disclosure of Feb 2026: proxy networks of more than 20,000 accounts.",
        atlas=("AML.T0008.005",),
    ),
    value=lambda t: t.address_block,
)
