"""An examiner's pair of keys: X25519 (RFC 7748), in PEM (RFC 8410), as other tools make it too."""

from __future__ import annotations

import hashlib
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from stillwatch.errors import NoInputError, OutputError, UsageError
from stillwatch.private import read_private, write_private

PUBLIC = ".pub"


def create(path: Path) -> tuple[Path, str]:
    """Makes a pair; the public key's file and fingerprint. Raises `OutputError` where files are in
    the way, and `UsageError` where both would have one name."""
    public = path.with_suffix(PUBLIC)
    if public == path:
        raise UsageError(f"{path}: is what the public key is called; name the secret one otherwise")
    if public.exists():
        raise OutputError(f"{public}: is there already; a key is never replaced")
    key = X25519PrivateKey.generate()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    write_private(path, pem)
    shown = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    try:
        public.write_bytes(shown)
    except OSError as error:
        raise OutputError(f"{public}: cannot be written: {error.strerror}") from error
    return public, fingerprint(key.public_key())


def read_public(path: Path) -> X25519PublicKey:
    """A public key. Raises `NoInputError` where there is none, `UsageError` where it is another."""
    try:
        found = load_pem_public_key(path.read_bytes())
    except OSError as error:
        raise NoInputError(f"{path}: cannot be read: {error.strerror}") from error
    except (ValueError, UnsupportedAlgorithm):
        found = None
    if not isinstance(found, X25519PublicKey):
        raise UsageError(f"{path}: is no public X25519 key in PEM, as `marks examiner new` makes")
    return found


def read_secret(path: Path) -> X25519PrivateKey:
    """A secret key. Raises `NoInputError` where there is none, `UsageError` where it is another, or
    others can read it."""
    try:
        found = load_pem_private_key(read_private(path), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        found = None
    if not isinstance(found, X25519PrivateKey):
        raise UsageError(f"{path}: is no secret X25519 key in PEM, as `marks examiner new` makes")
    return found


def fingerprint(key: X25519PublicKey) -> str:
    """SHA-256 of the public key (its SubjectPublicKeyInfo, DER), to be compared by voice."""
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(der).hexdigest()
