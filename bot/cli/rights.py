"""`passerelle purge`, `export` and `erase`: retention and the resident's rights."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from bot import settings as configuration
from bot.database import migrate
from bot.database.engine import Database
from bot.privacy import retention, rights

Code = Annotated[str, typer.Argument(help="Code de reprise, donné par la personne.")]


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


def purge() -> None:
    """Efface les conversations plus anciennes que la durée de conservation."""
    with opened() as (settings, database):
        counts = retention.purge(database, settings.keep_days).to_json()
    typer.echo(json.dumps(counts, ensure_ascii=False))


def export(code: Code) -> None:
    """Montre tout ce qui est gardé sur une personne."""
    with opened() as (_, database):
        typer.echo(
            json.dumps(rights.export(database, code, actor="cli"), ensure_ascii=False, indent=2)
        )


def erase(
    code: Code,
    yes: Annotated[bool, typer.Option("--yes", help="Ne demande pas de confirmation.")] = False,
) -> None:
    """Efface tout ce qui est gardé sur une personne."""
    if not yes:
        typer.confirm("Effacer définitivement cette conversation ?", abort=True)
    with opened() as (_, database):
        rights.erase(database, code, actor="cli")
    typer.echo("Effacé.")
