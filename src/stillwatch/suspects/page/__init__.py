"""The page of a test of a suspect, for people who decide on it."""

from __future__ import annotations

from stillwatch.suspects.page.render import render

__all__ = ["render"]
