"""Texts of token ids from files: JSON Lines and Parquet, each row with a list `tokens`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from stillwatch.errors import FormatError, NoInputError
from stillwatch.marks.windows import Tokens
from stillwatch.traffic import sources
from stillwatch.traffic.compression import CHUNK, decompressed

COLUMN = "tokens"
_HOW = f'write {{"{COLUMN}": [464, 3290, ...]}}, a text a line'


def texts(paths: Sequence[str]) -> Iterator[Tokens]:
    """The texts of files, folders and globs, one after the other.

    Raises
    ------
    NoInputError
        A path leads to nothing.
    FormatError
        With the file and the line of what is no list of token ids.
    """
    for source in sources(paths):
        try:
            with source.open() as file:
                table = file.read(4) == b"PAR1"
            if table:
                yield from _rows(source.path, source.open())
            else:
                with decompressed(source) as stream:
                    yield from _lines(source.path, stream)
        except (OSError, pa.ArrowException) as error:
            raise NoInputError(f"{source.path}: cannot be read: {error}") from error


def _rows(path: str, raw: pa.NativeFile) -> Iterator[Tokens]:
    with raw, pq.ParquetFile(raw) as file:
        if COLUMN not in file.schema_arrow.names:
            raise FormatError(f"{path}: has no column {COLUMN!r}")
        for batch in file.iter_batches(1024, columns=[COLUMN]):
            for row, value in enumerate(batch.column(0), 1):
                yield _ids(path, row, value.as_py())


def _lines(path: str, stream: pa.NativeFile) -> Iterator[Tokens]:
    for number, line in enumerate(_split(stream), 1):
        if not line.strip():
            continue
        try:
            found = json.loads(line)
        except ValueError as error:
            raise FormatError(f"{path}:{number}: no JSON; {_HOW}") from error
        yield _ids(path, number, found.get(COLUMN) if isinstance(found, dict) else None)


def _split(stream: pa.NativeFile) -> Iterator[bytes]:
    pieces: list[bytes] = []
    while chunk := stream.read(CHUNK):
        first, *more = chunk.split(b"\n")
        pieces.append(first)
        for following in more:
            yield b"".join(pieces)
            pieces = [following]
    yield b"".join(pieces)


def _ids(path: str, number: int, value: object) -> Tokens:
    if not isinstance(value, list) or not all(
        type(one) is int and 0 <= one < 2**32 - 1 for one in value
    ):
        raise FormatError(f"{path}:{number}: {COLUMN} is no list of token ids; {_HOW}")
    return np.array(value, dtype=np.int64)
