"""Where tiles lie (c2sp.org/tlog-tiles), and the tree that is read out of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from stillwatch.errors import TamperedError
from stillwatch.evidence.merkle import DIGEST, Nodes, complete_root

WIDTH = 256
"""Hashes of a full tile, and entries of a full bundle."""
_HEIGHT = 8
ENTRIES = "entries"
"""What stands in place of the level in the path of a bundle."""
Tile = Callable[[int, int], bytes]
"""The hashes of a tile, by level and place, one after another."""


def tile_path(level: int | str, place: int, width: int = WIDTH) -> Path:
    """Where a tile or bundle lies below a log.

    Examples
    --------
    >>> str(tile_path(0, 1234067)), str(tile_path("entries", 3, 70))
    ('tile/0/x001/x234/067', 'tile/entries/003.p/70')
    """
    steps = [f"{place % 1000:03}"]
    while place := place // 1000:
        steps.insert(0, f"x{place % 1000:03}")
    whole = Path("tile", str(level), *steps)
    return whole if width == WIDTH else whole.with_name(whole.name + ".p") / str(width)


def width_of(level: int, place: int, size: int) -> int:
    """How many hashes a tile has in a tree of a size; 0 where there is no such tile."""
    return max(0, min(WIDTH, (size >> _HEIGHT * level) - place * WIDTH))


def tiles_of(old: int, new: int) -> Iterator[tuple[int, int, int]]:
    """Level, place and width of each tile of a tree that the shorter one did not have as it is."""
    level = 0
    while new >> _HEIGHT * level:
        before, after = old >> _HEIGHT * level, new >> _HEIGHT * level
        if before != after:
            for place in range(before // WIDTH, -(-after // WIDTH)):
                yield level, place, width_of(level, place, new)
        level += 1


def nodes_of(tile: Tile) -> Nodes:
    """The complete subtrees of a tree whose tiles are known; each tile is read once."""
    seen: dict[tuple[int, int], bytes] = {}

    def node(height: int, place: int) -> bytes:
        level, above = divmod(height, _HEIGHT)
        # In the tile's row of hashes, those that are below the node.
        number, first = divmod(place << above, WIDTH)
        if (level, number) not in seen:
            seen[level, number] = tile(level, number)
        row = seen[level, number]
        return complete_root(row[first * DIGEST : (first + (1 << above)) * DIGEST])

    return node


class Published:
    """The tiles and bundles of a log that lie below a directory, at one size of it."""

    def __init__(self, directory: Path, size: int) -> None:
        self.directory = directory
        self.size = size

    def tile(self, level: int, place: int) -> bytes:
        """A tile, as wide as it was at this size. Raises `TamperedError` where it is another."""
        width = width_of(level, place, self.size)
        path, row = self._read(level, place, width)
        if len(row) % DIGEST or len(row) < width * DIGEST:
            raise TamperedError(f"{path}: is no tile of {width} hashes")
        return row[: width * DIGEST]

    def bundle(self, place: int) -> tuple[Path, bytes]:
        """A bundle and its path; it may hold more than there was at this size."""
        return self._read(ENTRIES, place, width_of(0, place, self.size))

    def _read(self, level: int | str, place: int, width: int) -> tuple[Path, bytes]:
        partial = self.directory / tile_path(level, place, width)
        # A partial one may be gone once the full one is there (section Partial Tiles).
        full = self.directory / tile_path(level, place)
        for path in (partial, full):
            try:
                return path, path.read_bytes()
            except FileNotFoundError:
                continue
            except OSError as error:
                raise TamperedError(f"{path}: cannot be read: {error.strerror}") from error
        raise TamperedError(f"{partial}: is not there; the log had it")
