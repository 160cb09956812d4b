"""Checkpoints: how long a log was and the root of its tree, signed (c2sp.org/tlog-checkpoint)."""

from __future__ import annotations

import base64
import re
from collections.abc import Collection
from dataclasses import dataclass

from stillwatch.errors import TamperedError
from stillwatch.evidence.merkle import DIGEST
from stillwatch.evidence.notes import Signer, VerifierKey, opened, signed

_TEXT = re.compile(r"([^\n]+)\n(0|[1-9][0-9]{0,18})\n([A-Za-z0-9+/=]+)\n")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A log at one size. origin: which log; note: the checkpoint as
    it was signed by the log, without the signatures of others."""

    origin: str
    size: int
    root: bytes
    note: bytes

    @classmethod
    def signed(cls, origin: str, size: int, root: bytes, *signers: Signer) -> Checkpoint:
        """Signs the state of a log."""
        text = f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n".encode()
        return cls(origin, size, root, signed(text, *signers))

    @classmethod
    def verified(cls, note: bytes, keys: Collection[VerifierKey], what: str) -> Checkpoint:
        """Reads a checkpoint that one of the keys has signed; all are of the log it is of.

        what: how to call it. Raises `TamperedError`.
        """
        read = opened(note, keys, what)
        found = _TEXT.fullmatch(read.text.decode())
        if found is None:
            raise TamperedError(f"{what}: is no checkpoint: origin, size and root")
        try:
            root = base64.b64decode(found[3], validate=True)
        except ValueError:
            root = b""
        if len(root) != DIGEST or base64.b64encode(root).decode() != found[3]:
            raise TamperedError(f"{what}: its root is no SHA-256 in base64")
        if any(key.name != found[1] for key in read.by):
            raise TamperedError(f"{what}: is of the log {found[1]}, which this key does not sign")
        return cls(found[1], int(found[2]), root, read.known)

    def __str__(self) -> str:
        return f"{self.size}:{self.root.hex()}"
