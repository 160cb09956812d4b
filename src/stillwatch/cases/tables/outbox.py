"""What others have to be told, in the transaction of what it tells of."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from stillwatch.cases.tables.base import Table


class Message(Table):
    """Waits until it was fetched, then goes."""

    __tablename__ = "outbox"
    __table_args__ = (Index(None, "topic", "place"),)

    place: Mapped[int] = mapped_column(primary_key=True)
    topic: Mapped[str] = mapped_column(String(20))
    """`log`, `guard` or `forum`."""
    entry: Mapped[str] = mapped_column(String(36))
    body: Mapped[str] = mapped_column(Text)


class Receipt(Table):
    """Where in the log an entry is."""

    __tablename__ = "receipts"

    entry: Mapped[str] = mapped_column(String(36), primary_key=True)
    position: Mapped[int]
    at: Mapped[datetime]
