"""Bits claimed against bits observed."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from stillwatch.plural import plural
from stillwatch.range.evaluate.figures.document import Bin
from stillwatch.range.evaluate.page.frame import Frame, linear
from stillwatch.report.numbers import bits, signed
from stillwatch.report.svg import short, tag

_SPAN = 24.0


def claimed_against_observed(bins: Sequence[Bin], width: int) -> Markup:
    """A point and its interval for each bin, and the line on which they should lie."""
    if not bins:
        return Markup("")
    frame = Frame(width, 360, linear(-_SPAN, _SPAN), linear(-_SPAN, _SPAN))
    every = 6 if width > 400 else 12
    ticks = [(float(b), signed(float(b)).removesuffix(".0")) for b in range(-24, 25, every)]
    told = "; ".join(
        f"{bits(b.claimed)} claimed, {bits(b.observed)} observed"
        for b in bins
        if b.observed is not None
    )
    return frame.drawn(
        f"Bits claimed against bits observed. {told}.",
        *frame.columns(ticks),
        *frame.rows(ticks),
        tag("path", class_="ideal", d=_ideal(frame)),
        *(mark for b in bins for mark in _bin(frame, b)),
        *frame.named("Bits claimed, prior left out", "Bits observed"),
    )


def _ideal(frame: Frame) -> str:
    (left, low), (right, high) = ((frame.x(b), frame.y(b)) for b in (-_SPAN, _SPAN))
    return f"M{short(left)} {short(low)}L{short(right)} {short(high)}"


def _bin(frame: Frame, b: Bin) -> list[Markup]:
    x = frame.x(b.claimed)
    # Where a bin has only one kind of groups, its interval is open on one side: an arrow.
    low = frame.y(-_SPAN if b.observed_low is None else b.observed_low)
    high = frame.y(_SPAN if b.observed_high is None else b.observed_high)
    path = f"M{short(x)} {short(low)}V{short(high)}"
    if b.observed_high is None:
        path += "m-4 6l4 -6l4 6"
    if b.observed_low is None:
        path += f"M{short(x - 4)} {short(low - 6)}l4 6l4 -6"
    title = tag(
        "title",
        f"{bits(b.low)} to {bits(b.high)} bits claimed: {plural(b.campaigns, 'campaign')}, "
        f"{plural(b.innocents, 'innocent group')}",
    )
    marks = [tag("path", title, class_="interval", d=path)]
    if b.observed is not None:
        marks.append(tag("circle", title, class_="seen", cx=x, cy=frame.y(b.observed), r=4))
    return marks
