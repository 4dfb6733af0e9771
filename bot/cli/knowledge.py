"""`passerelle knowledge …`"""

from __future__ import annotations

from pathlib import Path

from bot.cli.french import Command, Group, click
from knowledge import catalogue


@click.group(cls=Group)
def knowledge() -> None:
    """Les démarches : les vérifier."""


@knowledge.command(cls=Command)
@click.option(
    "--folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=catalogue.PROCEDURES,
    help="Dossier des démarches.",
)
@click.option("--strict", is_flag=True, help="Les avertissements sont des erreurs.")
def check(folder: Path, strict: bool) -> None:
    """Vérifie toutes les démarches : forme, étapes, liens, sources."""
    known, problems = catalogue.inspect(folder)
    for problem in problems:
        click.echo(str(problem))
    wrong = [p for p in problems if strict or not p.warning]
    if wrong:
        click.echo(f"{len(wrong)} problème(s).")
        raise click.exceptions.Exit(1)
    click.echo(f"{len(known)} démarches en ordre.")
