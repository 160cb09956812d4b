"""Stillwatch finds harvesting campaigns in model API traffic, and spares the innocent.

>>> import stillwatch as sw
>>> result = sw.scan("logs/", "out/")           # doctest: +SKIP
>>> [c.id for c in result.campaigns]            # doctest: +SKIP
"""

from stillwatch.config import Settings
from stillwatch.errors import StillwatchError
from stillwatch.scan import Result, scan
from stillwatch.version import __version__

__all__ = ["Result", "Settings", "StillwatchError", "__version__", "scan"]
