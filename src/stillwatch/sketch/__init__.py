"""Text into columns: the one stage that reads what people wrote, once.

`sketch` turns a batch of exchanges into a batch of hashes, counts and scores. Its hashes, masks
and word lists are a format; whatever changes them raises SKETCH_VERSION.
"""

from __future__ import annotations

from stillwatch.sketch.derive import sketch
from stillwatch.sketch.examples import examples
from stillwatch.sketch.schema import SCHEMA
from stillwatch.sketch.version import SKETCH_VERSION

__all__ = ["SCHEMA", "SKETCH_VERSION", "examples", "sketch"]
