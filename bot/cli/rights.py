"""`passerelle purge`, `export` and `erase`: retention and the resident's rights."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

from bot import settings as configuration
from bot.cli.french import Command, click
from bot.database import migrate
from bot.database.engine import Database
from bot.privacy import retention, rights


@contextmanager
def opened() -> Iterator[tuple[configuration.Settings, Database]]:
    """Opens the database of the settings, at its present tables."""
    settings = configuration.load()
    database = Database(settings.database)
    try:
        migrate.upgrade(database)
        yield settings, database
    finally:
        database.close()


@click.command(cls=Command)
def purge() -> None:
    """Efface les conversations plus anciennes que la durée de conservation."""
    with opened() as (settings, database):
        counts = retention.purge(database, settings.keep_days).to_json()
    click.echo(json.dumps(counts, ensure_ascii=False))


@click.command(cls=Command)
@click.argument("code")
def export(code: str) -> None:
    """Montre tout ce qui est gardé sur une personne."""
    with opened() as (_, database):
        click.echo(
            json.dumps(rights.export(database, code, actor="cli"), ensure_ascii=False, indent=2)
        )


@click.command(cls=Command)
@click.argument("code")
@click.option("--yes", is_flag=True, help="Ne demande pas de confirmation.")
def erase(code: str, yes: bool) -> None:
    """Efface tout ce qui est gardé sur une personne."""
    if not yes:
        click.confirm("Effacer définitivement cette conversation ?", abort=True)
    with opened() as (_, database):
        rights.erase(database, code, actor="cli")
    click.echo("Effacé.")
