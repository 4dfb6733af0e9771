"""Alembic's entry; run through `bot.database.migrate`, never from a file of settings."""

from alembic import context

from bot.database.models import Base, Moment

engine = context.config.attributes["engine"]


def _render(kind: str, item: object, autogen: object) -> "str | bool":
    """Writes our own type as what it is in the database: a migration stands by itself."""
    return "sa.DateTime(timezone=True)" if isinstance(item, Moment) else False


with engine.connect() as connection:
    # On SQLite a migration is one immediate transaction: two processes may start together.
    connection = connection.execution_options(immediate=True)
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7274210)")
        context.run_migrations()
    connection.commit()
