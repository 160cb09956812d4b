"""Normal form of text and the class of each byte, by table.

Text is NFKC-normalised and lower-cased. Plain ASCII is already NFKC, so only a column with other
characters goes through Unicode; the result of a row never depends on its neighbours. Unicode's
stability policy keeps both operations fixed for every character that is assigned today.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

U8 = NDArray[np.uint8]

WORD, DIGIT, UPPER, SPACE, BREAK, QUOTE, HIGH = (np.uint8(1 << i) for i in range(7))
"""Bits of a byte's class: part of a word; a digit; an upper-case letter; white space; ends a
sentence (so that a capital after it is no sign of a name); a quotation mark; not ASCII."""

PAD = 16
"""Zero bytes after the last row, so that 8-byte loads may run over the end."""

_LARGE = 1 << 30


@dataclass(frozen=True, slots=True)
class Characters:
    """Rows in normal form, one after another, each closed by a newline, then PAD zero bytes.

    text: [n + PAD] bytes; classes: [n + PAD] class bits; row_starts: [rows + 1] places in `text`;
    solo: [k] places where a character begins that is a word of its own; solo_ends: [k].
    """

    text: U8
    classes: U8
    row_starts: NDArray[np.int64]
    solo: NDArray[np.int64]
    solo_ends: NDArray[np.int64]


def _class_table() -> U8:
    classes = np.zeros(256, dtype=np.uint8)
    for byte in range(256):
        char = chr(byte)
        if byte >= 0x80:
            classes[byte] = WORD | HIGH
        elif char.isalnum():
            classes[byte] = WORD
            classes[byte] |= DIGIT if char.isdigit() else np.uint8(0)
            classes[byte] |= UPPER if char.isupper() else np.uint8(0)
        elif char in " \t\r\n\v\f":
            classes[byte] = SPACE
        elif char in '"`':
            classes[byte] = QUOTE
    for char in ".!?:;\n|>#*":
        classes[ord(char)] |= BREAK
    return classes


def _pair_table() -> U8:
    """What a character is by its first two bytes: 0 part of a word, 1 none, 2 a word, 3 a digit."""
    table = np.zeros((256, 256), dtype=np.uint8)
    table[0xC2, :] = 1  # Latin-1 punctuation; its letters are gone after NFKC
    table[0xC3, [0x97, 0xB7]] = 1  # multiplication and division signs
    table[0xD8, [0x8C, 0x9B, 0x9F]] = table[0xDB, 0x94] = 1  # Arabic punctuation
    table[0xD9, 0xA0:0xAA] = table[0xDB, 0xB0:0xBA] = 3  # Arabic-Indic digits
    table[0xE0, 0xB8:0xBC] = 2  # Thai and Lao are written without spaces
    table[0xE1, 0x80:0x83] = table[0xE1, 0x9E:0xA0] = 2  # Burmese, Khmer
    table[0xE2, 0x80:0xB0] = table[0xE2, 0xB8:0xBA] = 1  # punctuation, arrows, mathematics, boxes
    table[0xE2, 0xBA:] = 2  # CJK radicals
    table[0xE3:0xEE, :] = 2  # kana, Han, hangul
    table[0xE3, 0x80] = 1  # CJK punctuation
    table[0xEE:0xF0, :] = 1  # private use, byte order mark, variation selectors
    table[0xF0:, :] = 2  # Han extensions, emoji
    table[0xF3, :] = 1  # tags and more variation selectors
    return table


_CLASSES = _class_table().tobytes()
_LOWER = bytes(range(256)).lower()
_PAIRS = _pair_table()
_LENGTHS = np.ones(256, dtype=np.int64)
_LENGTHS[0xC0:0xE0], _LENGTHS[0xE0:0xF0], _LENGTHS[0xF0:] = 2, 3, 4


def normalise(strings: pa.Array) -> Characters:
    """Bring rows into normal form and classify their bytes. A null row is an empty one."""
    cased, lower, row_starts = _fold(strings)
    classes = _translated(cased, _CLASSES)
    text = _translated(cased, _LOWER)
    none = np.zeros(0, dtype=np.int64)
    if lower is None:
        return Characters(text, classes, row_starts, none, none)
    changed = np.flatnonzero(text != lower)
    # A capital is marked on its first byte: step back over continuation bytes (10xxxxxx).
    for _ in range(3):
        changed = changed - ((cased[changed] & 0xC0) == 0x80)
    classes[changed] |= UPPER
    text = lower.copy()
    solo, solo_ends = _classify(text, classes)
    return Characters(text, classes, row_starts, solo, solo_ends)


def _translated(text: U8, table: bytes) -> U8:
    """Each byte's entry in a table of 256: several times as fast as indexing with an array."""
    return np.frombuffer(bytearray(text).translate(table), dtype=np.uint8)


