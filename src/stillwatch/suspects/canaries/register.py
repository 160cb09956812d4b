"""The register: a file of canaries and of whom they were served to, which only ever grows.

It holds secrets. Only its owner may read it, and whoever has read it can answer all questions.
"""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError

from stillwatch.durable import sync_directory
from stillwatch.errors import NoInputError, OutputError, UsageError
from stillwatch.suspects.canaries.canary import Canary, Served

Line = Canary | Served
_LINE: TypeAdapter[Line] = TypeAdapter(Annotated[Line, Field(discriminator="kind")])


@dataclass(frozen=True, slots=True)
class Register:
    """What a register holds. canaries: by id, in the order they were made."""

    canaries: dict[str, Canary]
    served: tuple[Served, ...]

    def owner(self, canary: str) -> str | None:
        """Whom a canary was served to, if anybody."""
        return next((s.to for s in self.served if s.canary == canary), None)


def append(path: Path, lines: Sequence[Line]) -> None:
    """Writes lines at the end of a register, which is made where there is none.

    When this returns they outlive a power cut; when it does not, none of them may be there, or all,
    or the first of them, but never a part of one: what a crash left half is cut off next time.
    Raises `OutputError` where it cannot be written, and `UsageError` where others can read it.
    """
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            _private(path, os.fstat(handle).st_mode)
            whole = file.read()
            file.truncate(whole.rfind(b"\n") + 1)
            file.write(b"".join(f"{line.model_dump_json()}\n".encode() for line in lines))
            file.flush()
            os.fsync(handle)
        sync_directory(path.resolve().parent)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror}") from error


def load(path: Path) -> Register:
    """Reads a register; a line that a crash left half at its end is not there.

    Raises
    ------
    NoInputError
        There is none.
    UsageError
        Others than its owner can read it, or a line is damaged or was changed.
    """
    try:
        _private(path, path.stat().st_mode)
        text = path.read_bytes()
    except OSError as error:
        raise NoInputError(f"{path}: cannot be read: {error.strerror}") from error
    canaries: dict[str, Canary] = {}
    served: list[Served] = []
    for number, raw in enumerate(text[: text.rfind(b"\n") + 1].splitlines(), 1):
        try:
            line = _LINE.validate_json(raw)
        except ValidationError as error:
            raise UsageError(f"{path}:{number}: is no line of a register of canaries") from error
        if not line.holds:
            raise UsageError(f"{path}:{number}: was changed: it does not match its commitment")
        if isinstance(line, Canary):
            canaries[line.id] = line
        elif line.canary in canaries:
            served.append(line)
        else:
            raise UsageError(f"{path}:{number}: there is no canary {line.canary!r} above")
    return Register(canaries, tuple(served))


def _private(path: Path, mode: int) -> None:
    if stat.S_IMODE(mode) & 0o077:
        raise UsageError(f"{path}: others can read it; chmod 600 it, and think of new canaries")
