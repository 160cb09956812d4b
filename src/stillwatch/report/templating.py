"""What all pages have in common: how templates are filled, and the style sheets."""

from __future__ import annotations

from importlib import resources
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from stillwatch.plural import plural
from stillwatch.report import numbers, text, times

_SHEETS = ("base.css", "charts.css", "lists.css", "media.css")


def environment(package: str) -> Environment:
    """Templates of a package, escaped and strict, with the filters that every page uses."""
    made = Environment(
        # What all pages begin with lies here, whichever package a page is of.
        loader=ChoiceLoader([PackageLoader(package), PackageLoader("stillwatch.report")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    made.filters.update(
        bits=numbers.bits,
        thousands=numbers.count,
        plural=plural,
        moment=times.moment,
    )
    return made


def _shown(value: Any) -> Any:
    """Every expression of every template passes here, so that no filter has to be remembered."""
    return text.visible(value) if type(value) is str else value


def style() -> str:
    """The style sheets of the report."""
    folder = resources.files("stillwatch.report") / "templates"
    return "".join((folder / name).read_text(encoding="utf-8") for name in _SHEETS)