def _fold(strings: pa.Array) -> tuple[U8, U8 | None, NDArray[np.int64]]:
    """(NFKC bytes, the same in lower case or None if all is ASCII, row starts), equally long."""
    if strings.nbytes > _LARGE or not pa.types.is_string(strings.type):
        strings = strings.cast(pa.large_string())
    if pc.all(pc.string_is_ascii(strings)).as_py() is not False:
        joined, row_starts = _join(strings)
        return joined, None, row_starts
    cased = pc.utf8_normalize(strings, form="NFKC")
    lower = pc.utf8_lower(cased)
    # Where lower-casing changes a length (U+0130 does), the row goes without its capitals.
    same = pc.equal(pc.binary_length(cased), pc.binary_length(lower))
    if pc.all(same).as_py() is False:
        cased = pc.if_else(same, cased, lower)
    cased_bytes, row_starts = _join(cased)
    return cased_bytes, _join(lower)[0], row_starts


def _join(strings: pa.Array) -> tuple[U8, NDArray[np.int64]]:
    """All rows as one byte array, each row closed by a newline; and the row starts."""
    newline = pa.scalar("\n", type=strings.type)
    closed = pc.binary_join_element_wise(
        strings, newline, pa.scalar("", type=strings.type), null_handling="replace"
    )
    wide = pa.types.is_large_string(closed.type)
    _, offsets, data = closed.buffers()
    starts = np.zeros(len(closed) + 1, dtype=np.int64)
    if len(closed):
        kind = np.int64 if wide else np.int32
        starts[:] = np.frombuffer(offsets, dtype=kind)[closed.offset :][: len(closed) + 1]
    size = int(starts[-1] - starts[0])
    out = np.zeros(size + PAD, dtype=np.uint8)
    if size:
        out[:size] = np.frombuffer(data, dtype=np.uint8)[starts[0] : starts[-1]]
    return out, starts - starts[0]


def _classify(text: U8, classes: U8) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Correct classes (and curly quotes) of characters beyond ASCII; returns solo characters."""
    leads = np.flatnonzero(text >= 0xC0)
    first, second = text[leads], text[leads + 1]
    kind = _PAIRS[first, second]
    size = _LENGTHS[first]
    classes[leads[kind == 3]] |= DIGIT
    gone, gone_size = leads[kind == 1], size[kind == 1]
    for i in range(4):
        classes[gone[gone_size > i] + i] = HIGH
    _straighten(text, classes, gone)
    solo = leads[kind == 2]
    return solo, solo + size[kind == 2]


def _straighten(text: U8, classes: U8, places: NDArray[np.int64]) -> None:
    """Write curly and corner quotes as straight ones, padded on the outer side by white space.

    U+201C opens in English and closes in German, so the byte before it decides.
    """
    code = (text[places].astype(np.int32) << 16) | (text[places + 1].astype(np.int32) << 8)
    code |= text[places + 2]
    after_word = (classes[places - 1] & SPACE) == 0
    low, left, right = code == 0xE2809E, code == 0xE2809C, code == 0xE2809D
    corner_open = (code == 0xE3808C) | (code == 0xE3808E)
    corner_close = (code == 0xE3808D) | (code == 0xE3808F)
    for mark, at in (
        (b'  "', places[low | corner_open | (left & ~after_word)]),
        (b'"  ', places[right | corner_close | (left & after_word)]),
    ):
        for i, byte in enumerate(mark):
            text[at + i] = byte
            classes[at + i] = QUOTE if byte == ord('"') else SPACE
