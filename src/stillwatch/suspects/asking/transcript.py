"""The transcript of an asking, open to be written: by one process, a line at a time, for good."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import TypeVar

from stillwatch.durable import append, replaced, sync_directory
from stillwatch.errors import FormatError, OutputError, UsageError
from stillwatch.lock import alone
from stillwatch.suspects.asking import manifest
from stillwatch.suspects.asking.chain import SEAL, TRANSCRIPT, Chain, Seal, verify
from stillwatch.suspects.asking.lines import Chained, Ended
from stillwatch.suspects.asking.manifest import Manifest
from stillwatch.suspects.asking.spending import Spending

_Some = TypeVar("_Some", bound=Chained)


class Transcript:
    """A transcript that lines are added to.

    spending: what its lines have spent; count, head: of its lines, and the hash of the last; cut:
    bytes of a torn line that were cut off when it was opened; sealed: whether nothing was added
    since it was sealed.
    """

    def __init__(self, folder: Path, handle: int, chain: Chain, spending: Spending) -> None:
        self.spending = spending
        self.count, self.head, self.cut = chain.count, chain.head, chain.torn
        self.sealed = False
        self._folder, self._handle, self._size = folder, handle, chain.whole

    def add(self, line: _Some) -> _Some:
        """Writes a line so that a power cut does not take it; gives it back as it was written.

        Raises `OutputError` where it cannot.
        """
        self.sealed = False
        made = line.model_copy(
            update={"line": self.count + 1, "previous": self.head, "at": datetime.now(UTC)}
        )
        data = made.model_dump_json(exclude_none=True).encode()
        self._append(data + b"\n")
        self.count, self.head = made.line, hashlib.sha256(data).hexdigest()
        self.spending.take(made)
        return made

    def _append(self, data: bytes) -> None:
        try:
            append(self._handle, data)
        except OSError as error:
            # On a full disk half a line must not stand in the way of another.
            os.ftruncate(self._handle, self._size)
            raise OutputError(
                f"{self._folder}: cannot be written: {error.strerror}; what was answered before is "
                "kept, and the same command goes on"
            ) from error
        self._size += len(data)

    def seal(self, why: str) -> None:
        """Says why the run ends, and puts the head of the chain beside it."""
        self.add(Ended(why=why))
        made = Seal(head=self.head, lines=self.count)
        try:
            with replaced(self._folder / SEAL) as fresh:
                fresh.write_text(made.model_dump_json(by_alias=True, indent=1) + "\n", "utf-8")
        except OSError as error:
            raise OutputError(
                f"{self._folder}: the seal cannot be written: {error.strerror}; the same command "
                "seals it"
            ) from error
        self.sealed = True


@contextmanager
def opened(folder: Path, wanted: Manifest) -> Iterator[Transcript]:
    """The transcript in a folder, or a new one, for this process alone.

    Raises
    ------
    UsageError
        The folder is of another asking.
    FormatError
        What is there was changed since it was written.
    OutputError
        It cannot be written, or another process writes there.
    """
    with ExitStack() as stack:
        stack.enter_context(alone(folder / ".lock", "another process asks here; wait for it"))
        try:
            _begin(folder, wanted)
            path = folder / TRANSCRIPT
            handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
            stack.callback(os.close, handle)
            # The seal is put in place at the end: better to know now that it cannot be.
            with TemporaryFile(dir=folder):
                pass
            sync_directory(folder)
        except OSError as error:
            raise OutputError(f"{folder}: cannot be written: {error.strerror}") from error
        found = verify(folder)
        if found.broken:
            told = "".join(f"\n  {one}" for one in found.broken)
            raise FormatError(
                f"{folder}: this is not as it was written; keep it as it is, and ask into another "
                f"folder:{told}"
            )
        chain, spending = Chain(folder), Spending(wanted.max_tokens)
        for line in chain.follow():
            spending.take(line)
        os.ftruncate(handle, chain.whole)
        transcript = Transcript(folder, handle, chain, spending)
        transcript.sealed = not found.unfinished
        yield transcript


def _begin(folder: Path, wanted: Manifest) -> None:
    """Writes the manifest where there is none yet, and compares it where there is."""
    if not (folder / manifest.NAME).exists():
        if (folder / TRANSCRIPT).exists():
            raise OutputError(
                f"{folder}: has a transcript without its {manifest.NAME}; choose another folder"
            )
        manifest.write(folder, wanted)
        return
    there, _ = manifest.read(folder)
    if differences := there.differences(wanted):
        raise UsageError(
            f"{folder}: was begun with another {'; '.join(differences)}. Ask as before, or into "
            "another folder"
        )
