"""What a proof proves to a stranger who has a key of a log.

It holds the entries, and for each the way from it to the root of a checkpoint; how keys handed over
since the first; and, where one was named, that the log of an earlier checkpoint became this one.
That it was made is an entry of its own, the last. It says what the proof holds, so nothing can be
taken out of it, nor put into it.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from stillwatch.complaints import sentence
from stillwatch.errors import TamperedError
from stillwatch.evidence import merkle, signing
from stillwatch.evidence.checkpoints import Checkpoint
from stillwatch.evidence.entries import Entry
from stillwatch.evidence.notes import VerifierKey
from stillwatch.evidence.proof_document import SCHEMA_ID, Document, Included


@dataclass(frozen=True, slots=True)
class Proven:
    """What holds, if the key is that of the log. made: the entry that says that the proof was made;
    since: the checkpoint that was shown to be of the same log."""

    checkpoint: Checkpoint
    entries: tuple[tuple[int, Entry], ...]
    made: Entry
    since: Checkpoint | None


def about(
    entries: Sequence[tuple[int, bytes]], keys: Sequence[VerifierKey], since: Checkpoint | None
) -> dict[str, object]:
    """What the entry on a proof says of what it holds. entries: indices and leaf hashes."""
    return {
        "count": len(entries),
        "of": spans(index for index, _ in entries),
        "leaves": hashlib.sha256(b"".join(leaf for _, leaf in entries)).hexdigest(),
        "keys": [key.label for key in keys],
        "since": None if since is None else str(since),
    }


def spans(indices: Iterable[int]) -> str:
    """
    >>> spans([3, 4, 5, 9])
    '3-5,9'
    """
    found: list[list[int]] = []
    for index in indices:
        if found and found[-1][1] == index - 1:
            found[-1][1] = index
        else:
            found.append([index, index])
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in found)


def verified(data: bytes, given: VerifierKey, what: str) -> Proven:
    """What a proof proves to whoever trusts a key. what: how to call it, such as its path.

    Raises `TamperedError` that says what does not hold.
    """
    document = _document(data, what)
    notes = [note.encode() for note in document.handovers]
    keys = signing.trusted(signing.chain(notes, f"{what}: handover "), given, what)
    checkpoint = _checkpoint(document.checkpoint, keys[-1:], f"{what}: the checkpoint")
    for name, said, so in (
        ("key", document.key, keys[-1].label),
        ("origin", document.origin, checkpoint.origin),
    ):
        if said != so:
            raise TamperedError(f"{what}: its {name} is said to be {said!r}, and is {so!r}")
    since = _since(document, checkpoint, keys, what)
    leaves = [_leaf(one, checkpoint, what) for one in document.entries]
    entries = [(one.index, _entry(one, what)) for one in document.entries]
    *others, (_, made) = entries
    if made.kind != "export":
        raise TamperedError(f"{what}: its last entry is not the one that says what it holds")
    told = about(leaves[:-1], keys, since)
    for name, value in told.items():
        if made.body.get(name) != value:
            raise TamperedError(
                f"{what}: does not hold what was put into it: {name} is {value}, and was "
                f"{made.body.get(name)}"
            )
    # Last, since what else is wrong says more.
    if document.written() != data:
        raise TamperedError(
            f"{what}: is not written as a proof is: spaces or other spellings were put into it"
        )
    return Proven(checkpoint, tuple(others), made, since)


def _document(data: bytes, what: str) -> Document:
    try:
        document = Document.model_validate_json(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        why = sentence(first, Document)
        place = f"{where}: " if where else ""
        raise TamperedError(f"{what}: is no proof of {SCHEMA_ID}: {place}{why}") from None
    indices = [one.index for one in document.entries]
    if indices != sorted(set(indices)):
        raise TamperedError(f"{what}: its entries are not in their order, or one is there twice")
    return document


def _checkpoint(note: str, keys: Sequence[VerifierKey], what: str) -> Checkpoint:
    found = Checkpoint.verified(note.encode(), keys, what)
    if found.note != note.encode():
        raise TamperedError(f"{what}: carries signatures that are not of this log")
    return found


def _since(
    document: Document, new: Checkpoint, keys: Sequence[VerifierKey], what: str
) -> Checkpoint | None:
    if document.since is None:
        return None
    place = f"{what}: the earlier checkpoint"
    old = _checkpoint(document.since.checkpoint, keys, place)
    path = _hashes(document.since.path, place)
    if not merkle.consistent(old.size, new.size, path, old.root, new.root):
        raise TamperedError(
            f"{place}: the log of then ({old.size:,} entries) did not become the log of "
            f"{new.size:,}, or the proof of it was changed"
        )
    return old


def _leaf(one: Included, checkpoint: Checkpoint, what: str) -> tuple[int, bytes]:
    leaf = merkle.leaf_hash(one.entry.encode())
    path = _hashes(one.path, f"{what}: entry {one.index}")
    if not merkle.included(leaf, one.index, checkpoint.size, path, checkpoint.root):
        raise TamperedError(
            f"{what}: entry {one.index} is not in the log as it stands here: its text, its "
            "index or its proof was changed"
        )
    return one.index, leaf


def _entry(one: Included, what: str) -> Entry:
    try:
        return Entry.parsed(one.entry.encode())
    except ValueError as error:
        raise TamperedError(f"{what}: entry {one.index} is no entry: {error}") from None


def _hashes(path: Iterable[str], what: str) -> list[bytes]:
    try:
        found = [base64.b64decode(one, validate=True) for one in path]
    except ValueError:
        found = [b""]
    if any(len(one) != merkle.DIGEST for one in found):
        raise TamperedError(f"{what}: a hash of its proof is none")
    if [base64.b64encode(one).decode() for one in found] != list(path):
        raise TamperedError(f"{what}: a hash of its proof is spelled in another way")
    return found
