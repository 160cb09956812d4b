"""The waterfall: prior, then each signal's bits, to the total (the match-weight chart of Splink).

Bars always sum to the total that the document states. What its weights leave unexplained becomes
a bar of its own, so no reader has to wonder where three bits went.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup

from stillwatch.campaigns.document import Weight
from stillwatch.report.svg import short, tag

PRIOR = "prior"
_SILENT = 0.05
"""Bits below which a bar would be thinner than its outline and print as 0.0."""
_WIDE = 1000
_HIGH = 20


@dataclass(frozen=True, slots=True)
class Step:
    """One bar, from where the sum stood to where it stands."""

    title: str
    reading: str
    start: float
    end: float
    kind: str
    """`prior`, `for`, `against`, `rest` or `total`; the class that colours it."""
    group: str = ""
    """Empty where the signal stands alone."""
    group_bits: float | None = None
    """Set on the first of several signals of one group: what they say together."""

    @property
    def bits(self) -> float:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Waterfall:
    steps: tuple[Step, ...]
    silent: tuple[str, ...]
    """Titles of signals that were measured and say nothing either way."""
    unmeasured: tuple[str, ...]
    low: float
    high: float

    def position(self, bits: float) -> float:
        """Where `bits` lies on the axis, from 0 to 1."""
        return (bits - self.low) / (self.high - self.low)

    @property
    def ticks(self) -> tuple[int, ...]:
        """Round numbers along the axis, zero among them, at most seven."""
        spacing = next(
            s for s in (1, 2, 5, 10, 20, 50, 100, 10**9) if self.high - self.low <= 6 * s
        )
        first = -int(-self.low // spacing)
        return tuple(n * spacing for n in range(first, int(self.high // spacing) + 1))

    def bar(self, step: Step) -> Markup:
        """The bar of one row, stretched to whatever width the row has."""
        left, right = sorted((self._x(step.start), self._x(step.end)))
        end = short(self._x(step.end))
        rail = f"M{short(self._x(step.start))} 0V10M{end} 10V{_HIGH}"
        return tag(
            "svg",
            tag("path", class_="zero", d=f"M{short(self._x(0))} 0V{_HIGH}"),
            tag("path", class_="rail", d=f"M{end} 0V10" if step.kind == "total" else rail),
            # A stroke, not a box: its thickness does not stretch with the row.
            tag("path", class_=step.kind, d=f"M{short(left)} 10H{short(max(right, left + 2))}"),
            class_="bar",
            viewBox=f"0 0 {_WIDE} {_HIGH}",
            preserveAspectRatio="none",
            aria_hidden="true",
        )

    def column(self) -> Markup:
        """All bars in one small drawing, for rows of equal height."""
        paths: dict[str, str] = {}
        for i, step in enumerate(self.steps):
            left, right = sorted((self._x(step.start), self._x(step.end)))
            box = f"M{left:.0f} {4 * i + 2}H{max(right, left + 4):.0f}"
            paths[step.kind] = paths.get(step.kind, "") + box
        zero = f"M{self._x(0):.0f} 0V{4 * len(self.steps)}"
        return tag(
            "svg",
            tag("path", class_="zero", d=zero),
            *(tag("path", class_=kind, d=d) for kind, d in paths.items()),
            viewBox=f"0 0 {_WIDE} {4 * len(self.steps)}",
            preserveAspectRatio="none",
            aria_hidden="true",
        )

    def _x(self, bits: float) -> float:
        return self.position(bits) * _WIDE


def waterfall(weights: Sequence[Weight], total: float) -> Waterfall:
    """Order the weights (prior first, then groups by size) and stack them up to `total`."""
    priors = [w for w in weights if PRIOR in {w.signal, w.group}]
    signals = [w for w in weights if PRIOR not in {w.signal, w.group}]
    spoken = [w for w in signals if abs(w.bits) >= _SILENT]
    steps: list[Step] = []
    at = 0.0
    for weight in priors:
        steps.append(Step(weight.title, weight.reading, at, at + weight.bits, PRIOR))
        at += weight.bits
    missing = total - at - sum(w.bits for w in spoken)
    if not priors and missing < -_SILENT:
        steps.append(Step("Prior", "before any evidence was looked at", 0.0, missing, PRIOR))
        at, missing = missing, 0.0
    for group, members in groupby(_ranked(spoken), key=lambda w: w.group):
        inside = list(members)
        together = sum(w.bits for w in inside) if len(inside) > 1 else None
        for i, weight in enumerate(inside):
            kind = "for" if weight.bits > 0 else "against"
            first = together if i == 0 else None
            end = at + weight.bits
            steps.append(
                Step(
                    weight.title,
                    weight.reading,
                    at,
                    end,
                    kind,
                    group if together is not None else "",
                    first,
                )
            )
            at = end
    if abs(missing) >= _SILENT:
        steps.append(Step("Not itemised", "caps, rounding and small weights", at, total, "rest"))
    steps.append(Step("Total", "", 0.0, total, "total"))
    ends = [0.0, *(s.start for s in steps), *(s.end for s in steps)]
    low, high = min(ends), max(ends)
    margin = 0.02 * max(high - low, 1.0)
    quiet = [w for w in signals if abs(w.bits) < _SILENT]
    return Waterfall(
        steps=tuple(steps),
        silent=tuple(w.title for w in quiet if w.value is not None),
        unmeasured=tuple(w.title for w in quiet if w.value is None),
        low=low - margin,
        high=high + margin,
    )


def _ranked(weights: Sequence[Weight]) -> list[Weight]:
    """Groups together, the heaviest first; ties by name, so the same scan reads the same."""
    sums: dict[str, float] = {}
    for weight in weights:
        sums[weight.group] = sums.get(weight.group, 0.0) + weight.bits
    return sorted(
        weights,
        key=lambda w: (-abs(sums[w.group]), w.group, -abs(w.bits), w.signal),
    )
