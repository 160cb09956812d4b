"""Shared address: accounts that come from one address."""

from __future__ import annotations

from stillwatch.signals.model import About, Link

SIGNAL = Link(
    about=About(
        name="address",
        title="address",
        group="links",
        needs=("address",),
        innocent="Offices, campuses, mobile carriers and VPNs put thousands behind one address.",
        source="Disclosure of Feb 2026: proxy networks; advisory AA26-251A.",
        atlas=("AML.T0008.005",),
    ),
    value=lambda t: t.address,
)
