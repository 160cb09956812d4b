"""What a path on a local disk leads to: files, and what cannot be looked at.

Names that begin with `_` or `.` are skipped, unless the path names them.
"""

from __future__ import annotations

import fnmatch
import os
import re
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

GLOB = re.compile(r"[*?\[]")
Found = tuple[Path, os.stat_result]


def local(path: str) -> Iterator[Found | OSError]:
    """The files that a file, a folder or a glob means.

    Of a folder that cannot be listed, and a file that nothing can be known of, there is the error;
    its `filename` says which.
    """
    place = Path(path).expanduser()
    if os.path.lexists(place) or not GLOB.search(path):
        yield from _at(place)
        return
    anchor = Path(place.anchor)
    pattern = place.relative_to(anchor)
    yield from _shut(anchor, pattern)
    for match in sorted(anchor.glob(str(pattern))):
        if not any(map(skipped, _wild_parts(match, pattern))):
            yield from _at(match)


def is_folder(place: Path) -> bool:
    """Whether a folder is there and can be known to be."""
    return os.path.isdir(place)  # noqa: PTH112 - `Path.is_dir` raises where nothing can be known


def skipped(name: str) -> bool:
    """Whether a file or folder of this name is passed over in a folder."""
    return name.startswith((".", "_"))


def _at(place: Path) -> Iterator[Found | OSError]:
    try:
        status = place.stat()
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return
    except OSError as error:
        yield error
        return
    if stat.S_ISDIR(status.st_mode):
        yield from _walk(place)
    elif stat.S_ISREG(status.st_mode):
        yield place, status


def _walk(folder: Path) -> Iterator[Found | OSError]:
    shut: list[OSError] = []
    for root, folders, names in os.walk(folder, onerror=shut.append):
        folders[:] = sorted(name for name in folders if not skipped(name))
        for name in sorted(names):
            if not skipped(name):
                yield from _at(Path(root, name))
    yield from shut


def _shut(anchor: Path, pattern: Path) -> Iterator[OSError]:
    """Of the folders that a pattern is looked for in, those that `glob` passes over in silence."""
    for number, part in enumerate(pattern.parts):
        if not GLOB.search(part):
            continue
        # A `**` stands for all folders below, and what follows it is looked for in each.
        above = Path(*pattern.parts[: number + (part == "**")])
        for folder in anchor.glob(str(above)) if above.parts else [anchor]:
            if any(map(skipped, _wild_parts(folder, pattern))):
                continue
            try:
                os.scandir(folder).close()
            except (FileNotFoundError, NotADirectoryError):
                continue
            except OSError as error:
                yield error


def _wild_parts(match: Path, pattern: Path) -> Iterable[str]:
    """The parts of a match that a wildcard stood for: a name spelled out is never skipped."""
    spelled = {part for part in pattern.parts if not GLOB.search(part)}
    asked = tuple(part for part in pattern.parts if skipped(part))
    return (
        part
        for part in match.parts
        if part not in spelled and not any(fnmatch.fnmatchcase(part, name) for name in asked)
    )
