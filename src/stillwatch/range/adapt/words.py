"""What a search came to, in sentences."""

from __future__ import annotations

from stillwatch.plural import plural
from stillwatch.range.adapt.document import Adapted
from stillwatch.range.evasion import LEVELS
from stillwatch.range.rate import percent

NONE = "No plan stayed hidden. That is no proof that there is none."


def plan(document: Adapted) -> str:
    """The cheapest plan that stayed hidden where it was sought."""
    if document.cheapest is None:
        return NONE
    bill = document.path[document.cheapest].bill
    return (
        f"Cheapest that stayed hidden: a price of {bill.price:,.0f}, "
        f"{plural(bill.accounts, 'account')} over {bill.days:g} day{'s' * (bill.days != 1)}, "
        f"{percent(bill.wasted)} of requests wasted."
    )


def prices(document: Adapted) -> dict[str, float]:
    """Its price in that of each level of the ladder; nothing where no plan stayed hidden."""
    if document.cheapest is None:
        return {}
    price = document.path[document.cheapest].bill.price
    return {step.why: price / step.bill.price for step in document.path[: len(LEVELS)]}


def afresh(document: Adapted) -> str:
    """What became of it in crowds that the search had not seen."""
    if document.fresh is None:
        return NONE
    found = document.fresh.found
    return f"In {plural(found.of, 'fresh crowd')} it was found in {found.hits}: {found}."
