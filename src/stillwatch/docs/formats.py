"""The page of log formats, from the readers."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from importlib import import_module

from stillwatch.traffic import mapping, readers


def paragraphs() -> Iterator[str]:
    """The page, a paragraph at a time."""
    yield (
        "Readers that come with Stillwatch. The format of a file is told from its content; "
        "`--format NAME` overrules that. Files may be compressed with gzip or Zstandard. "
        "[Own logs](../how-to/own-logs.md) has an example record of each."
    )
    for reader in readers().values():
        module = import_module(reader.rows.__module__)
        if module.__name__.startswith("stillwatch."):
            yield f"## `{reader.name}`: {reader.title}\n\n{inspect.getdoc(module)}"
            yield f"Columns it can fill: {', '.join(f'`{c}`' for c in reader.columns)}."
    yield f"## Mapping file\n\n{inspect.getdoc(mapping)}"
