"""Stillwatch finds harvesting campaigns in model API traffic, and spares the innocent."""

__version__ = "0.1.0"
