"""Which paths of a mapping led nowhere: most likely they are misspelled.

What became of the column would not tell. A default hides a wrong path, and messages at a right one
may hold no system prompt.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa

from stillwatch.traffic.columnar import at_path
from stillwatch.traffic.mapping import ColumnMapping, at
from stillwatch.traffic.reader import NOWHERE, Note, Reader


class Nowhere:
    """Paths at which no record so far had anything but null. A reader has no paths."""

    def __init__(self, reader: Reader | ColumnMapping | None) -> None:
        self._left: dict[str, str] = {}
        if isinstance(reader, ColumnMapping):
            named = reader.columns.items()
            self._left = {column: spec.path for column, spec in named if spec.path is not None}

    def look(self, document: Mapping[str, Any]) -> None:
        """Strike out the paths that lead to something in a document."""
        for column, path in list(self._left.items()):
            if at(document, path) is not None:
                del self._left[column]

    def look_through(self, batch: pa.RecordBatch) -> None:
        """Strike out the paths that lead to something in a batch of a table."""
        for column, path in list(self._left.items()):
            found = at_path(batch, path)
            if found is not None and found.null_count < len(found):
                del self._left[column]

    def notes(self, file: str) -> Iterator[Note]:
        """A note for each path that is left."""
        for column, path in self._left.items():
            yield Note(file, column, NOWHERE, path)
