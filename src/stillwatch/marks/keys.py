"""Keys: a tree from one secret, so that an account more needs nothing more to be stored.

    master → deployment → cohort → account → epoch

Each key is derived from the one above it and a name (HKDF-Expand, RFC 5869 section 2.3). Whoever
has a key can derive those below it and none beside or above it: an examiner is given the key of
one deployment, and learns nothing of the others.
"""

from __future__ import annotations

import os
import secrets
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NoReturn

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from stillwatch.errors import NoInputError, OutputError, UsageError
from stillwatch.marks.prf import KEY_BYTES
from stillwatch.marks.scheme import Scheme

Level = Literal["deployment", "cohort", "account", "epoch"]
LEVELS: tuple[Level, ...] = ("deployment", "cohort", "account", "epoch")
SCHEMA_ID = "stillwatch.master/1"
_BYTES = 32


@dataclass(frozen=True, slots=True)
class Key:
    """A key of the tree. path: the names that lead to it; the secret is never shown."""

    path: tuple[str, ...]
    _secret: bytes = field(repr=False)

    def child(self, name: str) -> Key:
        """The key of a name one level below. Raises `UsageError` where there is no level below."""
        if len(self.path) == len(LEVELS):
            raise UsageError(f"there is nothing below an {LEVELS[-1]}")
        if not name:
            raise UsageError(f"a {LEVELS[len(self.path)]} needs a name")
        label = f"{LEVELS[len(self.path)]}\0{name}"
        return Key((*self.path, name), _expanded(self._secret, label, _BYTES))

    def of(self, scheme: Scheme) -> bytes:
        """The key for one scheme: secret, and to be used at once."""
        return _expanded(self._secret, f"scheme\0{scheme.name}", KEY_BYTES)

    def __reduce__(self) -> NoReturn:
        """Keys do not go into dumps, caches or other processes."""
        raise TypeError("a key is not pickled; derive it again where it is needed")


class Master(Key):
    """The root of the tree, in a file that only its owner can read."""

    __slots__ = ()

    @classmethod
    def create(cls, path: Path) -> Master:
        """Makes a new secret. Raises `OutputError` where a file is in the way."""
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError as error:
            raise OutputError(
                f"{path}: is there already; a master key is never replaced"
            ) from error
        except OSError as error:
            raise OutputError(f"{path}: cannot be written: {error.strerror}") from error
        secret = secrets.token_bytes(_BYTES)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(f"{SCHEMA_ID} {secret.hex()}\n")
            file.flush()
            os.fsync(file.fileno())
        return cls((), secret)

    @classmethod
    def load(cls, path: Path) -> Master:
        """Reads a secret.

        Raises
        ------
        NoInputError
            There is none.
        UsageError
            Others than its owner can read it, or it is none.
        """
        try:
            mode = path.stat().st_mode
            text = path.read_text("ascii")
        except OSError as error:
            raise NoInputError(f"{path}: cannot be read: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise UsageError(f"{path}: holds no master key") from error
        if stat.S_IMODE(mode) & 0o077:
            raise UsageError(f"{path}: others can read it; chmod 600 it, and think of a new one")
        mark, _, written = text.strip().partition(" ")
        try:
            secret = bytes.fromhex(written)
        except ValueError:
            secret = b""
        if mark != SCHEMA_ID or len(secret) != _BYTES:
            raise UsageError(f"{path}: holds no master key of {SCHEMA_ID}")
        return cls((), secret)


def _expanded(secret: bytes, label: str, length: int) -> bytes:
    info = f"stillwatch.marks/1\0{label}".encode()
    return HKDFExpand(algorithm=hashes.SHA256(), length=length, info=info).derive(secret)
