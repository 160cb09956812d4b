"""Brings the tables of a store up to this release."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Runs the migrations that are missing, in the transaction of the connection."""
    command.upgrade(config(connection), revision)


def config(connection: Connection) -> Config:
    """Alembic's configuration, for this folder and this connection."""
    made = Config()
    # A `%` in a path would be taken for an interpolation.
    made.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    made.set_main_option("path_separator", "os")
    made.attributes["connection"] = connection
    return made
