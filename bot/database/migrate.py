"""Brings a database to the present tables."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import inspect, text

from bot.database.engine import Database

if TYPE_CHECKING:
    from alembic.config import Config

HERE = Path(__file__).parent


def config(database: Database) -> Config:
    """Returns Alembic's configuration for this database."""
    from alembic.config import Config

    settings = Config()
    settings.set_main_option("script_location", str(HERE / "migrations"))
    settings.attributes["engine"] = database.engine
    return settings


def upgrade(database: Database) -> None:
    """Runs the migrations that are missing.

    Alembic is slow to import: it is not, when there is nothing to do.
    """
    if _version(database) == _latest():
        return
    from alembic import command

    command.upgrade(config(database), "head")


def _version(database: Database) -> str | None:
    if not inspect(database.engine).has_table("alembic_version"):
        return None
    with database.read() as session:
        version: str | None = session.scalar(text("SELECT version_num FROM alembic_version"))
    return version


def _latest() -> str:
    """Migrations are named by their number: the last one is the latest."""
    return max(path.name for path in (HERE / "migrations" / "versions").glob("[0-9]*.py"))[:4]
