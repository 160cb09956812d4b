"""From the document to the page."""

from __future__ import annotations

from importlib import resources

from markupsafe import Markup

from stillwatch.report.templating import environment, style
from stillwatch.suspects.document import Suspect
from stillwatch.suspects.page.among import LAPTOP, PHONE, among


def render(suspect: Suspect) -> str:
    """The page of a test, in the style of the report of a scan."""
    made = environment("stillwatch.suspects.page")
    made.filters.update(power=_power)
    own = resources.files("stillwatch.suspects.page") / "templates" / "suspect.css"
    return made.get_template("suspect.html").render(
        s=suspect,
        style=Markup(style() + own.read_text(encoding="utf-8")),  # noqa: S704 - ours
        drawings=[(among(part, LAPTOP), among(part, PHONE)) for part in suspect.parts],
    )


def _power(log10: float) -> Markup:
    """A power of ten, as it is written."""
    if log10 > -2.5:
        return Markup("{}").format(f"{10**log10:.2g}")
    return Markup("10<sup>{}</sup>").format(f"−{-log10:,.0f}")
