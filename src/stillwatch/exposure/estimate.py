"""From a scan and assumptions to the document."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from stillwatch import results
from stillwatch.campaigns import document as campaigns
from stillwatch.errors import InputError
from stillwatch.exposure.assumptions import Assumptions, Quantity
from stillwatch.exposure.curve import moved
from stillwatch.exposure.document import Exposure, Taken
from stillwatch.exposure.drawing import DRAWS, Amount, drawn, spent
from stillwatch.exposure.taken import taken, worth
from stillwatch.version import __version__


def exposure(
    scan: Path, campaign: str, given: Assumptions, *, curve: Path | None = None, seed: int = 1
) -> Exposure:
    """What a campaign of a scan took, and what that may be worth.

    Raises
    ------
    NoInputError, InputError, FormatError
        There is no scan; it has no such campaign or lead; its sketches are not there; the curve
        cannot be read.
    """
    document = campaigns.load(scan / results.CAMPAIGNS)
    group = next((one for one in document.reported if one.id == campaign), None)
    if group is None:
        known = ", ".join(one.id for one in document.reported[:5]) or "none"
        raise InputError(f"{scan}: has no campaign or lead {campaign!r}; there are {known}")
    took, counted = taken(scan, campaign)
    value = worth(counted, took.exchanges, given.prices)
    amounts = _amounts(took, value.amount)
    return Exposure(
        version=__version__,
        made=datetime.now(UTC),
        source=str(scan),
        campaign=campaign,
        verdict=group.verdict,
        taken=took,
        currency=given.currency,
        prices={model: price for model, price in given.prices.items() if _asked(took, model)},
        worth=value,
        attacker=spent(given.attacker, amounts, seed) if given.attacker else None,
        scenarios=tuple(drawn(one, amounts, seed) for one in given.scenarios),
        curve=None if curve is None else moved(curve, took.exchanges),
        draws=DRAWS,
        seed=seed,
    )


def _asked(took: Taken, model: str) -> bool:
    return any(part.name == model for part in took.models)


def _amounts(took: Taken, price: float) -> dict[Quantity, Amount]:
    """Each quantity, from the share of it that is sure to all of it. Accounts are as many."""
    sure = took.sure / took.exchanges if took.exchanges else 0.0
    whole: dict[Quantity, float] = {
        "exchanges": took.exchanges,
        "input_tokens": took.input_tokens,
        "output_tokens": took.output_tokens,
        "reasoning_tokens": took.reasoning_tokens,
        "list_price": price,
    }
    amounts = {name: Amount(sure * most, most) for name, most in whole.items()}
    amounts["accounts"] = Amount(took.accounts, took.accounts)
    return amounts
