"""Shared client: a TLS fingerprint and user agent that hardly anybody else has together."""

from __future__ import annotations

from stillwatch.signals.model import About, Link

SIGNAL = Link(
    about=About(
        name="client",
        title="TLS fingerprint and user agent",
        group="links",
        needs=("tls_fingerprint", "user_agent"),
        innocent="Everybody with one version of a popular tool shares both.",
        source="JA4 (FoxIO 2023); disclosure of Sept 2026: agent-harness mimicry.",
        atlas=("AML.T0008.005",),
    ),
    value=lambda t: t.tls_fingerprint + " " + t.user_agent.fill_null("-"),
)
