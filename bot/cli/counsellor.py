"""`passerelle counsellor …`"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from bot.cli.rights import opened
from bot.commune import model as communes
from bot.conversation.wakeup import Wakeups
from bot.counsellor.service import Accounts
from bot.database.models import Role

app = typer.Typer(help="Les comptes des conseillers.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Les comptes des conseillers."""


@app.command()
def add(
    email: Annotated[str, typer.Argument(help="Adresse mail, qui sert à se connecter.")],
    name: Annotated[str, typer.Option(help="Nom montré aux habitants.")],
    commune: Annotated[list[str], typer.Option(help="Commune (peut être répété).")],
    role: Annotated[Role, typer.Option(help="Rôle du compte.")] = Role.COUNSELLOR,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Lit le mot de passe sur l'entrée standard.")
    ] = False,
) -> None:
    """Crée un compte. Le mot de passe est demandé, ou lu sur l'entrée standard."""
    if password_stdin:
        password = sys.stdin.readline().rstrip("\n")
    else:
        password = typer.prompt("Mot de passe", hide_input=True, confirmation_prompt=True)
    with opened() as (settings, database):
        accounts = Accounts(
            database, Wakeups(), communes.load(settings.communes), settings.session_hours
        )
        accounts.add(email, name, role, commune, password)
    typer.echo(f"Le compte de {name} est créé.")
