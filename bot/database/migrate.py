"""Brings a database to the present tables."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config

from bot.database.engine import Database

HERE = Path(__file__).parent


def config(database: Database) -> Config:
    """Returns Alembic's configuration for this database."""
    settings = Config()
    settings.set_main_option("script_location", str(HERE / "migrations"))
    settings.attributes["engine"] = database.engine
    return settings


def upgrade(database: Database) -> None:
    """Runs the migrations that are missing."""
    command.upgrade(config(database), "head")
