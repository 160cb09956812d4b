"""Clauses, evidence and measures in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from stillwatch.plural import plural
from stillwatch.terms.measures import words
from stillwatch.terms.model import Allowed, Evidence

_VERDICTS = {"campaign": "in a campaign", "lead": "in a lead or a campaign"}


def said(evidence: Evidence) -> str:
    """What evidence asks for.

    >>> said(Evidence(verdict="campaign", account_bits=3))
    'in a campaign, 3 bits of belonging to it'
    """
    return ", ".join(_parts(evidence))


def _parts(evidence: Evidence) -> Iterator[str]:
    if evidence.verdict:
        yield _VERDICTS[evidence.verdict]
    if evidence.campaign_bits is not None:
        yield f"of {_bits(evidence.campaign_bits)}"
    if evidence.account_bits is not None:
        yield f"{_bits(evidence.account_bits)} of belonging to it"
    if evidence.exchanges is not None:
        yield f"{plural(evidence.exchanges, 'exchange')} or more"
    for name, bits in sorted(evidence.signals.items()):
        yield f"{name} at {_bits(bits)} or more"


def _bits(bits: float) -> str:
    return f"{bits:g} bit{'' if bits == 1 else 's'}"


def any_of(several: Sequence[Evidence]) -> str:
    """Of several pieces of evidence one."""
    return "; or ".join(map(said, several))


def allowed(one: Allowed) -> str:
    """A measure and how many must agree.

    >>> allowed(Allowed(measure="suspend", people=2))
    'suspend (2 people)'
    """
    return f"{words(one.measure)} ({people(one.people)})"


def people(number: int) -> str:
    return "nobody need agree" if not number else plural(number, "person", "people")
