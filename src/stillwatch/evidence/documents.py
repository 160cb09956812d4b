"""Files on record: their name, size and SHA-256."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from stillwatch.errors import NoInputError
from stillwatch.evidence.entries import Entry


def document(path: Path, subject: str, said: Mapping[str, str]) -> Entry:
    """The entry for a file, which is not in it. Raises `NoInputError` where it cannot be read."""
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            size = file.tell()
    except OSError as error:
        raise NoInputError(f"{path}: cannot be read: {error.strerror}") from error
    return Entry("document", subject, {**said, "name": path.name, "bytes": size, "sha256": digest})
