"""The columns that a rule may read: those of the sketch, by what can be asked of them."""

from __future__ import annotations

from typing import Literal

import pyarrow as pa

from stillwatch.complaints import meant
from stillwatch.sketch.schema import COLUMNS, DERIVED
from stillwatch.traffic.exchange import TEXT

Kind = Literal["text", "number", "hash", "time", "list"]


def _kind(name: str, kind: pa.DataType) -> Kind:
    if pa.types.is_timestamp(kind):
        return "time"
    if pa.types.is_list(kind):
        return "list"
    if pa.types.is_string(kind):
        return "text"
    # Of the derived columns those of 64 bits are hashes, and nothing else is.
    return "hash" if pa.types.is_int64(kind) and name in _DERIVED else "number"


_DERIVED = frozenset(c.name for c in DERIVED)
KINDS: dict[str, Kind] = {c.name: _kind(c.name, c.type) for c in COLUMNS}
"""Column → what it holds. `hash` is written as the 16 hexadecimal digits that reports show."""

WORDING = frozenset(
    name
    for name in KINDS
    if name in ("system_template", "head", "tail", "skeleton", "reply_head")
    or name.startswith("near_")
)
"""Columns made from the wording of prompts and answers; they depend on one another."""
ONE_ACCOUNT = frozenset({"exchange_id", "exchange_key", "account", "account_key"})
"""Columns whose values belong to one account each."""


def known(name: str) -> str:
    """The name, if it is a column. Raises `ValueError` that says which are, or why it is none."""
    if name in TEXT:
        raise ValueError(
            f"{name!r} is not kept: no text is read after the sketch; use the hashes of the "
            "wording (head, tail, skeleton, system_template), intent, topic or language"
        )
    if name not in KINDS:
        raise ValueError(f"there is no column {name!r}{meant(name, KINDS)}")
    return name
