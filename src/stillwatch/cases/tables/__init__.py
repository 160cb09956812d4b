"""The tables of the store: facts, inference and decisions apart."""

from __future__ import annotations

from stillwatch.cases.tables.base import Record, Table, canonical
from stillwatch.cases.tables.cover import Campaign, Case
from stillwatch.cases.tables.decisions import Appeal, Approval, Decision, JournalLine, Ruling
from stillwatch.cases.tables.facts import Facts
from stillwatch.cases.tables.index import Freed, Term, Touched
from stillwatch.cases.tables.inference import Inference, Kinship
from stillwatch.cases.tables.many import write_many
from stillwatch.cases.tables.outbox import Message, Receipt

RECORDS: tuple[type[Record], ...] = (
    *(Facts, Inference, Kinship),
    *(JournalLine, Decision, Approval, Appeal, Ruling),
)
"""Tables whose rows are written once and entered into the log."""

__all__ = [
    "RECORDS",
    "Appeal",
    "Approval",
    "Campaign",
    "Case",
    "Decision",
    "Facts",
    "Freed",
    "Inference",
    "JournalLine",
    "Kinship",
    "Message",
    "Receipt",
    "Record",
    "Ruling",
    "Table",
    "Term",
    "Touched",
    "canonical",
    "write_many",
]
