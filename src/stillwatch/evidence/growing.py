"""The right edge of a tree that grows: the hashes that are in no full tile on the disk yet."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from stillwatch.evidence.merkle import DIGEST, complete_root, leaf_hashes
from stillwatch.evidence.tiles import WIDTH, Published

_TILE = WIDTH * DIGEST


class Growing:
    """A tree, of which full tiles are published and the rest is in memory.

    public: where they lie; start: leaves that are published in full tiles, a multiple of 256.
    """

    def __init__(self, public: Path, start: int) -> None:
        self.size = start
        self._public = public
        # Of each level the place of its first tile in memory, and the hashes from there on.
        self._rows: list[tuple[int, bytearray]] = []
        while row := start // WIDTH ** len(self._rows):
            level = len(self._rows)
            first = row // WIDTH
            below = [
                complete_root(self._full(level - 1, place))
                for place in range(first * WIDTH, row)
                if level
            ]
            self._rows.append((first, bytearray(b"".join(below))))

    def _full(self, level: int, place: int) -> bytes:
        return Published(self._public, self.size).tile(level, place)

    def extend(self, entries: Iterable[bytes]) -> None:
        """Adds entries."""
        leaves = leaf_hashes(entries)
        self.size += len(leaves) // DIGEST
        self._add(0, leaves)

    def _add(self, level: int, row: bytes) -> None:
        if level == len(self._rows):
            self._rows.append((0, bytearray()))
        _, known = self._rows[level]
        full = len(known) // _TILE
        known += row
        above = [
            complete_root(bytes(known[at * _TILE : (at + 1) * _TILE]))
            for at in range(full, len(known) // _TILE)
        ]
        if above:
            self._add(level + 1, b"".join(above))

    def tile(self, level: int, place: int) -> bytes:
        """The hashes of a tile, as wide as it is now."""
        first, row = self._rows[level]
        if place < first:
            return self._full(level, place)
        at = (place - first) * _TILE
        return bytes(row[at : at + _TILE])

    def forget(self) -> None:
        """Lets go of full tiles: they are published now."""
        for level, (first, row) in enumerate(self._rows):
            full = len(row) // _TILE
            if full:
                self._rows[level] = (first + full, row[full * _TILE :])
