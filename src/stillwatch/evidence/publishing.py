"""Puts what a log has grown by where strangers read it: bundles, tiles, and last the checkpoint."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from stillwatch.durable import replaced, sync_directory
from stillwatch.evidence.checkpoints import Checkpoint
from stillwatch.evidence.growing import Growing
from stillwatch.evidence.reader import CHECKPOINT
from stillwatch.evidence.tiles import ENTRIES, WIDTH, tile_path, tiles_of, width_of

_AT_ONCE = 16
"""Files that wait for the disk together: it writes them down in one go."""


def publish(
    public: Path, tree: Growing, bundle: Callable[[int], bytes], old: int, checkpoint: Checkpoint
) -> None:
    """Puts the tiles and bundles of a checkpoint in place, and then the checkpoint.

    bundle: the bundle of a place; old: size of the checkpoint before. A tile that a crash left
    unfinished has no checkpoint yet, and is written again.
    """
    wanted = list(_files(tree, bundle, old, checkpoint.size))
    fresh = _make_directories(public, {(public / path).parent for path, _ in wanted})
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        # Lists, so that errors are raised.
        list(pool.map(lambda file: _write(public / file[0], file[1]), wanted))
        list(pool.map(sync_directory, fresh))
    with replaced(public / CHECKPOINT) as place:
        place.write_bytes(checkpoint.note)
    _drop_partial(public, old, checkpoint.size)


def _files(
    tree: Growing, bundle: Callable[[int], bytes], old: int, new: int
) -> Iterator[tuple[Path, bytes]]:
    for level, place, width in tiles_of(old, new):
        yield tile_path(level, place, width), tree.tile(level, place)
        if level == 0:
            yield tile_path(ENTRIES, place, width), bundle(place)


def _make_directories(public: Path, wanted: set[Path]) -> set[Path]:
    """Makes directories; all in which a name is new."""
    changed = set(wanted)
    for path in wanted:
        step = path
        while step != public and not step.exists():
            step = step.parent
            changed.add(step)
        path.mkdir(parents=True, exist_ok=True)
    return changed


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _drop_partial(public: Path, old: int, new: int) -> None:
    """Takes partial tiles away that are full now (c2sp.org/tlog-tiles, section Partial Tiles)."""
    for level, place, width in tiles_of(old, new):
        if width == WIDTH and width_of(level, place, old):
            for row in (level, ENTRIES) if level == 0 else (level,):
                partial = (public / tile_path(row, place, 1)).parent
                shutil.rmtree(partial, ignore_errors=True)
