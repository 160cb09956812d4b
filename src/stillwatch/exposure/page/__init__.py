"""The page of an exposure, for people who decide on it."""

from __future__ import annotations

from stillwatch.exposure.page.render import render

__all__ = ["render"]
