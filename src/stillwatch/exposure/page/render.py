"""From the document to the page."""

from __future__ import annotations

from markupsafe import Markup

from stillwatch.exposure.document import Exposure
from stillwatch.exposure.page.ranges import LAPTOP, PHONE, money, ranges
from stillwatch.report.numbers import percent
from stillwatch.report.templating import environment, style


def render(exposure: Exposure) -> str:
    """The page of an exposure, in the style of the report of a scan."""
    made = environment("stillwatch.exposure.page")
    made.filters.update(money=money, percent=percent)
    return made.get_template("exposure.html").render(
        e=exposure,
        style=Markup(style()),  # noqa: S704 - ours
        drawings=(ranges(exposure, LAPTOP), ranges(exposure, PHONE)),
    )
