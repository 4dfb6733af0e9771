"""Connections and transactions.

Two doors: `write()` for a short transaction that changes something, `read()` for one that does
not. On SQLite a write takes the lock at its start (`BEGIN IMMEDIATE`): a read that turns into a
write would fail at once whatever the busy timeout.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

BUSY_MS = 10_000


class Database:
    """The service's database.

    Args:
        url: SQLAlchemy URL; `postgresql://` is read as psycopg 3.
    """

    def __init__(self, url: str) -> None:
        parsed = make_url(url)
        if parsed.drivername in ("postgres", "postgresql"):
            parsed = parsed.set(drivername="postgresql+psycopg")
        self.url = parsed.render_as_string(hide_password=False)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        if self.is_sqlite and parsed.database:
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        self.engine: Engine = create_engine(parsed, pool_pre_ping=not self.is_sqlite)
        if self.is_sqlite:
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Opens a transaction; commits at the end, rolls back on an error."""
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            session.connection(execution_options={"immediate": True})
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Opens a transaction in which nothing is changed."""
        with Session(self.engine, expire_on_commit=False) as session:
            # Closing lets go of the rows without expiring them: they are read afterwards.
            yield session

    def close(self) -> None:
        """Closes every connection."""
        self.engine.dispose()


def _prepare_sqlite(connection: Any, record: Any) -> None:
    # SQLAlchemy must send BEGIN itself (see _begin_sqlite), not the driver.
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        f"busy_timeout={BUSY_MS}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    immediate = connection.get_execution_options().get("immediate")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
