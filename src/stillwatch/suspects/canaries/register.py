"""The register: a file of canaries and of whom they were served to, which only ever grows.

It holds secrets. Only its owner may read it, and whoever has read it can answer all questions.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, BinaryIO

from pydantic import Field, TypeAdapter, ValidationError

from stillwatch.durable import sync_directory
from stillwatch.errors import NoInputError, OutputError, UsageError
from stillwatch.private import check_private
from stillwatch.suspects.canaries.canary import Canary, Served, make, serve

Line = Canary | Served
_LINE: TypeAdapter[Line] = TypeAdapter(Annotated[Line, Field(discriminator="kind")])
_INSTEAD = "new canaries"


@dataclass(frozen=True, slots=True)
class Register:
    """What a register holds. canaries: by id, in the order they were made."""

    canaries: dict[str, Canary]
    served: tuple[Served, ...]

    def owner(self, canary: str) -> str | None:
        """Whom a canary was served to, if anybody."""
        return next((s.to for s in self.served if s.canary == canary), None)


def add(path: Path, count: int) -> list[Canary]:
    """Makes canaries and writes them into a register, which is made where there is none.

    When this returns they outlive a power cut. Raises `OutputError` where the register cannot be
    written, and `UsageError` as `load` does.
    """
    with _held(path, os.O_CREAT) as file:
        questions = {c.question for c in _parsed(path, file.read()).canaries.values()}
        made: list[Canary] = []
        for _ in range(count):
            made.append(make(datetime.now(UTC), questions))
            questions.add(made[-1].question)
        _write(file, made)
    return made


def plant(path: Path, canary: str, to: str, at: datetime, exchange: str = "") -> Served:
    """Writes down that a canary was served to an account or cohort.

    One canary belongs to one of them, or it would not tell which of two leaked it. Raises
    `UsageError` where there is no such canary, where it was served to somebody else, or where a
    name is more than a line: the commitment has a line for each.
    """
    for name in (to, exchange):
        if not name.isprintable():
            raise UsageError(f"{name!r}: names an account or an exchange on one line")
    with _held(path, 0) as file:
        register = _parsed(path, file.read())
        if canary not in register.canaries:
            raise UsageError(f"{path}: there is no canary {canary!r}")
        owner = register.owner(canary)
        if owner not in (None, to):
            raise UsageError(
                f"{path}: {canary} was served to {owner!r} already, and tells of one alone; make "
                "another for everybody else"
            )
        line = serve(register.canaries[canary], to, at, exchange)
        _write(file, [line])
    return line


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
        check_private(path, path.stat().st_mode, _INSTEAD)
        text = path.read_bytes()
    except OSError as error:
        raise NoInputError(f"{path}: cannot be read: {error.strerror}") from error
    return _parsed(path, text)


def _parsed(path: Path, text: bytes) -> Register:
    canaries: dict[str, Canary] = {}
    served: list[Served] = []
    for number, raw in enumerate(text[: text.rfind(b"\n") + 1].splitlines(), 1):
        try:
            line = _LINE.validate_json(raw)
        except ValidationError as error:
            # Not its text: it holds the secret.
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


@contextmanager
def _held(path: Path, flags: int) -> Iterator[BinaryIO]:
    """The register, read from its beginning and written at its end, by one process at a time."""
    try:
        handle = os.open(path, os.O_RDWR | os.O_APPEND | flags, 0o600)
        with os.fdopen(handle, "r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            check_private(path, os.fstat(handle).st_mode, _INSTEAD)
            yield file
        sync_directory(path.resolve().parent)
    except FileNotFoundError as error:
        raise NoInputError(f"{path}: there is no register, and no folder for one") from error
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror}") from error


def _write(file: BinaryIO, lines: Sequence[Line]) -> None:
    file.seek(0)
    # What a crash left half was never told to anybody to be there.
    file.truncate(file.read().rfind(b"\n") + 1)
    file.write(b"".join(f"{line.model_dump_json()}\n".encode() for line in lines))
    file.flush()
    os.fsync(file.fileno())
