"""A search for reading: a Rich table."""

from __future__ import annotations

from rich.console import Group
from rich.markup import escape
from rich.table import Table

from stillwatch.range.adapt import words
from stillwatch.range.adapt.document import Adapted, Step
from stillwatch.range.rate import percent


def path_table(document: Adapted) -> Group:
    """The plans in the order they were tried, and what became of the cheapest that hid."""
    title = f"Plans for a harvest of {document.harvest:,}, simulated (reported from "
    table = Table(title=f"{title}{document.line:.1f} bits)", title_justify="left")
    table.add_column("tried")
    for name in ("price", "accounts", "days", "wasted", "crowds", "bits"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("became", no_wrap=True)
    for place, step in enumerate(document.path):
        table.add_row(*_row(step), style="bold" if place == document.cheapest else "")
    return Group(table, *_conclusion(document))


def _row(step: Step) -> tuple[str, ...]:
    bill = step.bill
    return (
        escape(step.why),
        f"{bill.price:,.0f}",
        f"{bill.accounts:,}",
        f"{bill.days:g}",
        percent(bill.wasted),
        str(len(step.seen)),
        "–" if step.bits is None else f"{step.bits:.1f}",
        "hidden" if step.hidden else step.seen[-1].state,
    )


def _conclusion(document: Adapted) -> list[str]:
    if document.cheapest is None:
        return [words.NONE]
    ladder = ", ".join(f"{level} × {price:.2g}" for level, price in words.prices(document).items())
    return [
        words.plan(document),
        f"Its price, in that of each level: {ladder}.",
        words.afresh(document),
    ]
