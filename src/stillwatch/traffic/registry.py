"""Which readers there are, and which one fits a file.

Readers are found through the entry point group `stillwatch.readers`, so another package adds a
format by shipping one module and one line in its `pyproject.toml`.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from importlib.metadata import EntryPoint, entry_points
from itertools import islice
from typing import Any

from stillwatch.errors import FormatError, UsageError
from stillwatch.traffic.containers import samples
from stillwatch.traffic.reader import Reader, RecordError
from stillwatch.traffic.sources import Source

GROUP = "stillwatch.readers"
SAMPLE = 20
"""How many documents of a file are looked at to tell its format."""

_ENOUGH = 0.5


@functools.cache
def readers() -> dict[str, Reader]:
    """All installed readers by name, in alphabetical order.

    Raises
    ------
    UsageError
        A package's reader cannot be loaded, or two claim one name.
    """
    found: dict[str, Reader] = {}
    for point in sorted(entry_points(group=GROUP), key=lambda p: p.name):
        reader = _load(point)
        if found.setdefault(reader.name, reader) is not reader:
            raise UsageError(f"Two installed readers are called {reader.name!r}: remove one.")
    return found


def named(name: str) -> Reader:
    """The reader of that name.

    Raises
    ------
    FormatError
        There is none; the message lists those there are.
    """
    try:
        return readers()[name]
    except KeyError:
        known = ", ".join(readers())
        raise FormatError(f"There is no format {name!r}. Known formats: {known}.") from None


def detect(documents: Iterable[Mapping[str, Any]]) -> Reader | None:
    """The reader whose mean score over some documents is highest, if that is 0.5 or more.

    Documents that no reader knows do not count, so that a few broken ones at the start of a file
    do not hide what the rest is. A tie goes to the first in the alphabet.
    """
    totals = dict.fromkeys(readers(), 0.0)
    counted = 0
    for document in documents:
        scores = {name: _score(reader, document) for name, reader in readers().items()}
        counted += any(scores.values())
        for name, score in scores.items():
            totals[name] += score
    if not counted:
        return None
    best = max(totals, key=lambda name: totals[name])
    return readers()[best] if totals[best] / counted >= _ENOUGH else None


def reader_for(source: Source, name: str | None = None) -> Reader:
    """The reader for a file: the one named, else the one its first documents look like.

    Raises
    ------
    FormatError
        No reader has that name or knows the file.
    """
    if name is not None:
        return named(name)
    try:
        return detected(source)
    except RecordError as error:
        raise FormatError(f"{source.path}: no format can be told: {error}.") from error


def detected(source: Source) -> Reader:
    """The reader that a file's first documents look like.

    Raises
    ------
    FormatError
        No reader knows the file; the message says what was looked at.
    RecordError
        Nothing in the file can be read.
    """
    looked = list(islice(samples(source), SAMPLE))
    reader = detect(looked)
    if reader is None:
        raise FormatError(_unknown(source, looked))
    return reader


def _load(point: EntryPoint) -> Reader:
    where = f"The reader {point.name!r} ({point.value})"
    try:
        reader = point.load()
    except Exception as error:
        raise UsageError(f"{where} cannot be loaded: {type(error).__name__}: {error}") from error
    if not isinstance(reader, Reader):
        raise UsageError(f"{where} is not a stillwatch.traffic.Reader.")
    return reader


def _score(reader: Reader, document: Mapping[str, Any]) -> float:
    try:
        return reader.matches(document)
    except Exception:  # a reader that stumbles over a stranger's document does not know it
        return 0.0


def _unknown(source: Source, looked: list[dict[str, Any]]) -> str:
    if looked:
        keys = sorted({_printable(key) for document in looked for key in document})
        shown = ", ".join(keys[:12]) + (", …" if len(keys) > 12 else "")
        first = "the first record" if len(looked) == 1 else f"the first {len(looked)} records"
        seen = f"{first}, with the fields {shown}" if keys else f"{first}, without any field"
    else:
        seen = "the beginning, which holds no JSON object, CSV header or Parquet record"
    return (
        f"{source.path}: unknown format. Looked at {seen}. Known formats: {', '.join(readers())}. "
        "Name one with --format, or describe the columns in a mapping file."
    )


def _printable(key: str) -> str:
    """A field name as it may be put on a terminal."""
    return "".join(c if c.isprintable() else "?" for c in key[:40])
