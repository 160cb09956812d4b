"""Goes through a published log, byte by byte, and says what of it is not as it was signed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from stillwatch.errors import TamperedError
from stillwatch.evidence import merkle, signing
from stillwatch.evidence.checkpoints import Checkpoint
from stillwatch.evidence.notes import VerifierKey
from stillwatch.evidence.reader import CHECKPOINT, Reader, bundled, parsed
from stillwatch.evidence.tiles import ENTRIES, WIDTH, nodes_of, tile_path, width_of

_TILE = WIDTH * merkle.DIGEST


@dataclass(frozen=True, slots=True)
class Audited:
    """A log that is whole. kinds: how many entries of each kind."""

    checkpoint: Checkpoint
    keys: tuple[VerifierKey, ...]
    kinds: Counter[str]


def audited(public: Path, given: VerifierKey) -> Audited:
    """Checks all files of a published log.

    Raises
    ------
    NoInputError
        There is none.
    TamperedError
        A file is not as it was signed, is missing, or is none of the log; which one.
    """
    reader = Reader(public, given)
    size = reader.checkpoint.size
    if _bytes(public / CHECKPOINT) != reader.checkpoint.note:
        _other(public / CHECKPOINT, "carries signatures that are not of this log")
    notes = signing.handovers(public)
    tree = _Made(public, size)
    kinds: Counter[str] = Counter()
    handed: set[object] = set()
    for place in range(-(-size // WIDTH)):
        path, whole = tree.take(place)
        for index, data in enumerate(bundled(path, whole), place * WIDTH):
            entry = parsed(path, index, data)
            kinds[entry.kind] += 1
            if entry.kind == "key":
                handed.add(entry.body.get("handover"))
    _compare(reader, tree)
    for n, note in enumerate(notes, 1):
        if note.decode() not in handed:
            _other(public / signing.HANDOVER / str(n), "was never logged")
    places = {public / signing.HANDOVER / str(n) for n in range(1, len(notes) + 1)}
    _look_around(public, tree.files | places | {public / CHECKPOINT})
    return Audited(reader.checkpoint, tuple(reader.keys), kinds)


class _Made:
    """The tree made anew from the bundles. changed: tiles of the lowest level that differ."""

    def __init__(self, public: Path, size: int) -> None:
        self.public = public
        self.size = size
        self.files: set[Path] = set()
        self.changed: list[tuple[int, bytes, Path]] = []
        # Of each level above the lowest its hashes; of the lowest only the last tile.
        self._rows = [bytearray()]
        self._last = b""

    def take(self, place: int) -> tuple[Path, bytes]:
        """Reads the next bundle, and holds its tile against it."""
        width = width_of(0, place, self.size)
        path, tile = (self.public / tile_path(level, place, width) for level in (ENTRIES, 0))
        whole = _bytes(path)
        entries = bundled(path, whole)
        if len(entries) != width:
            _other(path, f"has {len(entries)} entries, not {width}")
        self.files |= {path, tile}
        row = merkle.leaf_hashes(entries)
        if _bytes(tile) != row:
            self.changed.append((place, row, tile))
        self._last = row
        self._add(0, row)
        return path, whole

    def _add(self, level: int, row: bytes) -> None:
        """Takes a tile of a level, and where it is full its root into the level above."""
        if len(row) < _TILE:
            return
        if level + 1 == len(self._rows):
            self._rows.append(bytearray())
        self._rows[level + 1] += merkle.complete_root(row)
        if len(self._rows[level + 1]) % _TILE == 0:
            self._add(level + 1, bytes(self._rows[level + 1][-_TILE:]))

    def tile(self, level: int, place: int) -> bytes:
        """A tile above the lowest level, or the last of that."""
        if level == 0:
            return self._last
        return bytes(self._rows[level][place * _TILE : (place + 1) * _TILE])

    def upper(self) -> Iterator[tuple[Path, bytes]]:
        """All tiles above the lowest level, with their paths."""
        for level in range(1, len(self._rows)):
            for place in range(-(-len(self._rows[level]) // _TILE)):
                row = self.tile(level, place)
                yield self.public / tile_path(level, place, len(row) // merkle.DIGEST), row


def _compare(reader: Reader, tree: _Made) -> None:
    """Whether entries and tiles are those that were signed; if not, which of them are others."""
    signed = reader.checkpoint
    if merkle.root(nodes_of(tree.tile), signed.size) == signed.root:
        for _, _, path in tree.changed:
            _other(path, "does not hold the hashes of its entries")
    else:
        _blame(reader, tree)
    for path, row in tree.upper():
        if _bytes(path) != row:
            _other(path, "does not hold the hashes of the tiles below it")
        tree.files.add(path)


def _blame(reader: Reader, tree: _Made) -> NoReturn:
    signed = reader.checkpoint
    if merkle.root(nodes_of(reader.published.tile), signed.size) == signed.root and tree.changed:
        place, row, _ = tree.changed[0]
        tile = reader.published.tile(0, place)
        step = merkle.DIGEST
        at = next(n for n in range(0, len(row), step) if row[n : n + step] != tile[n : n + step])
        path = reader.published.bundle(place)[0]
        _other(path, f"entry {place * WIDTH + at // step} is not the one that was signed")
    _other(
        reader.public / CHECKPOINT,
        f"is not of these entries and tiles: it was signed with other ones at {signed.size:,} "
        "entries, or several files were changed",
    )


def _look_around(public: Path, known: set[Path]) -> None:
    """Whether there are files that are none of the log. Tiles of earlier checkpoints may be."""
    now = {_full(path): path for path in known}
    for path in sorted(public.rglob("*")):
        if path in known or (path.is_dir() and not path.is_symlink()):
            continue
        if _full(path) not in now or not _was(path, now[_full(path)]):
            _other(path, "is none of the files of this log at its checkpoint")


def _full(path: Path) -> Path:
    """Where a tile lies once it is full."""
    above = path.parent
    return above.with_name(above.name.removesuffix(".p")) if above.name.endswith(".p") else path


def _was(path: Path, now: Path) -> bool:
    """Whether a partial tile or bundle is what the one of now once was."""
    row = _bytes(path)
    if f"/{ENTRIES}/" in path.as_posix():
        fits = path.name == str(len(bundled(path, row)))
    else:
        fits = path.name.isdigit() and len(row) == int(path.name) * merkle.DIGEST
    whole = _bytes(now)
    return fits and 0 < len(row) < len(whole) and whole.startswith(row)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise TamperedError(f"{path}: is missing") from None
    except OSError as error:
        raise TamperedError(f"{path}: cannot be read: {error.strerror}") from error


def _other(path: Path, why: str) -> NoReturn:
    raise TamperedError(f"{path}: {why}. It was changed; compare the log with another copy")
