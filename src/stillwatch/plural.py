"""A number and its noun."""

from __future__ import annotations


def plural(n: int, noun: str, nouns: str | None = None) -> str:
    """
    >>> plural(1, "account"), plural(4012, "account"), plural(2, "sketch", "sketches")
    ('1 account', '4,012 accounts', '2 sketches')
    """
    return f"{n:,} {noun if n == 1 else nouns or noun + 's'}"
