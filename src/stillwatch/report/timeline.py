"""The timeline: exchanges for each interval above, accounts at work below, on one axis of time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from markupsafe import Markup

from stillwatch.campaigns.document import Moment
from stillwatch.report.numbers import count
from stillwatch.report.svg import drawing, short, tag
from stillwatch.report.times import clock, day_of_month, length, moment, utc

_EPOCH = datetime(2001, 1, 1, tzinfo=UTC)
"""A Monday, so that weekly ticks fall on Mondays."""
_HOUR = timedelta(hours=1)
_TICKS = tuple(_HOUR * h for h in (1, 2, 3, 6, 12, 24, 48, 7 * 24, 14 * 24, 28 * 24, 91 * 24))
_TOP, _UPPER, _GAP, _LOWER, _FOOT = 22, 96, 28, 44, 22


@dataclass(frozen=True, slots=True)
class Series:
    """A timeline in equal intervals without gaps."""

    start: datetime
    interval: timedelta
    exchanges: tuple[int, ...]
    accounts: tuple[int, ...]
    merged: int
    """How many of the document's intervals make one here; accounts are then the most at once."""

    @property
    def end(self) -> datetime:
        return self.start + self.interval * len(self.exchanges)

    @property
    def peak(self) -> tuple[datetime, int]:
        highest = max(self.exchanges)
        return self.start + self.interval * self.exchanges.index(highest), highest


def series(moments: Sequence[Moment], bins: int) -> Series | None:
    """`moments` put into at most `bins` intervals; None where there are none."""
    if not moments:
        return None
    ordered = sorted(moments, key=lambda m: utc(m.time))
    times = [utc(m.time) for m in ordered]
    steps = [b - a for a, b in pairwise(times) if b > a]
    interval = min(steps, default=_HOUR)
    wide = round((times[-1] - times[0]) / interval) + 1
    merged = -(-wide // bins)
    size = interval * merged
    exchanges = [0] * (-(-wide // merged))
    accounts = [0] * len(exchanges)
    for time, m in zip(times, ordered, strict=True):
        i = min(int((time - times[0]) / size), len(exchanges) - 1)
        exchanges[i] += m.exchanges
        accounts[i] = max(accounts[i], m.accounts)
    return Series(times[0], size, tuple(exchanges), tuple(accounts), merged)


def timeline(data: Series, width: int) -> Markup:
    """Bars above, a stepped line below; drawn at `width` pixels, since text must not be scaled."""
    floor = _TOP + _UPPER
    base = floor + _GAP + _LOWER
    height = base + _FOOT
    most, crowd = max(data.exchanges), max(data.accounts)
    when, _ = data.peak
    every = length(data.interval)
    label = (
        f"Exchanges per {every}, at most {count(most)} (from {moment(when)} UTC), and accounts "
        f"active, at most {count(crowd)}, from {moment(data.start)} to {moment(data.end)} UTC."
    )
    return drawing(
        label,
        width,
        height,
        *_axis(data, width, base),
        tag("path", class_="bars", d=_bars(data.exchanges, width, floor, _UPPER)),
        tag("path", class_="base", d=f"M0 {floor}H{width}"),
        tag("path", class_="fill", d=_steps(data.accounts, width, base, _LOWER, closed=True)),
        tag("path", class_="line", d=_steps(data.accounts, width, base, _LOWER, closed=False)),
        tag("path", class_="base", d=f"M0 {base}H{width}"),
        tag("text", f"Exchanges per {every}", x=0, y=12, class_="name"),
        tag("text", f"peak {count(most)}", x=width, y=12, class_="end"),
        tag("text", "Accounts active", x=0, y=floor + 18, class_="name"),
        tag("text", f"peak {count(crowd)}", x=width, y=floor + 18, class_="end"),
        class_="timeline",
    )


def sparkline(data: Series | None, first: datetime, last: datetime) -> Markup:
    """When in the window a campaign was at work; all sparklines of a page share its axis."""
    wide, high = 120, 22
    if data is None:
        return Markup("")
    window = max(utc(last) - utc(first), data.interval)
    heights = [0.0] * 60
    for i, n in enumerate(data.exchanges):
        at = (data.start + data.interval * i - utc(first)) / window
        until = at + data.interval / window
        cells = range(max(0, int(at * 60)), min(60, max(int(at * 60) + 1, round(until * 60))))
        for cell in cells:
            heights[cell] = max(heights[cell], float(n))
    most = max(heights) or 1.0
    boxes = "".join(
        f"M{2 * i} {high}V{short(high - 20 * h / most)}h2V{high}z"
        for i, h in enumerate(heights)
        if h
    )
    return tag(
        "svg",
        tag("path", class_="base", d=f"M0 {high}H{wide}"),
        tag("path", class_="bars", d=boxes),
        class_="spark",
        viewBox=f"0 0 {wide} {high + 1}",
        width=wide,
        height=high + 1,
        aria_hidden="true",
    )


def _bars(values: Sequence[int], width: int, floor: int, high: int) -> str:
    most = max(values) or 1
    each = width / len(values)
    gap = 1.0 if each > 3 else 0.0
    return "".join(
        f"M{short(i * each)} {floor}V{floor - max(round(high * v / most), 1)}"
        f"h{short(each - gap)}V{floor}z"
        for i, v in enumerate(values)
        if v
    )


def _steps(values: Sequence[int], width: int, floor: int, high: int, *, closed: bool) -> str:
    most = max(values) or 1
    each = width / len(values)
    path = f"M0 {floor}" + "".join(
        f"V{floor - round(high * v / most)}H{short((i + 1) * each)}" for i, v in enumerate(values)
    )
    return f"{path}V{floor}z" if closed else f"{path}V{floor}"


def _axis(data: Series, width: int, base: int) -> list[Markup]:
    whole = data.end - data.start
    spacing = next((t for t in _TICKS if whole / t <= width / 76), whole)
    time = data.start + (-(data.start - _EPOCH)) % spacing
    marks: list[Markup] = []
    while time < data.end:
        x = width * ((time - data.start) / whole)
        midnight = (time.hour, time.minute) == (0, 0)
        marks.append(
            tag("path", class_="day" if midnight else "tick", d=f"M{short(x)} 20V{base + 4}")
        )
        anchor = "start" if x < 24 else "end" if x > width - 24 else "middle"
        words = day_of_month(time) if midnight else clock(time)
        marks.append(tag("text", words, x=x, y=base + 17, text_anchor=anchor))
        time += spacing
    return marks
