"""Texts from files, as token ids.

JSON Lines and Parquet, each row with a list `tokens` or a `text`; and `.txt` files, each one text.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from stillwatch.errors import FormatError, NoInputError
from stillwatch.marks.tokenizer import Tokenizer
from stillwatch.marks.windows import Tokens
from stillwatch.traffic import sources
from stillwatch.traffic.compression import CHUNK, decompressed

TOKENS = "tokens"
TEXT = "text"
_HOW = f'write {{"{TOKENS}": [464, 3290, ...]}} or {{"{TEXT}": "..."}}, a text a line'
_UNTOLD = "is text: name the tokenizer of the model that marked, with --tokenizer"
_PLAIN = (".txt", ".txt.gz", ".txt.zst")


def texts(paths: Sequence[str], tokenizer: Tokenizer | None = None) -> Iterator[Tokens]:
    """The texts of files, folders and globs, one after the other.

    tokenizer: of the model that marked, for what is text; a row with both has its `tokens` taken.

    Raises
    ------
    NoInputError
        A path leads to nothing.
    FormatError
        With the file and the line of what is no list of token ids, and no text either.
    """
    for source in sources(paths):
        try:
            with source.open() as file:
                table = file.read(4) == b"PAR1"
            if table:
                yield from _rows(source.path, source.open(), tokenizer)
                continue
            with decompressed(source) as stream:
                if source.path.lower().endswith(_PLAIN):
                    yield _document(source.path, stream, tokenizer)
                else:
                    yield from _lines(source.path, stream, tokenizer)
        except (OSError, pa.ArrowException) as error:
            raise NoInputError(f"{source.path}: cannot be read: {error}") from error


def _rows(path: str, raw: pa.NativeFile, tokenizer: Tokenizer | None) -> Iterator[Tokens]:
    with raw, pq.ParquetFile(raw) as file:
        columns = [name for name in (TOKENS, TEXT) if name in file.schema_arrow.names]
        if not columns:
            raise FormatError(f"{path}: has no column {TOKENS!r} or {TEXT!r}")
        number = 0
        for batch in file.iter_batches(1024, columns=columns):
            for row in batch.to_pylist():
                number += 1
                yield _row(f"{path}:{number}", row, tokenizer)


def _lines(path: str, stream: pa.NativeFile, tokenizer: Tokenizer | None) -> Iterator[Tokens]:
    for number, line in enumerate(_split(stream), 1):
        if not line.strip():
            continue
        try:
            found = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise FormatError(f"{path}:{number}: no JSON; {_HOW}") from error
        yield _row(f"{path}:{number}", found if isinstance(found, dict) else {}, tokenizer)


def _document(path: str, stream: pa.NativeFile, tokenizer: Tokenizer | None) -> Tokens:
    if tokenizer is None:
        raise FormatError(f"{path}: {_UNTOLD}")
    try:
        return tokenizer(stream.read().decode())
    except UnicodeDecodeError as error:
        raise FormatError(f"{path}: no UTF-8 from byte {error.start:,} on") from error


def _split(stream: pa.NativeFile) -> Iterator[bytes]:
    pieces: list[bytes] = []
    while chunk := stream.read(CHUNK):
        first, *more = chunk.split(b"\n")
        pieces.append(first)
        for following in more:
            yield b"".join(pieces)
            pieces = [following]
    yield b"".join(pieces)


def _row(place: str, row: dict[str, object], tokenizer: Tokenizer | None) -> Tokens:
    text = row.get(TEXT)
    if row.get(TOKENS) is not None or not isinstance(text, str):
        return _ids(place, row.get(TOKENS))
    if tokenizer is None:
        raise FormatError(f"{place}: {_UNTOLD}")
    return tokenizer(text)


def _ids(place: str, value: object) -> Tokens:
    if not isinstance(value, list) or not all(
        type(one) is int and 0 <= one < 2**32 - 1 for one in value
    ):
        raise FormatError(f"{place}: {TOKENS} is no list of token ids; {_HOW}")
    return np.array(value, dtype=np.int64)
