"""Paths as people write them, to the files behind them.

A path is a file, a folder (searched recursively), a glob, or a URL that
`pyarrow.fs.FileSystem.from_uri` knows (`s3://`, `gs://`, `file://` …). What Spark and editors leave
behind in folders (`_SUCCESS`, `.part.crc`) is not traffic: names that begin with `_` or `.` are
skipped, unless the path names them.
"""

from __future__ import annotations

import errno
import fnmatch
import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

import pyarrow as pa
from pyarrow import fs

from stillwatch.errors import NoInputError
from stillwatch.traffic.listing import GLOB, is_folder, local, skipped

_URL = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]+://")


@dataclass(frozen=True, slots=True)
class Source:
    """One file to read.

    `path` is what people are shown, `location` the same file as `fs` calls it. `size` is in bytes,
    `mtime_ns` in nanoseconds since 1970 (0 where the store has no time).
    """

    path: str
    size: int
    mtime_ns: int
    fs: fs.FileSystem = field(compare=False, repr=False)
    location: str = field(compare=False, repr=False)

    @property
    def digest(self) -> str:
        """32 hexadecimal digits that change when place, size or time of change do.

        However the path to it was spelled, a file has one digest.
        """
        facts = f"{self.location}\0{self.size}\0{self.mtime_ns}"
        return hashlib.blake2b(facts.encode("utf-8", "surrogateescape"), digest_size=16).hexdigest()

    def open(self) -> pa.NativeFile:
        """The bytes of the file, seekable, as stored (still compressed)."""
        return self.fs.open_input_file(self.location)

    def again(self) -> Source:
        """The file as it is now. Raises `OSError` where it is gone."""
        found = self.fs.get_file_info(self.location)
        if found.type != fs.FileType.File:
            raise FileNotFoundError(errno.ENOENT, "is gone", self.path)
        return replace(self, size=found.size or 0, mtime_ns=found.mtime_ns or 0)

    def line(self, number: int) -> int:
        """What people are shown for a line of what `open` gives."""
        return number


@dataclass(frozen=True, slots=True)
class Shut(Source):
    """A folder that cannot be listed, or a file that nothing can be known of.

    It is a source that does not open, so that it is set aside and named as files are.
    """

    why: OSError = field(compare=False)
    folder: bool

    def open(self) -> pa.NativeFile:
        """Raises the error that it met."""
        raise FolderError(*self.why.args) if self.folder else self.why


class FolderError(OSError):
    """A folder cannot be listed."""


def sources(paths: Iterable[str | os.PathLike[str]]) -> list[Source]:
    """The files behind some paths, each once, ordered by path; and what is `Shut`.

    Raises
    ------
    NoInputError
        A path leads to nothing. The message says what was looked for.
    """
    found: dict[tuple[str, str], Source] = {}
    asked = [os.fspath(path) for path in paths]
    for path in asked:
        here = list(_expand(path))
        if not here:
            raise NoInputError(_nothing_at(path))
        for source in here:
            found.setdefault((source.fs.type_name, source.location), source)
    if not found:
        raise NoInputError("No paths were given: name files, folders, globs or URLs to read.")
    return sorted(found.values(), key=lambda source: source.path)


def _expand(path: str) -> Iterator[Source]:
    if _URL.match(path):
        yield from _expand_url(path)
        return
    store = fs.LocalFileSystem()
    # Absolute for the file system, but shown as it was asked for.
    for found in local(path):
        if isinstance(found, OSError):
            place = Path(found.filename)
            location = str(place.absolute())
            yield Shut(_shown(place), 0, 0, store, location, found, is_folder(place))
        else:
            place, status = found
            size, time = status.st_size, status.st_mtime_ns
            yield Source(_shown(place), size, time, store, str(place.absolute()))


def _shown(place: Path) -> str:
    return os.fsencode(place).decode("utf-8", "backslashreplace")


def _expand_url(url: str) -> Iterator[Source]:
    scheme, rest = url.split("://", 1)
    wild = GLOB.search(rest)
    # A glob is matched by listing its longest plain prefix: stores have no glob of their own.
    base = rest[: rest.rfind("/", 0, wild.start()) + 1] if wild else rest
    try:
        store, root = fs.FileSystem.from_uri(f"{scheme}://{base}")
        info = store.get_file_info(root)
        if info.type == fs.FileType.File:
            files = [info]
        elif info.type == fs.FileType.Directory:
            files = store.get_file_info(fs.FileSelector(root, recursive=True))
        else:
            return
    except (pa.ArrowException, OSError, ValueError) as error:
        told = f"{type(error).__name__}: {error}".replace(url, hidden(url))
        raise NoInputError(f"{hidden(url)}: cannot be opened ({told})") from error
    for info in sorted(files, key=lambda item: item.path):
        inner = info.path[len(root) :].lstrip("/")
        if info.type != fs.FileType.File or any(map(skipped, PurePosixPath(inner).parts)):
            continue
        place = hidden(f"{scheme}://{base.rstrip('/')}")
        shown = f"{place}/{inner}" if inner else hidden(url)
        if not wild or _matches(shown, hidden(url)):
            yield Source(shown, info.size or 0, info.mtime_ns or 0, store, info.path)


def is_url(path: str) -> bool:
    """Whether a path is a URL, and so of a store."""
    return _URL.match(path) is not None


def is_local(source: Source) -> bool:
    """Whether a file lies on a local disk."""
    return isinstance(source.fs, fs.LocalFileSystem)


def hidden(url: str) -> str:
    """A URL without user and password, which stores and databases take there.

    >>> hidden("s3://key:secret@bucket/logs"), hidden("s3://bucket/a@b")
    ('s3://bucket/logs', 's3://bucket/a@b')
    """
    return re.sub(r"(?<=://)[^/@]*@", "", url)


def _matches(shown: str, pattern: str) -> bool:
    """Whether a pattern means a file, or a folder the file is in."""
    if "**" in pattern:
        loose = pattern.replace("**/", "*")
        return fnmatch.fnmatchcase(shown, loose) or fnmatch.fnmatchcase(shown, f"{loose}/*")
    names, wanted = shown.split("/"), pattern.split("/")
    return len(names) >= len(wanted) and all(map(fnmatch.fnmatchcase, names, wanted))


def _nothing_at(path: str) -> str:
    if _URL.match(path):
        return f"{hidden(path)}: no such file or folder in the store, or nothing in it to read."
    if is_folder(Path(path).expanduser()):
        return (
            f"{path}: the folder holds no files to read (searched below it too; names beginning "
            "with '.' or '_' are skipped)."
        )
    if GLOB.search(path):
        return f"{path}: no file matches this pattern."
    return f"{path}: no such file or folder."
