"""Keys: a tree from one secret, so that an account more needs nothing more to be stored.

    master → deployment → cohort → account → epoch

Each key is derived from the one above it and a name (HKDF-Expand, RFC 5869 section 2.3). Whoever
has a key can derive those below it and none beside or above it: an examiner is given the key of
one deployment, and learns nothing of the others.

A key is written as the names that lead to it, `eu-chat/cohort-7/acct-heron/2026-11`, each escaped
as in an address of the web (RFC 3986 section 2.1).
"""

from __future__ import annotations

from hmac import compare_digest
from typing import Literal, NoReturn, Protocol
from urllib.parse import quote, unquote

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from stillwatch.errors import UsageError
from stillwatch.marks.prf import KEY_BYTES

Level = Literal["deployment", "cohort", "account", "epoch"]
LEVELS: tuple[Level, ...] = ("deployment", "cohort", "account", "epoch")
Names = tuple[str, ...]
SECRET_BYTES = 32
_PSEUDONYM_BYTES = 10


class Named(Protocol):
    """What a key is for: one of our schemes, or an engine's."""

    @property
    def name(self) -> str:
        """Its name, with all parameters that change what is looked for."""


class Key:
    """A key of the tree. path: the names that lead to it; the secret is never shown.

    No dataclass: what turns those into dictionaries would show the secret.
    """

    __slots__ = ("_secret", "path")

    def __init__(self, path: Names, secret: bytes) -> None:
        self.path = path
        self._secret = secret

    def child(self, name: str) -> Key:
        """The key of a name one level below. Raises `UsageError` where there is no level below."""
        below = checked((*self.path, name))
        label = f"{LEVELS[len(self.path)]}\0{name}"
        return Key(below, expanded(self._secret, label, SECRET_BYTES))

    def below(self, names: Names) -> Key:
        """The key of some names, one level below the other."""
        key = self
        for name in names:
            key = key.child(name)
        return key

    def of(self, scheme: Named) -> bytes:
        """The key for one scheme: secret, and to be used at once."""
        return expanded(self._secret, f"scheme\0{scheme.name}", KEY_BYTES)

    def pseudonym(self) -> str:
        """What stands for the last name of the path where it is not to be read.

        Whoever can derive the key can tell whose it is, and nobody else, not by guessing either.
        """
        return expanded(self._secret, "pseudonym\0", _PSEUDONYM_BYTES).hex()

    def seal(self) -> bytes:
        """The key that entries of the custody log are sealed with, where this is the master."""
        return expanded(self._secret, "custody\0", SECRET_BYTES)

    def secret(self) -> bytes:
        """The secret itself, to be encrypted at once."""
        return self._secret

    def __repr__(self) -> str:
        return f"Key({written(self.path)!r})"

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Key)
            and self.path == other.path
            and compare_digest(self._secret, other._secret)
        )

    def __hash__(self) -> int:
        return hash(self.path)

    def __reduce__(self) -> NoReturn:
        """Keys do not go into dumps, caches or other processes."""
        raise TypeError("a key is not pickled; derive it again where it is needed")


def written(path: Names) -> str:
    """The names of a key as one text."""
    return "/".join(quote(name, safe="") for name in path)


def path_of(text: str) -> Names:
    """The names of a key from such a text. Raises `UsageError` where it leads to none."""
    try:
        return checked(tuple(unquote(part, errors="strict") for part in text.split("/")))
    except UnicodeDecodeError as error:
        raise UsageError(f"key {text!r}: % escapes something that is not UTF-8") from error
    except UsageError as error:
        raise UsageError(f"key {text!r}: {error}") from None


def checked(path: Names) -> Names:
    """The names, if they can lead to a key. Raises `UsageError` otherwise."""
    if len(path) > len(LEVELS):
        raise UsageError(f"there is nothing below an {LEVELS[-1]}")
    for level, name in zip(LEVELS, path, strict=False):
        if not name:
            article = "an" if level[0] in "ae" else "a"
            raise UsageError(f"{article} {level} needs a name")
        try:
            name.encode()
        except UnicodeEncodeError as error:
            raise UsageError(f"the name of a {level} is not UTF-8") from error
    return path


def expanded(secret: bytes, label: str, length: int) -> bytes:
    """A secret from another, for one use: HKDF-Expand with SHA-256 (RFC 5869 section 2.3)."""
    info = f"stillwatch.marks/1\0{label}".encode()
    return HKDFExpand(algorithm=hashes.SHA256(), length=length, info=info).derive(secret)
