"""From the document to the page."""

from __future__ import annotations

from importlib import resources

from markupsafe import Markup

from stillwatch.report.templating import environment, style
from stillwatch.suspects.document import Suspect
from stillwatch.suspects.page.among import LAPTOP, PHONE, among
from stillwatch.suspects.powers import chance, power


def render(suspect: Suspect) -> str:
    """The page of a test, in the style of the report of a scan."""
    made = environment("stillwatch.suspects.page")
    made.filters.update(power=power, chance=chance)
    own = resources.files("stillwatch.suspects.page") / "templates" / "suspect.css"
    return made.get_template("suspect.html").render(
        s=suspect,
        style=Markup(style() + own.read_text(encoding="utf-8")),  # noqa: S704 - ours
        drawings=[(among(part, LAPTOP), among(part, PHONE)) for part in suspect.parts],
    )
