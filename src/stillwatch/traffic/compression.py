"""Bytes of a file as a stream, uncompressed when they were compressed.

What a file is called does not matter: gzip and Zstandard are known by their magic bytes (RFC 1952
section 2.3.1; RFC 8878 section 3.1.1).
"""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from stillwatch.traffic.reader import RecordError
from stillwatch.traffic.sources import FolderError, Source

CHUNK = 1 << 20
"""Most bytes in one chunk."""

UNOPENED = frozenset(
    {"file vanished", "file not permitted", "unreadable file", "unreadable folder"}
)
"""Reasons that may pass while the file stays as it is."""

_MAGIC = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}


def chunks(source: Source) -> Iterator[bytes]:
    """The content of a file in pieces of at most `CHUNK` bytes.

    Raises
    ------
    RecordError
        After everything that could be read was yielded: the file cannot be opened, ends too early,
        or its compressed data is damaged.
    """
    delivered = 0
    # A failing read gives nothing back, so the end is then read again in smaller bites, to save
    # what can be had before the damage.
    for size in (CHUNK, 4096, 1):
        try:
            with decompressed(source) as stream:
                _skip(stream, delivered)
                while chunk := stream.read(size):
                    delivered += len(chunk)
                    yield chunk
        except (OSError, pa.ArrowException, UnicodeError) as error:
            if size == 1:
                raise _why(error) from error
        else:
            return


def decompressed(source: Source) -> pa.NativeFile:
    """The file as a forward-only stream of uncompressed bytes."""
    raw = source.open()
    head = raw.read(4)
    raw.seek(0)
    for magic, codec in _MAGIC.items():
        if head.startswith(magic):
            return pa.CompressedInputStream(raw, codec)
    return raw


def compression(source: Source) -> str | None:
    """`gzip`, `zstd` or nothing."""
    with source.open() as raw:
        head = raw.read(4)
    return next((codec for magic, codec in _MAGIC.items() if head.startswith(magic)), None)


def _skip(stream: pa.NativeFile, count: int) -> None:
    while count > 0:
        skipped = len(stream.read(min(count, CHUNK)))
        if not skipped:
            return
        count -= skipped


def _why(error: Exception) -> RecordError:
    if isinstance(error, FolderError):
        return RecordError("unreadable folder", detail=error.strerror or "")
    if isinstance(error, FileNotFoundError):
        return RecordError("file vanished")
    if isinstance(error, PermissionError):
        return RecordError("file not permitted")
    if "Truncated" in str(error):
        return RecordError("truncated compressed file", detail="what came before was read")
    return RecordError("unreadable file", detail="what came before was read")
