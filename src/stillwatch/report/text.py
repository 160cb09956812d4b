"""Making other people's text safe to look at.

Account ids, templates and user agents are written by the attacker. Escaping keeps them from being
markup; it does not keep them from lying to the eye. A right-to-left override turns `gpj.exe` into
`exe.jpg`, a zero-width space makes two different ids look the same, a tower of combining marks
covers the line above (Unicode UTS 39, UTR 36 section 2). Such characters are shown by number.
"""

from __future__ import annotations

import re
import unicodedata

from markupsafe import Markup, escape

from stillwatch.plural import plural

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_MASK = re.compile(r"(⟨[^⟨⟩\n]{1,40}⟩)")
_LONGEST = 2_000
_LINES = 12
_MARKS = 2
"""Combining marks in a row that real scripts use; more is a tower."""


def visible(text: str, keep: str = "") -> str:
    """`text` with characters that hide or reorder written as ⟦U+202E⟧, and at most 2,000 long.

    >>> visible("exe\u202egpj")
    'exe⟦U+202E⟧gpj'
    """
    text = clip(text, _LONGEST)
    if text.isascii() and text.isprintable():
        return text
    shown: list[str] = []
    marks = 0
    for character in text:
        category = unicodedata.category(character)
        marks = marks + 1 if category in {"Mn", "Me"} else 0
        if (category in _HIDDEN and character not in keep) or marks > _MARKS:
            shown.append(f"⟦U+{ord(character):04X}⟧")
        else:
            shown.append(character)
    return "".join(shown)


def safe(value: object) -> Markup:
    """`value` as markup that shows it; what is already markup stays."""
    return value if isinstance(value, Markup) else escape(visible(str(value)))


def clip(text: str, longest: int) -> str:
    """The start of `text`, and how much was left out.

    >>> clip("abcdefgh", 3)
    'abc… (5 more characters)'
    """
    if len(text) <= longest:
        return text
    return f"{text[:longest]}… ({plural(len(text) - longest, 'more character')})"


def shorten(text: str, longest: int) -> str:
    """Start and end of `text`, for a place where nothing longer fits: ids differ at both ends."""
    if len(text) <= longest:
        return text
    tail = (longest - 1) // 3
    return f"{text[: longest - 1 - tail]}…{text[len(text) - tail :]}"


def wrap(text: str, width: int, lines: int) -> list[str]:
    """`text` broken at words into at most `lines` lines of `width` characters."""
    rows: list[str] = []
    for word in text.split():
        if rows and len(rows[-1]) + 1 + len(word) <= width:
            rows[-1] += f" {word}"
        else:
            rows.append(word)
    if len(rows) > lines:
        rows = [*rows[: lines - 1], " ".join(rows[lines - 1 :])]
    return [row if len(row) <= width else f"{row[: width - 1]}…" for row in rows]


def chips(template: str, longest: int = 600) -> Markup:
    """A masked template with each ⟨mask⟩ set as a chip; its line breaks are kept."""
    lines = clip(template, longest).split("\n")
    if len(lines) > _LINES:
        lines = [*lines[:_LINES], f"… ({plural(len(lines) - _LINES, 'more line')})"]
    parts = _MASK.split("\n".join(lines))
    return Markup("").join(
        Markup('<span class="chip">{}</span>').format(visible(part))
        if i % 2
        else escape(visible(part, keep="\n\t"))
        for i, part in enumerate(parts)
    )
