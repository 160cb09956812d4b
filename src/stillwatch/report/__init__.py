"""The report: one HTML file a person can read at three in the morning, made from a scan."""

from stillwatch.report.page import render

__all__ = ["render"]
