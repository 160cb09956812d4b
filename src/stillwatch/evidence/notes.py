"""Signed notes: text with Ed25519 signatures (c2sp.org/signed-note); the keys that verify them."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from stillwatch.errors import TamperedError, UsageError

ED25519 = b"\x01"
"""The signature type of Ed25519."""
MOST_SIGNATURES = 64
LONGEST = 1 << 20
"""Bytes of a note that are read at all."""
_LINE = re.compile(r"— (\S+) (\S+)")
_VKEY = re.compile(r"([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)")


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A name, and the public key that verifies what it signed; written as a C2SP vkey."""

    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        """The four bytes that tell keys of one name apart."""
        return hashlib.sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()[:4]

    @property
    def label(self) -> str:
        """Name and id, as they stand in a signature."""
        return f"{self.name}+{self.id.hex()}"

    def __str__(self) -> str:
        return f"{self.label}+{base64.b64encode(ED25519 + self.public).decode()}"

    @classmethod
    def parsed(cls, text: str) -> VerifierKey:
        """Raises `ValueError` where a text is no vkey of Ed25519."""
        found = _VKEY.fullmatch(text)
        if found is None:
            raise ValueError("is no verifier key (name+id+key)")
        whole = base64.b64decode(found[3], validate=True)
        made = cls(found[1], whole[1:])
        if len(whole) != 33 or whole[:1] != ED25519:
            raise ValueError("is no key for Ed25519")
        if str(made) != text:
            raise ValueError("has an id that is not that of its key")
        return made

    def verifies(self, signature: bytes, text: bytes) -> bool:
        """Whether this key signed a text."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True, slots=True)
class Signer:
    """A name, and the secret key that signs for it."""

    name: str
    secret: Ed25519PrivateKey

    @property
    def key(self) -> VerifierKey:
        """What verifies it."""
        return VerifierKey(self.name, self.secret.public_key().public_bytes_raw())

    def line(self, text: bytes) -> bytes:
        """The line below a text that says that it was signed."""
        signature = base64.b64encode(self.key.id + self.secret.sign(text)).decode()
        return f"— {self.name} {signature}\n".encode()


def check_name(name: str) -> None:
    """Raises `UsageError` where a name cannot stand in a note."""
    if not 0 < len(name) <= 200 or "+" in name or not name.isprintable() or re.search(r"\s", name):
        raise UsageError(
            f"--origin {name!r}: a name such as provider.example/evidence, without spaces and +"
        )


def signed(text: bytes, *signers: Signer) -> bytes:
    """A note. text: lines, each ended."""
    return text + b"\n" + b"".join(signer.line(text) for signer in signers)


@dataclass(frozen=True, slots=True)
class Opened:
    """A note that holds. by: the keys that signed it; known: the note with their signatures alone,
    since nothing says of those of others that they are as they were."""

    text: bytes
    by: frozenset[VerifierKey]
    known: bytes


def opened(note: bytes, keys: Collection[VerifierKey], what: str) -> Opened:
    """Reads a note that one at least of the keys has signed.

    Signatures of other keys are ignored, as the specification wants it. what: how to call the note.
    Raises `TamperedError` where it is no note, or a signature of these keys does not hold, or there
    is none.
    """
    head, blank, rest = note.rpartition(b"\n\n")
    text = head + b"\n"
    try:
        lines = rest.decode().split("\n")
        plain = note.decode().replace("\n", "")
    except UnicodeDecodeError as error:
        raise TamperedError(f"{what}: is no signed note: not UTF-8 ({error.reason})") from None
    if any(c < " " for c in plain) or len(note) > LONGEST:
        raise TamperedError(f"{what}: is no signed note: it holds what none can hold")
    if not blank or len(lines) < 2 or lines.pop() or len(lines) > MOST_SIGNATURES:
        raise TamperedError(f"{what}: is no signed note: text, an empty line, signatures")
    by: dict[VerifierKey, str] = {}
    for line in lines:
        name, number, signature = _signature(line, what)
        for key in keys:
            if (key.name, key.id) != (name, number):
                continue
            if not key.verifies(signature, text):
                raise TamperedError(
                    f"{what}: the signature of {key.label} does not hold: the text or the "
                    "signature was changed"
                )
            by.setdefault(key, line)
    if not by:
        wanted = " or ".join(key.label for key in keys)
        raise TamperedError(f"{what}: is not signed by {wanted}")
    known = "".join(f"{line}\n" for line in by.values())
    return Opened(text, frozenset(by), text + b"\n" + known.encode())


def _signature(line: str, what: str) -> tuple[str, bytes, bytes]:
    found = _LINE.fullmatch(line)
    whole = b""
    if found is not None:
        try:
            whole = base64.b64decode(found[2], validate=True)
        except ValueError:
            whole = b""
    # Two spellings in base64 of the same bytes: only one is taken.
    if found is None or len(whole) < 5 or base64.b64encode(whole).decode() != found[2]:
        raise TamperedError(f"{what}: a signature line is damaged")
    return found[1], whole[:4], whole[4:]
