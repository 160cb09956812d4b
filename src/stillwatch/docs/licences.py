"""The page of licences: what a file may say, from the model that reads it."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

from stillwatch.docs.schemas import fields_table
from stillwatch.licences.model import SCHEMA_ID, Customer, Licence, Rate, Used, Volume


def paragraphs() -> Iterator[str]:
    """The page, a paragraph at a time."""
    yield (
        f"`{SCHEMA_ID}`: a licence is a YAML file. Its [JSON Schema](schemas/licence.json) is what "
        "`stillwatch schema licence` prints, and editors can check against it. "
        "[License distillation](../how-to/licences.md) begins from the start."
    )
    for part in (Licence, Volume, Rate, Used, Customer):
        yield f"## {part.__name__}\n\n{inspect.getdoc(part)}"
        yield fields_table(part)
