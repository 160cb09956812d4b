"""The page of terms: what a file may say, from the models that read it."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

from stillwatch.docs.markdown import table
from stillwatch.docs.schemas import fields_table
from stillwatch.terms.measures import LADDER, fewest, words
from stillwatch.terms.model import SCHEMA_ID, Allowed, Clause, Evidence, Terms


def paragraphs() -> Iterator[str]:
    """The page, a paragraph at a time."""
    yield (
        f"`{SCHEMA_ID}`: a version of the terms is a YAML file. Its [JSON Schema]"
        "(schemas/terms.json) is what `stillwatch schema terms` prints, and editors can check "
        "against it. [Keep terms as data](../how-to/terms.md) begins from the start."
    )
    for part in (Terms, Clause, Evidence, Allowed):
        yield f"## {part.__name__}\n\n{inspect.getdoc(part)}"
        yield fields_table(part)
    yield "## Measures\n\nFrom the mildest, with the fewest people that must agree to each."
    yield table(
        ("measure", "in words", "fewest people"),
        ((f"`{one}`", words(one), str(fewest(one))) for one in LADDER),
    )
