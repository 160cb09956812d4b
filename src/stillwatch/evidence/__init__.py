"""Evidence that a stranger can check: the log, and proofs of what is in it."""

from stillwatch.evidence.checkpoints import Checkpoint
from stillwatch.evidence.entries import Entry
from stillwatch.evidence.log import Log
from stillwatch.evidence.notes import VerifierKey

__all__ = ["Checkpoint", "Entry", "Log", "VerifierKey"]
