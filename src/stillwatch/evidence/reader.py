"""A log as strangers have it: a copy of what was published, and a key they were given."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from stillwatch.errors import NoInputError, TamperedError
from stillwatch.evidence import merkle, signing
from stillwatch.evidence.checkpoints import Checkpoint
from stillwatch.evidence.entries import Entry, unpacked
from stillwatch.evidence.notes import VerifierKey
from stillwatch.evidence.tiles import WIDTH, Published, nodes_of

CHECKPOINT = "checkpoint"


class Reader:
    """A published log at its checkpoint. keys: those that signed for it, first to last."""

    def __init__(self, public: Path, given: VerifierKey) -> None:
        """given: a key of the log that is trusted.

        Raises `NoInputError` where there is no log, `TamperedError` where the checkpoint is not
        signed by the key or one that it named.
        """
        self.public = public
        self.keys = signing.trusted(signing.published_keys(public), given, str(public))
        self.checkpoint = read_checkpoint(public / CHECKPOINT, self.keys[-1:])
        self.published = Published(public, self.checkpoint.size)

    def entries(self) -> Iterator[tuple[int, Entry]]:
        """All entries with their indices. Raises `TamperedError` where one is none."""
        for place in range(-(-self.checkpoint.size // WIDTH)):
            path, whole = self.published.bundle(place)
            for index, data in enumerate(bundled(path, whole), place * WIDTH):
                if index < self.checkpoint.size:
                    yield index, parsed(path, index, data)

    def goes_on_from(self, old: Checkpoint) -> None:
        """Raises `TamperedError` where the log does not begin with what it was at a checkpoint."""
        new = self.checkpoint
        if old.origin != new.origin:
            raise TamperedError(f"{self.public}: is the log {new.origin}, not {old.origin}")
        if old.size > new.size:
            raise TamperedError(
                f"{self.public}: has {new.size:,} entries, and had {old.size:,} before; its end "
                "was cut off, or this is an older copy"
            )
        path = merkle.consistency(nodes_of(self.published.tile), old.size, new.size)
        if not merkle.consistent(old.size, new.size, path, old.root, new.root):
            raise TamperedError(
                f"{self.public}: at {old.size:,} entries it was another log: what was signed then "
                "is not what it begins with now"
            )


def read_checkpoint(path: Path, keys: list[VerifierKey]) -> Checkpoint:
    """A checkpoint in a file. Raises `NoInputError` where there is none, else as it is verified."""
    try:
        note = path.read_bytes()
    except OSError as error:
        raise NoInputError(f"{path}: cannot be read: {error.strerror}") from error
    return Checkpoint.verified(note, keys, str(path))


def bundled(path: Path, bundle: bytes) -> list[bytes]:
    """The entries of a bundle. Raises `TamperedError` where it is none."""
    try:
        return unpacked(bundle)
    except ValueError as error:
        raise TamperedError(f"{path}: is no bundle of entries: it {error}") from None


def parsed(path: Path, index: int, data: bytes) -> Entry:
    """An entry. Raises `TamperedError` where it is none."""
    try:
        return Entry.parsed(data)
    except ValueError as error:
        raise TamperedError(f"{path}: entry {index} is none: {error}") from None
