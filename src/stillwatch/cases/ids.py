"""Names of cases, decisions and appeals, as people write them: 17, 17-d2, 17-a1."""

from __future__ import annotations

import re
from typing import NamedTuple

from stillwatch.errors import UsageError

_FORM = re.compile(r"(\d{1,12})-([da])(\d{1,6})")
_NOUNS = {"d": "a decision", "a": "an appeal"}


class DecisionId(NamedTuple):
    """A decision of a case.

    Examples
    --------
    >>> str(DecisionId(17, 2)), DecisionId.read("17-d2")
    ('17-d2', DecisionId(number=17, decision=2))
    """

    number: int
    decision: int

    def __str__(self) -> str:
        return f"{self.number}-d{self.decision}"

    @classmethod
    def read(cls, text: str) -> DecisionId:
        """Raises `UsageError` where it is none."""
        return cls(*_read(text, "d"))


class AppealId(NamedTuple):
    """An appeal of a case."""

    number: int
    appeal: int

    def __str__(self) -> str:
        return f"{self.number}-a{self.appeal}"

    @classmethod
    def read(cls, text: str) -> AppealId:
        """Raises `UsageError` where it is none."""
        return cls(*_read(text, "a"))


def _read(text: str, letter: str) -> tuple[int, int]:
    found = _FORM.fullmatch(text.strip())
    if found is None or found[2] != letter:
        is_other = f"is {_NOUNS[found[2]]}; " if found else ""
        raise UsageError(f"{text!r}: {is_other}{_NOUNS[letter]} is written like 17-{letter}2")
    return int(found[1]), int(found[3])
