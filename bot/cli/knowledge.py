"""`passerelle knowledge …`"""

from __future__ import annotations

from pathlib import Path

from bot.cli.french import Command, Group, click
from knowledge import catalogue, glossary


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
    """Vérifie toutes les démarches (forme, étapes, liens, sources) et le glossaire."""
    known, problems = catalogue.inspect(folder)
    for problem in problems:
        click.echo(str(problem))
    words = list(glossary.inspect(known))
    for word in words:
        click.echo(f"{glossary.FILE}: erreur : {word}")
    wrong = [p for p in problems if strict or not p.warning]
    if wrong or words:
        click.echo(f"{len(wrong) + len(words)} problème(s).")
        raise click.exceptions.Exit(1)
    click.echo(f"{len(known)} démarches en ordre, {len(glossary.load())} mots expliqués.")
