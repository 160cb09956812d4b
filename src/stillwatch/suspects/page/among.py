"""A drawing: the keys that were looked for, among keys that nobody used."""

from __future__ import annotations

from math import ceil

import numpy as np
from markupsafe import Markup

from stillwatch.report.svg import drawing, short, tag
from stillwatch.suspects.document import Part
from stillwatch.suspects.powers import ten

LAPTOP, PHONE = 740, 326
_HEIGHT, _FOOT, _TOP, _LEFT, _RIGHT = 210.0, 40.0, 24.0, 8.0, 18.0
BINS = 60
SHOWN = 8
"""Keys that are drawn; the table has all that matter."""


def among(part: Part, width: float) -> Markup:
    """P-values of wrong keys as bars, and of keys that were looked for as lines."""
    wrong = -np.array(part.wrong_keys.log10_p)
    own = [-key.log10_p for key in part.keys[:SHOWN]]
    most = max([4.0, *own, float(wrong.max(initial=0.0))]) * 1.04
    foot = _HEIGHT - _FOOT

    def x(value: float) -> float:
        return _LEFT + (width - _LEFT - _RIGHT) * value / most

    counts, edges = np.histogram(wrong, bins=BINS, range=(0, most))
    # Roots, so that single keys far out are seen beside hundreds near nothing.
    tallest = max(1.0, float(np.sqrt(counts.max(initial=0))))
    bars = [
        tag(
            "rect",
            class_="bars",
            x=x(float(edges[place])),
            y=foot - (foot - _TOP) * float(np.sqrt(count)) / tallest,
            width=max(1.0, x(float(edges[1])) - x(0.0) - 1),
            height=(foot - _TOP) * float(np.sqrt(count)) / tallest,
        )
        for place, count in enumerate(counts)
        if count
    ]
    lines = [
        tag("path", class_="own", d=f"M{short(x(value))} {short(_TOP)}V{short(foot)}")
        for value in own
    ]
    step = max(1, ceil(most / 7))
    ticks: list[Markup] = []
    for value in range(0, int(most) + 1, step):
        words = "1" if value == 0 else ten(-value)
        ticks.append(tag("text", words, x=x(value), y=foot + 16, class_="tick-label"))
    return drawing(
        f"P-values of {len(wrong)} wrong keys and of {len(part.keys)} keys looked for",
        width,
        _HEIGHT,
        *bars,
        tag("path", class_="base", d=f"M{short(_LEFT)} {short(foot)}H{short(width - _RIGHT)}"),
        *lines,
        *ticks,
        tag("text", "keys that nobody used (bars), keys looked for (lines)", x=_LEFT, y=12.0),
        tag("text", "p-value", x=width - _RIGHT, y=_HEIGHT - 6, class_="name end"),
        class_="plot",
    )
