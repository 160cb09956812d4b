"""Commitments: hashes in the place of facts, which can be opened one by one later.

A disclosure is an array of salt, name and value, as JSON in base64url; the commitment to it is its
SHA-256 in base64url (RFC 9901, SD-JWT, sections 4.2.1 and 4.2.3). Whoever has the commitment alone
would have to guess a salt of 128 bits (section 9.3).
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Collection

from stillwatch.errors import TamperedError, UsageError

SALT_BYTES = 16


def commit(name: str, value: object) -> tuple[str, str]:
    """A commitment to a fact, to be logged, and its disclosure, to be kept. value: what JSON can
    say. Raises `UsageError` where it cannot."""
    made = disclosure(new_salt(), name, value)
    return commitment_to(made), made


def new_salt() -> str:
    """128 bits that nobody can guess, in base64url."""
    return _text(secrets.token_bytes(SALT_BYTES))


def disclosure(salt: str, name: str, value: object) -> str:
    """The disclosure of a fact under a salt that was kept: the same for the same. value: what JSON
    can say, its keys in one order. Raises `UsageError` where it cannot."""
    try:
        array = json.dumps([salt, name, value], ensure_ascii=False, allow_nan=False).encode()
    except (TypeError, ValueError) as error:
        raise UsageError(f"{name}: is no JSON that can be committed to: {error}") from None
    return _text(array)


def commitment_to(disclosure: str) -> str:
    """What was logged in the place of what a disclosure says (section 4.2.3)."""
    return _text(hashlib.sha256(disclosure.encode()).digest())


def disclosed(disclosure: str, committed: Collection[str]) -> tuple[str, object]:
    """Name and value of a fact, to one of these commitments. Raises `TamperedError` where it is to
    none of them."""
    if commitment_to(disclosure) not in committed:
        raise TamperedError("the disclosure opens none of these commitments: it was changed")
    padded = disclosure + "=" * (-len(disclosure) % 4)
    try:
        salt, name, value = json.loads(base64.b64decode(padded, b"-_", validate=True))
    except (ValueError, TypeError):
        raise TamperedError("the disclosure is no salt, name and value in base64url") from None
    if not isinstance(salt, str) or not isinstance(name, str):
        raise TamperedError("the disclosure has no salt or no name")
    return name, value


def _text(data: bytes) -> str:
    """base64url without padding (RFC 7515, section 2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
