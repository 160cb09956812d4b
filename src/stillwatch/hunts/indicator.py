"""What is hunted for: indicators, as a person asks for them or as a document lists them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from stillwatch.hunts.condition import Condition, columns
from stillwatch.rules.model import HuntRule
from stillwatch.rules.signals import needs


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """One thing to look for.

    `text` names it, as `payment:pm-6f1e`, and no two of a hunt have the same; `title` says what it
    is, in the words of who wrote it; `source` is the document that listed it. `asked` is a
    condition on one exchange, or a rule.
    """

    text: str
    asked: Condition | HuntRule
    title: str | None = None
    source: str | None = None
    valid_from: datetime | None = None
    """When it began, or is to begin, by its own words."""
    valid_until: datetime | None = None
    """When it ended, or is to end, by its own words."""
    expired: bool = False
    """Whether it had ended when it was read."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the sketch that it reads."""
        if isinstance(self.asked, HuntRule):
            return needs(self.asked)
        return tuple(sorted(columns(self.asked)))


@dataclass(frozen=True, slots=True)
class SetAside:
    """An indicator, or a part of one, that is not asked; `reason` is a clause in words."""

    text: str
    reason: str


@dataclass(slots=True)
class Asked:
    """Indicators to look for, and what was set aside when they were read."""

    indicators: list[Indicator] = field(default_factory=list)
    aside: list[SetAside] = field(default_factory=list)

    def add(self, other: Asked) -> None:
        """Takes what another holds; an indicator that is there already stays as it is."""
        known = {one.text for one in self.indicators}
        for one in other.indicators:
            if one.text not in known:
                known.add(one.text)
                self.indicators.append(one)
        self.aside.extend(other.aside)
