"""A drawing: the intervals of all scenarios, on one axis."""

from __future__ import annotations

from math import ceil, floor, log10

from markupsafe import Markup

from stillwatch.exposure.document import Exposure
from stillwatch.report.svg import drawing, short, tag

LAPTOP, PHONE = 740, 326
_ROW, _FOOT, _LEFT, _RIGHT = 46.0, 34.0, 8.0, 60.0


def money(value: float) -> str:
    """An amount with no more digits than it deserves.

    >>> money(1234567.0), money(0.0123), money(0.0)
    ('1,230,000', '0.012', '0')
    """
    if value == 0:
        return "0"
    if value < 1:
        return f"{value:.2g}"
    digits = max(0, floor(log10(value)) - 2)
    return f"{round(value, -digits):,.0f}" if value >= 100 else f"{value:.3g}"


def ranges(exposure: Exposure, width: float) -> Markup:
    """A bar for each interval, a line at its middle; amounts by their logarithms."""
    rows = [(one.title, one.amount) for one in exposure.scenarios]
    if exposure.attacker is not None:
        rows.append((exposure.attacker.title, exposure.attacker.amount))
    amounts = [value for _, a in rows for value in (a.low, a.high) if value > 0]
    if not amounts:
        return Markup("")
    begin, end = floor(log10(min(amounts))), ceil(log10(max(amounts)))
    end = max(end, begin + 1)

    def x(value: float) -> float:
        share = (log10(max(value, 10.0**begin)) - begin) / (end - begin)
        return _LEFT + share * (width - _LEFT - _RIGHT)

    drawn = []
    for place, (title, amount) in enumerate(rows):
        top = place * _ROW
        most = int(width / 6.6)
        told = title if len(title) <= most else f"{title[: most - 1]}…"
        drawn += [
            tag("text", told, x=_LEFT, y=top + 14),
            tag(
                "rect",
                class_="bars",
                x=x(amount.low),
                y=top + 21,
                width=max(2.0, x(amount.high) - x(amount.low)),
                height=14.0,
            ),
            tag("path", class_="middle", d=f"M{short(x(amount.middle))} {short(top + 19)}v18"),
        ]
    foot = len(rows) * _ROW
    step = max(1, ceil((end - begin) / (6 if width == LAPTOP else 3)))
    for power in range(begin, end + 1, step):
        drawn.append(tag("path", class_="base", d=f"M{short(x(10.0**power))} {short(foot)}v5"))
        words = money(10.0**power)
        drawn.append(tag("text", words, x=x(10.0**power), y=foot + 18, class_="tick-label"))
    return drawing(
        f"Intervals of {len(rows)} amounts in {exposure.currency}",
        width,
        foot + _FOOT,
        tag("path", class_="base", d=f"M{short(_LEFT)} {short(foot)}H{short(width - _RIGHT)}"),
        *drawn,
        class_="plot",
    )
