"""What a scan makes of what it saw: weights, verdicts, kinship. No person said it."""

from __future__ import annotations

from sqlalchemy import ForeignKey, ForeignKeyConstraint, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from stillwatch.cases.tables.base import Record, Table


class Inference(Record, Table):
    """What a scan concluded from the facts of the same version."""

    __tablename__ = "inferences"
    __table_args__ = (
        ForeignKeyConstraint(["number", "version"], ["facts.number", "facts.version"]),
    )

    number: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    verdict: Mapped[str] = mapped_column(String(20))
    probability: Mapped[float]
    bits: Mapped[float]
    document: Mapped[str] = mapped_column(Text)
    """`stillwatch.cases.parts.Concluded` as JSON."""


class Kinship(Record, Table):
    """One case went into another, or split off from it, by what a scan says."""

    __tablename__ = "kinships"

    number: Mapped[int] = mapped_column(ForeignKey("cases.number"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    """`merged_into` or `split_from`."""
    other: Mapped[int] = mapped_column(ForeignKey("cases.number"), primary_key=True, index=True)
    scan: Mapped[str] = mapped_column(String(64))
