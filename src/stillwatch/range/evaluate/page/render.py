"""From the document to the page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import resources
from typing import TypeVar

from jinja2 import Environment
from markupsafe import Markup

from stillwatch.range.adapt.words import afresh, plan, prices
from stillwatch.range.evaluate.figures.document import Ablation, Evaluation
from stillwatch.range.evaluate.page import words
from stillwatch.range.evaluate.page.bits import claimed_against_observed
from stillwatch.range.evaluate.page.curves import curves
from stillwatch.range.evaluate.page.frame import LAPTOP, PHONE
from stillwatch.range.evaluate.page.leaks import leaks
from stillwatch.report.templating import environment, style

Rows = TypeVar("Rows")


def render(evaluation: Evaluation) -> str:
    """The page of `evaluation`, in the style of the report of a scan."""
    page = _environment().get_template("evaluation.html")
    return page.render(
        e=evaluation,
        style=Markup(_style()),  # noqa: S704 - ours, from the package
        headline=words.headline(evaluation),
        curves=_both(curves, evaluation.rungs),
        bits=_both(claimed_against_observed, evaluation.calibration),
        leaks=_both(leaks, evaluation.alarms),
        ablations=_by_what(evaluation.ablations),
        levels=[r.level for r in evaluation.rungs],
    )


def _both(draw: Callable[[Sequence[Rows], int], Markup], rows: Sequence[Rows]) -> Markup:
    """A drawing for laptops and one for phones, of which the style sheet shows one."""
    return Markup('<div class="wide">{}</div><div class="narrow">{}</div>').format(
        draw(rows, LAPTOP), draw(rows, PHONE)
    )


def _by_what(ablations: Sequence[Ablation]) -> dict[str, list[Ablation]]:
    """What is left out → one row a level."""
    found: dict[str, list[Ablation]] = {}
    for row in ablations:
        found.setdefault(row.what, []).append(row)
    return found


def _environment() -> Environment:
    made = environment("stillwatch.range.evaluate.page")
    made.globals.update(meaning=words.LEVELS, plan=plan, prices=prices, afresh=afresh)
    made.filters.update(share=words.share, cell=words.cell)
    return made


def _style() -> str:
    plots = resources.files("stillwatch.range.evaluate.page") / "templates" / "plots.css"
    return style() + plots.read_text(encoding="utf-8")
