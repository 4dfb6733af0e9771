"""`passerelle fiches …`"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bot.cli.french import Command, Group, click
from bot.cli.rights import opened
from bot.search import archive, store
from bot.search.archive import BadArchive, Fiche, Unread

MOST_SHOWN = 10


@click.group(cls=Group)
def fiches() -> None:
    """Les fiches officielles de service-public, pour la recherche."""


@fiches.command("import", cls=Command)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--trust", is_flag=True, help="Montre ces fiches comme à jour, même anciennes.")
def import_(file: Path, trust: bool) -> None:
    """Importe l'archive « vos droits et démarches » de la DILA. Elle remplace la précédente."""
    unread: list[Unread] = []
    try:
        names = archive.names(file)
        with click.progressbar(
            archive.read(file), length=len(names), label="Lecture des fiches"
        ) as progress:
            found = list(_sorted_out(progress, unread))
    except BadArchive as error:
        raise click.ClickException(str(error)) from error
    if not found:
        raise click.ClickException("Aucune fiche n'a pu être lue. Rien n'est changé.")
    with opened() as (_, database):
        kept = store.replace_all(database, found, trust)
    for bad in unread[:MOST_SHOWN]:
        click.echo(f"Non lue : {bad.name} ({bad.reason})", err=True)
    newest = max(fiche.dated for fiche in found)
    click.echo(
        f"{kept} fiches importées, {len(unread)} non lues. La plus récente : {newest:%d/%m/%Y}."
    )


def _sorted_out(read: Iterator[Fiche | Unread], unread: list[Unread]) -> Iterator[Fiche]:
    for one in read:
        if isinstance(one, Unread):
            unread.append(one)
        else:
            yield one
