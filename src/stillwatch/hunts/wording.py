"""Indicators of wording: the hashes that the sketch would give a text."""

from __future__ import annotations

import re
from pathlib import Path

import pyarrow as pa

from stillwatch.complaints import meant
from stillwatch.errors import NoInputError, UsageError
from stillwatch.hunts.condition import Condition, Equal
from stillwatch.rules.logic import Any
from stillwatch.sketch import neardup, template
from stillwatch.sketch.derive import REPLY_CHARS
from stillwatch.sketch.schema import BANDS
from stillwatch.sketch.tokens import tokenize

PARTS = ("system_template", "skeleton", "head", "tail", "reply_head")
"""Columns that hold the hash of a part of the wording."""

_HASHES = (*PARTS, *(f"near_{i}" for i in range(BANDS)))
"""Columns that a hash of which nothing else is said may be of."""

_WHOLE = ("system_template", "skeleton")
_HASH = re.compile(r"[0-9a-f]{16}", re.IGNORECASE)


def templates(value: str) -> Condition:
    """What `template:` asks: a hash or a file, after the name of a part where one is meant.

    Raises `UsageError` or `NoInputError` for a file that gives no hash.
    """
    part, colon, rest = value.partition(":")
    chosen = (part,) if colon and part in PARTS else ()
    if colon and not chosen and part.isidentifier() and not Path(value).exists():
        raise UsageError(f"template:{value}: there is no part {part!r}{meant(part, PARTS)}")
    given = rest if chosen else value
    if _HASH.fullmatch(given):
        number = from_hex(given)
        return Any(tuple(Equal(column, number) for column in chosen or _HASHES))
    hashes = _hashes(_text(Path(given), "; name a text file, or a hash of 16 hexadecimal digits"))
    if any(column not in hashes for column in chosen or _WHOLE):
        raise UsageError(f"{given}: has no words there, so no template")
    return Any(tuple(Equal(column, hashes[column]) for column in chosen or _WHOLE))


def spelled(value: str) -> str:
    """The value of `template:` in one spelling: a hash in lower case."""
    part, colon, given = value.rpartition(":")
    return f"{part}{colon}{given.lower()}" if _HASH.fullmatch(given) else value


def near(path: Path) -> Condition:
    """Prompts that have a MinHash band in common with the text of a file.

    Raises `UsageError` or `NoInputError` for a file that gives no bands.
    """
    tokens = tokenize(pa.array([_text(path)]))
    kept, offsets = template.collapse(tokens)
    bands = [band[0].as_py() for band in neardup.bands(tokens.masked[kept], offsets)]
    if None in bands:
        raise UsageError(
            f"{path}: has fewer than {neardup.LEAST} words once its variable parts are masked, too "
            f"few to be nearly the same as others; ask for template:{path}"
        )
    return Any(tuple(Equal(f"near_{i}", band, band=i) for i, band in enumerate(bands)))


def from_hex(digits: str) -> int:
    """The hash that 16 hexadecimal digits show, as a column holds it. Raises `ValueError`."""
    if not _HASH.fullmatch(digits):
        raise ValueError(f"{digits!r} is no hash of 16 hexadecimal digits")
    return int.from_bytes(bytes.fromhex(digits), "big", signed=True)


def _hashes(text: str) -> dict[str, int]:
    """Part → hash, as `sketch.derive` makes them; none for a text without words."""
    tokens = tokenize(pa.array([text]))
    kept, offsets = template.collapse(tokens)
    values = tokens.masked[kept]
    reply = tokenize(pa.array([text[:REPLY_CHARS]]))
    first, ends = template.collapse(reply)
    whole = template.skeleton(values, offsets)
    found = {
        "system_template": whole,
        "skeleton": whole,
        "head": template.head(values, offsets),
        "tail": template.tail(values, offsets),
        "reply_head": template.head(reply.masked[first], ends, template.REPLY_EDGE),
    }
    return {part: hash[0].as_py() for part, hash in found.items() if hash[0].is_valid}


def _text(path: Path, advice: str = "") -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: not UTF-8: byte {error.start} cannot be decoded") from error
    except (OSError, ValueError) as error:
        told = getattr(error, "strerror", None) or error
        raise NoInputError(f"{path}: cannot be read: {told}{advice}") from error
