"""How far a licence is used, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from stillwatch.licences.document import Fullest, LicenceUse
from stillwatch.licences.model import Reason
from stillwatch.plural import plural
from stillwatch.written.times import shown

NEAR = 0.8
"""Share of a limit, or of the term, from which it is warned."""

BEYOND: dict[Reason, str] = {
    "volume": "beyond its volume",
    "rate": "faster than its rate",
}
ELSE: dict[Reason, str] = {
    "model": "of models it does not name",
    "dates": "outside of its dates",
    "customer": "of customers it does not name",
}


def flags(use: LicenceUse) -> tuple[str, ...]:
    """What went beyond what was agreed."""
    return _counted(use, BEYOND)


def others(use: LicenceUse) -> tuple[str, ...]:
    """What its accounts did that it is not for; that may be ordinary use."""
    return _counted(use, ELSE)


def _counted(use: LicenceUse, words: Mapping[Reason, str]) -> tuple[str, ...]:
    return tuple(
        f"{plural(use.uncovered[reason], 'exchange')} {said}"
        for reason, said in words.items()
        if reason in use.uncovered
    )


def warnings(use: LicenceUse) -> tuple[str, ...]:
    """What comes near its end, or is at it."""
    return tuple(_warnings(use))


def _warnings(use: LicenceUse) -> Iterator[str]:
    for one in use.fullest:
        if one.share >= NEAR:
            yield f"{percent(one.share)} of {agreed(one)} used {_when(one)}"
    if use.customer is None and use.term >= 1:
        yield f"it ended at {shown(use.end)}"
    elif use.customer is None and use.term >= NEAR:
        yield f"it ends at {shown(use.end)}, with {percent(use.term)} of its term over"


def agreed(one: Fullest) -> str:
    """What was agreed of a limit, such as `1,000 exchanges a month`."""
    unit = "output tokens" if one.of == "tokens" else "exchanges"
    return f"{one.most:,} {unit} {'in all' if one.per == 'term' else f'a {one.per}'}"


def percent(share: float) -> str:
    """A share that is never rounded up to all, or over it.

    >>> percent(0.8), percent(0.9999), percent(3.0)
    ('80%', '99%', '300%')
    """
    return f"{int(share * 100 + 1e-9):,}%"


def _when(one: Fullest) -> str:
    if one.per == "term":
        return "so far"
    return f"in the {one.per} {'of' if one.of == 'rate' else 'from'} {shown(one.begin)}"
