"""The schemes by what they are called, on the command line and in sealed keys."""

from __future__ import annotations

import re
from contextlib import suppress

from stillwatch.errors import UsageError
from stillwatch.marks.gumbel import Gumbel
from stillwatch.marks.kgw import GreenList
from stillwatch.marks.scheme import Scheme
from stillwatch.marks.tournament import Tournament
from stillwatch.marks.windows import WIDEST

_NAME = re.compile(r"([a-z-]+)/1((?: [a-z]+=[0-9.e-]+)* width=[0-9]+)")


def chosen(name: str, width: int | None, green: float, depth: int) -> Scheme:
    """A scheme with its settings. Raises `UsageError` where there is none such."""
    if width is not None and not 1 <= width <= WIDEST:
        raise UsageError(f"--width {width}: 1 to {WIDEST} tokens")
    if not 0 < green < 1:
        raise UsageError(f"--green {green}: a share, between 0 and 1")
    if not 1 <= depth <= 64:
        raise UsageError(f"--depth {depth}: 1 to 64 layers")
    if name == "green-list":
        return GreenList(green=green, width=width or 2)
    if name == "gumbel":
        return Gumbel(width=width or 3)
    if name == "tournament":
        return Tournament(depth=depth, width=width or 3)
    raise UsageError(f"--scheme {name!r}: there are green-list, gumbel and tournament")


def parsed(text: str) -> Scheme:
    """A scheme as it is written: `tournament`, or with settings, `tournament:depth=20,width=2`.

    Raises `UsageError` where there is none such.
    """
    name, _, rest = text.partition(":")
    settings: dict[str, float] = {}
    for part in filter(None, rest.split(",")):
        setting, _, value = part.partition("=")
        try:
            settings[setting] = float(value) if setting == "green" else int(value)
        except ValueError as error:
            raise UsageError(f"--scheme {text!r}: {part!r} is no number for a setting") from error
    known = {
        "green-list": {"green", "width"},
        "gumbel": {"width"},
        "tournament": {"depth", "width"},
    }
    for setting in settings:
        if name in known and setting not in known[name]:
            raise UsageError(
                f"--scheme {text!r}: {name} has no {setting!r}; it has {', '.join(known[name])}"
            )
    width = settings.get("width")
    depth = int(settings.get("depth", 30))
    return chosen(name, None if width is None else int(width), settings.get("green", 0.25), depth)


def named(name: str) -> Scheme:
    """The scheme of a `Scheme.name`. Raises `UsageError` where it is the name of none."""
    found = _NAME.fullmatch(name)
    if found is not None:
        settings = dict(part.split("=") for part in found[2].split())
        with suppress(ValueError, UsageError):
            scheme = chosen(
                found[1],
                int(settings["width"]),
                float(settings.get("green", 0.25)),
                int(settings.get("depth", 30)),
            )
            if scheme.name == name:
                return scheme
    raise UsageError(f"{name!r} is no scheme of this release")
