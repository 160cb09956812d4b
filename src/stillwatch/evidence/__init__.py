"""Evidence that a stranger can check: the log, and proofs of what is in it."""

from stillwatch.evidence.checkpoints import Checkpoint
from stillwatch.evidence.entries import Entry
from stillwatch.evidence.log import PUBLIC, Log
from stillwatch.evidence.notes import VerifierKey
from stillwatch.evidence.reader import Reader, read_checkpoint
from stillwatch.evidence.signing import PUBLIC as PUBLIC_KEY
from stillwatch.evidence.signing import read_key

__all__ = [
    "PUBLIC",
    "PUBLIC_KEY",
    "Checkpoint",
    "Entry",
    "Log",
    "Reader",
    "VerifierKey",
    "read_checkpoint",
    "read_key",
]
