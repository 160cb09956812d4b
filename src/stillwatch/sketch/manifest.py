"""The manifest of one source in the lake: the promise that all its sketches are there."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from stillwatch.durable import replaced
from stillwatch.errors import OutputError
from stillwatch.sketch.version import SKETCH_VERSION

SCHEMA_ID = "stillwatch.lake/1"


@dataclass(frozen=True, slots=True)
class Part:
    """One Parquet file. path: from the lake's directory, with forward slashes; day: UTC date."""

    path: str
    day: str
    rows: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What became of one source.

    digest: names the source and its content; rows: exchanges sketched; rejected: records set
    aside, by reason; examples: path of the example texts; meta: what the caller wants kept; gone:
    how many of the rows have expired or were erased; replaces: digests of manifests that do not
    count any more since this one is there.
    """

    digest: str
    sketch_version: int
    rows: int
    rejected: dict[str, int]
    parts: tuple[Part, ...]
    examples: str | None = None
    meta: dict[str, Any] = field(default_factory=dict)
    gone: int = 0
    replaces: tuple[str, ...] = ()

    @property
    def current(self) -> bool:
        """Whether this release's sketch made it. A source whose manifest is not is read again."""
        return self.sketch_version == SKETCH_VERSION

    @property
    def files(self) -> tuple[str, ...]:
        """Every file this manifest answers for."""
        return (*(part.path for part in self.parts), *([self.examples] if self.examples else []))

    def write(self, path: Path) -> None:
        """Put the manifest in place all at once: whoever reads `path` sees the old or the new."""
        text = json.dumps({"schema": SCHEMA_ID, **asdict(self)}, indent=1, sort_keys=True)
        with replaced(path) as fresh:
            fresh.write_text(text, encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Manifest:
        """Read what `write` wrote."""
        try:
            raw = json.loads(path.read_text(encoding="utf-8"))
            if raw.pop("schema") != SCHEMA_ID:
                raise OutputError(f"{path}: not a manifest of {SCHEMA_ID}")
            parts = tuple(Part(**part) for part in raw.pop("parts"))
            return cls(parts=parts, replaces=tuple(raw.pop("replaces", ())), **raw)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise OutputError(
                f"{path}: damaged manifest ({error}); delete it and scan again"
            ) from error
