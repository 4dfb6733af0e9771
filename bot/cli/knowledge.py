"""`passerelle knowledge …`"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from knowledge import catalogue

app = typer.Typer(help="Les démarches : les vérifier.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Les démarches : les vérifier."""


@app.command()
def check(
    folder: Annotated[
        Path, typer.Option(help="Dossier des démarches.", exists=True, file_okay=False)
    ] = catalogue.PROCEDURES,
    strict: Annotated[
        bool, typer.Option("--strict", help="Les avertissements sont des erreurs.")
    ] = False,
) -> None:
    """Vérifie toutes les démarches : forme, étapes, liens, sources."""
    known, problems = catalogue.inspect(folder)
    for problem in problems:
        typer.echo(str(problem))
    wrong = [p for p in problems if strict or not p.warning]
    if wrong:
        typer.echo(f"{len(wrong)} problème(s).")
        raise typer.Exit(1)
    typer.echo(f"{len(known)} démarches en ordre.")
