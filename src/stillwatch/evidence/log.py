"""The log: entries that are never changed, and whose order and number can be proved to strangers.

One process writes. What it was told is there is there after a crash; what is published below
`public` is a transparency log like others (c2sp.org/tlog-tiles), to be copied anywhere and read
while it grows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Self

from stillwatch.durable import replaced, sweep, sync_directory
from stillwatch.errors import NoInputError, OutputError, TamperedError, UsageError
from stillwatch.evidence import merkle, signing, tail
from stillwatch.evidence.checkpoints import Checkpoint
from stillwatch.evidence.entries import Entry, prefixed
from stillwatch.evidence.growing import Growing
from stillwatch.evidence.notes import Signer, VerifierKey, check_name
from stillwatch.evidence.pen import Pen
from stillwatch.evidence.publishing import publish
from stillwatch.evidence.reader import CHECKPOINT, bundled, parsed, read_checkpoint
from stillwatch.evidence.tiles import WIDTH, Published, nodes_of
from stillwatch.lock import alone
from stillwatch.plural import plural

PUBLIC = "public"
LOCK = ".lock"
MOST_ENTRIES = 1 << 16
MOST_BYTES = 1 << 26
"""How much is appended before it is signed and published without being asked."""


class Log:
    """A log that is open to be written. last: its last checkpoint; recovered: what a crash had
    left, in words."""

    def __init__(self, directory: Path, stack: ExitStack) -> None:
        self.directory = directory
        self.public = directory / PUBLIC
        self.recovered: str | None = None
        self._stack = stack
        self._signer = self._read_signer()
        self.last = self._read_checkpoint()
        found = tail.read(directory)
        self._take(found)
        if found.unfinished:
            torn = tail.set_aside(directory, found)
            self.recovered = (
                f"an append that was never finished is in {torn.name} "
                f"({plural(found.unfinished, 'byte')}); nobody was told that it is there"
            )
        self._pen = Pen(directory, found, self._settled)
        stack.callback(self._pen.close)
        for place in (directory, self.public, self.public / signing.HANDOVER):
            sweep(place)
        if self.size > self.last.size:
            # It was killed before these were signed, perhaps amid their publishing.
            self.checkpoint()

    @classmethod
    def create(cls, directory: Path, origin: str) -> Self:
        """Makes a log and its key, and opens it. origin: its name, such as
        provider.example/evidence.

        Raises `OutputError` where something is in the way, `UsageError` for a name that cannot be
        one.
        """
        check_name(origin)
        public = directory / PUBLIC
        try:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            if any(directory.iterdir()):
                raise OutputError(f"{directory}: is not empty; a log is never replaced")
            (public / signing.HANDOVER).mkdir(parents=True)
            signer = signing.create(directory, origin)
            signing.write_key(directory / signing.PUBLIC, signer.key)
            tail.begin(directory, 0, 0, [])
            # Last: without it there is no log.
            with replaced(public / CHECKPOINT) as fresh:
                fresh.write_bytes(Checkpoint.signed(origin, 0, merkle.EMPTY, signer).note)
            sync_directory(directory)
        except OSError as error:
            raise OutputError(f"{directory}: cannot be written: {error.strerror}") from error
        return cls.open(directory)

    @classmethod
    def open(cls, directory: Path) -> Self:
        """Opens a log to write.

        Raises
        ------
        NoInputError
            There is none.
        OutputError
            Another process has it open, or it cannot be written.
        TamperedError
            It is not as it was written.
        """
        if not (directory / PUBLIC / CHECKPOINT).exists():
            raise NoInputError(f"{directory}: there is no log; `stillwatch evidence new` makes one")
        with ExitStack() as stack:
            stack.enter_context(alone(directory / LOCK, "another process has this log open"))
            log = cls(directory, stack)
            log._stack = stack.pop_all()
            return log

    @property
    def key(self) -> VerifierKey:
        """What verifies what it signs now."""
        return self._signer.key

    @property
    def size(self) -> int:
        """How many entries there are, signed or not."""
        return self._tree.size

    def append(self, entries: Sequence[Entry]) -> range:
        """Puts entries at the end; their indices. On return they outlive a power cut.

        Together they are there or not at all. Several threads may append at once: they wait for the
        disk together.

        Raises
        ------
        UsageError
            One of them cannot be logged; none is.
        OutputError
            They cannot be written.
        """
        data = [entry.data for entry in entries]
        if not data:
            raise UsageError("there is no entry to append")
        first = self._pen.append([prefixed(one) for one in data])
        if self.size - self.last.size >= MOST_ENTRIES or self._held_bytes >= MOST_BYTES:
            # They are logged. Whoever asks for a checkpoint is told why there is none.
            with suppress(OutputError):
                self.checkpoint()
        return range(first, first + len(data))

    def entry(self, index: int) -> Entry:
        """One entry. Raises `UsageError` where there is none."""
        self._check_index(index, self.size)
        return next(self.entries(index, index + 1))[1]

    def entries(self, start: int = 0, stop: int | None = None) -> Iterator[tuple[int, Entry]]:
        """Entries from one on, before another or to the end, signed or not, with their indices.

        Raises `UsageError` where there are none so far, `TamperedError` where they are not as they
        were written.
        """
        end = self.size if stop is None else stop
        if not 0 <= start <= end <= self.size:
            raise UsageError(f"{self.directory}: has {self.size:,} entries, not {end:,}")
        for place in range(start // WIDTH, -(-end // WIDTH)):
            path, whole = self._bundle(place)
            for index, data in enumerate(bundled(path, whole), place * WIDTH):
                if start <= index < end:
                    yield index, parsed(path, index, data)

    def checkpoint(self) -> Checkpoint:
        """Signs and publishes what was appended; the new checkpoint, or the last where nothing was.

        Raises `OutputError` where it cannot be written; what was appended stays. Raises
        `TamperedError` where what is signed would not go on from what was.
        """
        with self._pen.still():
            if self.size == self.last.size and self.last.note == self._sign().note:
                return self.last
            self._check_goes_on()
            new = self._sign()
            start = new.size // WIDTH * WIDTH
            try:
                publish(
                    self.public,
                    self._tree,
                    lambda place: self._bundle(place)[1],
                    self.last.size,
                    new,
                )
                rest = self._held[1][start - self._held[0] :]
                self._pen.begin(start, new.size, rest)
            except OSError as error:
                raise OutputError(
                    f"{self.public}: cannot be published: {error.strerror}; what was appended is "
                    "logged"
                ) from error
            self.last = new
            self._tree.forget()
            self._hold(start, rest)
            return new

    def inclusion(self, index: int, signed: Checkpoint | None = None) -> list[bytes]:
        """Proof that an entry is in a checkpoint, the last if none is named.

        Raises `UsageError` where it is not.
        """
        size = (signed or self.last).size
        self._check_index(index, size)
        return merkle.inclusion(nodes_of(self._tree.tile), index, size)

    def consistency(self, old: int, signed: Checkpoint | None = None) -> list[bytes]:
        """Proof that the log of a size became that of a checkpoint, the last if none is named.

        Raises `UsageError` where it was never of this size before.
        """
        size = (signed or self.last).size
        if not 0 <= old <= size:
            raise UsageError(f"{self.directory}: had {size:,} entries then, and not yet {old:,}")
        return merkle.consistency(nodes_of(self._tree.tile), old, size)

    def rotate(self) -> VerifierKey:
        """Makes a new key; the old one names it, in the log and beside it, and is deleted."""
        new = signing.create(self.directory, self._signer.name, signing.NEXT)
        note = signing.handover(self._signer, new)
        self.append([Entry("key", new.key.label, {"handover": note.decode()})])
        self.checkpoint()
        signing.hand_over(self.directory, self.public, note)
        self._signer = new
        self.checkpoint()
        return new.key

    def close(self) -> None:
        """Signs what is not signed yet, and lets go of the log."""
        with self._stack:
            if not self._pen.closed:
                self.checkpoint()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _read_signer(self) -> Signer:
        signing.recover(self.directory, self.public)
        key = signing.read_key(self.directory / signing.PUBLIC)
        signer = signing.read_signer(self.directory / signing.SIGNING, key.name)
        if signer.key != key:
            raise TamperedError(
                f"{self.directory}: {signing.SIGNING} and {signing.PUBLIC} are not of one pair"
            )
        return signer

    def _read_checkpoint(self) -> Checkpoint:
        keys = signing.published_keys(self.public)
        if keys and keys[-1] != self.key:
            raise TamperedError(f"{self.public}: its last handover is not to {self.key.label}")
        return read_checkpoint(self.public / CHECKPOINT, keys or [self.key])

    def _take(self, found: tail.Found) -> None:
        """Goes on from what was published and what a tail holds."""
        path = self.directory / tail.NAME
        size = found.start + sum(map(len, found.frames))
        if found.start % WIDTH or not found.start <= found.signed <= self.last.size:
            raise TamperedError(
                f"{self.public / CHECKPOINT}: is older than the log, which was signed at "
                f"{plural(found.signed, 'entry', 'entries')}; another was put in its place"
            )
        if size < self.last.size:
            raise TamperedError(
                f"{path}: ends after {plural(size, 'entry', 'entries')}, and "
                f"{self.last.size:,} were signed; its end was cut off"
            )
        self._tree = Growing(self.public, found.start)
        self._hold(found.start, [])
        for frame in found.frames:
            self._settled([prefixed(one) for one in frame])
        self._check_goes_on()

    def _hold(self, start: int, rest: list[bytes]) -> None:
        """Keeps entries from an index on, as they stand in bundles."""
        # One thing, so that whoever reads meanwhile has both of before or both of now.
        self._held = (start, rest)
        self._held_bytes = sum(map(len, rest))

    def _settled(self, entries: list[bytes]) -> None:
        self._held[1].extend(entries)
        self._held_bytes += sum(map(len, entries))
        self._tree.extend(one[2:] for one in entries)

    def _check_goes_on(self) -> None:
        """A log never signs what does not begin with what it signed (c2sp.org/tlog-checkpoint)."""
        if merkle.root(nodes_of(self._tree.tile), self.last.size) != self.last.root:
            raise TamperedError(
                f"{self.directory}: its entries are not those of its checkpoint of "
                f"{plural(self.last.size, 'entry', 'entries')}; `stillwatch verify` on "
                f"{self.public} says where"
            )

    def _sign(self) -> Checkpoint:
        root = merkle.root(nodes_of(self._tree.tile), self.size)
        return Checkpoint.signed(self._signer.name, self.size, root, self._signer)

    def _bundle(self, place: int) -> tuple[Path, bytes]:
        start, entries = self._held
        at = place * WIDTH - start
        if at >= 0:
            return self.directory / tail.NAME, b"".join(entries[at : at + WIDTH])
        return Published(self.public, self.last.size).bundle(place)

    def _check_index(self, index: int, size: int) -> None:
        if not 0 <= index < size:
            signed = ""
            if index < self.size:
                signed = " that is signed; make a checkpoint"
            raise UsageError(f"{self.directory}: there is no entry {index:,}{signed}")
