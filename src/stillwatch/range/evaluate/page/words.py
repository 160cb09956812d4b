"""Rates and names as the page writes them."""

from __future__ import annotations

from decimal import Decimal

from markupsafe import Markup

from stillwatch.plural import plural
from stillwatch.range.evaluate.figures.document import Evaluation
from stillwatch.range.rate import Rate
from stillwatch.report.numbers import count

LEVELS = {
    "L0": "naive",
    "L1": "jitter and rotating addresses",
    "L2": "paraphrased templates in many wordings",
    "L3": "slow and spread, each account like a customer",
    "L4": "padded, templates dealt out anew each day",
}
"""What each level adds."""


def share(x: float) -> str:
    """A share in percent: two or three digits that count, and 0% and 100% only where true.

    >>> share(0.5), share(0.99999), share(0.00000123), share(0.0), share(1.0), share(0.0357)
    ('50%', '>99.9%', '0.00012%', '0%', '100%', '3.57%')
    """
    if 0.9995 <= x < 1:
        return ">99.9%"
    digits = 3 if x >= 0.01 else 2
    return f"{Decimal(f'{100 * x:.{digits}g}'):f}%"


def cell(rate: Rate) -> Markup:
    """A rate with its interval and its counts below."""
    if rate.value is None:
        return Markup("–")
    return Markup("<b>{}</b><small>{} to {}</small><small>{} of {}</small>").format(
        share(rate.value), share(rate.low), share(rate.high), count(rate.hits), count(rate.of)
    )


def headline(evaluation: Evaluation) -> str:
    """The result in one sentence."""
    found = sum(r.campaigns.hits for r in evaluation.rungs)
    of = sum(r.campaigns.of for r in evaluation.rungs)
    days = evaluation.innocents.days
    return (
        f"{count(found)} of {plural(of, 'simulated campaign')} found; "
        f"{count(days.hits)} of {count(days.of)} innocent account-days flagged"
    )
