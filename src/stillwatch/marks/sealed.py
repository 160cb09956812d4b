"""Sealed keys: one key of the tree, encrypted to an examiner (HPKE, RFC 9180, base mode).

A file of two lines. The first says in the clear what it is, and is the `info` of the encryption
(section 5.1): changed, the second does not open. Base mode says nothing of who sealed it; the
custody log of the sender has the SHA-256 of the file.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from stillwatch.complaints import sentence
from stillwatch.errors import FormatError, NoInputError, TamperedError, UsageError
from stillwatch.marks.custody import Person
from stillwatch.marks.examiner import fingerprint
from stillwatch.marks.keys import SECRET_BYTES, Key, Names, path_of, written
from stillwatch.marks.opened import Opened
from stillwatch.marks.register import Register, Revocation, revocation
from stillwatch.marks.scheme import Scheme
from stillwatch.marks.schemes import named

SCHEMA_ID = "stillwatch.sealed/1"
ABOUT = (
    "A key to look for marks with, and all keys below it. Second line, in base64: HPKE (RFC 9180), "
    "base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM; info is this line."
)
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


class Label(BaseModel):
    """What a sealed key says in the clear. to: fingerprint of whom it is for; scheme: what marks
    were made by with it, and so what is to be looked for; the rest: when, and who sealed it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    schema_id: Literal["stillwatch.sealed/1"] = Field(alias="schema")
    about: str
    key: str
    scheme: str
    to: str
    at: AwareDatetime
    user: str
    host: str
    name: str | None = Field(alias="as")
    why: str | None


class Secret(BaseModel):
    """What is encrypted."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    secret: str = Field(repr=False)
    revoked: tuple[Revocation, ...]


def sealed(
    key: Key,
    scheme: Scheme,
    to: X25519PublicKey,
    person: Person,
    register: Register,
) -> bytes:
    """The file that gives a key to somebody. The encryption is another each time."""
    label = Label.model_validate(
        {
            "schema": SCHEMA_ID,
            "about": ABOUT,
            "key": written(key.path),
            "scheme": scheme.name,
            "to": fingerprint(to),
            **person.fields(),
        }
    )
    first = label.model_dump_json(by_alias=True).encode()
    secret = Secret(secret=key.secret().hex(), revoked=tuple(register.around(key.path)))
    second = _SUITE.encrypt(secret.model_dump_json().encode(), to, info=first)
    return first + b"\n" + base64.b64encode(second) + b"\n"


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed key, as it lies in its file."""

    path: Path
    label: Label
    _first: bytes
    _second: bytes

    @classmethod
    def load(cls, path: Path) -> Sealed:
        """Reads a file.

        Raises
        ------
        NoInputError
            There is none.
        FormatError
            It is no sealed key.
        """
        try:
            whole = path.read_bytes()
        except OSError as error:
            raise NoInputError(f"{path}: cannot be read: {error.strerror}") from error
        lines = whole.split(b"\n")
        if len(lines) != 3 or lines[2]:
            raise FormatError(f"{path}: is no sealed key: it has two lines, each ended")
        try:
            label = Label.model_validate_json(lines[0])
        except ValidationError as error:
            why = sentence(error.errors()[0], Label)
            raise FormatError(f"{path}: is no sealed key of {SCHEMA_ID} ({why})") from None
        try:
            second = base64.b64decode(lines[1], validate=True)
        except ValueError:
            second = b""
        if base64.b64encode(second) != lines[1] or not second:
            raise FormatError(f"{path}: its second line is no base64")
        return cls(path, label, lines[0], second)

    @property
    def scheme(self) -> Scheme:
        """What to look for. Raises `UsageError` where this release knows of no such scheme."""
        return named(self.label.scheme)

    def open(self, examiner: X25519PrivateKey, keys: Iterable[str]) -> Opened:
        """Keys at and below the one that was sealed, by the texts they are written as.

        Raises
        ------
        UsageError
            It is for somebody else, or a key is not below it.
        TamperedError
            It was changed.
        """
        mine = fingerprint(examiner.public_key())
        if mine != self.label.to:
            raise UsageError(
                f"{self.path}: is sealed to the key {self.label.to}, and this one is {mine}"
            )
        top, revoked = self._opened(examiner)
        if top is None:
            # Not from the error: what could not be read may be the secret.
            raise TamperedError(
                f"{self.path}: does not open: it was changed, or cut off. Ask for it anew, and "
                "compare its SHA-256"
            )
        opened, found = {}, {}
        for name in keys:
            path = path_of(name)
            if path[: len(top.path)] != top.path:
                raise UsageError(
                    f"{name}: is not below {self.label.key}, the key that was sealed; no other "
                    "can be made of it"
                )
            opened[name] = top.below(path[len(top.path) :])
            if (one := revocation(revoked, path)) is not None:
                found[name] = one
        return Opened(opened, found)

    def _opened(self, examiner: X25519PrivateKey) -> tuple[Key | None, Mapping[Names, Revocation]]:
        try:
            text = _SUITE.decrypt(self._second, examiner, info=self._first)
            secret = Secret.model_validate_json(text)
            key = bytes.fromhex(secret.secret)
            revoked = {path_of(one.key): one for one in secret.revoked}
        except (InvalidTag, ValueError):
            return None, {}
        if len(key) != SECRET_BYTES:
            return None, {}
        return Key(path_of(self.label.key), key), revoked
