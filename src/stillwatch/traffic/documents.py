"""JSON documents from a stream of bytes, one at a time, each with the line it begins on.

Three layouts are read: JSON Lines, one array of documents, and documents one after another that may
be spread over lines (which includes the single, pretty-printed one). Memory is bounded by the
largest record, not by the file.

A byte order mark is dropped. A record with bytes that are not UTF-8 is set aside; nothing is
guessed.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterable, Iterator
from typing import Any

from stillwatch.traffic.compression import CHUNK
from stillwatch.traffic.reader import RecordError

LARGEST = 64 << 20
"""Most bytes in one record: 64 MiB."""

Numbered = tuple[int, Any]
"""The line a value begins on, from 1, and the value or the `RecordError` in its place."""


BLANK = b" \t\r\n"
"""White space as JSON knows it (RFC 8259, section 2); a line of any other is a record."""


def documents(chunks: Iterable[bytes], *, a_line_each: bool = False) -> Iterator[Numbered]:
    """Every document of a file, or the reason why there is none in its place.

    `a_line_each`: no look is taken at the layout.
    """
    if a_line_each:
        return _lines(chunks)
    stream = iter(chunks)
    head, failure = b"", None
    try:
        for chunk in stream:
            head = head + chunk if head else chunk.removeprefix(codecs.BOM_UTF8)
            if head.lstrip().count(b"\n") >= 2 or len(head) >= CHUNK:
                break
    except RecordError as error:
        failure = error
    whole = _rejoined(head, stream, failure)
    return _values(whole) if is_spread(head) else _lines(whole)


def _rejoined(head: bytes, stream: Iterator[bytes], failure: RecordError | None) -> Iterator[bytes]:
    yield head
    if failure is not None:
        raise failure
    yield from stream


def is_spread(head: bytes) -> bool:
    """Whether documents go over line ends, by the beginning of their file.

    The first line of a spread document is a proper beginning of JSON: the parser fails only at its
    end, and not inside a string. A cut-off line of JSON Lines fails elsewhere or is followed by a
    line that is whole. Nobody spreads documents over lines of a megabyte.
    """
    lines = head.lstrip().split(b"\n")
    first = lines[0].rstrip()
    if first.startswith(b"["):
        return True
    if not first.startswith(b"{") or len(lines) == 1:
        return False
    try:
        json.loads(first.decode())
    except json.JSONDecodeError as error:
        if error.pos < len(first.decode()) or error.msg.startswith("Unterminated"):
            return False
        following = next((line for line in lines[1:] if line.strip()), b"")
        return not isinstance(_parse(following), dict)
    except (ValueError, RecursionError):
        return False
    return False


def _lines(chunks: Iterable[bytes]) -> Iterator[Numbered]:
    number = 1
    pieces: list[bytes] = []
    size = 0
    try:
        for chunk in chunks:
            *complete, tail = chunk.split(b"\n")
            for line in complete:
                if pieces:
                    whole = b"".join([*pieces, line]) if size + len(line) <= LARGEST else None
                    pieces, size = [], 0
                else:
                    whole = line
                if whole is None:
                    yield number, _too_large()
                elif whole.strip(BLANK):
                    yield number, _parse(whole)
                number += 1
            if tail:
                size += len(tail)
                # Past the limit only the fact that there was something is kept.
                pieces = [*pieces, tail] if size <= LARGEST else [b""]
    except RecordError as error:
        yield number, error
        return
    if size > LARGEST:
        yield number, _too_large()
    elif (last := b"".join(pieces)).strip(BLANK):
        yield number, _parse(last)


def _parse(line: bytes) -> Any:
    try:
        return json.loads(line.decode())
    except UnicodeDecodeError:
        return _not_utf8()
    except (ValueError, RecursionError) as error:
        return _not_json(error)


def _values(chunks: Iterator[bytes]) -> Iterator[Numbered]:
    window = _Window(chunks)
    within = False
    while mark := window.peek():
        if not within and mark == "[":
            within = True
            window.advance(1)
        elif within and mark in "],":
            within = mark == ","
            window.advance(1)
        else:
            line = window.line
            value = window.take()
            yield line, value
            # Behind a broken value nobody knows where the next one begins.
            if isinstance(value, RecordError) and value.reason != "not UTF-8":
                return
    if window.failure is not None:
        yield window.line, window.failure
    elif within:
        yield window.line, RecordError("not JSON", detail="the array is not closed")


class _Window:
    """A stretch of decoded text that is refilled at its end and counts lines as it is used up."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self.line = 1
        self.failure: RecordError | None = None
        self._chunks = chunks
        # Bytes that are no UTF-8 become lone surrogates, which valid input cannot decode to, so
        # the record they are in can be told from its neighbours.
        self._decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self._text = ""
        self._at = 0
        self._ended = False

    def advance(self, count: int) -> None:
        end = self._at + count
        self.line += self._text.count("\n", self._at, end)
        self._at = end

    def peek(self) -> str:
        """The next character that is not a space, or nothing at the end."""
        while True:
            rest = self._text[self._at : self._at + 4096]
            self.advance(len(rest) - len(rest.lstrip(" \t\r\n")))
            if self._at < len(self._text):
                if self._text[self._at] not in " \t\r\n":
                    return self._text[self._at]
            elif self._ended:
                return ""
            else:
                self._fill(CHUNK)

    def take(self) -> Any:
        """The JSON value that begins here, or the `RecordError` in its place."""
        decoder = json.JSONDecoder()
        while True:
            held = len(self._text) - self._at
            try:
                value, end = decoder.raw_decode(self._text, self._at)
            except RecursionError as error:
                return _not_json(error)
            except ValueError as error:
                if self._ended:
                    failure, self.failure = self.failure, None
                    return failure or _not_json(error)
                if held > LARGEST:
                    return _too_large()
                self._fill(max(CHUNK, held))
                continue
            if end == len(self._text) and not self._ended and not isinstance(value, (dict, list)):
                self._fill(CHUNK)  # a number may go on
                continue
            raw = self._text[self._at : end]
            self.advance(end - self._at)
            try:
                if not raw.isascii() and len(raw.encode()) > LARGEST:
                    return _too_large()
            except UnicodeEncodeError:
                return _not_utf8()
            return value if len(raw) <= LARGEST else _too_large()

    def _fill(self, wanted: int) -> None:
        pieces = [self._text[self._at :]]
        self._at = 0
        try:
            while wanted > 0:
                chunk = next(self._chunks, None)
                if chunk is None:
                    self._ended = True
                    pieces.append(self._decoder.decode(b"", final=True))
                    break
                wanted -= len(chunk)
                pieces.append(self._decoder.decode(chunk))
        except RecordError as error:
            self.failure = error
            self._ended = True
        self._text = "".join(pieces)


def _too_large() -> RecordError:
    return RecordError("record too large", detail=f"more than {LARGEST >> 20} MiB")


def _not_utf8() -> RecordError:
    return RecordError("not UTF-8")


def _not_json(error: Exception) -> RecordError:
    if isinstance(error, json.JSONDecodeError):
        # The parser's message names what it expected, never what it found.
        return RecordError("not JSON", detail=f"{error.msg} at character {error.pos + 1}")
    if isinstance(error, RecursionError):
        return RecordError("not JSON", detail="nested too deeply")
    return RecordError("not JSON", detail="a number with too many digits")
