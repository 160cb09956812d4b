"""The manifest of one source in the lake: the promise that all its sketches are there."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

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
    aside, by reason; examples: path of the example texts; meta: what the caller wants kept.
    """

    digest: str
    sketch_version: int
    rows: int
    rejected: dict[str, int]
    parts: tuple[Part, ...]
    examples: str | None = None
    meta: dict[str, Any] = field(default_factory=dict)

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
        temporary = path.with_suffix(".tmp")
        with temporary.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        sync_directory(path.parent)

    @classmethod
    def read(cls, path: Path) -> Manifest:
        """Read what `write` wrote."""
        try:
            raw = json.loads(path.read_text(encoding="utf-8"))
            if raw.pop("schema") != SCHEMA_ID:
                raise OutputError(f"{path}: not a manifest of {SCHEMA_ID}")
            parts = tuple(Part(**part) for part in raw.pop("parts"))
            return cls(parts=parts, **raw)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise OutputError(
                f"{path}: damaged manifest ({error}); delete it and scan again"
            ) from error


def sync_directory(path: Path) -> None:
    """Make renames and new names in a directory outlive a power cut (POSIX fsync(2), notes)."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_file(path: Path) -> None:
    """Make a file's content outlive a power cut."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())
