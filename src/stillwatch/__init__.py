"""Stillwatch finds harvesting campaigns in model API traffic, and spares the innocent.

>>> import stillwatch as sw
>>> result = sw.scan("logs/", "out/")           # doctest: +SKIP
>>> [c.id for c in result.campaigns]            # doctest: +SKIP
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

from stillwatch.errors import StillwatchError
from stillwatch.version import __version__

if TYPE_CHECKING:
    from stillwatch.config import Settings
    from stillwatch.find import Result
    from stillwatch.hunts import Hunted, hunt
    from stillwatch.scan import scan

__all__ = [
    "Hunted",
    "Result",
    "Settings",
    "StillwatchError",
    "__version__",
    "hunt",
    "scan",
]

_HOMES = {
    "Hunted": "stillwatch.hunts",
    "hunt": "stillwatch.hunts",
    "Result": "stillwatch.find",
    "Settings": "stillwatch.config",
    "scan": "stillwatch.scan",
}


class _Package(ModuleType):
    """This package, with the names in `_HOMES` imported when they are first asked for.

    What a scan needs takes a second to import, and `stillwatch --version` should not wait for it.
    """

    def __getattr__(self, name: str) -> object:
        if name not in _HOMES:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        value: object = getattr(import_module(_HOMES[name]), name)
        setattr(self, name, value)
        return value

    def __setattr__(self, name: str, value: object) -> None:
        # Importing a module puts it into its package, but `scan` there is the function.
        if name == "scan" and isinstance(value, ModuleType):
            value = value.scan
        super().__setattr__(name, value)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *__all__})


sys.modules[__name__].__class__ = _Package
