"""The key that signs for a log, and how it hands over to the next.

A handover is a note, signed by the key before and by the one that follows. Whoever was given any
key of a log can go from it to the one that signs now, and to none that it did not name.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from stillwatch.durable import replaced, sync_directory
from stillwatch.errors import NoInputError, OutputError, TamperedError, UsageError
from stillwatch.evidence.notes import Signer, VerifierKey, opened, signed
from stillwatch.private import read_private, write_private

SIGNING = "signing.key"
NEXT = "signing.next"
PUBLIC = "log.vkey"
HANDOVER = "handover"
"""Folder of the handovers below what is published, numbered from 1."""
_FIRST_LINE = "stillwatch.handover/1"


def create(directory: Path, origin: str, file: str = SIGNING) -> Signer:
    """Makes a key in a file that only its owner can read."""
    made = Ed25519PrivateKey.generate()
    pem = made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    write_private(directory / file, pem)
    return Signer(origin, made)


def read_signer(path: Path, origin: str) -> Signer:
    """The secret key in a file. Raises `NoInputError` where there is none, `UsageError` where it is
    another, or others can read it."""
    try:
        found = load_pem_private_key(read_private(path), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        found = None
    if not isinstance(found, Ed25519PrivateKey):
        raise UsageError(f"{path}: is no secret Ed25519 key in PEM, as `evidence new` makes")
    return Signer(origin, found)


def write_key(path: Path, key: VerifierKey) -> None:
    """Puts a public key in place."""
    try:
        with replaced(path) as fresh:
            fresh.write_text(f"{key}\n", "utf-8")
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror}") from error


def read_key(path: Path) -> VerifierKey:
    """A public key. Raises `NoInputError` where there is none, `UsageError` where it is another."""
    try:
        return VerifierKey.parsed(path.read_text("utf-8").strip())
    except OSError as error:
        raise NoInputError(f"{path}: cannot be read: {error.strerror}") from error
    except ValueError as error:
        why = "is no text" if isinstance(error, UnicodeDecodeError) else error
        raise UsageError(f"{path}: {why}; it is what `evidence new` writes as {PUBLIC}") from None


def handover(old: Signer, new: Signer) -> bytes:
    """The note by which one key names the next."""
    return signed(f"{_FIRST_LINE}\n{old.key}\n{new.key}\n".encode(), old, new)


def hand_over(directory: Path, public: Path, note: bytes) -> None:
    """Puts a handover in place, and the next key. The log has the note already."""
    path = public / HANDOVER / str(len(handovers(public)) + 1)
    try:
        with replaced(path) as fresh:
            fresh.write_bytes(note)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror}") from error
    recover(directory, public)


def recover(directory: Path, public: Path) -> None:
    """Ends a handover that is in place, or takes a next key away that was named by none."""
    following = directory / NEXT
    keys = published_keys(public)
    try:
        if keys and keys[-1] != read_key(directory / PUBLIC):
            if following.exists():
                following.replace(directory / SIGNING)
                sync_directory(directory)
            # What was proved by then is checked with the key of then.
            write_key(directory / f"log.{keys[-2].id.hex()}.vkey", keys[-2])
            write_key(directory / PUBLIC, keys[-1])
        else:
            following.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(f"{following}: cannot be put in place: {error.strerror}") from error


def handovers(public: Path) -> list[bytes]:
    """The handovers of a log, first to last."""
    found: list[bytes] = []
    while (path := public / HANDOVER / str(len(found) + 1)).exists():
        try:
            found.append(path.read_bytes())
        except OSError as error:
            raise TamperedError(f"{path}: cannot be read: {error.strerror}") from error
    return found


def published_keys(public: Path) -> list[VerifierKey]:
    """The keys of a log, first to last; none where there was no handover. Raises as `chain`."""
    return chain(handovers(public), f"{public / HANDOVER}/")


def chain(notes: Iterable[bytes], what: str) -> list[VerifierKey]:
    """The keys of a log, first to last, by its handovers; none where there was no handover.

    what: how to call a handover, before its number.

    Raises `TamperedError` where one does not hold, or does not follow from the one before it.
    """
    keys: list[VerifierKey] = []
    for n, note in enumerate(notes, 1):
        place = f"{what}{n}"
        lines = note.decode(errors="replace").split("\n")
        try:
            old, new = map(VerifierKey.parsed, lines[1:3])
        except ValueError:
            raise TamperedError(f"{place}: does not name two keys") from None
        read = opened(note, (old, new), place)
        if read.text != f"{_FIRST_LINE}\n{old}\n{new}\n".encode() or old.name != new.name:
            raise TamperedError(f"{place}: is none")
        if read.by != {old, new} or read.known != note:
            raise TamperedError(f"{place}: is not signed by these two keys, once each")
        if keys and keys[-1] != old:
            raise TamperedError(f"{place}: is not of the key that the one before it named")
        keys += [new] if keys else [old, new]
    return keys


def trusted(keys: Sequence[VerifierKey], given: VerifierKey, what: str) -> list[VerifierKey]:
    """All keys of a log, where the one that was given is among them. Raises `TamperedError`."""
    found = list(keys) or [given]
    if given not in found:
        raise TamperedError(
            f"{what}: its keys are {', '.join(key.label for key in found)}, and not the one that "
            f"was given, {given.label}"
        )
    return found
