"""The tail of a log: what was appended since it was last published, in one file that only grows.

A header, then frames. A frame is one append: how many bytes and entries, a CRC of these two
numbers, the SHA-256 of the frame before it and of all this, and the entries as in a bundle. An
append is acknowledged once its frame is on the disk, so the only damage a crash can do is an
unfinished frame at the end.
"""

from __future__ import annotations

import hashlib
import os
import re
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

from stillwatch.durable import append, replaced, sync_directory
from stillwatch.errors import NoInputError, TamperedError
from stillwatch.evidence.entries import unpacked

NAME = "tail"
TORN = ".torn"
"""How the file ends into which an unfinished frame is put."""
_HEADER = re.compile(rb"stillwatch\.tail/1 (\d{1,19}) (\d{1,19}) ([0-9a-f]{64})\n")
_FRAME = struct.Struct(">II")
_CRC = 4
_SHA = 32
_BEFORE = _FRAME.size + _CRC + _SHA
_NEVER_WRITTEN = bytes(16)
"""No text holds it. A file that grew in a power cut does, where its blocks were not written."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a tail holds. start: index of its first entry; signed: size of the log that was signed
    last when the tail was begun; frames: entries of each append; unfinished: bytes at its end."""

    start: int
    signed: int
    frames: tuple[tuple[bytes, ...], ...]
    digest: bytes
    end: int
    unfinished: int


def begin(directory: Path, start: int, signed: int, rest: list[bytes]) -> None:
    """Puts a new tail in place of the one there, with one frame of what is not published whole."""
    numbers = f"stillwatch.tail/1 {start} {signed} ".encode()
    header = numbers + hashlib.sha256(numbers).hexdigest().encode() + b"\n"
    with replaced(directory / NAME) as fresh:
        digest = hashlib.sha256(header).digest()
        fresh.write_bytes(header + (framed(rest, digest)[0] if rest else b""))


def framed(entries: list[bytes], before: bytes) -> tuple[bytes, bytes]:
    """A frame of entries, each after its length, behind the frame of a digest; its own digest."""
    payload = b"".join(entries)
    numbers = _FRAME.pack(len(payload), len(entries))
    numbers += zlib.crc32(numbers).to_bytes(_CRC)
    digest = hashlib.sha256(before + numbers + payload).digest()
    return numbers + digest + payload, digest


def read(directory: Path) -> Found:
    """The tail of a log.

    Raises
    ------
    NoInputError
        There is none.
    TamperedError
        It is damaged before its end.
    """
    path = directory / NAME
    try:
        whole = path.read_bytes()
    except OSError as error:
        raise NoInputError(f"{path}: cannot be read: {error.strerror}") from error
    header = _HEADER.match(whole)
    if header is None or hashlib.sha256(whole[: header.start(3)]).hexdigest().encode() != header[3]:
        raise TamperedError(f"{path}: its first line was changed")
    digest = hashlib.sha256(header[0]).digest()
    frames: list[tuple[bytes, ...]] = []
    at = header.end()
    while at < len(whole):
        frame = _frame(path, whole, at, digest)
        if frame is None:
            break
        entries, digest, at = frame
        frames.append(entries)
    return Found(int(header[1]), int(header[2]), tuple(frames), digest, at, len(whole) - at)


def _frame(
    path: Path, whole: bytes, at: int, before: bytes
) -> tuple[tuple[bytes, ...], bytes, int] | None:
    """Entries, digest and end of the frame at a place; None where it was never finished."""
    numbers = whole[at : at + _FRAME.size + _CRC]
    if len(whole) - at < _BEFORE or not any(whole[at:]):
        return None
    length, count = _FRAME.unpack_from(numbers)
    if zlib.crc32(numbers[: _FRAME.size]).to_bytes(_CRC) != numbers[_FRAME.size :]:
        raise _damaged(path, at)
    payload = whole[at + _BEFORE : at + _BEFORE + length]
    digest = whole[at + len(numbers) : at + _BEFORE]
    end = at + _BEFORE + length
    if len(payload) < length:
        return None
    if hashlib.sha256(before + numbers + payload).digest() != digest:
        if end == len(whole) and _NEVER_WRITTEN in whole[at:]:
            return None
        raise _damaged(path, at)
    try:
        entries = tuple(unpacked(payload))
    except ValueError:
        raise _damaged(path, at) from None
    if len(entries) != count:
        raise _damaged(path, at)
    return entries, digest, end


def _damaged(path: Path, at: int) -> TamperedError:
    return TamperedError(
        f"{path}: was changed behind byte {at:,}. Keep the log as it is, and compare it with a copy"
    )


def set_aside(directory: Path, found: Found) -> Path:
    """Takes an unfinished frame off the end, and keeps it in a file beside; which one."""
    path = directory / NAME
    torn = path.with_name(NAME + TORN)
    whole = path.read_bytes()
    handle = os.open(torn, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "wb"):
        append(handle, whole[found.end :])
    sync_directory(directory)
    with path.open("rb+") as file:
        file.truncate(found.end)
        os.fsync(file.fileno())
    return torn
