"""Shared opening of the answers: the format that was asked for shows in what came back."""

from __future__ import annotations

from stillwatch.signals.model import About, Link

SIGNAL = Link(
    about=About(
        name="reply_head",
        title="first words of the answer",
        group="links",
        needs=("reply_head",),
        innocent="A model opens many answers alike, whoever asks.",
        source="Own: an agent format (thought, action, observation) shows in the answer.",
        atlas=("AML.T0024.002",),
    ),
    value=lambda t: t.reply_head,
    text=True,
)
