"""What was seen: written by a scan, a version at a time."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from stillwatch.cases.tables.base import Name, Record, Table


class Facts(Record, Table):
    """What one scan saw of a case: its accounts, what they share, and when."""

    __tablename__ = "facts"
    __table_args__ = (UniqueConstraint("number", "scan"),)

    number: Mapped[int] = mapped_column(ForeignKey("cases.number"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    scan: Mapped[str] = mapped_column(String(64))
    """SHA-256 of its campaigns.json, in hexadecimal."""
    made: Mapped[datetime]
    """When the scan was made."""
    taken: Mapped[datetime]
    """When the case took it in."""
    campaign: Mapped[str] = mapped_column(Name)
    document: Mapped[str] = mapped_column(Text)
    """`stillwatch.cases.parts.Seen` as JSON."""
