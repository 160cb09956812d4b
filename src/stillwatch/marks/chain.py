"""Files that only grow: JSON Lines, each line bound to the one before it, and sealed.

A line holds the SHA-256 of the line before it, so none can be changed, taken out or moved without
a trace in the next. The last has none after it; for it there is the seal, an HMAC-SHA256
(RFC 2104) that only the holder of the master can make.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from stillwatch.complaints import sentence
from stillwatch.durable import append, sync_directory
from stillwatch.errors import NoInputError, OutputError, TamperedError, UsageError

START = "0" * 64
"""What the first line has in place of the hash of a line before it."""
TORN = ".torn"
"""How the file ends in which lines are set aside whose writer died before it had ended them."""
_SEALED = re.compile(rb'(?s)(\{.*),"seal":"([0-9a-f]{64})"\}')
_BLOCK = 1 << 16


class Link(BaseModel):
    """What each line holds. n: its number, from 1."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    n: int = Field(ge=1)
    previous: str
    seal: str


L = TypeVar("L", bound=Link)


@dataclass(frozen=True, slots=True)
class Head:
    """How long a chain was, and the SHA-256 of its last line. Who knows it knows all before it."""

    n: int
    digest: str

    def __str__(self) -> str:
        return f"{self.n}:{self.digest}"


EMPTY = Head(0, START)


@dataclass(frozen=True, slots=True)
class Content(Generic[L]):
    """Lines of a chain that hold together. unfinished: bytes of a line that was never ended."""

    path: Path
    lines: tuple[L, ...]
    digests: tuple[str, ...]
    unfinished: int

    @property
    def head(self) -> Head:
        """Where it ends."""
        return Head(len(self.lines), self.digests[-1]) if self.lines else EMPTY

    def went_through(self, head: Head) -> bool:
        """Whether it had this head when it was as long as that."""
        if head.n > len(self.digests):
            return False
        return head == EMPTY if head.n == 0 else self.digests[head.n - 1] == head.digest


class Chain(Generic[L]):
    """A file of such lines. what: what to call it in an error."""

    def __init__(self, path: Path, line: type[L], what: str) -> None:
        self.path = path
        self.what = what
        self._line = line

    def read(self, key: bytes | None = None) -> Content[L]:
        """All lines; with the key also their seals. A file that is not there has none.

        Raises `TamperedError` at the first line that does not follow from those before it.
        """
        return self._content(self._whole(), key)

    def _whole(self) -> bytes:
        try:
            with self.path.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_SH)
                return file.read()
        except FileNotFoundError:
            return b""
        except OSError as error:
            raise NoInputError(f"{self.path}: cannot be read: {error.strerror}") from error

    def _content(self, whole: bytes, key: bytes | None) -> Content[L]:
        *ended, rest = whole.split(b"\n")
        lines: list[L] = []
        digests: list[str] = []
        for n, text in enumerate(ended, 1):
            line = self._parsed(text, n, key)
            if line.n != n or line.previous != (digests[-1] if digests else START):
                why = "does not follow from those before it; one was changed, taken out or moved"
                raise self._broken(n, why)
            lines.append(line)
            digests.append(hashlib.sha256(text).hexdigest())
        return Content(self.path, tuple(lines), tuple(digests), len(rest))

    def _parsed(self, text: bytes, n: int | None, key: bytes | None) -> L:
        found = _SEALED.fullmatch(text)
        if found is None:
            raise self._broken(n, "is no line of it")
        if key is not None and not hmac.compare_digest(_seal(key, found[1]), found[2].decode()):
            raise self._broken(
                n, "has no seal of this master; it was changed, or written by others"
            )
        try:
            return self._line.model_validate_json(text)
        except ValidationError as error:
            raise self._broken(n, sentence(error.errors()[0], self._line)) from None

    def check(self, text: bytes) -> None:
        """Raises `UsageError` where a text would be no line, and so would end the file for ever."""
        try:
            self._line.model_validate_json(text)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"])) or "an option"
            raise UsageError(
                f"{where} cannot go into the {self.what}: {sentence(first, self._line)}"
            ) from None

    def _broken(self, n: int | None, why: str) -> TamperedError:
        place = "the last line" if n is None else f"line {n}"
        return TamperedError(
            f"{self.path}: {place} of the {self.what} {why}. Keep the file as it is, and compare "
            "it with a copy"
        )

    @contextmanager
    def held(self, key: bytes) -> Iterator[Pen[L]]:
        """The end of the file, for one writer at a time.

        A line that its writer did not end, since it died, is put into a file beside this one
        first: nobody was told that it is there.

        Raises
        ------
        OutputError
            It cannot be written.
        TamperedError
            The last line is not as it was written.
        """
        try:
            fresh = not self.path.exists()
            # The kernel lets go of the lock when the process dies, however it dies.
            file = os.fdopen(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "rb")
        except OSError as error:
            raise self.unwritable(error) from error
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX)
                if fresh:
                    sync_directory(self.path.parent)
                text = self._ended(file.fileno())
            except OSError as error:
                raise self.unwritable(error) from error
            last = None if text is None else self._parsed(text, None, key)
            digest = START if text is None else hashlib.sha256(text).hexdigest()
            yield Pen(self, file.fileno(), key, last, digest)

    def _ended(self, handle: int) -> bytes | None:
        """The last line that was ended; what is behind it is set aside."""
        at = size = os.fstat(handle).st_size
        tail = b""
        while at and tail.count(b"\n") < 2:
            step = min(_BLOCK, at)
            at -= step
            tail = os.pread(handle, step, at) + tail
        whole, newline, rest = tail.rpartition(b"\n")
        if rest:
            self._set_aside(rest)
            os.ftruncate(handle, size - len(rest))
            os.fsync(handle)
        return whole.rpartition(b"\n")[2] if newline else None

    def _set_aside(self, rest: bytes) -> None:
        path = self.path.with_name(self.path.name + TORN)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "wb"):
            append(handle, rest + b"\n")
        sync_directory(path.parent)

    def unwritable(self, error: OSError) -> OutputError:
        """What to say where it cannot be written."""
        return OutputError(
            f"{self.path}: the {self.what} cannot be written: {error.strerror}; no key is "
            "handed out that is not in it"
        )


class Pen(Generic[L]):
    """The end of a chain, while its file is held. last: its last line, where there is one."""

    def __init__(
        self, chain: Chain[L], handle: int, key: bytes, last: L | None, digest: str
    ) -> None:
        self.last = last
        self._chain = chain
        self._handle = handle
        self._key = key
        self._digest = digest

    def append(self, body: Mapping[str, object]) -> Head:
        """Writes a line, so that it outlives a power cut.

        Raises
        ------
        UsageError
            It would be none that could be read again.
        OutputError
            It cannot be written.
        """
        n = 1 if self.last is None else self.last.n + 1
        whole = {"n": n, **body, "previous": self._digest}
        text = json.dumps(whole, separators=(",", ":")).encode()[:-1]
        line = text + f',"seal":"{_seal(self._key, text)}"}}'.encode()
        self._chain.check(line)
        try:
            append(self._handle, line + b"\n")
        except OSError as error:
            raise self._chain.unwritable(error) from error
        return Head(n, hashlib.sha256(line).hexdigest())


def _seal(key: bytes, text: bytes) -> str:
    return hmac.new(key, text, hashlib.sha256).hexdigest()
