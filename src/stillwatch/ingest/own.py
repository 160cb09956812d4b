"""What the scan itself wrote is no traffic."""

from __future__ import annotations

from pathlib import Path

from stillwatch.traffic import Source, TableDay
from stillwatch.traffic.sources import is_local


def own(source: Source | TableDay, out: Path) -> bool:
    """Whether a source is a product of the scan itself, where --out lies within what is scanned."""
    if isinstance(source, TableDay) or not is_local(source):
        return False
    return Path(source.location).resolve().is_relative_to(out.resolve())
